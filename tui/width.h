/*
 * width.h: what one user-perceived character is, how it is drawn, and how many cells that takes.
 *
 *	struct text_iter it = text_iter(text, line_start);
 *	for (struct cluster c; width_next(&it, col, &c) && c.first != '\n'; col += c.cells) ...
 *
 * A cluster is an extended grapheme cluster (UAX #29, Unicode 15): "e" with its accents, a flag, a family joined by U+200D.
 * It moves, is selected and is deleted as one. Terminals do not agree on how wide the longer ones are, so they are drawn by parts
 * that all agree on: each character as wide as wcwidth() says, joined ones side by side, variation selectors, skin tones and joiners
 * left out. What cannot be seen (controls, bidi marks, invisible and unassigned characters, a mark without its letter) is
 * drawn as its number, "<07>" or "<U+202E>", and flagged odd.
 *
 * Units:   cells are columns of the terminal; points are code points of the text.
 * Limits:  a cluster ends after WIDTH_POINTS code points; of its marks WIDTH_MARKS a letter are drawn.
 * Needs:   a UTF-8 locale (setlocale), for wcwidth().
 */
#ifndef TUI_WIDTH_H
#define TUI_WIDTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/text.h"

#define WIDTH_TAB    8   /* columns between tab stops, when nothing is said */
#define WIDTH_TAB_MAX 16
#define WIDTH_POINTS 128 /* of one cluster */
#define WIDTH_MARKS  4   /* drawn on one letter: what a cell of curses holds */
#define WIDTH_DRAW   64  /* bytes drawn for one cluster */

struct cluster {
	uint32_t first; /* its first character */
	size_t points;
	int cells;
	bool odd;     /* drawn as a number */
	size_t bytes; /* of draw */
	char draw[WIDTH_DRAW];
};

/* Columns between tab stops are the process's: it has one screen. After a change what was measured is measured anew (ruler_forget). */
size_t width_tab(void);
void width_use_tab(size_t cells); /* 1 to WIDTH_TAB_MAX */

/* The cluster at the iterator, which moves behind it; col is where it is drawn, for tabs. false at the end of the text. */
bool width_next(struct text_iter *it, size_t col, struct cluster *out);

/* The same for a string, which moves forward; line ends and tabs in it are odd. false at its end. */
bool width_next_in(const char **at, size_t *bytes, struct cluster *out);

/* Cells of a whole string, drawn with width_next_in(). */
size_t width_string(const char *at);

/* Bytes of the words at its start that fit into so many cells, blanks between them and none behind; of one longer word its start. */
size_t width_words(const char *at, int cells);

#endif
