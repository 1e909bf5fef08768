#include "tui/talk.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ot/mem.h"
#include "tui/follow.h"
#include "tui/state.h"

#define CHATTING_MS 3000 /* after a key in the prompt */
#define DRAWER_ROWS 9    /* over the text, where there is no panel */

void talk_fini(struct talk *talk)
{
	chat_fini(&talk->chat);
	free(talk->saying);
	free(talk->draft);
}

/* ---- saying ---- */

void talk_open(struct editor *ed)
{
	prompt_open(&ed->prompt, PROMPT_SAY, "Say:", ed->talk.draft ? ed->talk.draft : "");
	ed->prompt.fresh = false;
	ed->talk.back = 0;
	ed->talk.typed = false;
	ed->dirty = true;
}

void talk_leave(struct editor *ed)
{
	free(ed->talk.draft);
	ed->talk.draft = mem_dup(ed->prompt.text.at, ed->prompt.text.len);
	ed->talk.back = 0;
	ed->talk.typed = false;
}

void talk_typed(struct editor *ed, uint64_t now_ms)
{
	ed->talk.typed = ed->prompt.text.len > 0;
	ed->talk.key_ms = now_ms;
}

/* Where the word at the caret begins: behind a blank, with its '@'. */
static size_t word_start(const struct prompt *prompt)
{
	size_t at = prompt->at;

	while (at && prompt->text.at[at - 1] != ' ')
		at--;
	return at;
}

static const struct person *person_called(
	const struct people *people, const char *name, size_t bytes)
{
	for (size_t i = 0; i < people->count; i++)
		if (!people->at[i].me && strncasecmp(people->at[i].name, name, bytes) == 0)
			return &people->at[i];
	return NULL;
}

static void add_place(const struct editor *ed, struct buf *out)
{
	const char *path = ed->doc.path, *slash = path ? strrchr(path, '/') : NULL;

	if (editor_text(ed))
		buf_printf(out, "%s:%zu ", slash ? slash + 1 : path,
			text_line_at(editor_text(ed), ed->doc.sel.head) + 1);
}

enum prompt_answer talk_complete(struct editor *ed)
{
	struct prompt *prompt = &ed->prompt;
	size_t from = word_start(prompt), at = from;
	struct buf text = {0};

	at += at < prompt->at && prompt->text.at[at] == '@';
	const struct person *person =
		person_called(&ed->people, prompt->text.at + at, prompt->at - at);
	if (from == prompt->at)
		add_place(ed, &text);
	else if (person)
		buf_printf(&text, "@%s ", person->name);
	*buf_room(&text, 1) = '\0';
	enum prompt_answer answer = text.len ? prompt_insert(prompt, from, text.at) : PROMPT_TAKEN;
	buf_fini(&text);
	return answer;
}

static const struct chat_line *chosen(const struct editor *ed)
{
	const struct chat *chat = &ed->talk.chat;

	return ed->talk.back && ed->talk.back <= chat->count
		       ? &chat->at[chat->count - ed->talk.back]
		       : NULL;
}

static void say(struct editor *ed, uint64_t now_ms)
{
	if (ed->status.link != EDITOR_ONLINE || ed->talk.saying) {
		editor_notice(ed, now_ms, "Offline: say it again when the connection is back.");
		return;
	}
	ed->talk.saying = mem_dup(ed->prompt.text.at, ed->prompt.text.len);
	free(ed->talk.draft);
	ed->talk.draft = NULL;
	talk_open(ed);
}

void talk_enter(struct editor *ed, uint64_t now_ms)
{
	if (ed->prompt.text.len)
		say(ed, now_ms);
	else if (chosen(ed))
		talk_go(ed, chosen(ed), now_ms);
	else
		prompt_close(&ed->prompt);
}

void talk_move(struct editor *ed, ptrdiff_t lines)
{
	size_t up = lines < 0 ? (size_t)-lines : 0, down = lines > 0 ? (size_t)lines : 0;
	size_t count = ed->talk.chat.count, back = ed->talk.back;

	back = back + up > count ? count : back + up;
	ed->talk.back = back > down ? back - down : 0;
	ed->dirty = true;
}

bool talk_chatting(const struct editor *ed, uint64_t now_ms)
{
	return ed->prompt.kind == PROMPT_SAY && ed->talk.typed &&
	       now_ms - ed->talk.key_ms < CHATTING_MS;
}

uint64_t talk_next_change(const struct editor *ed, uint64_t now_ms)
{
	return talk_chatting(ed, now_ms) ? ed->talk.key_ms + CHATTING_MS - now_ms : 0;
}

/* ---- places ---- */

/* By its whole path, or by its name alone. */
static bool is_this_file(const struct editor *ed, const struct chat_place *place)
{
	const char *path = ed->doc.path, *slash = path ? strrchr(path, '/') : NULL;
	const char *name = slash ? slash + 1 : path;

	return path &&
	       ((strlen(path) == place->bytes && memcmp(path, place->path, place->bytes) == 0) ||
		       (strlen(name) == place->bytes &&
			       memcmp(name, place->path, place->bytes) == 0));
}

void talk_go(struct editor *ed, const struct chat_line *line, uint64_t now_ms)
{
	struct chat_place place;

	if (!chat_place(line->text, &place)) {
		editor_notice(ed, now_ms, "No place is named there, like main.c:12.");
		return;
	}
	bool here = editor_text(ed) && is_this_file(ed, &place);
	const char *other = here ? NULL : files_called(&ed->files, place.path, place.bytes);
	if (!here && !other) {
		editor_notice(ed, now_ms, "There is no such file here.");
		return;
	}
	if (ed->prompt.kind == PROMPT_SAY)
		prompt_close(&ed->prompt);
	ed->talk.back = 0;
	follow_end(ed);
	ed->extend = false;
	if (other)
		files_go_line(ed, other, place.line, place.col);
	else
		editor_go(ed, view_pos(&ed->view, editor_text(ed), place.line - 1, place.col - 1));
}

void talk_go_newest(struct editor *ed, uint64_t now_ms)
{
	const struct chat *chat = &ed->talk.chat;
	struct chat_place place;

	for (size_t i = chat->count; i-- > 0;)
		if (chat_place(chat->at[i].text, &place)) {
			talk_go(ed, &chat->at[i], now_ms);
			return;
		}
	editor_notice(ed, now_ms, "Nobody has named a place yet, like main.c:12.");
}

/* ---- looking ---- */

bool talk_shows(const struct editor *ed)
{
	return ed->talk.chat.count || ed->prompt.kind == PROMPT_SAY;
}

struct rect talk_drawer(const struct editor *ed)
{
	struct rect text = ed->screen.text;
	int rows = text.rows - 1 < DRAWER_ROWS ? text.rows - 1 : DRAWER_ROWS;

	if (ed->prompt.kind != PROMPT_SAY || ed->screen.panel.rows || ed->overlay || rows < 1)
		return (struct rect){0};
	return (struct rect){text.row + text.rows - rows, text.col, rows, text.cols};
}

static bool is_shown(const struct editor *ed)
{
	return !ed->overlay && (ed->screen.panel.rows > 3 || talk_drawer(ed).rows);
}

void talk_look(struct editor *ed, uint64_t now_ms)
{
	if (is_shown(ed) && !ed->talk.unfocused && !activity_is_away(&ed->activity, now_ms))
		chat_read(&ed->talk.chat);
}

void talk_unread_text(const struct editor *ed, struct buf *out)
{
	const struct chat *chat = &ed->talk.chat;
	const struct person *me = editor_me(ed);
	size_t unread = chat_unread(chat, me ? me->user : 0);
	bool mine = false;

	for (size_t i = chat->count; me && i-- > 0 && chat->at[i].id > chat->seen;)
		mine |= chat->at[i].user != me->user && chat_mentions(chat->at[i].text, me->name);
	if (unread)
		buf_printf(out, "%zu unread%s · ", unread, mine ? ", for you" : "");
}

/* ---- for the owner ---- */

void editor_chat_newest(struct editor *ed, uint64_t id)
{
	struct chat *chat = &ed->talk.chat;

	if (chat->count && chat->at[chat->count - 1].id > id)
		chat_fini(chat);
}

static void tell(struct editor *ed, const struct chat_line *line, uint64_t now_ms)
{
	const struct person *me = editor_me(ed);
	struct buf text = {0};

	if (is_shown(ed) || (me && me->user == line->user))
		return;
	buf_printf(&text, "%s: %s", line->name, line->text);
	buf_add_byte(&text, '\0');
	editor_notice(ed, now_ms, text.at);
	buf_fini(&text);
}

void editor_said(struct editor *ed, const struct chat_line *line, bool old, uint64_t now_ms)
{
	if (!chat_put(&ed->talk.chat, line, old))
		return;
	if (ed->talk.back) /* who looks back goes on looking at the same message */
		talk_move(ed, -1);
	if (!old)
		tell(ed, line, now_ms);
	ed->dirty = true;
}

void editor_person_seen(struct editor *ed, uint64_t user, uint64_t id)
{
	struct person *person = people_find(&ed->people, user);

	if (person && id > person->seen)
		person->seen = id;
	ed->dirty = true;
}

char *editor_take_say(struct editor *ed)
{
	char *saying = ed->talk.saying;

	ed->talk.saying = NULL;
	return saying;
}

bool editor_take_seen(struct editor *ed, uint64_t *id)
{
	return chat_take_seen(&ed->talk.chat, id);
}
