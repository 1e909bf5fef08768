/*
 * help.h: the help screen: everything there is to do, by what it is about.
 *
 * Its rows are commands, with the keys that they have now, and what is done by other means: within a question, in the panel, in the
 * chat, in a file of settings. What has no key is shown as it is asked for by name. Words typed while it is open leave the rows that
 * hold each of them, in the keys, the words, the command's name or the heading.
 *
 * On a narrow screen the words stand below their keys.
 *
 * Limits: HELP_TYPED bytes are looked for.
 */
#ifndef TUI_HELP_H
#define TUI_HELP_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/editor.h"
#include "tui/key.h"
#include "tui/screen.h"
#include "tui/term.h"

#define HELP_TYPED  64
#define HELP_COLUMN 29 /* of the words, where there is room for two columns */
#define HELP_WIDE   60 /* columns from which there is */

struct help { /* zeros: nothing is looked for */
	char typed[HELP_TYPED];
	size_t bytes;
};

/* A heading has no words; a command's are its own; of all else keys may be empty. */
struct help_row {
	const char *heading, *command, *keys, *words;
};

extern const struct help_row help_rows[]; /* ended by zeros */

void help_open(struct editor *ed);
bool help_key(struct editor *ed, const struct key *key); /* false: it is not for looking something up */
/* Draws the lines from overlay_top on, below what is looked for, and gives how many there are, that line included. */
int help_draw(struct editor *ed, struct term *term, struct rect area);

#endif
