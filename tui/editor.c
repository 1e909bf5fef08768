#include "tui/editor.h"

#include <stdlib.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "tui/colors.h"
#include "tui/goto.h"
#include "tui/hands.h"
#include "tui/state.h"
#include "tui/view_draw.h"

static const char *const viewer_says = "You are a viewer: you can read, point and chat, not write.";

static void on_changed(void *ctx, const struct op *op, uint64_t author)
{
	struct editor *ed = ctx;
	bool own = author == replica_user(ed->doc.replica);

	people_shift(&ed->people, op, author);
	blame_changed(ed, op, author);
	view_shift(&ed->view, op, own);
	syntax_changed(ed->syntax, op);
	seek_shift(ed, op, author);
	ed->view.follow |= own;
	ed->has_goal = false;
	ed->dirty = true;
}

struct editor *editor_create(void)
{
	struct editor *ed = mem_alloc(sizeof(*ed));

	ed->doc.changed = on_changed;
	ed->doc.ctx = ed;
	ed->dirty = true;
	ed->keymap = keymap_create();
	settings_default(&ed->settings);
	view_init(&ed->view);
	ed->view.search = &ed->seek.search;
	ed->view.blame = &ed->blame;
	editor_resize(ed, 80, 24);
	return ed;
}

void editor_destroy(struct editor *ed)
{
	if (!ed)
		return;
	document_fini(&ed->doc);
	aside_fini(&ed->aside);
	files_fini(&ed->files);
	people_clear(&ed->people);
	view_fini(&ed->view);
	colors_fini(ed);
	prompt_close(&ed->prompt);
	free(ed->people.at);
	free(ed->room);
	free(ed->entered);
	free(ed->others);
	free(ed->urls[0]);
	free(ed->urls[1]);
	free(ed->notice);
	free(ed->title);
	free(ed->faults);
	free(ed->hints.cells);
	clips_fini(&ed->clips);
	buf_fini(&ed->outside);
	seek_fini(&ed->seek);
	palette_fini(&ed->palette);
	talk_fini(&ed->talk);
	blame_fini(&ed->blame);
	keymap_destroy(ed->keymap);
	free(ed);
}

const struct text *editor_text(const struct editor *ed)
{
	return document_text(&ed->doc);
}

void editor_set_string(char **at, const char *text)
{
	free(*at);
	*at = text ? mem_dup(text, strlen(text)) : NULL;
}

/* ---- the document ---- */

void editor_open(struct editor *ed, struct replica *borrows, const struct editor_document *document)
{
	bool again = !ed->turned && ed->doc.path && strcmp(ed->doc.path, document->path) == 0;
	bool same = !ed->turned && ed->doc.replica == borrows;

	document_open(&ed->doc, borrows, document->path);
	blame_forget(&ed->blame);
	ed->doc.read_only = document->read_only;
	editor_file(ed, &(struct editor_file){.crlf = document->crlf});
	if (!again)
		view_reset(&ed->view);
	colors_open(ed, again);
	if (!same || !again)
		seek_close(ed);
	view_forget(&ed->view);
	ed->view.follow |= ed->turned;
	ed->turned = false;
	ed->has_goal = false;
	ed->marking &= again;
	ed->dirty = true;
	files_arrived(ed);
}

void editor_file(struct editor *ed, const struct editor_file *file)
{
	ed->doc.charset = file->charset;
	ed->doc.mixed = file->mixed;
	ed->doc.bom = file->bom;
	ed->doc.crlf = file->crlf;
	ed->dirty = true;
}

void editor_place(struct editor *ed, const char *typed)
{
	const struct text *t = editor_text(ed);
	size_t line, col;

	if (goto_parse(typed, text_size(t).lines + 1, &line, &col))
		editor_go(ed, view_pos(&ed->view, t, line, col));
}

void editor_style(struct editor *ed, const struct editor_style *style)
{
	ed->style = *style;
	editor_settle(ed);
}

void editor_background(struct editor *ed, bool light)
{
	if (light == ed->light)
		return;
	ed->light = light;
	editor_settle(ed);
}

void editor_edit(struct editor *ed, struct op *takes)
{
	document_mend(&ed->doc, takes);
}

void editor_shut(struct editor *ed)
{
	seek_close(ed);
	document_shut(&ed->doc);
	people_nowhere(&ed->people);
	ed->dirty = true;
}

bool editor_may_edit(const struct editor *ed)
{
	return ed->doc.replica && !ed->doc.read_only;
}

void editor_set_read_only(struct editor *ed, bool read_only)
{
	ed->doc.read_only = read_only;
	ed->dirty = true;
}

void editor_remote(struct editor *ed, uint64_t user, const struct op *shown)
{
	if (ed->doc.replica)
		document_remote(&ed->doc, user, shown);
}

uint64_t editor_changes(const struct editor *ed)
{
	return ed->doc.changes;
}

void editor_saved(struct editor *ed, uint64_t rev)
{
	if (ed->doc.replica)
		document_saved(&ed->doc, rev);
	ed->dirty = true;
}

/* ---- people ---- */

void editor_person(struct editor *ed, const struct editor_person *person)
{
	struct person *p = people_put(&ed->people, person->user, person->name, person->color);

	ed->dirty = true;
	if (!p)
		return;
	p->me = person->me;
	person_role(p, person->role);
	person_state(p, person->state);
}

void editor_person_gone(struct editor *ed, uint64_t user)
{
	people_remove(&ed->people, user);
	ed->dirty = true;
}

void editor_people_clear(struct editor *ed)
{
	people_clear(&ed->people);
	ed->dirty = true;
}

void editor_person_sels(struct editor *ed, uint64_t user, const struct sel *sels, size_t count)
{
	struct person *p = people_find(&ed->people, user);

	if (p) {
		person_sels(p, sels, count);
		files_found(ed, user);
	}
	ed->dirty = true;
}

void editor_person_state(struct editor *ed, uint64_t user, const char *state, uint64_t rtt_ms)
{
	struct person *p = people_find(&ed->people, user);

	if (p) {
		person_state(p, state);
		p->rtt_ms = rtt_ms;
	}
	ed->dirty = true;
}

void editor_person_place(struct editor *ed, uint64_t user, const char *path, uint64_t line)
{
	struct person *p = people_find(&ed->people, user);

	ed->dirty = true;
	if (!p)
		return;
	person_place(p, path, line);
	if (person_elsewhere(p, ed->doc.path))
		person_sels(p, NULL, 0);
}

void editor_person_role(struct editor *ed, uint64_t user, const char *role)
{
	struct person *p = people_find(&ed->people, user);

	if (p)
		person_role(p, role);
	ed->dirty = true;
}

size_t *editor_others(const struct editor *ed, size_t *count)
{
	return people_heads(&ed->people, count);
}

const char *editor_person_name(const struct editor *ed, uint64_t user)
{
	struct people people = ed->people;
	const struct person *p = people_find(&people, user);

	return p ? p->name : NULL;
}

const struct person *editor_me(const struct editor *ed)
{
	for (size_t i = 0; i < ed->people.count; i++)
		if (ed->people.at[i].me)
			return &ed->people.at[i];
	return NULL;
}

/* ---- the world ---- */

void editor_status(struct editor *ed, const struct editor_status *status)
{
	const char *room = status->room ? status->room : "";
	bool same = ed->room && strcmp(ed->room, room) == 0 && ed->status.link == status->link &&
		    ed->status.rtt_ms == status->rtt_ms && ed->status.retry_s == status->retry_s &&
		    ed->status.unsent == status->unsent && ed->status.trying == status->trying;

	if (same)
		return;
	editor_set_string(&ed->room, room);
	/* How many edits are on their way shows only while they cannot leave. */
	ed->dirty |= !(ed->status.link == EDITOR_ONLINE && status->link == EDITOR_ONLINE &&
		       ed->status.rtt_ms == status->rtt_ms);
	ed->status = *status;
	ed->status.room = ed->room;
}

void editor_notice(struct editor *ed, uint64_t now_ms, const char *text)
{
	editor_set_string(&ed->notice, text);
	ed->notice_ms = now_ms + EDITOR_NOTICE_MS;
	ed->dirty = true;
}

void editor_share_urls(struct editor *ed, const char *editor_url, const char *viewer_url)
{
	editor_set_string(&ed->urls[0], editor_url);
	editor_set_string(&ed->urls[1], viewer_url);
	ed->dirty = true;
}

/* ---- what commands are made of ---- */

void editor_go(struct editor *ed, size_t pos)
{
	struct sel sel = {ed->extend ? ed->doc.sel.anchor : pos, pos};

	document_select(&ed->doc, sel);
	ed->has_goal = false;
	ed->view.follow = true;
}

bool editor_may_write(struct editor *ed, uint64_t now_ms)
{
	const struct person *me = editor_me(ed);
	bool other = ed->status.link == EDITOR_ALONE ||
		     (me && *me->role && strcmp(me->role, "viewer") != 0);

	if (!ed->doc.replica)
		editor_notice(
			ed, now_ms, "There is no text yet: the connection is still being made.");
	else if (ed->doc.read_only)
		editor_notice(ed, now_ms,
			other ? "This file is read-only: save it under another name to change it."
			      : viewer_says);
	return editor_may_edit(ed);
}

static struct sel type(struct editor *ed, struct sel sel, size_t n, struct buf *text)
{
	(void)n;
	buf_add(text, ed->typed.text, ed->typed.bytes);
	return sel;
}

void editor_write(
	struct editor *ed, const char *text, size_t bytes, enum document_kind kind, uint64_t now_ms)
{
	ed->typed.text = text;
	ed->typed.bytes = bytes;
	ed->marking = false;
	hands_change(ed, type, kind, now_ms);
	ed->typed_ms = now_ms;
	ed->has_typed = true;
}

void editor_show_share(struct editor *ed)
{
	ed->overlay = EDITOR_SHARE;
	ed->overlay_top = 0;
	ed->dirty = true;
}

void editor_ask(struct editor *ed, const char *question, const char *letters)
{
	prompt_open(&ed->prompt, PROMPT_CHOICE, question, "");
	ed->prompt.choices = letters;
	ed->answered = false;
	ed->dirty = true;
}

bool editor_answer(struct editor *ed, char *letter)
{
	bool answered = ed->answered;

	*letter = ed->answer;
	ed->answered = false;
	return answered;
}

void editor_ask_path(struct editor *ed, const char *question, const char *path)
{
	prompt_open(&ed->prompt, PROMPT_PATH, question, path);
	ed->dirty = true;
}

char *editor_take_path(struct editor *ed)
{
	char *entered = ed->entered;

	ed->entered = NULL;
	return entered;
}

char *editor_path_typed(const struct editor *ed)
{
	return mem_dup(ed->prompt.text.at, ed->prompt.at);
}

void editor_complete(struct editor *ed, const char *path, const char *others)
{
	ed->prompt.fresh = false;
	if (prompt_insert(&ed->prompt, 0, path) == PROMPT_CHANGED && palette_is_on(ed))
		palette_typed(ed);
	editor_set_string(&ed->others, others);
	ed->dirty = true;
}

void editor_ask_quit(struct editor *ed, const char *question)
{
	prompt_open(&ed->prompt, PROMPT_ASK, question, "");
	ed->dirty = true;
}

/* ---- the person ---- */

/* Whoever edits alone needs no list of people. */
static enum screen_panel panel_wanted(const struct editor *ed)
{
	return ed->panel == SCREEN_PANEL_AUTO && !ed->people.count ? SCREEN_PANEL_OFF : ed->panel;
}

void editor_layout(struct editor *ed)
{
	ed->screen = screen_layout(ed->cols, ed->rows, panel_wanted(ed), ed->settings.hints);
	if (ed->doc.replica)
		view_place(&ed->view, editor_text(ed), ed->screen.text);
}

void editor_resize(struct editor *ed, int cols, int rows)
{
	ed->cols = cols > 0 ? cols : 1;
	ed->rows = rows > 0 ? rows : 1;
	ed->view.follow = true;
	/* It may be another terminal. */
	rows_forget(&ed->view.rows);
	ed->hints.stamp = 0;
	ed->dirty = true;
	editor_layout(ed);
}

bool editor_idle(struct editor *ed, uint64_t now_ms)
{
	bool searching = seek_idle(ed, now_ms);
	bool measuring = ed->doc.replica && !ed->dirty && view_idle(&ed->view, editor_text(ed));

	return searching || measuring;
}

unsigned editor_wants(struct editor *ed)
{
	unsigned wants = ed->wants;

	ed->wants = 0;
	return wants;
}

bool editor_waits(const struct editor *ed)
{
	return ed->wants != 0;
}

void editor_tell_sel(struct editor *ed)
{
	document_tell_sel(&ed->doc);
}

size_t editor_take_sels(struct editor *ed, const struct sel **sels)
{
	return document_take_sels(&ed->doc, sels);
}

static bool typing(const struct editor *ed, uint64_t now_ms)
{
	return ed->has_typed && now_ms - ed->typed_ms < EDITOR_TYPING_MS;
}

const char *editor_activity(struct editor *ed, uint64_t now_ms)
{
	if (!ed->seen_key)
		ed->key_ms = now_ms;
	ed->seen_key = true;
	if (talk_chatting(ed, now_ms))
		return "chatting";
	if (typing(ed, now_ms))
		return "typing";
	return now_ms - ed->key_ms >= EDITOR_AWAY_MS ? "away" : "active";
}

uint64_t editor_sooner(uint64_t a, uint64_t b)
{
	return !a ? b : !b ? a : a < b ? a : b;
}

uint64_t editor_next_change(const struct editor *ed, uint64_t now_ms)
{
	uint64_t quiet = typing(ed, now_ms) ? ed->typed_ms + EDITOR_TYPING_MS - now_ms : 0;
	uint64_t away =
		ed->key_ms + EDITOR_AWAY_MS > now_ms ? ed->key_ms + EDITOR_AWAY_MS - now_ms : 0;
	/* What was due and is not drawn waits for the terminal, not for the clock. */
	uint64_t screen = ed->change_ms > now_ms ? ed->change_ms - now_ms : 0;

	if (colors_waiting(ed) && !ed->dirty)
		return 1;
	uint64_t said = talk_next_change(ed, now_ms);
	return editor_sooner(
		said, editor_sooner(screen, editor_sooner(quiet, ed->seen_key ? away : 0)));
}
