#include "tui/roster.h"

#include <stdio.h>
#include <string.h>

#include "tui/follow.h"
#include "tui/notice.h"
#include "tui/owner.h"
#include "tui/state.h"
#include "tui/width.h"

const struct roster_hint roster_hints[] = {
	{"Enter", "Go there", false},
	{"f", "Follow", false},
	{"r", "Role", true},
	{"k", "Send away", true},
	{"b", "Ban", true},
	{"l", "Lock", true},
	{"u", "Unlock", true},
	{"Esc", "Back", false},
	{NULL, NULL, false},
};

/* ---- who ---- */

static size_t chosen_at(const struct editor *ed)
{
	for (size_t i = 0; i < ed->people.count; i++)
		if (ed->people.at[i].user == ed->roster.chosen)
			return i;
	return 0;
}

const struct person *roster_chosen(const struct editor *ed)
{
	return ed->people.count ? &ed->people.at[chosen_at(ed)] : NULL;
}

static void choose(struct editor *ed, size_t at)
{
	notice_end(ed); /* it stands where they are told of */
	if (ed->people.count)
		ed->roster.chosen =
			ed->people.at[at < ed->people.count ? at : ed->people.count - 1].user;
	ed->dirty = true;
}

static void move(struct editor *ed, ptrdiff_t lines)
{
	size_t at = chosen_at(ed), back = lines < 0 ? (size_t)-lines : 0;

	choose(ed, lines < 0 ? (at > back ? at - back : 0) : at + (size_t)lines);
}

void roster_scroll(struct editor *ed, size_t rows)
{
	size_t at = chosen_at(ed), last = ed->people.count > rows ? ed->people.count - rows : 0;
	struct roster *roster = &ed->roster;

	if (roster->on && at < roster->top)
		roster->top = at;
	else if (roster->on && rows && at >= roster->top + rows)
		roster->top = at - rows + 1;
	if (roster->top > last)
		roster->top = last;
}

void roster_wheel(struct editor *ed, ptrdiff_t lines)
{
	size_t back = lines < 0 ? (size_t)-lines : 0;

	ed->roster.top = lines >= 0              ? ed->roster.top + (size_t)lines
			 : ed->roster.top > back ? ed->roster.top - back
						 : 0;
}

void roster_toggle(struct editor *ed)
{
	bool hide = ed->roster.on && ed->screen.panel.rows;

	const struct person *first = roster_chosen(ed);

	ed->roster.on = !hide;
	if (first && first->me && ed->people.count > 1) /* the others are what one comes for */
		ed->roster.chosen = ed->people.at[first == ed->people.at].user;
	ed->panel = hide ? SCREEN_PANEL_OFF : SCREEN_PANEL_ON;
	ed->settings.people = (int)ed->panel;
	ed->dirty = true;
}

/* ---- what is told of them ---- */

/* As many of the forms as it takes to find one that fits; the last is taken as it is. */
static void fit(struct buf *out, size_t room, const char *path, size_t line, const char *shorter)
{
	if (line)
		buf_printf(out, "%s:%zu", path, line);
	else
		buf_add_str(out, path);
	*buf_room(out, 1) = '\0';
	if (width_string(out->at) <= room)
		return;
	buf_clear(out);
	buf_add_str(out, shorter);
}

static void place_here(const struct editor *ed, size_t pos, size_t room, struct buf *out)
{
	size_t line = text_line_at(editor_text(ed), pos) + 1;
	char shorter[32];

	snprintf(shorter, sizeof(shorter), ":%zu", line);
	fit(out, room, ed->doc.path, line, shorter);
}

void roster_place(
	const struct editor *ed, const struct person *person, size_t room, struct buf *out)
{
	bool known = editor_text(ed) && (person->me || person->count);

	buf_clear(out);
	if (person_elsewhere(person, ed->doc.path))
		fit(out, room, person->path, person->line, person->path);
	else if (known)
		place_here(ed, person->me ? ed->doc.sel.head : person->sels[0].head, room, out);
	*buf_room(out, 1) = '\0';
}

void roster_about(const struct editor *ed, const struct person *person, struct buf *out)
{
	const char *whom = person->follows ? editor_person_name(ed, person->follows) : NULL;
	struct buf place = {0};

	roster_place(ed, person, (size_t)ed->cols, &place);
	buf_printf(out, "%s · %s · %s", person->name, person->role,
		person->me ? "you" : person->state);
	if (*place.at)
		buf_printf(out, " · %s", place.at);
	if (person->rtt_ms)
		buf_printf(out, " · %llu ms", (unsigned long long)person->rtt_ms);
	if (whom)
		buf_printf(out, " · follows %s", whom);
	buf_fini(&place);
}

/* ---- what is done about them ---- */

void roster_go(struct editor *ed, const struct person *person, uint64_t now_ms)
{
	if (!person || person->me)
		return;
	if (person_elsewhere(person, ed->doc.path)) {
		follow_end(ed);
		files_go_person(ed, person);
		ed->roster.on = false;
		return;
	}
	if (!editor_text(ed) || !person->count) {
		editor_notice(ed, now_ms, "They are nowhere in this text.");
		return;
	}
	follow_end(ed);
	editor_go(ed, person->sels[0].head);
	ed->roster.on = false;
}

void roster_follow(struct editor *ed, const struct person *person, uint64_t now_ms)
{
	if (!person)
		return;
	follow_begin(ed, person->user, now_ms);
	ed->roster.on &= ed->follows != person->user;
}

static void decide(struct editor *ed, char letter, uint64_t now_ms)
{
	static const struct {
		char letter;
		enum owner_verb verb;
	} verbs[] = {{'r', OWNER_ROLE}, {'k', OWNER_KICK_SURE}, {'b', OWNER_BAN}, {'l', OWNER_LOCK},
		{'u', OWNER_UNLOCK}};
	const struct person *person = roster_chosen(ed);

	for (size_t i = 0; person && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (verbs[i].letter == letter)
			owner_about(ed, verbs[i].verb, person->user, now_ms);
}

static void letter_key(struct editor *ed, char letter, uint64_t now_ms)
{
	if (letter == 'f')
		roster_follow(ed, roster_chosen(ed), now_ms);
	else
		decide(ed, letter, now_ms);
}

static void leave(struct editor *ed)
{
	ed->roster.on = false;
	ed->dirty = true;
}

bool roster_key(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	ptrdiff_t page = ed->screen.panel.rows > 2 ? ed->screen.panel.rows - 2 : 1;

	if (key->code == KEY_MOUSE)
		return false;
	switch (key->mods ? 0 : key->code) {
	case KEY_UP: move(ed, -1); return true;
	case KEY_DOWN: move(ed, 1); return true;
	case KEY_PAGE_UP: move(ed, -page); return true;
	case KEY_PAGE_DOWN: move(ed, page); return true;
	case KEY_HOME: choose(ed, 0); return true;
	case KEY_END: choose(ed, ed->people.count); return true;
	case KEY_ENTER: roster_go(ed, roster_chosen(ed), now_ms); return true;
	case KEY_ESC: leave(ed); return true;
	default: break;
	}
	if (!key->mods && key->code >= ' ' && key->code < 0x110000) {
		letter_key(ed, key->code < 0x80 ? (char)key->code : '\0', now_ms);
		return true;
	}
	if (key->code == KEY_PASTE)
		return true; /* meant for the text, but not by who looks at it */
	return false;
}

void roster_click(struct editor *ed, size_t line, uint64_t now_ms)
{
	size_t at = ed->roster.top + line;

	if (at >= ed->people.count)
		return;
	choose(ed, at);
	roster_go(ed, &ed->people.at[at], now_ms);
}
