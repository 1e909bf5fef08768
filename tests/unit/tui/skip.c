/*
 * Over the leaves to where some words are: against looking through the whole text as one string.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/buf.h"
#include "ot/utf8.h"
#include "tui/skip.h"

#define TEXTS 400
#define BYTES 9000 /* several leaves */

static uint64_t seed;

static size_t roll(size_t of)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % of;
}

static void add(struct buf *out, size_t bytes)
{
	static const char *const letters[] = {
		"x", "y", "\xC3\xA9", "\xE6\x97\xA5", "\xF0\x9F\x98\x80", "\n"};

	for (size_t end = out->len + bytes; out->len < end;)
		buf_add_str(out, letters[roll(6)]);
}

/* What is looked for begins with a letter that is in the text everywhere. */
static struct buf make_words(void)
{
	struct buf words = {0};

	buf_add_str(&words, "x");
	add(&words, roll(3) ? roll(12) : roll(PATTERN_MAX - 8));
	buf_add_str(&words, "z");
	return words;
}

/* Leaves of many sizes: loaded, then written into. */
static struct text *make_text(const struct buf *words)
{
	struct buf bytes = {0};
	struct text *t;

	add(&bytes, BYTES);
	assert_int_equal(text_load(&t, bytes.at, bytes.len), ERR_NONE);
	for (size_t n = roll(12); n; n--) {
		buf_clear(&bytes);
		add(&bytes, 1 + roll(3000));
		text_insert(t, roll(text_size(t).points + 1), bytes.at, bytes.len);
		text_delete(t, roll(text_size(t).points / 2), roll(1500));
	}
	for (size_t n = roll(4); n; n--)
		text_insert(t, roll(text_size(t).points + 1), words->at, words->len);
	buf_fini(&bytes);
	return t;
}

/* SIZE_MAX: nowhere from there on. */
static size_t place_of(const char *text, size_t bytes, const struct buf *words, size_t from)
{
	size_t start = utf8_offset(text, bytes, from);
	const char *at = memmem(text + start, bytes - start, words->at, words->len);

	return at ? utf8_count(text, (size_t)(at - text)).points : SIZE_MAX;
}

static void the_words_are_found_wherever_leaves_end(void **state)
{
	(void)state;
	for (uint64_t first = 1; first <= TEXTS; first++) {
		char why[64];
		seed = first;
		struct buf words = make_words();
		struct text *t = make_text(&words);
		size_t bytes, end = text_size(t).points, from = roll(end), budget = SIZE_MAX;
		char *all = text_slice(t, 0, SIZE_MAX, &bytes);
		struct pattern *p =
			pattern_make(words.at, words.len, PATTERN_CASE, why, sizeof(why));
		size_t place = place_of(all, bytes, &words, from);
		assert_non_null(p);
		size_t found = skip_to(p, t, from, end, &budget);
		if (place != SIZE_MAX && found != place)
			fail_msg("seed %lu: at %zu, not %zu", (unsigned long)first, found, place);
		if (place == SIZE_MAX)
			assert_in_range(found, end > words.len ? end - words.len : 0, end);
		/* With little to spend it stops, but never behind them. */
		budget = 1 + roll(4000);
		found = skip_to(p, t, from, end, &budget);
		assert_true(found >= from && found <= end);
		assert_true(place == SIZE_MAX || found <= place);
		pattern_free(p);
		free(all);
		text_destroy(t);
		buf_fini(&words);
	}
}

/* Neither does what is behind the limit cost anything, nor is the budget gone over by more than a leaf. */
static void limit_and_budget_are_kept(void **state)
{
	struct buf bytes = {0}, words = {0};
	char why[64];
	struct text *t;

	(void)state;
	seed = 1;
	add(&bytes, 1000000);
	buf_add_str(&words, "xyz");
	assert_int_equal(text_load(&t, bytes.at, bytes.len), ERR_NONE);
	struct pattern *p = pattern_make(words.at, words.len, PATTERN_CASE, why, sizeof(why));
	size_t budget = SIZE_MAX, found = skip_to(p, t, 0, 1000, &budget);
	assert_true(found > 1000 - words.len && found < 10000);
	budget = 5000;
	found = skip_to(p, t, 0, SIZE_MAX, &budget);
	assert_int_equal(budget, 0);
	assert_true(found > 1000 && found < 10000);
	pattern_free(p);
	text_destroy(t);
	buf_fini(&bytes);
	buf_fini(&words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words_are_found_wherever_leaves_end),
		cmocka_unit_test(limit_and_budget_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
