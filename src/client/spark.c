#include "src/client/spark.h"

#define LEVELS 8
#define LEAST  10 /* cells of a line */
#define MOST   60

static const char *const bars[LEVELS + 1] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const marks[LEVELS + 1] = {" ", ".", ":", "-", "=", "+", "*", "#", "@"};

size_t spark_cells(size_t count, int cells)
{
	size_t most = cells > MOST ? MOST : (size_t)(cells > 0 ? cells : 0);

	while (most >= LEAST && count % most)
		most--;
	return most < LEAST ? 0 : most;
}

static void end(struct buf *out)
{
	*buf_room(out, 1) = '\0';
}

/* What is more than nothing is seen: the lowest bar is for nothing. */
static size_t level(unsigned long value, unsigned long most)
{
	return value && most ? 2 + (value * (LEVELS - 2)) / most : 1;
}

void spark_line(const unsigned *values, size_t count, size_t cells, bool utf8, struct buf *out)
{
	unsigned long sums[MOST] = {0}, most = 0;

	for (size_t i = 0; i < cells; i++) {
		for (size_t k = 0; k < count / cells; k++)
			sums[i] += values[i * (count / cells) + k];
		most = sums[i] > most ? sums[i] : most;
	}
	for (size_t i = 0; i < cells; i++)
		buf_add_str(out, (utf8 ? bars : marks)[level(sums[i], most)]);
	end(out);
}

void spark_row(const unsigned *values, size_t count, unsigned most, int rows, int row, bool utf8,
	struct buf *out)
{
	unsigned long base = (unsigned long)(rows - 1 - row) * LEVELS;

	for (size_t i = 0; i < count; i++) {
		unsigned long height =
			most ? ((unsigned long)values[i] * (unsigned)rows * LEVELS + most - 1) /
					most
			     : 0;
		unsigned long here = height > base ? height - base : 0;
		if (!here && row == rows - 1)
			here = 1;
		buf_add_str(out, (utf8 ? bars : marks)[here > LEVELS ? LEVELS : here]);
	}
	end(out);
}
