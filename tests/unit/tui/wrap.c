/*
 * Rows of lines, against cases written by hand and, for texts by chance, against what makes rows right: they lie end to end, begin
 * at clusters, are as wide as they can be and no wider, and are the same however one comes to them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "tui/motion.h"
#include "tui/width.h"
#include "tui/wrap.h"

#define NIHON  "\xE6\x97\xA5\xE6\x9C\xAC"
#define FAMILY "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"

static uint64_t seed = 1;

static size_t roll(size_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % below;
}

static struct text *text_of(const char *bytes, size_t len)
{
	struct text *t;

	assert_int_equal(text_load(&t, bytes, len), ERR_NONE);
	return t;
}

/* ---- by hand: `|` is where a row ends and the next one of its line begins ---- */

static const struct {
	size_t cols;
	const char *rows;
} cases[] = {
	{6, ""},
	{6, "abcde"},
	{6, "abcde|f"},
	{6, "ab cd"},
	{6, "ab |cde"},
	{6, "ab c |de"},
	{6, "abcde |f"},  /* the blank is in the last column */
	{6, "abcde | f"}, /* one of two is */
	{6, "ab  |cdefg"},
	{6, "  abc|defgh|i"}, /* blanks before a word are no place to end at */
	{6, "     | abcd"},
	{6, "a\t|b"}, /* a tab ends the row that it is too wide for */
	{10, "a\tb"},
	{10, "a\t|bc"},
	{10, "\ta\t|b"},
	{10, "abcdefghi|abcdefg\tc"}, /* tab stops are the row's */
	{6, NIHON "|" NIHON},
	{6, "a" NIHON "|" NIHON},
	{5, NIHON "|" NIHON},
	{6, "a|" FAMILY "|b"}, /* six cells: wider than a row may be, and whole */
	{6, "e\xCC\x81"
	    "e\xCC\x81"
	    "e\xCC\x81"
	    "e\xCC\x81"
	    "e\xCC\x81|e\xCC\x81"},
	{6, "ab |cde\nabcde|f\n\nx"},
	{2, "a|b|c"},
	{1, "a|b|c"},
};

static void rows_end_where_they_should(void **state)
{
	struct buf plain = {0}, rows = {0};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_clear(&plain);
		buf_clear(&rows);
		for (const char *at = cases[i].rows; *at; at++)
			if (*at != '|')
				buf_add_byte(&plain, (uint8_t)*at);
		struct text *t = text_of(plain.len ? plain.at : "", plain.len);
		struct wrap_row row = wrap_row_at(t, 0, cases[i].cols);
		do {
			char *shown = text_slice(t, row.start, row.end - row.start, NULL);
			buf_printf(&rows, "%s%s",
				row.start > row.from ? "|"
				: row.line           ? "\n"
						     : "",
				shown);
			free(shown);
		} while (wrap_next(t, &row, cases[i].cols));
		buf_add_byte(&rows, '\0');
		assert_string_equal(rows.at, cases[i].rows);
		text_destroy(t);
	}
	buf_fini(&plain);
	buf_fini(&rows);
}

/* ---- by chance ---- */

static struct text *random_text(size_t pieces)
{
	static const char *const some[] = {" ", " ", "a", "word", "longer-word", "\t", NIHON, "  ",
		"e\xCC\x81", "\x01", FAMILY, "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA", "\n",
		"wordswithoutanyblankthatgoonandonandonandon"};
	struct buf b = {0};

	for (size_t i = 0; i < pieces; i++)
		if (roll(1500) == 0)
			buf_add_str(&b, "\n");
		else
			buf_add_str(&b, some[roll(roll(30) ? 12 : 14)]);
	struct text *t = text_of(b.at, b.len);
	buf_fini(&b);
	return t;
}

static bool blank(uint32_t c)
{
	return c == ' ' || c == '\t';
}

/* What a walk through a row finds. */
struct look {
	size_t cells, last; /* last: cells of the last cluster */
	size_t clusters;
	bool ends_blank; /* the last cluster is a blank, behind something else */
	bool any_blank;  /* there is one before the last cluster, behind something else */
};

static struct look look_at(const struct text *t, size_t start, size_t end)
{
	struct text_iter it = text_iter(t, start);
	struct look look = {0};
	bool letters = false;

	for (struct cluster c; it.pos < end && width_next(&it, look.cells, &c);) {
		look.any_blank = look.any_blank || look.ends_blank;
		letters = letters || !blank(c.first);
		look.ends_blank = letters && blank(c.first);
		look.last = (size_t)c.cells;
		look.cells += look.last;
		look.clusters++;
	}
	assert_int_equal(it.pos, end);
	return look;
}

/* The end of what must not be parted from what is at pos: a word, or one cluster. */
static size_t unit_end(const struct text *t, size_t pos, size_t end, bool word)
{
	struct text_iter it = text_iter(t, pos);
	struct cluster c;

	width_next(&it, 0, &c);
	while (word && !blank(c.first) && it.pos < end) {
		pos = it.pos;
		width_next(&it, 0, &c);
		if (blank(c.first))
			return pos;
	}
	return it.pos;
}

static void check_row(const struct text *t, const struct wrap_row *row, size_t cols)
{
	size_t room = cols > 1 ? cols - 1 : 1;
	struct look look = look_at(t, row->start, row->end);

	assert_true(row->end > row->start || row->from == row->to);
	if (look.clusters > 1 + (size_t)look.ends_blank)
		assert_true(
			look.cells <= room || (look.ends_blank && look.cells - look.last <= room));
	if (row->end == row->to || row->end == row->part || look.cells >= room)
		return;
	/* It ended early: at a blank, because what follows would not have fitted, or because one cluster did not. */
	if (!look.ends_blank)
		assert_false(look.any_blank);
	size_t next = unit_end(t, row->end, row->part, look.ends_blank);
	struct look more = look_at(t, row->start, next);
	assert_true(more.cells > room);
}

static void check_starts(const struct text *t, const struct wrap_row *rows, size_t count)
{
	struct text_iter it = text_iter(t, 0);
	struct cluster c;

	for (size_t i = 0; i < count; i++) {
		while (it.pos < rows[i].start)
			assert_true(width_next(&it, 0, &c));
		assert_int_equal(it.pos, rows[i].start);
	}
}

static void check_ways(const struct text *t, const struct wrap_row *rows, size_t count, size_t cols)
{
	for (int i = 0; i < 20; i++) {
		size_t n = roll(count), back = roll(roll(2) ? 5 : count + 3);
		struct wrap_row row = rows[n];
		size_t pos = row.start + roll(row.end - row.start + (row.end == row.to));
		struct wrap_row at = wrap_row_at(t, pos, cols);
		assert_memory_equal(&at, &row, sizeof(row));
		size_t snapped = motion_snap(t, pos);
		assert_int_equal(wrap_pos(t, &row, wrap_col(t, &row, snapped)), snapped);
		assert_int_equal(wrap_distance(t, rows[n / 2], row, 10, cols),
			n - n / 2 < 10 ? n - n / 2 : 10);
		wrap_back(t, &row, back, cols);
		assert_memory_equal(&row, &rows[n < back ? 0 : n - back], sizeof(row));
	}
}

static void rows_are_right(const struct text *t, size_t cols)
{
	struct wrap_row *rows = NULL, row = wrap_row_at(t, 0, cols);
	size_t count = 0, cap = 0;

	do {
		rows = mem_grow(rows, &cap, count + 1, sizeof(*rows));
		rows[count] = row;
		size_t start = !count ? 0
			       : rows[count - 1].end < row.to && rows[count - 1].line == row.line
				       ? rows[count - 1].end
				       : rows[count - 1].end + 1;
		assert_int_equal(row.start, start);
		assert_int_equal(row.from, text_line_start(t, row.line));
		assert_int_equal(row.to, text_line_end(t, row.line));
		assert_true(row.part == row.to || row.part - row.from > WRAP_PART / 2);
		check_row(t, &row, cols);
		count++;
	} while (wrap_next(t, &row, cols));
	assert_int_equal(row.end, text_size(t).points);
	check_starts(t, rows, count);
	check_ways(t, rows, count, cols);
	free(rows);
}

static void rows_of_any_text_are_right(void **state)
{
	static const size_t cols[] = {2, 8, 20, 76, 300};
	(void)state;

	for (int i = 0; i < 5; i++) {
		struct text *t = random_text(i < 1 ? 3000 : 200);
		for (size_t k = 0; k < sizeof(cols) / sizeof(cols[0]); k++)
			rows_are_right(t, cols[k]);
		text_destroy(t);
	}
}

/* A part ends by itself, so what is far before it in the line does not matter to it. */
static void parts_stand_alone(void **state)
{
	size_t points = 100000;
	char *bytes = mem_alloc(points);
	(void)state;

	for (size_t i = 0; i < points; i++)
		bytes[i] = roll(6) ? 'a' : ' ';
	struct text *t = text_of(bytes, points);
	for (int i = 0; i < 10; i++) {
		size_t pos = roll(points);
		struct wrap_row before = wrap_row_at(t, pos, 80);
		/* the same number of other characters, more than a part before the row */
		size_t same = before.start > 2 * WRAP_PART ? before.start - 2 * WRAP_PART : 0;
		memset(bytes, i % 2 ? 'b' : ' ', same);
		struct text *other = text_of(bytes, points);
		struct wrap_row after = wrap_row_at(other, pos, 80);
		assert_memory_equal(&before, &after, sizeof(after));
		text_destroy(t);
		t = other;
	}
	text_destroy(t);
	free(bytes);
}

static void a_line_may_be_one_row(void **state)
{
	struct text *t = text_of("one two\nthree", 13);
	struct wrap_row row = wrap_row_at(t, 2, WRAP_NEVER);
	(void)state;

	assert_int_equal(row.end, 7);
	assert_true(wrap_next(t, &row, WRAP_NEVER));
	assert_int_equal(row.start, 8);
	assert_int_equal(row.end, 13);
	assert_false(wrap_next(t, &row, WRAP_NEVER));
	wrap_back(t, &row, 9, WRAP_NEVER);
	assert_int_equal(row.start, 0);
	text_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_end_where_they_should),
		cmocka_unit_test(rows_of_any_text_are_right),
		cmocka_unit_test(parts_stand_alone),
		cmocka_unit_test(a_line_may_be_one_row),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
