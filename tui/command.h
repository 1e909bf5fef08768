/*
 * command.h: everything a key can do, in one table.
 *
 * A row is a name, its default keys, words for people, and a function. The keymap, the help screen and the line of hints are all made
 * from it. Keys are written "Ctrl-S", "Alt-Z", "Shift-F3", "PageUp"; several are parted by blanks. None needs Ctrl with
 * Shift and a letter, which terminals cannot tell from Ctrl and the letter.
 */
#ifndef TUI_COMMAND_H
#define TUI_COMMAND_H

#include <stddef.h>
#include <stdint.h>

struct editor;

enum command_flag {
	COMMAND_WRITES = 1, /* changes the text: not for viewers */
	COMMAND_MOVES = 2,  /* a motion: with Shift it selects */
	COMMAND_ALWAYS = 4, /* needs no document */
};

struct command {
	const char *name;
	const char *keys;
	const char *help; /* a line of the help screen */
	const char *hint; /* a word for the line of hints; NULL: not there */
	unsigned flags;
	void (*run)(struct editor *ed, uint64_t now_ms);
};

extern const struct command command_table[]; /* ended by a NULL name */

const struct command *command_named(const char *name, size_t bytes); /* NULL: there is none */

#endif
