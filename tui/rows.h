/*
 * rows.h: the rows of text that were drawn last, with their cells, so that a row that looks the same is not made anew.
 *
 *	rows_shift(&rows, &op);				-- the text changed
 *	rows_begin(&rows, count, cols);			-- a drawing, from the top down
 *	struct rows_row *row = rows_kept(&rows, start);	-- its line's text is as it was; NULL: it is not
 *	row = rows_add(&rows, row);			-- shown again, or (NULL) to be filled
 *
 * What a row looks like depends on more than its text: `sign` stands for all the rest, and who draws compares it.
 *
 * Memory:  cells of about two screens; {0} is good, rows_fini() gives it back.
 */
#ifndef TUI_ROWS_H
#define TUI_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/op.h"
#include "tui/cells.h"
#include "tui/wrap.h"

struct rows_row {
	struct wrap_row at; /* of a kept one the line's number may have changed */
	uint64_t sign, stamp; /* the cells are those of sign, taken with this stamp; 0: nothing is known */
	bool leads; /* behind is known */
	uint16_t behind; /* what the lexer knows where the next line begins (syntax_memory.h) */
	int used;        /* cells of the window that its text takes */
	struct cell *cells;
};

struct rows {
	struct rows_row *now, *before; /* from the top down */
	size_t count, before_count, next, most;
	int cols;
};

void rows_fini(struct rows *rows);
void rows_forget(struct rows *rows); /* anything may look different */
void rows_shift(struct rows *rows, const struct op *op);

void rows_begin(struct rows *rows, size_t most, int cols);
/* Borrows until it is added; starts must rise. */
struct rows_row *rows_kept(struct rows *rows, size_t start);
/* The row below those added, as `kept` was or blank. NULL when there are `most` already. */
struct rows_row *rows_add(struct rows *rows, struct rows_row *kept);

#endif
