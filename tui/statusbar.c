#include "tui/statusbar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "tui/command.h"
#include "tui/follow.h"
#include "tui/keymap.h"
#include "tui/motion.h"
#include "tui/notice.h"
#include "tui/state.h"
#include "tui/theme.h"
#include "tui/width.h"

#define GAP 2 /* cells between parts */

struct part {
	struct buf text; /* NUL-terminated; empty: not there */
	int keep;        /* the lowest goes first */
	enum theme theme;
};

enum {
	PART_PATH,
	PART_PLACE,
	PART_LANGUAGE,
	PART_EOL,
	PART_SAVED,
	PART_READ_ONLY,
	PART_LINK,
	PART_RETRY,
	PARTS
};

static const char *string(struct buf *b)
{
	*buf_room(b, 1) = '\0';
	return b->at;
}

/* ---- top ---- */

static size_t people_here(const struct people *people)
{
	size_t here = 0;

	for (size_t i = 0; i < people->count; i++)
		here += !person_is(&people->at[i], "offline");
	return here;
}

static void room_text(const struct editor *ed, struct buf *out)
{
	size_t here = people_here(&ed->people);

	talk_unread_text(ed, out);
	if (ed->room)
		buf_printf(out, "%s%s", ed->room, here && *ed->room ? " · " : "");
	if (here)
		buf_printf(out, "%zu here", here);
	if (ed->status.link == EDITOR_ONLINE && ed->status.rtt_ms)
		buf_printf(out, " · %u ms", ed->status.rtt_ms);
}

void statusbar_top(const struct editor *ed, struct term *term)
{
	struct term_style style = theme_style(term_colors(term), THEME_BAR);
	struct rect bar = ed->screen.top;
	struct buf left = {0}, right = {0};

	buf_printf(&left, " %s%s", ed->doc.path ? ed->doc.path : "codecollab",
		ed->doc.replica && !ed->doc.saved ? " ●" : "");
	room_text(ed, &right);
	term_fill(term, bar.row, bar.col, bar.cols, style);
	int room = bar.cols - (int)width_string(string(&right)) - 1;
	int used = screen_text(term, bar.row, bar.col, bar.cols, string(&left), style);
	if (used + GAP <= room)
		screen_text(term, bar.row, room, bar.cols - room, right.at, style);
	buf_fini(&left);
	buf_fini(&right);
}

/* ---- status ---- */

static void place_text(struct editor *ed, struct buf *out)
{
	const struct text *t = editor_text(ed);
	size_t pos = ed->doc.sel.head;

	buf_printf(out, "%zu:%zu", text_line_at(t, pos) + 1, view_col(&ed->view, t, pos) + 1);
	if (ed->doc.more.count)
		buf_printf(out, " (%zu carets)", ed->doc.more.count + 1);
	else if (ed->marking && ed->doc.sel.anchor == pos)
		buf_add_str(out, " (selecting)");
	else if (ed->doc.sel.anchor != pos)
		buf_printf(out, " (%zu selected)",
			anchor_end(ed->doc.sel) - anchor_start(ed->doc.sel));
}

static void link_text(const struct editor *ed, struct buf *out)
{
	const struct editor_status *s = &ed->status;

	if (s->link == EDITOR_CONNECTING)
		buf_add_str(out, "connecting…");
	if (s->link != EDITOR_OFFLINE)
		return;
	buf_add_str(out, "offline");
	if (s->unsent)
		buf_printf(out, ": %zu edit%s unsent", s->unsent, s->unsent == 1 ? "" : "s");
	if (s->retry_s)
		buf_printf(out, "%s trying again in %u s", s->unsent ? "," : ":", s->retry_s);
	else if (s->trying)
		buf_printf(out, "%s trying now", s->unsent ? "," : ":");
}

/* The key that does not wait for the next try. */
static void retry_text(const struct editor *ed, struct buf *out)
{
	char key[KEYMAP_NAME];

	if (ed->status.link != EDITOR_OFFLINE || ed->status.trying)
		return;
	keymap_short(ed->keymap, command_named("retry", strlen("retry")), key);
	if (*key)
		buf_printf(out, "%s: try now", key);
}

/* How the file's bytes differ from plain UTF-8 with LF. */
static void form_text(const struct document *doc, struct buf *out)
{
	if (doc->charset || doc->bom)
		buf_printf(out, "%s%s ", doc->charset ? doc->charset : "UTF-8",
			doc->bom ? " BOM" : "");
	buf_add_str(out, doc->mixed ? "CRLF and LF" : doc->crlf ? "CRLF" : "LF");
}

static void document_parts(struct editor *ed, struct part parts[PARTS])
{
	if (!ed->doc.replica)
		return;
	buf_add_str(&parts[PART_PATH].text, ed->doc.path);
	place_text(ed, &parts[PART_PLACE].text);
	if (ed->language)
		buf_add_str(&parts[PART_LANGUAGE].text, ed->language);
	form_text(&ed->doc, &parts[PART_EOL].text);
	buf_add_str(&parts[PART_SAVED].text, ed->doc.saved ? "saved" : "not saved");
	if (ed->doc.read_only)
		buf_add_str(&parts[PART_READ_ONLY].text, "read only");
}

static int parts_cells(struct part parts[PARTS])
{
	int cells = 1;

	for (int i = 0; i < PARTS; i++)
		if (parts[i].text.len)
			cells += (int)width_string(string(&parts[i].text)) + GAP;
	return cells;
}

/* Away with it; of the link the first word stays as long as that helps. */
static void part_shorten(struct part *part, bool is_link)
{
	const char *colon = is_link ? memchr(part->text.at, ':', part->text.len) : NULL;

	part->text.len = colon ? (size_t)(colon - part->text.at) : 0;
}

/* Leaves out what matters least until the rest fits. */
static void parts_fit(struct part parts[PARTS], int cells)
{
	while (parts_cells(parts) > cells) {
		struct part *least = NULL;
		for (int i = 0; i < PARTS; i++)
			if (parts[i].text.len && (!least || parts[i].keep < least->keep))
				least = &parts[i];
		if (!least)
			break;
		part_shorten(least, least == &parts[PART_LINK]);
	}
}

static void parts_draw(struct part parts[PARTS], struct term *term, struct rect bar)
{
	int col = 1;

	for (int i = 0; i < PARTS; i++)
		if (parts[i].text.len) {
			struct term_style style = theme_style(term_colors(term), parts[i].theme);
			col += screen_text(term, bar.row, bar.col + col, bar.cols - col,
				string(&parts[i].text), style);
			col += GAP;
		}
}

/* What is new: a notice as long as it lasts, then who is typing. */
static void news(const struct editor *ed, struct buf *out)
{
	if (ed->notice && !notice_is_tall(ed))
		buf_add_str(out, ed->notice);
	else if (ed->roster.on && roster_chosen(ed))
		roster_about(ed, roster_chosen(ed), out);
	else if (ed->follows)
		follow_text(ed, out);
	else if (ed->blame.on)
		blame_text(ed, out);
	else
		people_typing(&ed->people, out);
}

static void draw_status(struct editor *ed, struct term *term, struct part parts[PARTS])
{
	struct rect bar = ed->screen.status;
	struct buf right = {0};

	news(ed, &right);
	int cells = (int)width_string(string(&right)), room = bar.cols - (cells ? cells + 1 : 0);
	parts_fit(parts, room);
	term_fill(term, bar.row, bar.col, bar.cols, theme_style(term_colors(term), THEME_BAR));
	parts_draw(parts, term, bar);
	if (cells)
		screen_text(term, bar.row, room > 0 ? bar.col + room : bar.col, bar.cols, right.at,
			theme_style(term_colors(term), THEME_NOTICE));
	buf_fini(&right);
}

void statusbar_status(struct editor *ed, struct term *term)
{
	struct part parts[PARTS] = {
		[PART_PATH] = {.keep = 1, .theme = THEME_BAR},
		[PART_PLACE] = {.keep = 5, .theme = THEME_BAR},
		[PART_LANGUAGE] = {.keep = 0, .theme = THEME_BAR},
		[PART_EOL] = {.keep = 0, .theme = THEME_BAR},
		[PART_SAVED] = {.keep = 2, .theme = THEME_BAR},
		[PART_READ_ONLY] = {.keep = 3, .theme = THEME_BAR},
		[PART_LINK] = {.keep = 6, .theme = THEME_ALARM},
		[PART_RETRY] = {.keep = 1, .theme = THEME_BAR},
	};

	document_parts(ed, parts);
	link_text(ed, &parts[PART_LINK].text);
	retry_text(ed, &parts[PART_RETRY].text);
	draw_status(ed, term, parts);
	for (int i = 0; i < PARTS; i++)
		buf_fini(&parts[i].text);
}

/* ---- hints ---- */

static int hint_cells(const char *name, const char *hint)
{
	return (int)(width_string(name) + 1 + width_string(hint));
}

/* One key and its word, at *col; false: there is no room for it. */
static bool draw_hint(
	struct term *term, struct rect bar, int *col, const char *name, const char *hint, bool on)
{
	struct term_style key = theme_style(term_colors(term), THEME_HINT_KEY);
	struct term_style word = theme_style(term_colors(term), on ? THEME_PROMPT : THEME_HINT);
	int cells = hint_cells(name, hint);

	if (*col + cells > bar.col + bar.cols)
		return false;
	*col += screen_text(term, bar.row, *col, cells, name, key) + 1;
	*col += screen_text(term, bar.row, *col, cells, hint, word) + GAP;
	return true;
}

/* What can be said to the prompt of find. */
static void find_hints(const struct editor *ed, struct term *term, struct rect bar)
{
	int col = bar.col + 1;
	bool room = true;

	for (const struct seek_toggle *t = seek_toggles; room && t->key; t++) {
		char name[] = {'A', 'l', 't', '-', (char)(t->key - 'a' + 'A'), '\0'};
		room = draw_hint(term, bar, &col, name, t->hint, seek_is_on(ed, t));
	}
	room = room && draw_hint(term, bar, &col, "Down", "Next", false);
	room = room && draw_hint(term, bar, &col, "Up", "Previous", false);
	if (room)
		draw_hint(term, bar, &col, "Esc", "Done", false);
}

static void command_hints(const struct editor *ed, struct term *term, struct rect bar)
{
	int col = bar.col + 1;
	bool room = true;

	for (const struct command *c = command_table; room && c->name; c++) {
		char name[KEYMAP_NAME];
		if (!c->hint)
			continue;
		keymap_short(ed->keymap, c, name);
		room = !*name || draw_hint(term, bar, &col, name, c->hint, false);
	}
}

const struct command *statusbar_hint_at(const struct editor *ed, int col)
{
	struct rect bar = ed->screen.hints;
	int at = bar.col + 1;

	for (const struct command *c = command_table; c->name && !ed->prompt.kind; c++) {
		char name[KEYMAP_NAME] = "";
		if (c->hint)
			keymap_short(ed->keymap, c, name);
		int cells = *name ? hint_cells(name, c->hint) : 0;
		if (!cells)
			continue;
		if (col < at + cells)
			return col >= at && at + cells <= bar.col + bar.cols ? c : NULL;
		at += cells + GAP;
	}
	return NULL;
}

/* They are nearly always the same. */
static void kept_hints(struct editor *ed, struct term *term, struct rect bar)
{
	if (ed->hints.stamp && ed->hints.cols == bar.cols &&
		term_give(term, bar.row, bar.col, ed->hints.cells, bar.cols, ed->hints.stamp))
		return;
	command_hints(ed, term, bar);
	free(ed->hints.cells);
	ed->hints.cells = mem_alloc((size_t)bar.cols * sizeof(*ed->hints.cells));
	ed->hints.cols = bar.cols;
	ed->hints.stamp = term_take(term, bar.row, bar.col, ed->hints.cells, bar.cols);
}

static void roster_keys(const struct editor *ed, struct term *term, struct rect bar)
{
	const struct person *me = editor_me(ed);
	bool owner = me && strcmp(me->role, "owner") == 0, room = true;
	int col = bar.col + 1;

	for (const struct roster_hint *h = roster_hints; room && h->key; h++)
		if (owner || !h->owner)
			room = draw_hint(term, bar, &col, h->key, h->word, false);
}

static void draw_hints(
	const char *const (*hints)[2], size_t count, struct term *term, struct rect bar)
{
	int col = bar.col + 1;

	for (size_t i = 0; i < count; i++)
		if (!draw_hint(term, bar, &col, hints[i][0], hints[i][1], false))
			return;
}

static void talk_keys(struct term *term, struct rect bar)
{
	static const char *const hints[][2] = {{"Enter", "Say"}, {"Tab", "Name, or this place"},
		{"Up", "Look back"}, {"Esc", "Back to the text"}};

	draw_hints(hints, sizeof(hints) / sizeof(hints[0]), term, bar);
}

/* The keys, or what Tab has found. */
static void path_keys(const struct editor *ed, struct term *term, struct rect bar)
{
	static const char *const save[][2] = {
		{"Enter", "Save"}, {"Tab", "Complete"}, {"Esc", "Do not"}};
	static const char *const open[][2] = {{"Enter", "Open"}, {"Up Down", "Choose"},
		{"Esc", "Stay"}, {"Tab", "Complete a path"}};
	bool saves = ed->prompt.kind == PROMPT_PATH, alone = ed->status.link == EDITOR_ALONE;

	if (ed->others)
		screen_text(term, bar.row, bar.col + 1, bar.cols - 1, ed->others,
			theme_style(term_colors(term), THEME_HINT));
	else if (saves)
		draw_hints(save, sizeof(save) / sizeof(save[0]), term, bar);
	else /* the files of a room are no paths */
		draw_hints(open, sizeof(open) / sizeof(open[0]) - !alone, term, bar);
}

void statusbar_hints(struct editor *ed, struct term *term)
{
	if (ed->prompt.kind == PROMPT_FIND)
		find_hints(ed, term, ed->screen.hints);
	else if (ed->prompt.kind == PROMPT_SAY)
		talk_keys(term, ed->screen.hints);
	else if (ed->prompt.kind == PROMPT_PATH || ed->prompt.kind == PROMPT_OPEN)
		path_keys(ed, term, ed->screen.hints);
	else if (ed->roster.on)
		roster_keys(ed, term, ed->screen.hints);
	else
		kept_hints(ed, term, ed->screen.hints);
}
