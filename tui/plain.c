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

	for (; most - n >= SIDE_BY_SIDE; n += SIDE_BY_SIDE) {
		unsigned char others = 0;
		for (size_t i = 0; i < SIDE_BY_SIDE; i++)
			others |= (unsigned char)((unsigned char)(at[n + i] - ' ') > '~' - ' ');
		if (others)
			break;
	}
	while (n < most && is_ascii(at[n]))
		n++;
	return n;
}

/* A stretch that is passed: all of it, the newest letter, and how far it may go. */
struct stretch {
	size_t points, cells, bytes;
	size_t own, width;
	size_t points_most, cells_most;
};

enum pass { PASS_ON, PASS_FULL, PASS_OTHER };

static inline enum pass pass_ascii(struct stretch *s, const char *at, size_t rest)
{
	size_t room = min_size(s->points_most - s->points, s->cells_most - s->cells);
	size_t run = ascii_ahead(at, min_size(room, rest));

	if (!run)
		return PASS_FULL;
	s->own = s->width = 1;
	s->points += run;
	s->cells += run;
	s->bytes += run;
	return PASS_ON;
}

static inline enum pass pass_letter(struct stretch *s, const char *at)
{
	size_t width, own = (size_t)plain_cells(utf8_decode(at, &width));

	if (!own)
		return PASS_OTHER;
	if (s->points == s->points_most || own > s->cells_most - s->cells)
		return PASS_FULL;
	s->own = own;
	s->width = width;
	s->points++;
	s->cells += own;
	s->bytes += width;
	return PASS_ON;
}

/* The newest letter counts when what is behind it is plain, or a control of ASCII: those never join. */
struct plain plain_ahead(const struct text_iter *it, size_t points, size_t cells)
{
	struct stretch s = {.points_most = points, .cells_most = cells};
	enum pass pass = PASS_ON;
	const char *at;
	size_t rest = text_iter_rest(it, &at);

	while (pass == PASS_ON && s.bytes < rest)
		pass = is_ascii(at[s.bytes]) ? pass_ascii(&s, at + s.bytes, rest - s.bytes)
					     : pass_letter(&s, at + s.bytes);
	if (pass == PASS_FULL || (pass == PASS_OTHER && (unsigned char)at[s.bytes] < 0x80))
		return (struct plain){s.points, s.cells, s.bytes};
	return (struct plain){s.points ? s.points - 1 : 0, s.cells - s.own, s.bytes - s.width};
}
