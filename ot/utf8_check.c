#include "ot/utf8_part.h"

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
 * Table 3-7 as a machine that reads a byte at a time. A state is the place, in the row of the next byte, of the six bits that are the
 * state after it: so a step is one shift, and no branch depends on the text. (Hoehrmann's automaton, stepped as Vognsen does.)
 */
enum state {
	BAD = 0,
	WHOLE = 6, /* at the beginning of a character */
	LAST = 12, /* one more byte is to come, of any kind */
	LAST_2 = 18,
	LAST_3 = 24,
	AFTER_E0 = 30, /* and these restrict the next one */
	AFTER_ED = 36,
	AFTER_F0 = 42,
	AFTER_F4 = 48,
};

#define STATE_BITS 63

#define GO(from, to) ((uint64_t)(to) << (from))
#define ASCII        GO(WHOLE, WHOLE)
#define REST         (GO(LAST, WHOLE) | GO(LAST_2, LAST) | GO(LAST_3, LAST_2))
#define REST_80      (REST | GO(AFTER_ED, LAST) | GO(AFTER_F4, LAST_2))
#define REST_90      (REST | GO(AFTER_ED, LAST) | GO(AFTER_F0, LAST_2))
#define REST_A0      (REST | GO(AFTER_E0, LAST) | GO(AFTER_F0, LAST_2))
#define LEAD_2       GO(WHOLE, LAST)
#define LEAD_3       GO(WHOLE, LAST_2)
#define LEAD_4       GO(WHOLE, LAST_3)

#define TWO(row)     row, row
#define FOUR(row)    TWO(row), TWO(row)
#define EIGHT(row)   FOUR(row), FOUR(row)
#define SIXTEEN(row) EIGHT(row), EIGHT(row)

/* clang-format off */
static const uint64_t rows[256] = {
	BAD, ASCII, TWO(ASCII), FOUR(ASCII), EIGHT(ASCII),
	SIXTEEN(ASCII), SIXTEEN(ASCII), SIXTEEN(ASCII), SIXTEEN(ASCII), SIXTEEN(ASCII),
	SIXTEEN(ASCII), SIXTEEN(ASCII),
	SIXTEEN(REST_80), SIXTEEN(REST_90), SIXTEEN(REST_A0), SIXTEEN(REST_A0),
	TWO(BAD), TWO(LEAD_2), FOUR(LEAD_2), EIGHT(LEAD_2), SIXTEEN(LEAD_2),
	GO(WHOLE, AFTER_E0), EIGHT(LEAD_3), FOUR(LEAD_3), GO(WHOLE, AFTER_ED), TWO(LEAD_3),
	GO(WHOLE, AFTER_F0), TWO(LEAD_4), LEAD_4, GO(WHOLE, AFTER_F4),
};
/* clang-format on */

static uint64_t step(uint64_t state, char byte)
{
	return rows[(unsigned char)byte] >> (state & STATE_BITS);
}

static uint64_t run(uint64_t state, const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		state = step(state, at[i]);
	return state & STATE_BITS;
}

static inline uint64_t run_word(uint64_t state, uint64_t word)
{
	for (size_t i = 0; i < WORD; i++, word >>= 8)
		state = step(state, (char)word);
	return state & STATE_BITS;
}

static inline uint64_t check_word(uint64_t state, uint64_t word, struct utf8_count *count)
{
	count->points += word_points(word);
	count->lines += word_lines(word);
	return state == WHOLE && word_is_ascii(word) ? WHOLE : run_word(state, word);
}

/* The last bytes, fewer than a step. They are padded with what is ASCII, and so wrong behind half a character. */
static inline bool check_few(uint64_t state, const char *at, size_t len, struct utf8_count *count)
{
	if (len >= WORD) {
		state = check_word(state, word_load(at), count);
		at += WORD;
		len -= WORD;
	}
	count->points -= WORD - len;
	return check_word(state, word_few(at, len) | LOW_BITS << 8 * len, count) == WHOLE;
}

/* A step, and after it as many of them as are ASCII. Returns the bytes. */
static size_t check_steps(uint64_t *state, const char *at, size_t len, struct utf8_count *count)
{
	size_t done = 0;

	if (*state == WHOLE)
		done = ascii_steps(at, len, &count->lines);
	count->points += done;
	if (len - done < STEP)
		return done;
	struct utf8_count few = utf8_count(at + done, STEP);
	count->points += few.points;
	count->lines += few.lines;
	*state = run(*state, at + done, STEP);
	return done + STEP;
}

/* The bytes that are whole characters: what begins behind them is none. For what is known to be wrong from `sound` on. */
static size_t find_bad(const char *at, size_t len, size_t sound)
{
	uint64_t state = WHOLE;

	for (size_t i = sound; i < len && state; i++) {
		state = step(state, at[i]) & STATE_BITS;
		if (state == WHOLE)
			sound = i + 1;
	}
	return sound;
}

/* Of a step at least. *sound is so far back that a character begins there, and all before it is valid. */
static bool check_long(const char *at, size_t len, struct utf8_count *count, size_t *sound)
{
	uint64_t state = WHOLE;
	size_t done = 0;

	while (len - done >= STEP && state) {
		*sound = state == WHOLE ? done : *sound;
		done += check_steps(&state, at + done, len - done, count);
	}
	if (!state)
		return false;
	*sound = state == WHOLE ? done : *sound;
	return check_few(state, at + done, len - done, count);
}

static inline bool check(const char *at, size_t len, struct utf8_count *count, size_t *sound)
{
	*count = (struct utf8_count){0};
	*sound = 0;
	return len < STEP ? check_few(WHOLE, at, len, count) : check_long(at, len, count, sound);
}

bool utf8_check(const char *at, size_t len, size_t *bad)
{
	struct utf8_count count;
	size_t sound;
	bool valid = check(at, len, &count, &sound);

	if (bad)
		*bad = valid ? len : find_bad(at, len, sound);
	return valid;
}

bool utf8_check_count(const char *at, size_t len, struct utf8_count *count)
{
	size_t sound;

	return check(at, len, count, &sound);
}
