#include "tui/plain.h"

#include <stdbool.h>

#include <utf8proc.h>

#include "ot/mem.h"
#include "ot/utf8.h"
#include "tui/width.h"

#define BLOCK        256
#define SIDE_BY_SIDE 32    /* bytes */
#define BLOCKS       0x300 /* up to the last of the ideographs */

/* Between two of these there is always a boundary (UAX #29: GB999, and Hangul syllables with all their parts; pictures join by U+200D only). */
static bool stands_alone(uint32_t c)
{
	int class = utf8proc_get_property((utf8proc_int32_t)c)->boundclass;

	return class == UTF8PROC_BOUNDCLASS_OTHER || class == UTF8PROC_BOUNDCLASS_LV ||
	       class == UTF8PROC_BOUNDCLASS_LVT ||
	       class == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static uint8_t cells_of(uint32_t c)
{
	char letter[4];
	const char *at = letter;
	size_t bytes;
	struct cluster cluster;

	if ((c >= 0xd800 && c < 0xe000) || !stands_alone(c))
		return 0;
	bytes = utf8_encode(c, letter);
	width_next_in(&at, &bytes, &cluster);
	return cluster.odd ? 0 : (uint8_t)cluster.cells;
}

static uint8_t *block_make(uint32_t first)
{
	uint8_t *block = mem_alloc(BLOCK);

	for (uint32_t i = 0; i < BLOCK; i++)
		block[i] = cells_of(first + i);
	return block;
}

int plain_cells(uint32_t c)
{
	static uint8_t *blocks[BLOCKS];
	uint32_t number = c / BLOCK;

	if (number >= BLOCKS)
		return 0;
	if (!blocks[number])
		blocks[number] = block_make(number * BLOCK);
	return blocks[number][c % BLOCK];
}

static bool is_ascii(char c)
{
	return c >= ' ' && c <= '~';
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Of `most` bytes, those before the first that is no sign of ASCII: many at a time, so that a compiler can look at them side by side. */
static size_t ascii_ahead(const char *at, size_t most)
{
	size_t n = 0;

	for (bool all = true; most - n >= SIDE_BY_SIDE;) {
		for (size_t i = 0; i < SIDE_BY_SIDE; i++)
			all &= is_ascii(at[n + i]);
		if (!all)
			break;
		n += SIDE_BY_SIDE;
	}
	while (n < most && is_ascii(at[n]))
		n++;
	return n;
}

/* The last one counts when there is a plain one behind it. */
struct plain plain_ahead(const struct text_iter *it, size_t points, size_t cells)
{
	struct plain sum = {0}, last = {0};
	const char *at;
	size_t bytes = text_iter_rest(it, &at), width;

	while (sum.bytes < bytes) {
		size_t most = min_size(points - sum.points, cells - sum.cells);
		size_t n = ascii_ahead(at + sum.bytes, min_size(most, bytes - sum.bytes));
		if (n) {
			sum = (struct plain){sum.points + n, sum.cells + n, sum.bytes + n};
			last = (struct plain){sum.points - 1, sum.cells - 1, sum.bytes - 1};
			continue;
		}
		uint32_t c = utf8_decode(at + sum.bytes, &width);
		size_t own = (size_t)plain_cells(c);
		if (!own)
			return last;
		if (sum.points == points || sum.cells + own > cells)
			return sum;
		last = sum;
		sum = (struct plain){sum.points + 1, sum.cells + own, sum.bytes + width};
	}
	return last;
}
