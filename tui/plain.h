/*
 * plain.h: letters that are clusters of their own and take one cell or two, wherever they stand beside each other.
 *
 * Most letters of most languages: a stretch of them is measured by adding up, without looking for where one cluster ends. Only what
 * follows the last may still join it (an accent). All others (marks, joiners, emoji, controls, tabs) are for width.h.
 *
 * Cost: a table of 256 letters is made when the first of them is met, and kept.
 */
#ifndef TUI_PLAIN_H
#define TUI_PLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "ot/text.h"

struct plain {
	size_t points, cells, bytes;
};

int plain_cells(uint32_t c); /* 0: it is none of them */

/*
 * The letters at the iterator that are plain and have nothing behind them that could join them: at most so many characters, and cells.
 * What is not to be seen from here (the iterator's run ends) is left out.
 */
struct plain plain_ahead(const struct text_iter *it, size_t points, size_t cells);

#endif
