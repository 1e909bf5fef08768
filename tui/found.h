/*
 * found.h: what a search found in the lines that are being drawn.
 *
 *	found_begin(&found, search)		-- NULL: nothing is found
 *	found_line(&found, text, from, to);
 *	if (found_at(&found, pos, points)) ...		-- pos rises
 *
 * Lines come from the top down: a match that runs into the next line is still known there.
 */
#ifndef TUI_FOUND_H
#define TUI_FOUND_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/search.h"

#define FOUND_LINE 512  /* matches marked in one line */
#define FOUND_BACK 4096 /* characters left of the screen in which a match may begin */

struct found {
	struct search *search;
	/* private */
	struct sel at[FOUND_LINE];
	size_t count, next;
};

void found_begin(struct found *found, struct search *search);
/* The line begins at start; from and to are what shows of it. */
void found_line(struct found *found, const struct text *t, size_t start, size_t from, size_t to);
bool found_at(struct found *found, size_t pos, size_t points);

#endif
