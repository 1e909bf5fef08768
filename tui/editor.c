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
	free(ed->room_here);
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
	ed->doc.no_text = file->no_text;
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
	document_mend(&ed->doc, takes, false);
}

void editor_edit_on(struct editor *ed, struct op *takes)
{
	document_mend(&ed->doc, takes, true);
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

void editor_share_urls(struct editor *ed, const char *editor_url, const char *viewer_url)
{
	editor_set_string(&ed->urls[0], editor_url);
	editor_set_string(&ed->urls[1], viewer_url);
	ed->dirty = true;
}

void editor_share_here(struct editor *ed, const char *room)
{
	editor_set_string(&ed->room_here, room);
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
			ed->doc.no_text
				? "This is no text, so it cannot be changed here. Ctrl-Q leaves."
			: other ? "This file is read-only: save it under another name to change it."
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
	activity_typed(&ed->activity, now_ms);
}

void editor_show_share(struct editor *ed)
{
	ed->overlay = EDITOR_SHARE;
	ed->overlay_top = 0;
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

const char *editor_activity(struct editor *ed, uint64_t now_ms)
{
	if (!ed->activity.any_key) /* whoever has just come is here */
		activity_key(&ed->activity, now_ms);
	if (talk_chatting(ed, now_ms))
		return "chatting";
	if (activity_is_typing(&ed->activity, now_ms))
		return "typing";
	return activity_is_away(&ed->activity, now_ms) ? "away" : "active";
}

uint64_t editor_sooner(uint64_t a, uint64_t b)
{
	return !a ? b : !b ? a : a < b ? a : b;
}

uint64_t editor_next_change(const struct editor *ed, uint64_t now_ms)
{
	/* What was due and is not drawn waits for the terminal, not for the clock. */
	uint64_t screen = ed->change_ms > now_ms ? ed->change_ms - now_ms : 0;
	uint64_t hands =
		editor_sooner(activity_next(&ed->activity, now_ms), talk_next_change(ed, now_ms));

	return colors_waiting(ed) && !ed->dirty ? 1 : editor_sooner(screen, hands);
}
