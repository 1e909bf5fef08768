/*
 * ruler.h: columns of positions in a line, cheap in long lines too.
 *
 *	col = ruler_col(ruler, text, line_start, pos);
 *	pos = ruler_pos(ruler, text, line_start, col, &col);
 *
 * A column depends on everything before it in the line (tabs, wide characters), so finding one means walking. Of long lines that were
 * walked the ruler keeps pieces (pieces.h) of about RULER_STEP characters: how wide each is, wherever it begins. So an edit makes anew
 * only the piece it is in, and those behind it stay right; ruler_idle() walks ahead while nothing else is to be done. Lines shorter
 * than a step cost no memory.
 *
 * Units:   columns are cells from the line's start.
 * Cost:    a walk over at most a piece or two, and over what is not known of the line; with edits, a look at each known piece once.
 * Limits:  an op of more than RULER_CHANGES places makes a line unknown from the first of them on.
 * Memory:  forty bytes a piece; at most RULER_LINES lines are kept, and the one not used for longest goes first.
 */
#ifndef TUI_RULER_H
#define TUI_RULER_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/op.h"
#include "ot/text.h"

#define RULER_STEP    1024
#define RULER_LINES   128
#define RULER_CHANGES 64
#define RULER_SLICE   ((size_t)32 * 1024) /* characters for one ruler_idle(): a millisecond or two */

struct ruler;

struct ruler *ruler_create(void);
void ruler_destroy(struct ruler *ruler);
void ruler_shift(struct ruler *ruler, const struct op *op); /* after the text was changed by op */
void ruler_forget(struct ruler *ruler);                     /* another text */

/* Column of pos, which is in the line that begins at start. */
size_t ruler_col(struct ruler *ruler, const struct text *t, size_t start, size_t pos);
/* The last cluster boundary at or left of col, at most the line's end; *at (may be NULL) is its column. */
size_t ruler_pos(struct ruler *ruler, const struct text *t, size_t start, size_t col, size_t *at);

/* Walks on in the line from start to end, for `budget` characters about. true: there is more of it. */
bool ruler_idle(struct ruler *ruler, const struct text *t, size_t start, size_t end, size_t budget);

/* How many characters were looked at one by one, or side by side, so far: for tests. */
size_t ruler_walked(const struct ruler *ruler);

#endif
