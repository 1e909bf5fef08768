/*
 * cells.h: the screen cell by cell: what it is to show, beside what it was last told to.
 *
 *	cells_begin(&cells);				-- wanted: all blank
 *	cells_put(&cells, 0, 4, "é", 2, 1, style);
 *	for (int row = 0; row < cells.rows; row++)
 *		if (cells_changed(&cells, row, &first, &last)) ...
 *	cells_keep(&cells);				-- wanted is shown now
 *
 * So what did not change costs a comparison, and not a way through curses; and of a whole row that is given as it was taken
 * from an earlier frame, and shows, not even that: nobody looks at its cells.
 *
 *	stamp = cells_take(&cells, row, 0, out, cols);	-- as it is wanted now
 *	cells_give(&cells, row, 0, out, cols, stamp);	-- in another frame
 *
 * Units:  rows and columns from 0.
 * Shape:  the right half of a wide letter is a cell without a character, in the letter's style.
 * Memory: owned by the struct; {0} is good, cells_fini() gives it back.
 */
#ifndef TUI_CELLS_H
#define TUI_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#include "tui/term.h"

#define CELL_CHARS 5 /* a letter and its marks, as curses keeps them */

struct cell {
	wchar_t chars[CELL_CHARS]; /* up to the first 0 */
	struct term_style style;
};

struct cells_row {
	struct cell *at;
	enum { CELLS_BLANK, CELLS_PUT, CELLS_KEPT } is; /* of wanted: what was put, if anything; or what is shown, and `at` is not */
	uint64_t stamp; /* of the take that it is as; 0: none */
};

struct cells {
	int rows, cols;
	struct cells_row *wanted, *shown;
	uint64_t stamps; /* given so far */
};

void cells_fini(struct cells *cells);
void cells_resize(struct cells *cells, int rows, int cols); /* nothing is wanted; what is shown is unknown */
void cells_begin(struct cells *cells);

/* A cluster of so many columns, as term_put() does; what falls outside is cut. */
void cells_put(struct cells *cells, int row, int col, const char *cluster, size_t bytes, int width,
	struct term_style style);

/* What is wanted, and the same wanted again. take gives a stamp; 0, and nothing: they are not all on the screen. */
uint64_t cells_take(struct cells *cells, int row, int col, struct cell *out, int count);
bool cells_give(struct cells *cells, int row, int col, const struct cell *at, int count, uint64_t stamp);

const struct cell *cells_at(const struct cells *cells, int row, int col); /* wanted, of a row that is to change */
/* Whether a row is to change, and from which column to which; never from the middle of a letter. */
bool cells_changed(struct cells *cells, int row, int *first, int *last);
/*
 * How many columns were inserted at this place, if that is all that became of what is behind it in its row, and nothing was lost
 * at the edge; 0 if not, or if there is so little behind it that it may as well be drawn anew.
 */
int cells_inserted(const struct cells *cells, int row, int col);
/* The screen did insert so many blanks there: what is shown now. */
void cells_shift(struct cells *cells, int row, int col, int count);
void cells_keep(struct cells *cells);

#endif
