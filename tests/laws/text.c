/*
 * A text is its bytes: whatever is done to the tree, it answers as the flat array does.
 *
 * People type in bursts, jump, paste, and delete; so do these programs, on texts from nothing to some hundred leaves.
 * SEED=n repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "ot/text.h"
#include "tests/flat.h"

static uint64_t seed;

/* splitmix64 (Steele, Lea & Flood 2014) */
static uint64_t next(void)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static size_t below(size_t n)
{
	return (size_t)(next() % n);
}

struct run {
	struct text *text;
	struct flat flat;
	size_t caret;
	size_t most; /* points the text may grow to */
	bool ascii;
};

static size_t make_text(const struct run *r, char *out, size_t points)
{
	static const char *const part[] = {"a", "b", " ", "\n", "\t", "é", "€", "😀"};
	size_t len = 0;

	while (points--) {
		const char *add = part[below(r->ascii ? 5 : 8)];
		memcpy(out + len, add, strlen(add));
		len += strlen(add);
	}
	return len;
}

static void put(struct run *r, size_t points)
{
	char *utf8 = malloc(points * 4 + 1);
	size_t bytes = make_text(r, utf8, points);

	assert_int_equal(text_insert(r->text, r->caret, utf8, bytes), ERR_NONE);
	flat_insert(&r->flat, r->caret, utf8, bytes);
	r->caret += points;
	free(utf8);
}

static void cut(struct run *r, size_t points)
{
	if (points > r->flat.points - r->caret)
		points = r->flat.points - r->caret;
	assert_int_equal(text_delete(r->text, r->caret, points), ERR_NONE);
	flat_delete(&r->flat, r->caret, points);
}

/* Both at once; what was there before is what the inverse brings back. */
static void splice(struct run *r, size_t drop, size_t points)
{
	char *utf8 = malloc(points * 4 + 1), *was = NULL;
	size_t left = r->flat.points - r->caret, from = flat_byte(&r->flat, r->caret);
	struct splice s = {.pos = r->caret, .drop = drop < left ? drop : left, .text = utf8}, back;
	size_t gone = flat_byte(&r->flat, r->caret + s.drop) - from;

	s.bytes = make_text(r, utf8, points);
	was = malloc(gone + 1);
	if (gone)
		memcpy(was, r->flat.at + from, gone);
	assert_int_equal(text_splice(r->text, &s, &back), ERR_NONE);
	flat_delete(&r->flat, r->caret, s.drop);
	flat_insert(&r->flat, r->caret, utf8, s.bytes);
	assert_int_equal(s.points, points);
	assert_true(back.pos == s.pos && back.drop == points && back.points == s.drop);
	assert_true(back.bytes == gone && (!gone || memcmp(back.text, was, gone) == 0));
	r->caret += points;
	free(utf8);
	free(was);
}

static void type(struct run *r)
{
	below(2) ? put(r, 1) : splice(r, 0, 1);
}

static void replace(struct run *r)
{
	splice(r, below(below(20) ? 12 : r->most / 2 + 1), below(12));
}

static void type_word(struct run *r)
{
	put(r, 1 + below(12));
}

static void paste(struct run *r)
{
	put(r, below(r->most / 3 + 2));
}

static void erase_back(struct run *r)
{
	if (!r->caret)
		return;
	r->caret--;
	below(2) ? cut(r, 1) : splice(r, 1, 0);
}

static void erase_on(struct run *r)
{
	below(2) ? cut(r, 1) : splice(r, 1, 0);
}

static void erase_much(struct run *r)
{
	r->caret = below(r->caret + 1);
	cut(r, below(r->flat.points / 2 + 1));
}

static void jump(struct run *r)
{
	r->caret = below(r->flat.points + 1);
}

static void jump_near(struct run *r)
{
	size_t far = below(9);

	r->caret = r->caret > far ? r->caret - far : 0;
}

/* A stretch of it, copied both ways. */
static void copy_out(struct run *r)
{
	size_t pos = below(r->flat.points + 1), points = below(below(4) ? 40 : r->flat.points + 9);
	size_t from = flat_byte(&r->flat, pos), left = r->flat.points - pos, bytes;
	size_t to = flat_byte(&r->flat, pos + (points < left ? points : left));
	char *into = malloc(points * 4 + 1), *slice = text_slice(r->text, pos, points, &bytes);

	assert_int_equal(bytes, to - from);
	if (bytes)
		assert_memory_equal(slice, r->flat.at + from, bytes);
	assert_int_equal(text_read(r->text, pos, points, into), bytes);
	assert_memory_equal(into, slice, bytes);
	free(into);
	free(slice);
}

static void ask(struct run *r)
{
	if (!below(8))
		copy_out(r);
	flat_match_place(&r->flat, r->text, below(r->flat.points + 1));
	flat_match_place(&r->flat, r->text, r->caret);
	flat_match_walk(&r->flat, r->text, r->caret, 20, next() & 1);
}

static void ask_hash(struct run *r)
{
	if (below(2))
		text_hash_ahead(r->text, below(9000));
	uint64_t hash = text_hash(r->text);

	if (r->flat.bytes < 4000)
		assert_true(hash == flat_hash(&r->flat));
}

/* The copy lives on, and the original is taken away. */
static void copy(struct run *r)
{
	struct text *t = text_copy(r->text);

	assert_true(text_equal(t, r->text));
	text_destroy(r->text);
	r->text = t;
}

static void reload(struct run *r)
{
	struct text *t;

	assert_int_equal(text_load(&t, r->flat.at, r->flat.bytes), ERR_NONE);
	assert_true(text_equal(t, r->text));
	assert_true(text_hash(t) == text_hash(r->text));
	text_destroy(r->text);
	r->text = t;
}

static const struct {
	void (*act)(struct run *r);
	unsigned weight;
} acts[] = {
	{type, 400},
	{type_word, 80},
	{replace, 40},
	{paste, 4},
	{erase_back, 120},
	{erase_on, 60},
	{erase_much, 4},
	{jump, 40},
	{jump_near, 40},
	{ask, 40},
	{ask_hash, 4},
	{copy, 1},
	{reload, 1},
};

static void step(struct run *r)
{
	size_t all = 0, i = 0;

	for (size_t k = 0; k < sizeof(acts) / sizeof(acts[0]); k++)
		all += acts[k].weight;
	for (size_t pick = below(all); pick >= acts[i].weight; i++)
		pick -= acts[i].weight;
	acts[i].act(r);
	if (r->flat.points > r->most)
		erase_much(r);
}

static void run(size_t most, size_t steps, bool ascii)
{
	struct run r = {.text = text_create(), .most = most, .ascii = ascii};

	for (size_t i = 0; i < steps; i++) {
		step(&r);
		if (i % (1 + r.flat.points / 64) == 0)
			flat_match(&r.flat, r.text);
	}
	flat_match(&r.flat, r.text);
	flat_match_runs(&r.flat, r.text, r.caret);
	flat_match_walk(&r.flat, r.text, 0, SIZE_MAX, false);
	flat_match_walk(&r.flat, r.text, r.flat.points, SIZE_MAX, true);
	assert_true(text_hash(r.text) == flat_hash(&r.flat));
	flat_match(&r.flat, r.text);
	text_destroy(r.text);
	free(r.flat.at);
}

static void small_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < 400; i++)
		run(1 + below(300), 200, i & 1);
}

static void middling_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < 10; i++)
		run(1000 + below(10000), 1000, i & 1);
}

static void large_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++)
		run(120000, 1000, i & 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_texts),
		cmocka_unit_test(middling_texts),
		cmocka_unit_test(large_texts),
	};
	const char *given = getenv("SEED");

	seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	print_message("SEED=%llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
