/*
 * edges.h: who is above and below what shows: "↑ Ada 120" at the right of the first row, "↓ Ben 640" at that of the last.
 *
 * The nearest come first; how many more there are is told as a number. Where the row's text leaves no room there is only the number
 * of people, and nothing at all over one's own caret.
 *
 *	edges_draw(&edges, term, &people)
 */
#ifndef TUI_EDGES_H
#define TUI_EDGES_H

#include <stddef.h>

#include "ot/text.h"
#include "tui/people.h"
#include "tui/screen.h"
#include "tui/term.h"

#define EDGES_NAMED 2 /* of a side, with their lines */

struct edges {
	const struct text *text;
	struct rect area;  /* of the text, without line numbers */
	size_t top, below; /* the first position that shows, and the first one under what shows */
	int cursor_row, cursor_col; /* one's own, of the screen; -1: not on it */
	int used[2];       /* cells that text takes of the first row, and of the last */
};

void edges_draw(const struct edges *edges, struct term *term, const struct people *people);

#endif
