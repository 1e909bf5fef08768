/*
 * The model walks each line from its start, every time.
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
#include "ot/op.h"
#include "tui/motion.h"
#include "tui/ruler.h"
#include "tui/width.h"

static uint64_t seed = 1;

static size_t roll(size_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % below;
}

static size_t model_col(const struct text *t, size_t pos)
{
	struct text_iter it = text_iter(t, motion_line_start(t, pos));
	size_t col = 0;

	for (struct cluster c; width_next(&it, col, &c) && it.pos <= pos && c.first != '\n';)
		col += (size_t)c.cells;
	return col;
}

static void check(struct ruler *ruler, const struct text *t)
{
	size_t pos = roll(text_size(t).points + 1), start = motion_line_start(t, pos), at;
	size_t col = ruler_col(ruler, t, start, pos);

	assert_int_equal(col, model_col(t, pos));
	size_t back = ruler_pos(ruler, t, start, col, &at);
	assert_int_equal(at, col);
	assert_true(back <= pos);
	assert_int_equal(model_col(t, back), col);
}

static void add_piece(struct buf *b)
{
	static const char *const pieces[] = {"a", "bc", "\t", "\n", "\xE6\x97\xA5", "\xCC\x81",
		"\x01", "\xF0\x9F\x87\xA9", "\xE2\x80\x8D", "\xF0\x9F\x91\xA8", "xyz xyz xyz xyz",
		"\xC3\xA9t\xC3\xA9", "\xD0\xB6\xD1\x83\xD0\xBA", "\xED\x95\x9C\xEA\xB8\x80",
		"\xE1\x84\x92\xE1\x85\xA1", "\xE1\x86\xAB",
		"\xE0\xA4\x95\xE0\xA5\x8D\xE0\xA4\xB7\xE0\xA4\xBF", "\xE0\xB8\x81\xE0\xB8\xB3",
		"\xC2\xAD", "\xF0\xA0\x80\x80"};

	buf_add_str(b, pieces[roll(roll(4) ? 3 : sizeof(pieces) / sizeof(pieces[0]))]);
}

static void fill(struct buf *b, const char *letters, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_add_str(b, letters);
}

static struct text *load(struct buf *b)
{
	struct text *t;

	assert_int_equal(text_load(&t, b->at, b->len), ERR_NONE);
	buf_fini(b);
	return t;
}

static void apply(struct ruler *ruler, struct text *t, struct op *op)
{
	assert_int_equal(op_apply(op, t), ERR_NONE);
	ruler_shift(ruler, op);
	op_fini(op);
}

static void change(struct ruler *ruler, struct text *t, size_t pos, size_t drop, const char *put)
{
	struct op op = {0};

	op_retain(&op, pos);
	op_insert(&op, put, strlen(put));
	op_delete(&op, drop);
	apply(ruler, t, &op);
}

/* In one place, or in several at once; mostly little goes. */
static void random_change(struct ruler *ruler, struct text *t)
{
	struct op op = {0};
	struct buf b = {0};
	size_t size = text_size(t).points, pos = 0;

	for (size_t places = roll(4) ? 1 : 1 + roll(5); places && pos <= size; places--) {
		size_t to = pos + roll(size - pos + 1), room = size - to;
		size_t most = roll(20) ? 50 : 5000,
		       cut = roll(3) ? 0 : roll((room < most ? room : most) + 1);
		buf_clear(&b);
		for (size_t k = roll(roll(50) ? 5 : 3000); k; k--)
			add_piece(&b);
		op_retain(&op, to - pos);
		op_insert(&op, b.at, b.len);
		op_delete(&op, cut);
		pos = to + cut + 1;
		if (pos <= size)
			op_retain(&op, 1);
	}
	apply(ruler, t, &op);
	buf_fini(&b);
}

static void columns_stay_right_through_edits(void **state)
{
	struct ruler *ruler = ruler_create();
	struct buf b = {0};
	(void)state;

	for (int i = 0; i < 12000; i++)
		buf_add_str(&b, i % 4000 == 3999 ? "\n" : roll(20) ? "ab" : "\xE6\x97\xA5\t");
	struct text *t = load(&b);
	for (int i = 0; i < 1500; i++) {
		random_change(ruler, t);
		for (int k = roll(4) ? 3 : 0; k; k--)
			check(ruler, t);
	}
	text_destroy(t);
	ruler_destroy(ruler);
}

/* What one letter at a line's start does to all behind it: each flag is of two others then. */
static void boundaries_behind_an_edit_may_move(void **state)
{
	struct ruler *ruler = ruler_create();
	struct buf b = {0};
	(void)state;

	fill(&b, "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA", 4000);
	struct text *t = load(&b);
	for (int i = 0; i < 40; i++) {
		if (i % 3 == 2)
			change(ruler, t, roll(20), 1, "");
		else
			change(ruler, t, roll(3000), 0, i % 2 ? "\xF0\x9F\x87\xAB" : "a\xCC\x81");
		check(ruler, t);
		assert_int_equal(ruler_col(ruler, t, 0, text_size(t).points),
			model_col(t, text_size(t).points));
	}
	text_destroy(t);
	ruler_destroy(ruler);
}

/* The tab in the middle takes up what is written before it, up to its stop. */
static void tabs_stop_what_an_edit_moves(void **state)
{
	struct ruler *ruler = ruler_create();
	struct buf b = {0};
	(void)state;

	fill(&b, "a", 5003);
	buf_add_str(&b, "\t");
	fill(&b, "b", 5000);
	struct text *t = load(&b);
	size_t end = text_size(t).points;
	assert_int_equal(ruler_col(ruler, t, 0, end), 5008 + 5000);
	for (size_t i = 1; i < 20; i++) {
		change(ruler, t, 0, 0, "x");
		assert_int_equal(ruler_col(ruler, t, 0, end + i), (5003 + i) / 8 * 8 + 8 + 5000);
	}
	text_destroy(t);
	ruler_destroy(ruler);
}

#define LONG 200000

/* In a line that is known no question and no edit looks at more than a few pieces, wherever others write. */
static void an_edit_makes_little_of_a_long_line_unknown(void **state)
{
	static const char *const letters[] = {"a", "\xF0\x9F\x98\x80", "e\xCC\x81", "a\t"};
	(void)state;

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		struct ruler *ruler = ruler_create();
		struct buf b = {0};
		buf_add_str(&b, "above\n");
		fill(&b, letters[i], LONG);
		struct text *t = load(&b);
		size_t start = 6, at;
		ruler_col(ruler, t, start, text_size(t).points);
		assert_in_range(ruler_walked(ruler), LONG, 3 * LONG);
		for (int k = 0; k < 100; k++) {
			size_t before = ruler_walked(ruler), end = text_size(t).points;
			change(ruler, t, k % 2 ? start + roll(end - start) : roll(start - 1),
				k % 3 == 0, k % 5 ? "xy" : "\xE6\x97\xA5");
			start = motion_line_start(t, text_size(t).points);
			size_t col = ruler_col(ruler, t, start, text_size(t).points);
			ruler_pos(ruler, t, start, col / 2, &at);
			assert_in_range(ruler_walked(ruler) - before, 0, 12 * RULER_STEP);
		}
		assert_int_equal(ruler_col(ruler, t, start, text_size(t).points),
			model_col(t, text_size(t).points));
		text_destroy(t);
		ruler_destroy(ruler);
	}
}

static void a_line_is_walked_ahead_in_slices(void **state)
{
	struct ruler *ruler = ruler_create();
	struct buf b = {0};
	size_t slices = 1, walked, end;
	(void)state;

	fill(&b, "\xF0\x9F\x98\x80", LONG);
	buf_add_str(&b, "\nshort\n");
	struct text *t = load(&b);
	end = text_line_end(t, 0);
	for (; ruler_idle(ruler, t, 0, end, 10000); slices++)
		assert_in_range(ruler_walked(ruler), 0, slices * 13000);
	assert_in_range(slices, LONG / 13000, LONG / 8000);
	assert_false(ruler_idle(ruler, t, 0, end, 10000));
	walked = ruler_walked(ruler);
	assert_int_equal(ruler_col(ruler, t, 0, end), 2 * LONG);
	assert_in_range(ruler_walked(ruler) - walked, 0, 3 * RULER_STEP);
	assert_false(ruler_idle(ruler, t, end + 1, end + 6, 10000));
	text_destroy(t);
	ruler_destroy(ruler);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_stay_right_through_edits),
		cmocka_unit_test(boundaries_behind_an_edit_may_move),
		cmocka_unit_test(tabs_stop_what_an_edit_moves),
		cmocka_unit_test(an_edit_makes_little_of_a_long_line_unknown),
		cmocka_unit_test(a_line_is_walked_ahead_in_slices),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests_name("ruler", tests, NULL, NULL);
}
