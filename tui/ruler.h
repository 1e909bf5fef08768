/*
 * ruler.h: columns of positions in a line, cheap in long lines too.
 *
 *	col = ruler_col(ruler, text, line_start, pos);
 *	pos = ruler_pos(ruler, text, line_start, col, &col);
 *
 * A column depends on everything before it in the line (tabs, wide characters), so finding one means walking. The ruler keeps a mark
 * each RULER_STEP characters of the long lines it has walked, and walks from the nearest; an edit forgets the marks behind it.
 * Lines shorter than a step cost no memory.
 *
 * Units:   columns are cells from the line's start.
 * Memory:  at most RULER_LINES lines are kept; the one not used for longest goes first.
 */
#ifndef TUI_RULER_H
#define TUI_RULER_H

#include <stddef.h>

#include "ot/op.h"
#include "ot/text.h"

#define RULER_STEP  1024
#define RULER_LINES 128

struct ruler;

struct ruler *ruler_create(void);
void ruler_destroy(struct ruler *ruler);
void ruler_shift(struct ruler *ruler, const struct op *op); /* after the text was changed by op */
void ruler_forget(struct ruler *ruler);                     /* another text */

/* Column of pos, which is in the line that begins at start. */
size_t ruler_col(struct ruler *ruler, const struct text *t, size_t start, size_t pos);
/* The last cluster boundary at or left of col, at most the line's end; *at (may be NULL) is its column. */
size_t ruler_pos(struct ruler *ruler, const struct text *t, size_t start, size_t col, size_t *at);

#endif
