/*
 * palette.h: everything that can be done, by name: a prompt, and above it what the letters typed so far mean.
 *
 *	palette_open(ed)			the prompt is PROMPT_PALETTE then
 *	palette_typed(ed)			its text changed
 *	palette_move(ed, 1)			Down
 *	palette_enter(ed, now)			does what is chosen
 *
 * There is a line for each command, with its keys, and one for each value of each setting. What was used last comes first. When something was
 * typed there is also one for each of the newest own edits, to undo down to it (backtrack.h), for each file (files.h), and two for each person. Files have a
 * list of their own, too, in which the one that was left last comes first, and the one that is shown last.
 */
#ifndef TUI_PALETTE_H
#define TUI_PALETTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/command.h"
#include "tui/key.h"
#include "tui/settings.h"
#include "tui/term.h"

#define PALETTE_ROWS   12 /* shown at a time */
#define PALETTE_RECENT 16

struct palette_item {
	const struct command *command; /* or: */
	const struct setting *setting;
	int value;
	size_t steps; /* or, not 0: to undo so many */
	const char *file; /* or: to go there; of ed->files, or "": what is typed */
	uint64_t user;    /* or, not 0: to go to this person */
	bool follow;      /* and to stay with them */
	int score;
};

struct palette {
	struct palette_item *at; /* what the letters mean, best first */
	size_t count, cap;
	size_t chosen, top;
	struct palette_item recent[PALETTE_RECENT]; /* the newest first */
	size_t recents;
};

void palette_fini(struct palette *palette);
void palette_open(struct editor *ed);
bool palette_is_on(const struct editor *ed); /* of all that can be done, or of the files alone (PROMPT_OPEN) */
void palette_typed(struct editor *ed);
void palette_move(struct editor *ed, ptrdiff_t lines);
/* The wheel moves the choice; a click chooses: true, and then palette_enter() does it. */
bool palette_mouse(struct editor *ed, const struct key *key);
void palette_enter(struct editor *ed, uint64_t now_ms);
void palette_draw(struct editor *ed, struct term *term);

#endif
