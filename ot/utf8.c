#include "ot/utf8.h"

#include "ot/utf8_part.h"

/* At most STEPS_MAX whole steps; returns the bytes counted. */
static size_t count_steps(const char *at, size_t len, struct utf8_count *sum)
{
	step_bytes points = {0}, lines = {0};
	size_t steps = len / STEP < STEPS_MAX ? len / STEP : STEPS_MAX;

	for (size_t i = 0; i < steps; i++) {
		step_bytes v = step_load(at + i * STEP);
		points -= v > LAST_REST;
		lines -= v == '\n';
	}
	sum->points += step_sum(points);
	sum->lines += step_sum(lines);
	return steps * STEP;
}

static void add_word(struct utf8_count *sum, uint64_t word)
{
	sum->points += word_points(word);
	sum->lines += word_lines(word);
}

struct utf8_count utf8_count(const char *at, size_t len)
{
	struct utf8_count sum = {0};

	while (len >= STEP) {
		size_t counted = count_steps(at, len, &sum);
		at += counted;
		len -= counted;
	}
	if (len >= WORD) {
		add_word(&sum, word_load(at));
		at += WORD;
		len -= WORD;
	}
	add_word(&sum, word_few(at, len));
	sum.points -= WORD - len; /* a zero begins something, too */
	return sum;
}

#define BLOCK      (4 * STEP)
#define BLOCKS_MAX (STEPS_MAX / 4)

/* Characters that begin in so many blocks. */
static size_t begin_in_blocks(const char *at, size_t blocks)
{
	step_bytes sum = {0};

	for (; blocks; blocks--, at += BLOCK) {
		step_bytes a = step_load(at) > LAST_REST, b = step_load(at + STEP) > LAST_REST;
		step_bytes c = step_load(at + 2 * STEP) > LAST_REST,
			   d = step_load(at + 3 * STEP) > LAST_REST;
		sum -= a + b + c + d;
	}
	return step_sum(sum);
}

/* So many characters fill so many blocks at least, of those that are there: they may be skipped without looking for the end. */
static size_t sure_blocks(size_t points, size_t len)
{
	size_t blocks = (points < len ? points : len) / BLOCK;

	return blocks < BLOCKS_MAX ? blocks : BLOCKS_MAX;
}

size_t utf8_offset(const char *at, size_t len, size_t points)
{
	size_t done = 0;

	if (!points)
		return 0;
	for (size_t n; (n = sure_blocks(points, len - done)); done += n * BLOCK)
		points -= begin_in_blocks(at + done, n);
	for (; len - done >= WORD; done += WORD) {
		uint64_t word = word_load(at + done);
		size_t count = word_points(word);
		if (count > points)
			return done + word_select(word, points);
		points -= count;
	}
	return done + word_select(word_few(at + done, len - done), points);
}

/* The byte at which the last `back` characters begin. */
static size_t offset_back(const char *at, size_t len, size_t back)
{
	/* The last character must be met as a whole: the bytes before it may end inside of one. */
	for (size_t n; back && (n = sure_blocks(back - 1, len)); len -= n * BLOCK)
		back -= begin_in_blocks(at + len - n * BLOCK, n);
	for (; len >= WORD; len -= WORD) {
		uint64_t word = word_load(at + len - WORD);
		size_t count = word_points(word);
		if (count >= back)
			return len - WORD + word_select(word, count - back);
		back -= count;
	}
	uint64_t word = word_few(at, len);
	return word_select(word, word_points(word) - (WORD - len) - back);
}

size_t utf8_offset_near(const char *at, size_t len, size_t all, size_t points)
{
	return all - points < points ? offset_back(at, len, all - points)
				     : utf8_offset(at, len, points);
}

size_t utf8_width(char first)
{
	unsigned char c = (unsigned char)first;

	return 1 + (size_t)(c >= 0xc0) + (size_t)(c >= 0xe0) + (size_t)(c >= 0xf0);
}

uint32_t utf8_decode(const char *at, size_t *width)
{
	static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t point;

	*width = utf8_width(at[0]);
	point = (unsigned char)at[0] & first_bits[*width];
	for (size_t i = 1; i < *width; i++)
		point = point << 6 | ((unsigned char)at[i] & 0x3f);
	return point;
}

size_t utf8_encode(uint32_t point, char out[4])
{
	static const unsigned char first_mark[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t width =
		1 + (size_t)(point >= 0x80) + (size_t)(point >= 0x800) + (size_t)(point >= 0x10000);

	for (size_t i = width - 1; i; i--, point >>= 6)
		out[i] = (char)(0x80 | (point & 0x3f));
	out[0] = (char)(first_mark[width] | point);
	return width;
}
