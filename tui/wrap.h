/*
 * wrap.h: the rows that a line takes in a window: one, or as many as it needs to show all of it.
 *
 *	struct wrap_row row = wrap_row_at(text, pos, cols);
 *	do ... while (wrap_next(text, &row, cols));
 *
 * A row ends behind a blank where it can, else between two clusters (width.h). Its last column is kept free: for the blank it ends
 * at, and for a caret behind the line's last character. Tab stops count from the row's start.
 *
 * Where a row begins depends on all the rows before it in its line. So that this never means walking through a long line, a row is
 * also ended each WRAP_PART characters of a line, at a blank near by if there is one: a part is broken into rows by itself, and
 * no question looks at more than one part and the edge of the next. Nothing is remembered, so edits need not be told.
 *
 * Units:   positions are code points of the text; cols and columns are cells, columns from the row's start.
 * Cost:    at most WRAP_PART characters a call; with WRAP_NEVER O(log n).
 */
#ifndef TUI_WRAP_H
#define TUI_WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/text.h"

#define WRAP_NEVER SIZE_MAX /* as cols: a line is one row, however long */
#define WRAP_PART  4096
#define WRAP_NEAR  64 /* characters before a part's end in which a blank is looked for */

struct wrap_row {
	size_t line;       /* from 0 */
	size_t start, end; /* what the row shows, without the line's end */
	size_t from, to;   /* its line; the row is the line's first if start == from, its last if end == to */
	size_t part;       /* where the row's part of the line ends */
};

/* The row that shows pos. Where a row ends and the next one of its line begins, it is the next. */
struct wrap_row wrap_row_at(const struct text *t, size_t pos, size_t cols);
/* To the next row. false: there is none, and row is as it was. */
bool wrap_next(const struct text *t, struct wrap_row *row, size_t cols);
/* `count` rows back, or to the text's first. */
void wrap_back(const struct text *t, struct wrap_row *row, size_t count, size_t cols);
/* How many rows `to` is below `from`: at most `most` are looked at, and if it is not among them the answer is most. */
size_t wrap_distance(const struct text *t, struct wrap_row from, struct wrap_row to, size_t most, size_t cols);

/* For rows of a window, not for WRAP_NEVER: the column of pos, and the last cluster of the row that begins at or left of col. */
size_t wrap_col(const struct text *t, const struct wrap_row *row, size_t pos);
size_t wrap_pos(const struct text *t, const struct wrap_row *row, size_t col);

#endif
