#include "tui/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/clip.h"
#include "tui/commenting.h"
#include "tui/lines.h"
#include "tui/many.h"
#include "tui/move.h"
#include "tui/seek.h"
#include "tui/show.h"
#include "tui/state.h"
#include "tui/write.h"

static void run_select_all(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	ed->marking = false;
	document_select(&ed->doc, (struct sel){0, text_size(editor_text(ed)).points});
	ed->view.follow = false;
}

/* The first time one caret is left, the second time it selects nothing. */
static void run_cancel(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	seek_close(ed);
	ed->marking = false;
	if (ed->doc.more.count)
		document_select(&ed->doc, ed->doc.sel);
	else
		editor_go(ed, ed->doc.sel.head);
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

static void run_save_as(struct editor *ed, uint64_t now_ms)
{
	if (ed->status.link == EDITOR_ALONE)
		ed->wants |= EDITOR_WANT_SAVE_AS;
	else
		editor_notice(
			ed, now_ms, "This file is the room's: copies are made outside of it.");
}

static void run_to_utf8(struct editor *ed, uint64_t now_ms)
{
	if (ed->doc.charset)
		ed->wants |= EDITOR_WANT_UTF8;
	else
		editor_notice(ed, now_ms, "This text is UTF-8.");
}

static void want_alone(struct editor *ed, unsigned want, uint64_t now_ms)
{
	if (ed->status.link == EDITOR_ALONE)
		ed->wants |= want;
	else
		editor_notice(ed, now_ms, "The room's files keep their line ends.");
}

static void run_to_lf(struct editor *ed, uint64_t now_ms)
{
	want_alone(ed, EDITOR_WANT_LF, now_ms);
}

static void run_to_crlf(struct editor *ed, uint64_t now_ms)
{
	want_alone(ed, EDITOR_WANT_CRLF, now_ms);
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
	help_open(ed);
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
	roster_toggle(ed);
}

static void run_chat(struct editor *ed, uint64_t now_ms)
{
	if (ed->status.link == EDITOR_ALONE)
		editor_notice(ed, now_ms, "There is nobody to talk to: this file is not shared.");
	else
		talk_open(ed);
}

static void run_authors(struct editor *ed, uint64_t now_ms)
{
	if (ed->status.link == EDITOR_ALONE)
		editor_notice(ed, now_ms, "You did: this file is not shared.");
	else
		blame_toggle(ed);
}

static void run_open(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	files_open(ed);
}

static void run_palette(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	palette_open(ed);
}

static void run_reload_config(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	ed->show_faults = true;
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
	{"save-as", "Alt-S", "Save under another name", NULL, 0, run_save_as},
	{"open", "Ctrl-O", "Open another file", "Open", 0, run_open},
	{"quit", "Ctrl-Q", "Leave", "Quit", ALWAYS, run_quit},
	{"help", "F1", "This help", "Help", ALWAYS, run_help},
	{"commands", "Ctrl-P F10", "Do anything, by its name", "Commands", ALWAYS, run_palette},
	{"share", "F2", "Show the links to invite people with", "Share", ALWAYS, run_share},
	{"find", "Ctrl-F", "Find text", "Find", 0, run_find},
	{"find-next", "F3 Ctrl-N", "Find the next place", NULL, 0, run_find_next},
	{"find-previous", "Shift-F3", "Find the place before", NULL, 0, run_find_previous},
	{"replace", "Ctrl-R", "Find text and replace it", NULL, WRITES, run_replace},
	{"people", "F4", "People here: go to or follow one; again: hide them", "People", ALWAYS,
		run_people},
	{"chat", "Ctrl-T", "Say something to everybody here", "Chat", ALWAYS, run_chat},
	{"chat-place", "Alt-T", "Go to the newest place named in the chat", NULL, 0,
		talk_go_newest},
	{"authors", "F9", "Show who wrote what, or no more", NULL, 0, run_authors},
	{"undo", "Ctrl-Z", "Undo your newest edit, nobody else's", "Undo", WRITES, write_undo},
	{"redo", "Ctrl-Y", "Redo what you undid", "Redo", WRITES, write_redo},
	{"copy", "Ctrl-C Ctrl-Insert", "Copy the selection, or the line", "Copy", 0, clip_copy},
	{"cut", "Ctrl-X Shift-Delete", "Cut the selection, or the line", "Cut", WRITES, clip_cut},
	{"paste", "Ctrl-V Shift-Insert", "Paste what was copied here", "Paste", WRITES, clip_paste},
	{"paste-older", "Alt-V", "Instead of what was just pasted: what was before", NULL, WRITES,
		clip_paste_older},
	{"select-all", "Ctrl-A", "Select everything", NULL, 0, run_select_all},
	{"mark", "Alt-A Ctrl-Space", "Select from here by motions without Shift", NULL, 0,
		move_mark},
	{"cut-line", "Ctrl-K", "Cut the line; again: the next one, too", NULL, WRITES,
		clip_cut_line},
	{"duplicate-line", "Ctrl-D", "Double the line", NULL, WRITES, lines_duplicate},
	{"delete-line", "Alt-K", "Delete the line", NULL, WRITES, lines_delete},
	{"move-line-up", "Alt-Up", "Move the line up", NULL, WRITES, lines_move_up},
	{"move-line-down", "Alt-Down", "Move the line down", NULL, WRITES, lines_move_down},
	{"join-lines", "Alt-J", "Join the next line to this one", NULL, WRITES, lines_join},
	{"indent", "Alt-I", "Indent the line by one level", NULL, WRITES, lines_indent},
	{"dedent", "Shift-Tab Alt-U", "Indent the line by one level less", NULL, WRITES,
		lines_dedent},
	{"comment", "Alt-/ Ctrl-_", "Make the line a comment, or text again", NULL, WRITES,
		commenting_toggle},
	{"caret-above", "Alt-Shift-Up", "One more caret, in the line above", NULL, 0, many_above},
	{"caret-below", "Alt-Shift-Down", "One more caret, in the line below", NULL, 0, many_below},
	{"caret-next", "Alt-N", "Select the word, then its next places too", NULL, 0, many_next},
	{"caret-all", "Alt-L", "Select all places of the word or selection", NULL, 0, many_all},
	{"caret-lines", "Alt-M", "A caret at the end of each selected line", NULL, 0, many_lines},
	{"caret-drop", "Alt-P", "One caret less, the newest", NULL, 0, many_drop},
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
	{"left", "Left", "One character left; with Shift motions select", NULL, MOVES, move_left},
	{"right", "Right", "One character right", NULL, MOVES, move_right},
	{"up", "Up", "One line up", NULL, MOVES, move_up},
	{"down", "Down", "One line down", NULL, MOVES, move_down},
	{"word-left", "Ctrl-Left Alt-Left Alt-B", "One word left", NULL, MOVES, move_word_left},
	{"word-right", "Ctrl-Right Alt-Right Alt-F", "One word right", NULL, MOVES,
		move_word_right},
	{"home", "Home", "Start of the line: behind its blanks, then before", NULL, MOVES,
		move_home},
	{"end", "End Ctrl-E", "End of the line", NULL, MOVES, move_end},
	{"page-up", "PageUp", "One page up", NULL, MOVES, move_page_up},
	{"page-down", "PageDown", "One page down", NULL, MOVES, move_page_down},
	{"top", "Ctrl-Home", "Start of the text", NULL, MOVES, move_top},
	{"bottom", "Ctrl-End", "End of the text", NULL, MOVES, move_bottom},
	{"bracket", "Ctrl-]", "To the other bracket of a pair", NULL, MOVES, move_bracket},
	{"scroll-up", "Ctrl-Up", "Scroll up; the caret stays", NULL, 0, move_scroll_up},
	{"scroll-down", "Ctrl-Down", "Scroll down; the caret stays", NULL, 0, move_scroll_down},
	{"newline", "Enter", "New line, indented like this one", NULL, WRITES, write_newline},
	{"tab", "Tab", "Insert a tab", NULL, WRITES, write_tab},
	{"backspace", "Backspace", "Delete the character before", NULL, WRITES, write_backspace},
	{"delete", "Delete", "Delete the character after", NULL, WRITES, write_delete},
	{"delete-word-left", "Ctrl-Backspace Alt-Backspace", "Delete the word before", NULL, WRITES,
		write_delete_word_left},
	{"delete-word-right", "Ctrl-Delete Alt-D", "Delete the word after", NULL, WRITES,
		write_delete_word_right},
	{"cancel", "Esc", "Drop carets and selection, close what is open", NULL, 0, run_cancel},
	{"wrap", "Alt-W", "Wrap long lines, or not", NULL, 0, show_wrap},
	{"blanks", "", "Show tabs and blanks, or not", NULL, 0, show_blanks},
	{"numbers", "Alt-G", "Line numbers: from here, none, or as they are", NULL, 0,
		show_numbers},
	{"count", "", "Count lines, words and characters", NULL, 0, show_count},
	{"show-key", "", "Tell what the next key is called, and does", NULL, ALWAYS, show_key},
	{"to-lf", "", "Let lines end with LF from the next save on", NULL, WRITES, run_to_lf},
	{"to-crlf", "", "Let lines end with CRLF from the next save on", NULL, WRITES, run_to_crlf},
	{"to-utf8", "", "Let the file be UTF-8 from the next save on", NULL, WRITES, run_to_utf8},
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
