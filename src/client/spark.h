/*
 * spark.h: numbers as small bars: "▁▂▅█", or, where that cannot be shown, ".:-=+*#".
 *
 *	spark_line(values, 60, 20, most, true, &out)	-- 20 cells, each the sum of three values
 *	spark_row(values, 60, most, 4, 0, true, &out)	-- the topmost of four rows of bars
 */
#ifndef CLIENT_SPARK_H
#define CLIENT_SPARK_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/buf.h"

/* How many cells, at most so many, share `count` values evenly; 0: too few for a line. */
size_t spark_cells(size_t count, int cells);
/* Appends `cells` characters and a NUL that does not count; the highest bar is the largest of them. */
void spark_line(const unsigned *values, size_t count, size_t cells, bool utf8, struct buf *out);
/* One of `rows` rows (0: the topmost) of bars, one of `count` values each, of which the highest is `most`. */
void spark_row(const unsigned *values, size_t count, unsigned most, int rows, int row, bool utf8, struct buf *out);

#endif
