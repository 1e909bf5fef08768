#include "tui/editor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "ot/utf8.h"
#include "tui/command.h"
#include "tui/find.h"
#include "tui/keymap.h"
#include "tui/motion.h"
#include "tui/overlay.h"
#include "tui/panel_people.h"
#include "tui/state.h"
#include "tui/statusbar.h"
#include "tui/theme.h"
#include "tui/width.h"

#define WHEEL_LINES 3

static const char *const viewer_says = "You are a viewer: you can read, point and chat, not write.";

static void on_changed(void *ctx, const struct op *op, uint64_t author)
{
	struct editor *ed = ctx;
	bool own = author == replica_user(ed->doc.replica);

	people_shift(&ed->people, op, author);
	view_shift(&ed->view, op, own);
	anchor_shift(&ed->found_from, op, author, replica_user(ed->doc.replica));
	ed->view.follow |= own;
	ed->has_goal = false;
	ed->dirty = true;
}

struct editor *editor_create(void)
{
	struct editor *ed = mem_alloc(sizeof(*ed));

	ed->doc.changed = on_changed;
	ed->doc.ctx = ed;
	ed->found_note = "";
	ed->dirty = true;
	view_init(&ed->view);
	editor_resize(ed, 80, 24);
	return ed;
}

void editor_destroy(struct editor *ed)
{
	if (!ed)
		return;
	document_fini(&ed->doc);
	people_clear(&ed->people);
	view_fini(&ed->view);
	prompt_close(&ed->prompt);
	free(ed->people.at);
	free(ed->room);
	free(ed->urls[0]);
	free(ed->urls[1]);
	free(ed->notice);
	free(ed->title);
	buf_fini(&ed->clip);
	buf_fini(&ed->outside);
	buf_fini(&ed->needle);
	free(ed);
}

const struct text *editor_text(const struct editor *ed)
{
	return document_text(&ed->doc);
}

static void set_string(char **at, const char *text)
{
	free(*at);
	*at = text ? mem_dup(text, strlen(text)) : NULL;
}

/* ---- the document ---- */

void editor_open(struct editor *ed, struct replica *borrows, const struct editor_document *document)
{
	bool again = ed->doc.path && strcmp(ed->doc.path, document->path) == 0;
	bool same = ed->doc.replica == borrows;

	document_open(&ed->doc, borrows, document->path);
	ed->doc.read_only = document->read_only;
	ed->doc.crlf = document->crlf;
	if (!again)
		view_reset(&ed->view);
	if (!same)
		ruler_forget(ed->view.ruler);
	ed->has_goal = false;
	ed->dirty = true;
}

void editor_shut(struct editor *ed)
{
	document_shut(&ed->doc);
	people_nowhere(&ed->people);
	ed->dirty = true;
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

	if (p)
		person_sels(p, sels, count);
	ed->dirty = true;
}

void editor_person_state(struct editor *ed, uint64_t user, const char *state, uint64_t rtt_ms)
{
	struct person *p = people_find(&ed->people, user);

	(void)rtt_ms;
	if (p)
		person_state(p, state);
	ed->dirty = true;
}

void editor_person_role(struct editor *ed, uint64_t user, const char *role)
{
	struct person *p = people_find(&ed->people, user);

	if (p)
		person_role(p, role);
	ed->dirty = true;
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
		    ed->status.unsent == status->unsent;

	if (same)
		return;
	set_string(&ed->room, room);
	/* How many edits are on their way shows only while they cannot leave. */
	ed->dirty |= !(ed->status.link == EDITOR_ONLINE && status->link == EDITOR_ONLINE &&
		       ed->status.rtt_ms == status->rtt_ms);
	ed->status = *status;
	ed->status.room = ed->room;
}

void editor_notice(struct editor *ed, uint64_t now_ms, const char *text)
{
	set_string(&ed->notice, text);
	ed->notice_ms = now_ms + EDITOR_NOTICE_MS;
	ed->dirty = true;
}

void editor_share_urls(struct editor *ed, const char *editor_url, const char *viewer_url)
{
	set_string(&ed->urls[0], editor_url);
	set_string(&ed->urls[1], viewer_url);
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
	bool other = me && *me->role && strcmp(me->role, "viewer") != 0;

	if (!ed->doc.replica)
		editor_notice(
			ed, now_ms, "There is no text yet: the connection is still being made.");
	else if (ed->doc.read_only)
		editor_notice(ed, now_ms,
			other ? "This file is read-only: nothing was changed." : viewer_says);
	return ed->doc.replica && !ed->doc.read_only;
}

void editor_write(
	struct editor *ed, const char *text, size_t bytes, enum document_kind kind, uint64_t now_ms)
{
	size_t start = anchor_start(ed->doc.sel), end = anchor_end(ed->doc.sel);

	document_replace(&ed->doc, start, end, text, bytes, kind, now_ms);
	ed->typed_ms = now_ms;
	ed->has_typed = true;
}

void editor_copy(struct editor *ed, const char *text, size_t bytes, uint64_t now_ms)
{
	buf_clear(&ed->clip);
	buf_add(&ed->clip, text, bytes);
	if (bytes > TERM_COPY_MAX) {
		editor_notice(
			ed, now_ms, "Copied for ^V here; too long for the terminal's clipboard.");
		return;
	}
	buf_clear(&ed->outside);
	buf_add(&ed->outside, text, bytes);
}

/* ---- finding ---- */

static void show_found(struct editor *ed, struct sel sel)
{
	document_select(&ed->doc, sel);
	ed->has_goal = false;
	ed->view.follow = true;
}

static bool find_around(struct editor *ed, bool forward, size_t from, struct sel *out)
{
	bool (*find)(const struct text *, size_t, const char *, size_t, struct sel *) =
		forward ? find_next : find_previous;
	const struct text *t = editor_text(ed);
	size_t edge = forward ? 0 : text_size(t).points;

	ed->found_note = "";
	if (find(t, from, ed->needle.at, ed->needle.len, out))
		return true;
	ed->found_note = find(t, edge, ed->needle.at, ed->needle.len, out)
				 ? forward ? " from the top" : " from the end"
				 : " not found";
	return strcmp(ed->found_note, " not found") != 0;
}

void editor_find(struct editor *ed, bool forward, uint64_t now_ms)
{
	size_t start = anchor_start(ed->doc.sel), end = anchor_end(ed->doc.sel);
	struct sel sel;

	if (!ed->needle.len)
		editor_notice(ed, now_ms, "Nothing was looked for yet: ^F finds.");
	else if (find_around(ed, forward, forward && end > start ? start + 1 : start, &sel))
		show_found(ed, sel);
	if (ed->needle.len && *ed->found_note && ed->prompt.kind != PROMPT_FIND)
		editor_notice(ed, now_ms, ed->found_note + 1);
}

/* With each letter the search begins again from where it was called for. */
static void find_typed(struct editor *ed)
{
	struct sel sel = ed->found_from;

	buf_clear(&ed->needle);
	buf_add(&ed->needle, ed->prompt.text.at, ed->prompt.text.len);
	ed->found_note = "";
	if (ed->needle.len && !find_around(ed, true, anchor_start(ed->found_from), &sel))
		sel = ed->found_from;
	show_found(ed, sel);
}

/* ---- going to a line: N, N:C, -N from the end, N% ---- */

static size_t line_wanted(const char *at, char **end, size_t lines)
{
	bool back = *at == '-';
	unsigned long long number = strtoull(at + back, end, 10);
	size_t n = number > lines ? lines : (size_t)number;

	if (**end == '%')
		return number >= 100 ? lines : lines * (size_t)number / 100;
	if (back)
		return lines + 1 - (n ? n : 1);
	return n ? n : 1;
}

static void go_to(struct editor *ed, const char *typed, uint64_t now_ms)
{
	const struct text *t = editor_text(ed);
	char *end;

	if (strspn(typed, "-0123456789:%") != strlen(typed) || !strpbrk(typed, "0123456789")) {
		editor_notice(ed, now_ms, "That is no line: type a number, like 12 or 12:5.");
		return;
	}
	size_t line = line_wanted(typed, &end, text_size(t).lines + 1);
	unsigned long long col = *end == ':' ? strtoull(end + 1, NULL, 10) : 1;
	ed->extend = false;
	editor_go(ed, view_pos(&ed->view, t, line ? line - 1 : 0, col ? (size_t)col - 1 : 0));
}

/* ---- the prompt ---- */

void editor_ask_quit(struct editor *ed, const char *question)
{
	prompt_open(&ed->prompt, PROMPT_ASK, question, "");
	ed->dirty = true;
}

static void prompt_entered(struct editor *ed, uint64_t now_ms)
{
	enum prompt_kind kind = ed->prompt.kind;

	if (kind == PROMPT_FIND) {
		if (!ed->needle.len && ed->prompt.text.len)
			find_typed(ed);
		else
			editor_find(ed, true, now_ms);
		return;
	}
	*buf_room(&ed->prompt.text, 1) = '\0';
	if (kind == PROMPT_GO && ed->prompt.text.len && ed->doc.replica)
		go_to(ed, ed->prompt.text.at, now_ms);
	if (kind == PROMPT_ASK)
		ed->wants |= EDITOR_QUIT_SURE;
	prompt_close(&ed->prompt);
}

/* Keys that walk through what was found without leaving the prompt, and the own clipboard. true: it was one. */
static bool prompt_command(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	bool shifted, find = ed->prompt.kind == PROMPT_FIND && ed->doc.replica;
	const struct command *command = keymap_find(key, &shifted);
	struct key paste = {
		.code = KEY_PASTE, .text = ed->clip.at ? ed->clip.at : "", .bytes = ed->clip.len};

	if (find && (key->code == KEY_DOWN || (command && strcmp(command->name, "find-next") == 0)))
		editor_find(ed, true, now_ms);
	else if (find &&
		 (key->code == KEY_UP || (command && strcmp(command->name, "find-previous") == 0)))
		editor_find(ed, false, now_ms);
	else if (command && strcmp(command->name, "paste") == 0 &&
		 prompt_key(&ed->prompt, &paste) == PROMPT_CHANGED && find)
		find_typed(ed);
	else
		return command && strcmp(command->name, "paste") == 0;
	return true;
}

/* true: the key was for the prompt */
static bool prompt_takes(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	switch (prompt_key(&ed->prompt, key)) {
	case PROMPT_TAKEN: return true;
	case PROMPT_CHANGED:
		if (ed->prompt.kind == PROMPT_FIND && ed->doc.replica)
			find_typed(ed);
		return true;
	case PROMPT_ENTER:
		if (ed->prompt.kind != PROMPT_FIND || ed->doc.replica)
			prompt_entered(ed, now_ms);
		return true;
	case PROMPT_ESCAPE: prompt_close(&ed->prompt); return true;
	default: break;
	}
	if (prompt_command(ed, key, now_ms))
		return true;
	prompt_close(&ed->prompt);
	return false;
}

/* ---- the mouse ---- */

static void click_count(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	bool again = ed->click.count && ed->click.row == key->row && ed->click.col == key->col &&
		     now_ms - ed->click.at_ms <= EDITOR_CLICK_MS;

	ed->click.count = again ? ed->click.count % 3 + 1 : 1;
	ed->click.row = key->row;
	ed->click.col = key->col;
	ed->click.at_ms = now_ms;
	ed->click.down = true;
}

static struct sel click_unit(const struct editor *ed, size_t pos)
{
	if (ed->click.count == 2)
		return motion_word_at(editor_text(ed), pos);
	if (ed->click.count == 3)
		return motion_line_at(editor_text(ed), pos);
	return (struct sel){pos, pos};
}

static void mouse_down(struct editor *ed, const struct key *key, size_t pos, uint64_t now_ms)
{
	if (!screen_within(ed->screen.text, key->row, key->col) || key->button != 0)
		return;
	click_count(ed, key, now_ms);
	ed->click.unit = click_unit(ed, pos);
	if (key->mods & KEY_SHIFT)
		ed->click.unit = (struct sel){ed->doc.sel.anchor, pos};
	document_select(&ed->doc, ed->click.unit);
	ed->has_goal = false;
}

/* From what was clicked first to what is under the mouse now, by the same units. */
static void mouse_drag(struct editor *ed, const struct key *key, size_t pos)
{
	struct sel first = ed->click.unit, here = click_unit(ed, pos);
	struct rect text = ed->screen.text;

	if (!ed->click.down)
		return;
	if (anchor_start(here) < anchor_start(first))
		document_select(&ed->doc, (struct sel){anchor_end(first), anchor_start(here)});
	else
		document_select(&ed->doc, (struct sel){anchor_start(first), anchor_end(here)});
	if (key->row < text.row || key->row >= text.row + text.rows)
		view_scroll(&ed->view, editor_text(ed), key->row < text.row ? -1 : 1);
}

static void mouse_key(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	size_t pos = view_pos_under(&ed->view, editor_text(ed), key->row, key->col);

	switch (key->mouse) {
	case KEY_MOUSE_DOWN: mouse_down(ed, key, pos, now_ms); break;
	case KEY_MOUSE_DRAG: mouse_drag(ed, key, pos); break;
	case KEY_MOUSE_UP: ed->click.down = false; break;
	case KEY_MOUSE_WHEEL_UP: view_scroll(&ed->view, editor_text(ed), -WHEEL_LINES); break;
	case KEY_MOUSE_WHEEL_DOWN: view_scroll(&ed->view, editor_text(ed), WHEEL_LINES); break;
	}
}

/* ---- keys ---- */

static void run(struct editor *ed, const struct command *command, bool shifted, uint64_t now_ms)
{
	if (!ed->doc.replica && !(command->flags & COMMAND_ALWAYS)) {
		editor_may_write(ed, now_ms);
		return;
	}
	if (command->flags & COMMAND_WRITES) {
		if (!editor_may_write(ed, now_ms))
			return;
		ed->typed_ms = now_ms;
		ed->has_typed = true;
	}
	ed->extend = shifted;
	command->run(ed, now_ms);
	ed->extend = false;
}

static void type_character(struct editor *ed, uint32_t c, uint64_t now_ms)
{
	char bytes[4];

	if (editor_may_write(ed, now_ms))
		editor_write(ed, bytes, utf8_encode(c, bytes), DOCUMENT_TYPING, now_ms);
}

/* One op, one step to undo. */
static void take_paste(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	if (!editor_may_write(ed, now_ms))
		return;
	if (key->cut || key->bytes > EDITOR_EDIT_MAX)
		editor_notice(ed, now_ms,
			"That paste is more than 1 MB: too much for one edit. Paste it in parts.");
	else if (key->bytes)
		editor_write(ed, key->text, key->bytes, DOCUMENT_OTHER, now_ms);
}

static void take_key(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	bool shifted;
	const struct command *command = keymap_find(key, &shifted);

	if (key->code == KEY_MOUSE) {
		if (ed->doc.replica)
			mouse_key(ed, key, now_ms);
	} else if (key->code == KEY_PASTE) {
		take_paste(ed, key, now_ms);
	} else if (command) {
		run(ed, command, shifted, now_ms);
	} else if (key->code < 0x110000 && !(key->mods & (KEY_ALT | KEY_CTRL))) {
		type_character(ed, key->code, now_ms);
	}
}

static void layout(struct editor *ed)
{
	ed->screen = screen_layout(ed->cols, ed->rows, ed->panel);
	if (ed->doc.replica)
		view_place(&ed->view, editor_text(ed), ed->screen.text);
}

void editor_key(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	if (key->code == KEY_FOCUS_IN || key->code == KEY_FOCUS_OUT)
		return;
	ed->key_ms = now_ms;
	ed->seen_key = true;
	ed->dirty = true;
	layout(ed);
	if (ed->prompt.kind && prompt_takes(ed, key, now_ms))
		return;
	if (ed->overlay)
		overlay_key(ed, key, now_ms);
	else
		take_key(ed, key, now_ms);
}

void editor_resize(struct editor *ed, int cols, int rows)
{
	ed->cols = cols > 0 ? cols : 1;
	ed->rows = rows > 0 ? rows : 1;
	ed->view.follow = true;
	ed->dirty = true;
	layout(ed);
}

unsigned editor_wants(struct editor *ed)
{
	unsigned wants = ed->wants;

	ed->wants = 0;
	return wants;
}

void editor_tell_sel(struct editor *ed)
{
	document_tell_sel(&ed->doc);
}

bool editor_take_sel(struct editor *ed, struct sel *sel)
{
	return document_take_sel(&ed->doc, sel);
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
	if (typing(ed, now_ms))
		return "typing";
	return now_ms - ed->key_ms >= EDITOR_AWAY_MS ? "away" : "active";
}

/* ---- the screen ---- */

static void draw_waiting(const struct editor *ed, struct term *term)
{
	struct rect area = ed->screen.text;
	const char *text = ed->status.link == EDITOR_OFFLINE ? "Not connected." : "Connecting…";

	screen_text(term, area.row + area.rows / 2, area.col + 1, area.cols - 1, text,
		theme_style(term_colors(term), THEME_FAINT));
	term_cursor(term, -1, -1);
}

static void draw_text(struct editor *ed, struct term *term, uint64_t now_ms)
{
	if (!ed->doc.replica)
		draw_waiting(ed, term);
	else
		view_draw(&ed->view, term, &ed->doc, &ed->people, now_ms);
	if (ed->screen.panel.rows)
		panel_people_draw(ed, term);
}

/* The prompt has the status bar's row; on a screen without one, the last. */
static void draw_prompt(struct editor *ed, struct term *term)
{
	struct rect row = ed->screen.status.rows ? ed->screen.status
						 : (struct rect){ed->rows - 1, 0, 1, ed->cols};

	term_fill(term, row.row, row.col, row.cols, theme_style(term_colors(term), THEME_TEXT));
	prompt_draw(&ed->prompt, term, row, ed->prompt.kind == PROMPT_FIND ? ed->found_note : "");
}

static void draw_all(struct editor *ed, struct term *term, uint64_t now_ms)
{
	struct screen *s = &ed->screen;

	if (ed->overlay)
		overlay_draw(ed, term);
	else
		draw_text(ed, term, now_ms);
	if (s->top.rows)
		statusbar_top(ed, term);
	if (s->status.rows)
		statusbar_status(ed, term);
	if (s->hints.rows)
		statusbar_hints(ed, term);
	if (ed->prompt.kind)
		draw_prompt(ed, term);
}

static void title(struct editor *ed, struct term *term)
{
	struct buf text = {0};

	buf_printf(&text, "%s%s%s%s", ed->doc.path ? ed->doc.path : "codecollab",
		ed->doc.replica && !ed->doc.saved ? " ●" : "", ed->room && *ed->room ? " — " : "",
		ed->room ? ed->room : "");
	char *now = buf_take(&text);
	if (!ed->title || strcmp(ed->title, now) != 0)
		term_title(term, now);
	free(ed->title);
	ed->title = now;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return !a ? b : !b ? a : a < b ? a : b;
}

/* Of what is on the screen. */
static uint64_t next_change(const struct editor *ed, uint64_t now_ms)
{
	return sooner(ed->notice ? ed->notice_ms - now_ms : 0, people_next(&ed->people, now_ms));
}

static void tick(struct editor *ed, uint64_t now_ms)
{
	people_tick(&ed->people, now_ms);
	if (ed->notice && now_ms >= ed->notice_ms)
		set_string(&ed->notice, NULL);
}

void editor_draw(struct editor *ed, struct term *term, uint64_t now_ms)
{
	if (!term_ready(term) || (!ed->dirty && !(ed->change_ms && now_ms >= ed->change_ms)))
		return;
	ed->dirty = false;
	tick(ed, now_ms);
	layout(ed);
	draw_all(ed, term, now_ms);
	title(ed, term);
	if (ed->outside.len)
		term_copy(term, ed->outside.at, ed->outside.len);
	buf_clear(&ed->outside);
	term_frame(term);
	uint64_t next = next_change(ed, now_ms);
	ed->change_ms = next ? now_ms + next : 0;
}

uint64_t editor_next_change(const struct editor *ed, uint64_t now_ms)
{
	uint64_t quiet = typing(ed, now_ms) ? ed->typed_ms + EDITOR_TYPING_MS - now_ms : 0;
	uint64_t away =
		ed->key_ms + EDITOR_AWAY_MS > now_ms ? ed->key_ms + EDITOR_AWAY_MS - now_ms : 0;
	/* What was due and is not drawn waits for the terminal, not for the clock. */
	uint64_t screen = ed->change_ms > now_ms ? ed->change_ms - now_ms : 0;

	return sooner(screen, sooner(quiet, ed->seen_key ? away : 0));
}
