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

static void columns_stay_right_through_edits(void **state)
{
	struct ruler *ruler = ruler_create();
	struct buf b = {0};
	struct text *t;
	(void)state;

	for (int i = 0; i < 12000; i++)
		buf_add_str(&b, i % 4000 == 3999 ? "\n" : roll(20) ? "ab" : "\xE6\x97\xA5\t");
	assert_int_equal(text_load(&t, b.at, b.len), ERR_NONE);
	for (int i = 0; i < 1500; i++) {
		struct op op = {0};
		size_t size = text_size(t).points, pos = roll(size + 1), room = size - pos;
		size_t cut = roll(3) ? 0 : roll((room < 50 ? room : 50) + 1);
		buf_clear(&b);
		for (size_t k = roll(5); k; k--)
			add_piece(&b);
		op_retain(&op, pos);
		op_insert(&op, b.at, b.len);
		op_delete(&op, cut);
		assert_int_equal(op_apply(&op, t), ERR_NONE);
		ruler_shift(ruler, &op);
		op_fini(&op);
		for (int k = 0; k < 3; k++)
			check(ruler, t);
	}
	buf_fini(&b);
	text_destroy(t);
	ruler_destroy(ruler);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_stay_right_through_edits),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests_name("ruler", tests, NULL, NULL);
}
