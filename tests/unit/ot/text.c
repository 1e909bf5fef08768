#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ot/text.h"
#include "tests/flat.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct text *text_from(const char *utf8)
{
	struct text *t = NULL;

	assert_int_equal(text_load(&t, utf8, strlen(utf8)), ERR_NONE);
	return t;
}

static void assert_holds(const struct text *t, const char *utf8)
{
	size_t bytes;
	char *all = text_slice(t, 0, SIZE_MAX, &bytes);

	text_verify(t);
	assert_string_equal(all, utf8);
	assert_int_equal(bytes, strlen(utf8));
	assert_int_equal(text_size(t).bytes, bytes);
	free(all);
}

static void empty(void **state)
{
	struct text *t = text_create();
	struct text_iter it = text_iter(t, 7);
	const char *at;
	size_t bytes;
	uint32_t c;

	(void)state;
	assert_holds(t, "");
	assert_int_equal(text_size(t).points, 0);
	assert_int_equal(text_size(t).lines, 0);
	assert_int_equal(text_line_start(t, 0), 0);
	assert_int_equal(text_line_end(t, 0), 0);
	assert_int_equal(text_line_start(t, 9), 0);
	assert_int_equal(text_line_at(t, 9), 0);
	assert_int_equal(text_byte_at(t, 9), 0);
	assert_int_equal(text_pos_at(t, 9), 0);
	assert_int_equal(it.pos, 0);
	assert_false(text_iter_next(&it, &c));
	assert_false(text_iter_prev(&it, &c));
	assert_false(text_iter_run(&it, &at, &bytes));
	assert_int_equal(text_hash(t), 0);
	assert_int_equal(text_insert(t, 0, NULL, 0), ERR_NONE);
	assert_int_equal(text_delete(t, 0, 0), ERR_NONE);
	text_destroy(t);
	text_destroy(NULL);
}

/* The example in text.h. */
static void example(void **state)
{
	struct text *t = text_create();

	(void)state;
	assert_int_equal(text_insert(t, 0, "héllo\n", 7), ERR_NONE);
	assert_int_equal(text_delete(t, 1, 1), ERR_NONE);
	assert_holds(t, "hllo\n");
	assert_int_equal(text_size(t).points, 5);
	assert_int_equal(text_line_start(t, 1), 5);
	text_destroy(t);
}

static void refuses_what_is_out_of_range(void **state)
{
	struct text *t = text_from("a€c");

	(void)state;
	assert_int_equal(text_insert(t, 4, "x", 1), ERR_RANGE);
	assert_int_equal(text_insert(t, SIZE_MAX, "", 0), ERR_RANGE);
	assert_int_equal(text_delete(t, 4, 0), ERR_RANGE);
	assert_int_equal(text_delete(t, 0, 4), ERR_RANGE);
	assert_int_equal(text_delete(t, 2, 2), ERR_RANGE);
	assert_int_equal(text_delete(t, 1, SIZE_MAX), ERR_RANGE);
	assert_holds(t, "a€c");
	assert_int_equal(text_insert(t, 3, "d", 1), ERR_NONE);
	assert_int_equal(text_delete(t, 0, 4), ERR_NONE);
	assert_holds(t, "");
	text_destroy(t);
}

static void refuses_what_is_not_text(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} wrong[] = {
		{"\0", 1},
		{"ab\0c", 4},
		{"\x80", 1},
		{"\xff", 1},
		{"\xc3", 1},
		{"\xc0\xaf", 2},
		{"\xe2\x82", 2},
		{"\xe0\x9f\xbf", 3},
		{"\xed\xa0\x80", 3},
		{"\xf0\x8f\xbf\xbf", 4},
		{"\xf4\x90\x80\x80", 4},
		{"a\xf0\x9f\x98", 4},
		{"\x80\x80\x80\x80", 4},
	};
	struct text *t = text_from("éa"), *untouched = t;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(text_insert(t, 1, wrong[i].bytes, wrong[i].len), ERR_UTF8);
		assert_int_equal(text_load(&untouched, wrong[i].bytes, wrong[i].len), ERR_UTF8);
		assert_ptr_equal(untouched, t);
		assert_holds(t, "éa");
	}
	text_destroy(t);
}

/* What is wrong may stand anywhere in a text of many leaves. */
static void load_refuses_at_every_place(void **state)
{
	char bytes[5000];
	struct text *t = NULL;

	(void)state;
	for (size_t at = 0; at < sizeof(bytes); at += at < 100 ? 1 : 17) {
		for (size_t run = 1; run < 40 && at + run <= sizeof(bytes); run += 6) {
			memset(bytes, 'a', sizeof(bytes));
			memset(bytes + at, 0xa0, run);
			assert_int_equal(text_load(&t, bytes, sizeof(bytes)), ERR_UTF8);
		}
	}
	assert_null(t);
}

static void refuses_too_much(void **state)
{
	struct text *t = text_from("abc"), *untouched = t;

	(void)state;
	assert_int_equal(text_insert(t, 0, "x", TEXT_MAX_BYTES - 2), ERR_LIMIT);
	assert_int_equal(text_insert(t, 0, "x", SIZE_MAX), ERR_LIMIT);
	assert_int_equal(text_load(&untouched, "x", TEXT_MAX_BYTES + 1), ERR_LIMIT);
	assert_ptr_equal(untouched, t);
	assert_holds(t, "abc");
	text_destroy(t);
}

static void lines(void **state)
{
	static const struct {
		const char *utf8;
		size_t count, start[4], end[4];
	} rows[] = {
		{"", 0, {0, 0, 0, 0}, {0, 0, 0, 0}}, {"ab", 0, {0, 2, 2, 2}, {2, 2, 2, 2}},
		{"\n", 1, {0, 1, 1, 1}, {0, 1, 1, 1}}, {"ab\n", 1, {0, 3, 3, 3}, {2, 3, 3, 3}},
		{"é\r\n€\nz", 2, {0, 3, 5, 6}, {2, 4, 6, 6}},
		{"\n\n\n", 3, {0, 1, 2, 3}, {0, 1, 2, 3}},
		{"a\x0b\xe2\x80\xa8"
		 "b",
			0, {0, 4, 4, 4}, {4, 4, 4, 4}}, /* U+2028 ends no line */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text *t = text_from(rows[i].utf8);
		assert_int_equal(text_size(t).lines, rows[i].count);
		for (size_t line = 0; line < 4; line++) {
			assert_int_equal(text_line_start(t, line), rows[i].start[line]);
			assert_int_equal(text_line_end(t, line), rows[i].end[line]);
			if (line <= rows[i].count)
				assert_int_equal(text_line_at(t, rows[i].end[line]), line);
		}
		assert_int_equal(text_line_start(t, SIZE_MAX), text_size(t).points);
		assert_int_equal(text_line_end(t, SIZE_MAX), text_size(t).points);
		assert_int_equal(text_line_at(t, SIZE_MAX), rows[i].count);
		text_destroy(t);
	}
}

static void bytes_and_positions(void **state)
{
	static const size_t pos_of_byte[] = {0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 5, 5};
	static const size_t byte_of_pos[] = {0, 1, 3, 6, 10, 11, 11};
	struct text *t = text_from("aé€😀\n");

	(void)state;
	for (size_t byte = 0; byte < COUNT(pos_of_byte); byte++)
		assert_int_equal(text_pos_at(t, byte), pos_of_byte[byte]);
	for (size_t pos = 0; pos < COUNT(byte_of_pos); pos++)
		assert_int_equal(text_byte_at(t, pos), byte_of_pos[pos]);
	text_destroy(t);
}

static void reads_in_both_directions(void **state)
{
	static const uint32_t points[] = {'a', 0xe9, 0x20ac, 0x1f600, '\n', 0x10ffff};
	struct text *t = text_from("aé€😀\n\xf4\x8f\xbf\xbf");
	struct text_iter it = text_iter(t, 0);
	uint32_t c;

	(void)state;
	for (size_t i = 0; i < COUNT(points); i++) {
		assert_true(text_iter_next(&it, &c));
		assert_int_equal(c, points[i]);
		assert_int_equal(it.pos, i + 1);
		assert_true(text_iter_prev(&it, &c));
		assert_int_equal(c, points[i]);
		assert_true(text_iter_next(&it, &c));
	}
	assert_false(text_iter_next(&it, &c));
	for (size_t i = COUNT(points); i; i--) {
		assert_true(text_iter_prev(&it, &c));
		assert_int_equal(c, points[i - 1]);
		assert_int_equal(it.pos, i - 1);
	}
	assert_false(text_iter_prev(&it, &c));
	assert_true(text_iter_next(&it, &c));
	assert_int_equal(c, 'a');
	text_destroy(t);
}

static void slices(void **state)
{
	struct text *t = text_from("aé€😀\nbc");
	size_t bytes;

	(void)state;
	static const struct {
		size_t pos, points;
		const char *want;
	} rows[] = {
		{0, 0, ""},
		{1, 2, "é€"},
		{0, 7, "aé€😀\nbc"},
		{3, SIZE_MAX, "😀\nbc"},
		{7, 1, ""},
		{SIZE_MAX, 1, ""},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *slice = text_slice(t, rows[i].pos, rows[i].points, &bytes);
		assert_string_equal(slice, rows[i].want);
		assert_int_equal(bytes, strlen(rows[i].want));
		free(slice);
	}
	char *slice = text_slice(t, 5, 2, NULL);
	assert_string_equal(slice, "bc");
	free(slice);
	text_destroy(t);
}

/* Worked out by the formula of the protocol, apart from this program. */
static void hash_is_the_protocols(void **state)
{
	static const struct {
		const char *utf8;
		uint64_t hash;
	} rows[] = {
		{"", 0},
		{"a", 0x62},
		{"ab", 0x16d1415711},
		{"héllo\n", 0x1a11f7968c9ca2f3},
		{"日本語 👋🏽\n", 0x02fa4a075c0b8320},
		{"The quick brown fox jumps over the lazy dog", 0x086a1c4c82bd8ff5},
	};
	struct text *t;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		t = text_from(rows[i].utf8);
		assert_true(text_hash(t) == rows[i].hash);
		text_destroy(t);
	}
	t = text_create();
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(text_insert(t, i * 11, "0123456789\n", 11), ERR_NONE);
	assert_true(text_hash(t) == 0x07747d8fd9b54dec);
	text_verify(t);
	text_destroy(t);
}

static void hash_follows_edits(void **state)
{
	struct text *t = text_create();
	struct flat f = {0};

	(void)state;
	for (size_t i = 0; i < 3000; i++) {
		size_t pos = i * 7919 % (f.points + 1);
		flat_insert(&f, pos, "é\nz", 4);
		assert_int_equal(text_insert(t, pos, "é\nz", 4), ERR_NONE);
		if (i % 5 == 0 && pos + 4 < f.points) {
			flat_delete(&f, pos + 1, 3);
			assert_int_equal(text_delete(t, pos + 1, 3), ERR_NONE);
		}
		if (i % 97 == 0) {
			assert_true(text_hash(t) == flat_hash(&f));
			text_verify(t);
		}
	}
	/* one letter away and back again: the counts are what they were, the text is not */
	uint64_t before = text_hash(t);
	assert_int_equal(text_delete(t, 100, 1), ERR_NONE);
	assert_int_equal(text_insert(t, 100, "Q", 1), ERR_NONE);
	flat_delete(&f, 100, 1);
	flat_insert(&f, 100, "Q", 1);
	assert_true(text_hash(t) == flat_hash(&f));
	assert_true(text_hash(t) != before);
	free(f.at);
	text_destroy(t);
}

static void hashing_ahead_is_in_slices(void **state)
{
	struct text *t = text_create();
	size_t slices = 1;

	(void)state;
	for (size_t i = 0; i < 20000; i++)
		assert_int_equal(text_insert(t, i * 11, "0123456789\n", 11), ERR_NONE);
	while (text_hash_ahead(t, 10000))
		slices++;
	assert_in_range(slices, 220000 / 10000 / 2, 220000 / 10000 + 1);
	text_verify(t);
	struct text *same = text_copy(t);
	assert_int_equal(text_insert(t, 7, "x", 1), ERR_NONE);
	assert_int_equal(text_delete(t, 7, 1), ERR_NONE);
	assert_false(text_hash_ahead(t, 10000));
	text_verify(t);
	assert_true(text_hash(t) == text_hash(same));
	text_destroy(same);
	text_destroy(t);
}

static void copies_go_their_own_way(void **state)
{
	struct text *a = text_from("one two three four five six seven eight nine\n");

	(void)state;
	assert_int_equal(text_insert(a, 3, "!", 1), ERR_NONE);
	struct text *b = text_copy(a);
	text_verify(b);
	assert_true(text_equal(a, b));
	assert_true(text_hash(a) == text_hash(b));
	assert_int_equal(text_delete(a, 0, 5), ERR_NONE);
	assert_false(text_equal(a, b));
	assert_holds(b, "one! two three four five six seven eight nine\n");
	assert_holds(a, "two three four five six seven eight nine\n");
	text_destroy(a);
	assert_holds(b, "one! two three four five six seven eight nine\n");
	text_destroy(b);
}

static void equal_whatever_the_history(void **state)
{
	struct text *a = text_create(), *b = text_create();

	(void)state;
	assert_true(text_equal(a, b));
	for (size_t i = 0; i < 2000; i++) {
		assert_int_equal(text_insert(a, i, i % 3 ? "x" : "é", i % 3 ? 1 : 2), ERR_NONE);
		size_t j = 1999 - i;
		assert_int_equal(text_insert(b, 0, j % 3 ? "x" : "é", j % 3 ? 1 : 2), ERR_NONE);
	}
	assert_true(text_equal(a, b));
	assert_true(text_hash(a) == text_hash(b));
	assert_int_equal(text_delete(b, 1000, 1), ERR_NONE);
	assert_false(text_equal(a, b));
	assert_int_equal(text_insert(b, 1000, "y", 1), ERR_NONE);
	assert_false(text_equal(a, b));
	text_destroy(a);
	text_destroy(b);
}

static void a_beginning_is_not_the_whole(void **state)
{
	struct text *none = text_create(), *some = text_from("abc"), *more = text_from("abcd");

	(void)state;
	assert_false(text_equal(some, more));
	assert_false(text_equal(more, some));
	assert_false(text_equal(none, some));
	assert_false(text_equal(some, none));
	assert_true(text_equal(some, some));
	text_destroy(none);
	text_destroy(some);
	text_destroy(more);
}

static size_t pattern(char *out, size_t room)
{
	static const char *const part[] = {"a", "é", "€", "😀", "bcdefgh\n"};
	size_t len = 0;

	for (size_t i = 0; len + strlen(part[i * i % 5]) <= room; i++) {
		memcpy(out + len, part[i * i % 5], strlen(part[i * i % 5]));
		len += strlen(part[i * i % 5]);
	}
	return len;
}

static void load_of_every_length(void **state)
{
	static char bytes[80000];

	(void)state;
	for (size_t room = 0; room < sizeof(bytes); room += room < 300 ? 1 : room / 5) {
		struct flat f = {.at = bytes, .bytes = pattern(bytes, room)};
		struct text *t;
		flat_count(f.at, f.bytes, &f.points, &f.lines);
		assert_int_equal(text_load(&t, f.at, f.bytes), ERR_NONE);
		flat_match(&f, t);
		flat_match_runs(&f, t, 0);
		flat_match_walk(&f, t, 0, SIZE_MAX, false);
		flat_match_walk(&f, t, f.points, SIZE_MAX, true);
		for (size_t pos = 0; pos <= f.points; pos += 1 + f.points / 50)
			flat_match_place(&f, t, pos);
		text_destroy(t);
	}
}

/* A long paste goes in at each place of a small text, and out again. */
static void paste_anywhere(void **state)
{
	static char bytes[40000];
	size_t len = pattern(bytes, sizeof(bytes));

	(void)state;
	for (size_t pos = 0; pos <= 40; pos += 2) {
		struct flat f = {0};
		struct text *t = text_from("0123456789\n€123456789é123456789\n123456789");
		flat_insert(&f, 0, "0123456789\n€123456789é123456789\n123456789", 44);
		flat_insert(&f, pos, bytes, len);
		assert_int_equal(text_insert(t, pos, bytes, len), ERR_NONE);
		flat_match(&f, t);
		assert_int_equal(text_delete(t, pos, f.points - 41), ERR_NONE);
		assert_holds(t, "0123456789\n€123456789é123456789\n123456789");
		free(f.at);
		text_destroy(t);
	}
}

enum way { FROM_START, FROM_END, FROM_MIDDLE, WAYS };

/* One character at a time until nothing is left: the tree must shrink with the text. */
static void shrinks_from_everywhere(void **state)
{
	static char bytes[4000];
	size_t len = pattern(bytes, sizeof(bytes));

	(void)state;
	for (enum way way = 0; way < WAYS; way++) {
		struct flat f = {0};
		struct text *t;
		flat_insert(&f, 0, bytes, len);
		assert_int_equal(text_load(&t, bytes, len), ERR_NONE);
		while (f.points) {
			size_t pos = way == FROM_START ? 0
				     : way == FROM_END ? f.points - 1
						       : f.points / 2;
			flat_delete(&f, pos, 1);
			assert_int_equal(text_delete(t, pos, 1), ERR_NONE);
			if (f.points % 61 == 0)
				flat_match(&f, t);
		}
		assert_holds(t, "");
		free(f.at);
		text_destroy(t);
	}
}

/* Every second character goes: leaves that stay half empty must join. */
static void joins_what_is_half_empty(void **state)
{
	struct text *t = text_create();

	(void)state;
	for (size_t i = 0; i < 20000; i++)
		assert_int_equal(text_insert(t, i, i % 2 ? "é" : "x", i % 2 ? 2 : 1), ERR_NONE);
	for (size_t i = 0; i < 10000; i++)
		assert_int_equal(text_delete(t, i, 1), ERR_NONE);
	text_verify(t);
	assert_int_equal(text_size(t).points, 10000);
	assert_int_equal(text_size(t).bytes, 20000);
	for (size_t i = 0; i < 9000; i++)
		assert_int_equal(text_delete(t, i * 7919 % text_size(t).points, 1), ERR_NONE);
	text_verify(t);
	text_destroy(t);
}

/* Questions between edits must see the newest letter, wherever they are asked. */
static void answers_between_edits(void **state)
{
	struct text *t = text_create();
	struct flat f = {0};

	(void)state;
	for (size_t i = 0; i < 1500; i++) {
		size_t pos = f.points - f.points / 3;
		const char *add = i % 11 ? "ab" : "€\n";
		flat_insert(&f, pos, add, strlen(add));
		assert_int_equal(text_insert(t, pos, add, strlen(add)), ERR_NONE);
		flat_match_place(&f, t, pos);
		flat_match_place(&f, t, f.points);
		flat_match_place(&f, t, i * 31 % f.points);
		assert_int_equal(text_line_start(t, f.lines), flat_line_start(&f, f.lines));
	}
	flat_match(&f, t);
	free(f.at);
	text_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(example),
		cmocka_unit_test(refuses_what_is_out_of_range),
		cmocka_unit_test(refuses_what_is_not_text),
		cmocka_unit_test(load_refuses_at_every_place),
		cmocka_unit_test(refuses_too_much),
		cmocka_unit_test(lines),
		cmocka_unit_test(bytes_and_positions),
		cmocka_unit_test(reads_in_both_directions),
		cmocka_unit_test(slices),
		cmocka_unit_test(hash_is_the_protocols),
		cmocka_unit_test(hash_follows_edits),
		cmocka_unit_test(hashing_ahead_is_in_slices),
		cmocka_unit_test(copies_go_their_own_way),
		cmocka_unit_test(equal_whatever_the_history),
		cmocka_unit_test(a_beginning_is_not_the_whole),
		cmocka_unit_test(load_of_every_length),
		cmocka_unit_test(paste_anywhere),
		cmocka_unit_test(shrinks_from_everywhere),
		cmocka_unit_test(joins_what_is_half_empty),
		cmocka_unit_test(answers_between_edits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
