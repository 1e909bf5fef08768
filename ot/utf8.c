#include "ot/utf8.h"

#include <string.h>

/* One step over text. A comparison gives 0 or -1 a byte, so subtracting it counts. gcc and clang know this on every CPU. */
#define STEP 16
typedef int8_t step_bytes __attribute__((vector_size(STEP)));

#define STEPS_MAX 255   /* what a byte can count */
#define LAST_REST (-65) /* 0xbf as a signed byte: all above it begin a character */

#define LOW_BITS  UINT64_C(0x0101010101010101)
#define PAIR_BITS UINT64_C(0x00ff00ff00ff00ff)
#define PAIR_ONES UINT64_C(0x0001000100010001)

static step_bytes step_load(const char *at)
{
	step_bytes v;

	memcpy(&v, at, STEP);
	return v;
}

/* All 16 counts, by halves: pairs into 16 bits each, and a multiplication adds the four. */
static size_t step_sum(step_bytes v)
{
	uint64_t half[2], pairs = 0;

	memcpy(half, &v, STEP);
	for (int i = 0; i < 2; i++)
		pairs += (half[i] & PAIR_BITS) + (half[i] >> 8 & PAIR_BITS);
	return (size_t)(pairs * PAIR_ONES >> 48);
}

static bool step_all(step_bytes v)
{
	uint64_t half[2];

	memcpy(half, &v, STEP);
	return (half[0] & half[1]) == UINT64_MAX;
}

/* Leading bytes of 1 … 0x7f in whole steps: four at once, since to test the result costs more than to compare. */
static size_t ascii_steps(const char *at, size_t len, size_t *newlines)
{
	step_bytes lines = {0};
	size_t done = 0, most = len < STEPS_MAX * STEP ? len : STEPS_MAX * STEP;

	for (; most - done >= 4 * STEP; done += 4 * STEP) {
		step_bytes a = step_load(at + done), b = step_load(at + done + STEP);
		step_bytes c = step_load(at + done + 2 * STEP), d = step_load(at + done + 3 * STEP);
		if (!step_all((a > 0) & (b > 0) & (c > 0) & (d > 0)))
			break;
		lines -= (a == '\n') + (b == '\n') + (c == '\n') + (d == '\n');
	}
	for (; most - done >= STEP && step_all(step_load(at + done) > 0); done += STEP)
		lines -= step_load(at + done) == '\n';
	*newlines += step_sum(lines);
	return done;
}

/*
 * Table 3-7 by the width of a character, whose bytes are read as one number, the first the highest: so its order is that of the
 * code points, and what is too short, too long or above U+10FFFF is out of one range; the marks of the later bytes are tested at
 * once. No number is that of a byte that begins nothing.
 */
static const struct {
	uint32_t mask, marks, low, span;
} rows[] = {
	{0},
	{0, 1, 0, 0},
	{0xe0c0, 0xc080, 0xc280, 0xdfbf - 0xc280},
	{0xf0c0c0, 0xe08080, 0xe0a080, 0xefbfbf - 0xe0a080},
	{0xf8c0c0c0, 0xf0808080, 0xf0908080, 0xf48fbfbf - 0xf0908080},
};

#define SURROGATES     0xeda080
#define SURROGATE_SPAN (0xedbfbf - SURROGATES)

/* The bytes of a character, of which there are `left`, as one number. */
static uint32_t read_number(const char *at, size_t width, size_t left)
{
	unsigned char four[4];
	uint32_t number = 0;

	if (left >= sizeof(four)) {
		memcpy(four, at, sizeof(four));
		number = (uint32_t)four[0] << 24 | (uint32_t)four[1] << 16 |
			 (uint32_t)four[2] << 8 | four[3];
		return number >> (32 - 8 * width);
	}
	for (size_t i = 0; i < width; i++)
		number = number << 8 | (unsigned char)at[i];
	return number;
}

/* Width of the character here, which is not ASCII; 0 if it is not valid. Without a branch that its kind decides. */
static size_t valid_width(const char *at, size_t left)
{
	size_t width = utf8_width(*at);

	if (left < width)
		return 0;
	uint32_t number = read_number(at, width, left);
	bool valid = ((number & rows[width].mask) == rows[width].marks) &
		     (number - rows[width].low <= rows[width].span) &
		     (number - SURROGATES > SURROGATE_SPAN);
	return valid ? width : 0;
}

/* Bytes of 1 … 0x7f one by one: most insertions are shorter than a step. */
static size_t ascii_bytes(const char *at, size_t done, size_t stop, struct utf8_count *count)
{
	size_t from = done;

	for (; done < stop && (unsigned char)(at[done] - 1) < 0x7f; done++)
		count->lines += at[done] == '\n';
	count->points += done - from;
	return done;
}

/* Characters one by one, until `stop` is reached or passed. Returns where it came to: less, if one is not valid. */
static size_t check_slowly(
	const char *at, size_t len, size_t done, size_t stop, struct utf8_count *count)
{
	while ((done = ascii_bytes(at, done, stop, count)) < stop) {
		size_t width = valid_width(at + done, len - done);
		if (!width)
			break;
		count->points++;
		done += width;
	}
	return done;
}

/* The valid bytes from the start, and what they hold. */
static size_t check(const char *at, size_t len, struct utf8_count *count)
{
	size_t done = 0;

	while (done < len) {
		if (len - done >= STEP) {
			size_t ascii = ascii_steps(at + done, len - done, &count->lines);
			count->points += ascii;
			done += ascii;
		}
		size_t stop = len - done < STEP ? len : done + STEP;
		done = check_slowly(at, len, done, stop, count);
		if (done < stop)
			break;
	}
	return done;
}

bool utf8_check(const char *at, size_t len, size_t *bad)
{
	struct utf8_count count = {0};
	size_t done = check(at, len, &count);

	if (bad)
		*bad = done;
	return done == len;
}

bool utf8_check_count(const char *at, size_t len, struct utf8_count *count)
{
	*count = (struct utf8_count){0};
	if (len - 2 <= 2 && valid_width(at, len) == len) {
		count->points = 1;
		return true;
	}
	return check(at, len, count) == len;
}

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

struct utf8_count utf8_count(const char *at, size_t len)
{
	struct utf8_count sum = {0};

	while (len >= STEP) {
		size_t counted = count_steps(at, len, &sum);
		at += counted;
		len -= counted;
	}
	for (size_t i = 0; i < len; i++) {
		sum.points += !utf8_is_rest(at[i]);
		sum.lines += at[i] == '\n';
	}
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

/* Characters that begin in eight bytes: those whose two high bits are not 10. */
static size_t begin_in_word(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return (size_t)(((~word >> 7 | word >> 6) & LOW_BITS) * LOW_BITS >> 56);
}

size_t utf8_offset(const char *at, size_t len, size_t points)
{
	size_t done = 0;

	for (size_t n; (n = sure_blocks(points, len - done)); done += n * BLOCK)
		points -= begin_in_blocks(at + done, n);
	for (size_t count; len - done >= 8; done += 8, points -= count) {
		count = begin_in_word(at + done);
		if (count > points)
			break;
	}
	/* The last bytes skipped may have ended inside of a character that was counted. */
	while (done < len && utf8_is_rest(at[done]))
		done++;
	for (; points; points--)
		done += utf8_width(at[done]);
	return done;
}

/* The byte at which the last `back` characters begin. */
static size_t offset_back(const char *at, size_t len, size_t back)
{
	/* The last character must be met as a whole: the bytes before it may end inside of one. */
	for (size_t n; back && (n = sure_blocks(back - 1, len)); len -= n * BLOCK)
		back -= begin_in_blocks(at + len - n * BLOCK, n);
	for (size_t count; len >= 8; len -= 8, back -= count) {
		count = begin_in_word(at + len - 8);
		if (count >= back)
			break;
	}
	while (back)
		back -= !utf8_is_rest(at[--len]);
	return len;
}

size_t utf8_offset_known(const char *at, size_t len, size_t all, size_t points)
{
	if (len == all)
		return points;
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
