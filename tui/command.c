#include "tui/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/motion.h"
#include "tui/seek.h"
#include "tui/state.h"
#include "tui/width.h"

#define INDENT_MAX 1024 /* characters of blanks that a new line takes over */
#define SCROLL     1

static bool has_selection(const struct editor *ed)
{
	return ed->doc.sel.anchor != ed->doc.sel.head;
}

static size_t caret(const struct editor *ed)
{
	return ed->doc.sel.head;
}

/* ---- motions ---- */

/* Without Shift a selection is left at the side one moves to. */
static void run_left(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	bool leave = has_selection(ed) && !ed->extend;
	editor_go(ed, leave ? anchor_start(ed->doc.sel) : motion_left(editor_text(ed), caret(ed)));
}

static void run_right(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	bool leave = has_selection(ed) && !ed->extend;
	editor_go(ed, leave ? anchor_end(ed->doc.sel) : motion_right(editor_text(ed), caret(ed)));
}

static void run_word_left(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	editor_go(ed, motion_word_left(editor_text(ed), caret(ed)));
}

static void run_word_right(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	editor_go(ed, motion_word_right(editor_text(ed), caret(ed)));
}

/* Keeps to the column that the first of several vertical steps began in. */
static void go_lines(struct editor *ed, ptrdiff_t lines)
{
	const struct text *t = editor_text(ed);
	size_t line = text_line_at(t, caret(ed)), last = text_size(t).lines;
	size_t back = lines < 0 ? (size_t)-lines : 0;
	size_t goal = ed->has_goal ? ed->goal : view_col(&ed->view, t, caret(ed));

	if (lines < 0 && line == 0)
		editor_go(ed, 0);
	else if (lines > 0 && line == last)
		editor_go(ed, text_size(t).points);
	else if (lines < 0)
		editor_go(ed, view_pos(&ed->view, t, line > back ? line - back : 0, goal));
	else
		editor_go(ed, view_pos(&ed->view, t, line + (size_t)lines, goal));
	ed->goal = goal;
	ed->has_goal = true;
}

static void run_up(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	go_lines(ed, -1);
}

static void run_down(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	go_lines(ed, 1);
}

static ptrdiff_t page(const struct editor *ed)
{
	return ed->screen.text.rows > 2 ? ed->screen.text.rows - 1 : 1;
}

static void run_page_up(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	view_scroll(&ed->view, editor_text(ed), -page(ed));
	go_lines(ed, -page(ed));
}

static void run_page_down(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	view_scroll(&ed->view, editor_text(ed), page(ed));
	go_lines(ed, page(ed));
}

/* First behind the indent, then to the very start. */
static void run_home(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	const struct text *t = editor_text(ed);
	size_t indent = motion_indent_end(t, caret(ed));

	editor_go(ed, caret(ed) == indent ? motion_line_start(t, caret(ed)) : indent);
}

static void run_end(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	editor_go(ed, motion_line_end(editor_text(ed), caret(ed)));
}

static void run_top(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	editor_go(ed, 0);
}

static void run_bottom(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	editor_go(ed, text_size(editor_text(ed)).points);
}

static void run_scroll_up(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	view_scroll(&ed->view, editor_text(ed), -SCROLL);
}

static void run_scroll_down(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	view_scroll(&ed->view, editor_text(ed), SCROLL);
}

static void run_select_all(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	document_select(&ed->doc, (struct sel){0, text_size(editor_text(ed)).points});
	ed->view.follow = false;
}

static void run_cancel(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	seek_close(ed);
	editor_go(ed, caret(ed));
}

/* ---- writing ---- */

static void run_newline(struct editor *ed, uint64_t now_ms)
{
	const struct text *t = editor_text(ed);
	size_t at = anchor_start(ed->doc.sel), start = motion_line_start(t, at),
	       end = motion_indent_end(t, at);
	size_t points = (end < at ? end : at) - start, bytes;
	char *indent = text_slice(t, start, points < INDENT_MAX ? points : INDENT_MAX, &bytes);
	struct buf line = {0};

	buf_add_byte(&line, '\n');
	buf_add(&line, indent, bytes);
	editor_write(ed, line.at, line.len, DOCUMENT_TYPING, now_ms);
	buf_fini(&line);
	free(indent);
}

/* A tab, or as many blanks as there are to where it would end. */
static void run_tab(struct editor *ed, uint64_t now_ms)
{
	static const char blanks[] = "                "; /* the widest tab */
	size_t col = view_col(&ed->view, editor_text(ed), anchor_start(ed->doc.sel));
	size_t tab = width_tab(), cells = tab - col % tab;

	if (ed->settings.expand_tabs)
		editor_write(ed, blanks, cells, DOCUMENT_TYPING, now_ms);
	else
		editor_write(ed, "\t", 1, DOCUMENT_TYPING, now_ms);
}

/* The selection, or what lies between the caret and `to`. */
static void erase_to(struct editor *ed, size_t to, enum document_kind kind, uint64_t now_ms)
{
	if (has_selection(ed)) {
		editor_write(ed, "", 0, DOCUMENT_OTHER, now_ms);
		return;
	}
	size_t start = to < caret(ed) ? to : caret(ed), end = to < caret(ed) ? caret(ed) : to;
	document_replace(&ed->doc, start, end, "", 0, kind, now_ms);
}

static void run_backspace(struct editor *ed, uint64_t now_ms)
{
	erase_to(ed, motion_left(editor_text(ed), caret(ed)), DOCUMENT_BACKSPACE, now_ms);
}

static void run_delete(struct editor *ed, uint64_t now_ms)
{
	erase_to(ed, motion_right(editor_text(ed), caret(ed)), DOCUMENT_DELETE, now_ms);
}

static void run_delete_word_left(struct editor *ed, uint64_t now_ms)
{
	erase_to(ed, motion_word_left(editor_text(ed), caret(ed)), DOCUMENT_OTHER, now_ms);
}

static void run_delete_word_right(struct editor *ed, uint64_t now_ms)
{
	erase_to(ed, motion_word_right(editor_text(ed), caret(ed)), DOCUMENT_OTHER, now_ms);
}

static void run_undo(struct editor *ed, uint64_t now_ms)
{
	if (!document_undo(&ed->doc))
		editor_notice(ed, now_ms, "Nothing of yours to undo.");
}

static void run_redo(struct editor *ed, uint64_t now_ms)
{
	if (!document_redo(&ed->doc))
		editor_notice(ed, now_ms, "Nothing to redo.");
}

/* ---- clipboard ---- */

/* The selection, or the caret's line, always with a line end: *out is owned. */
static struct sel chosen(const struct editor *ed, struct buf *out)
{
	const struct text *t = editor_text(ed);
	struct sel sel = has_selection(ed) ? ed->doc.sel : motion_line_at(t, caret(ed));
	size_t start = anchor_start(sel), bytes;
	char *text = text_slice(t, start, anchor_end(sel) - start, &bytes);

	buf_add(out, text, bytes);
	if (!has_selection(ed) && (!bytes || text[bytes - 1] != '\n'))
		buf_add_byte(out, '\n');
	free(text);
	return (struct sel){start, anchor_end(sel)};
}

static struct sel copy_chosen(struct editor *ed, uint64_t now_ms)
{
	struct buf text = {0};
	struct sel sel = chosen(ed, &text);

	ed->clip_line = !has_selection(ed);
	editor_copy(ed, text.at ? text.at : "", text.len, now_ms);
	buf_fini(&text);
	return sel;
}

static void run_copy(struct editor *ed, uint64_t now_ms)
{
	copy_chosen(ed, now_ms);
}

static void run_cut(struct editor *ed, uint64_t now_ms)
{
	struct sel sel = copy_chosen(ed, now_ms);

	document_replace(&ed->doc, sel.anchor, sel.head, "", 0, DOCUMENT_OTHER, now_ms);
}

static void run_cut_line(struct editor *ed, uint64_t now_ms)
{
	editor_go(ed, caret(ed));
	run_cut(ed, now_ms);
}

/* Puts text in front of the caret's line; the caret stays with its own. */
static void insert_line(struct editor *ed, const char *text, size_t bytes)
{
	struct op op = {0};

	op_retain(&op, motion_line_start(editor_text(ed), caret(ed)));
	op_insert(&op, text, bytes);
	document_edit(&ed->doc, &op);
}

static void run_paste(struct editor *ed, uint64_t now_ms)
{
	if (!ed->clip.len)
		editor_notice(ed, now_ms,
			"Nothing was copied here yet. Your terminal's own paste works too.");
	else if (ed->clip.len > EDITOR_EDIT_MAX)
		editor_notice(ed, now_ms,
			"That is more than 1 MB: too much for one edit. Copy it in parts.");
	else if (ed->clip_line && !has_selection(ed))
		insert_line(ed, ed->clip.at, ed->clip.len);
	else
		editor_write(ed, ed->clip.at, ed->clip.len, DOCUMENT_OTHER, now_ms);
}

static void run_duplicate_line(struct editor *ed, uint64_t now_ms)
{
	struct buf line = {0};

	editor_go(ed, caret(ed));
	chosen(ed, &line);
	if (line.len > EDITOR_EDIT_MAX)
		editor_notice(ed, now_ms, "This line is longer than 1 MB: too much for one edit.");
	else
		insert_line(ed, line.at, line.len);
	buf_fini(&line);
}

/* ---- finding ---- */

static void run_find(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	seek_open(ed, false);
}

static void run_replace(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	seek_open(ed, true);
}

static void run_find_next(struct editor *ed, uint64_t now_ms)
{
	seek_again(ed, true, now_ms);
}

static void run_find_previous(struct editor *ed, uint64_t now_ms)
{
	seek_again(ed, false, now_ms);
}

static void run_go_to_line(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	prompt_open(&ed->prompt, PROMPT_GO, "Go to line (N, N:column, -N from the end, N%):", "");
}

/* ---- the program ---- */

static void run_save(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	ed->wants |= EDITOR_WANT_SAVE;
}

static void run_quit(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	ed->wants |= EDITOR_WANT_QUIT;
}

static void run_suspend(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	ed->wants |= EDITOR_WANT_SUSPEND;
}

static void run_retry(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	ed->wants |= EDITOR_WANT_RETRY;
}

static void run_help(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	ed->overlay = EDITOR_HELP;
	ed->overlay_top = 0;
}

static void run_share(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	if (ed->status.link == EDITOR_ALONE)
		ed->wants |= EDITOR_WANT_SHARE;
	else
		editor_show_share(ed);
}

static void run_people(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	ed->panel = ed->screen.panel.rows ? SCREEN_PANEL_OFF : SCREEN_PANEL_ON;
	ed->settings.people = (int)ed->panel;
}

static void run_palette(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	palette_open(ed);
}

static void run_reload_config(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	ed->wants |= EDITOR_WANT_CONFIG;
}

/* ---- people ---- */

static void run_role(struct editor *ed, uint64_t now_ms)
{
	owner_begin(ed, OWNER_ROLE, now_ms);
}

static void run_kick(struct editor *ed, uint64_t now_ms)
{
	owner_begin(ed, OWNER_KICK, now_ms);
}

static void run_ban(struct editor *ed, uint64_t now_ms)
{
	owner_begin(ed, OWNER_BAN, now_ms);
}

static void run_lock(struct editor *ed, uint64_t now_ms)
{
	owner_begin(ed, OWNER_LOCK, now_ms);
}

static void run_unlock(struct editor *ed, uint64_t now_ms)
{
	owner_begin(ed, OWNER_UNLOCK, now_ms);
}

#define WRITES COMMAND_WRITES
#define MOVES  COMMAND_MOVES
#define ALWAYS COMMAND_ALWAYS

const struct command command_table[] = {
	/* clang-format off: a table is read by its columns */
	{"save", "Ctrl-S", "Save the file", "Save", 0, run_save},
	{"quit", "Ctrl-Q", "Leave", "Quit", ALWAYS, run_quit},
	{"help", "F1", "This help", "Help", ALWAYS, run_help},
	{"commands", "Ctrl-P F10", "Do anything, by its name", "Commands", ALWAYS, run_palette},
	{"share", "F2", "Show the links to invite people with", "Share", ALWAYS, run_share},
	{"find", "Ctrl-F", "Find text", "Find", 0, run_find},
	{"find-next", "F3 Ctrl-N", "Find the next place", NULL, 0, run_find_next},
	{"find-previous", "Shift-F3", "Find the place before", NULL, 0, run_find_previous},
	{"replace", "Ctrl-R", "Find text and replace it", NULL, WRITES, run_replace},
	{"people", "F4", "Show or hide the people here", "People", ALWAYS, run_people},
	{"undo", "Ctrl-Z", "Undo your newest edit, nobody else's", "Undo", WRITES, run_undo},
	{"redo", "Ctrl-Y", "Redo what you undid", "Redo", WRITES, run_redo},
	{"copy", "Ctrl-C Ctrl-Insert", "Copy the selection, or the line", "Copy", 0, run_copy},
	{"cut", "Ctrl-X Shift-Delete", "Cut the selection, or the line", "Cut", WRITES, run_cut},
	{"paste", "Ctrl-V Shift-Insert", "Paste what was copied here", "Paste", WRITES, run_paste},
	{"select-all", "Ctrl-A", "Select everything", NULL, 0, run_select_all},
	{"cut-line", "Ctrl-K", "Cut the line", NULL, WRITES, run_cut_line},
	{"duplicate-line", "Ctrl-D", "Double the line", NULL, WRITES, run_duplicate_line},
	{"go-to-line", "Ctrl-G Ctrl-L", "Go to a line", "Go to", 0, run_go_to_line},
	{"reload-config", "", "Read codecollab.conf again", NULL, ALWAYS, run_reload_config},
	{"suspend", "Alt-Z", "Back to the shell for a while; fg returns", NULL, ALWAYS,
		run_suspend},
	{"retry", "F5", "Offline: try to connect now", NULL, ALWAYS, run_retry},
	{"role", "F6", "Owner: change somebody's role", NULL, ALWAYS, run_role},
	{"kick", "F7", "Owner: send somebody away", NULL, ALWAYS, run_kick},
	{"ban", "Shift-F7", "Owner: end somebody's invitation", NULL, ALWAYS, run_ban},
	{"lock", "F8", "Owner: let nobody new in", NULL, ALWAYS, run_lock},
	{"unlock", "Shift-F8", "Owner: let people in again", NULL, ALWAYS, run_unlock},
	{"left", "Left", "One character left; with Shift motions select", NULL, MOVES, run_left},
	{"right", "Right", "One character right", NULL, MOVES, run_right},
	{"up", "Up", "One line up", NULL, MOVES, run_up},
	{"down", "Down", "One line down", NULL, MOVES, run_down},
	{"word-left", "Ctrl-Left Alt-Left Alt-B", "One word left", NULL, MOVES, run_word_left},
	{"word-right", "Ctrl-Right Alt-Right Alt-F", "One word right", NULL, MOVES, run_word_right},
	{"home", "Home", "Start of the line: behind its blanks, then before", NULL, MOVES,
		run_home},
	{"end", "End Ctrl-E", "End of the line", NULL, MOVES, run_end},
	{"page-up", "PageUp", "One page up", NULL, MOVES, run_page_up},
	{"page-down", "PageDown", "One page down", NULL, MOVES, run_page_down},
	{"top", "Ctrl-Home", "Start of the text", NULL, MOVES, run_top},
	{"bottom", "Ctrl-End", "End of the text", NULL, MOVES, run_bottom},
	{"scroll-up", "Ctrl-Up", "Scroll up; the caret stays", NULL, 0, run_scroll_up},
	{"scroll-down", "Ctrl-Down", "Scroll down; the caret stays", NULL, 0, run_scroll_down},
	{"newline", "Enter", "New line, indented like this one", NULL, WRITES, run_newline},
	{"tab", "Tab", "Insert a tab", NULL, WRITES, run_tab},
	{"backspace", "Backspace", "Delete the character before", NULL, WRITES, run_backspace},
	{"delete", "Delete", "Delete the character after", NULL, WRITES, run_delete},
	{"delete-word-left", "Ctrl-Backspace Alt-Backspace", "Delete the word before", NULL, WRITES,
		run_delete_word_left},
	{"delete-word-right", "Ctrl-Delete Alt-D", "Delete the word after", NULL, WRITES,
		run_delete_word_right},
	{"cancel", "Esc", "Drop the selection, close what is open", NULL, 0, run_cancel},
	{NULL, NULL, NULL, NULL, 0, NULL},
	/* clang-format on */
};

const struct command *command_named(const char *name, size_t bytes)
{
	const struct command *c = command_table;

	while (c->name && (strlen(c->name) != bytes || memcmp(c->name, name, bytes) != 0))
		c++;
	return c->name ? c : NULL;
}
