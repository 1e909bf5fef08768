#include "tests/unit/ot/notation.h"

static void finish(struct op *a, struct op *b)
{
	op_fini(a);
	op_fini(b);
}

/* Whatever the builders are given, what they hold is in normal form. */
static void test_normal_form(void **state)
{
	static const struct {
		const char *given, *held;
	} rows[] = {
		{"", ""},
		{"0 -0 +", ""},
		{"5", ""},
		{"5 3", ""},
		{"5 3 +x 2", "8 +x"},
		{"+ab +cd", "+abcd"},
		{"-1 -2", "-3"},
		{"-2 +x", "+x -2"},
		{"+a -2 +b", "+ab -2"},
		{"-1 +a -1 +b", "+ab -2"},
		{"1 -1 +é 1 -1 +😅", "1 +é -1 1 +😅 -1"},
		{"1 + -0 2 +x", "3 +x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct op op = op_of(rows[i].given);
		assert_op(&op, rows[i].held);
		op_fini(&op);
	}
}

static void test_measures(void **state)
{
	struct op op = op_of("3 +añ😅 -2 4 +b 9");

	(void)state;
	assert_int_equal(op_count(&op), 5);
	assert_int_equal(op_base_points(&op), 9);
	assert_int_equal(op_growth(&op), 2);
	assert_int_equal(op_bytes(&op), 1 + 2 + 4 + 1);
	assert_false(op_is_identity(&op));
	op_clear(&op);
	assert_true(op_is_identity(&op));
	assert_op(&op, "");
	op_insert(&op, "x", 1);
	assert_op(&op, "+x");
	op_fini(&op);
	assert_true(op_is_identity(&op));
}

static void test_equal(void **state)
{
	struct op a = op_of("1 +x 2"), b = op_of("1 +x"), c = op_of("1 +y"), d = op_of("1 +x -1");

	(void)state;
	assert_true(op_equal(&a, &b));
	assert_false(op_equal(&a, &c));
	assert_false(op_equal(&a, &d));
	finish(&a, &b);
	finish(&c, &d);
}

/* Across the sizes where components and text move out of the struct. */
static void test_growing(void **state)
{
	struct op op = {0};
	size_t n = 100;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct op copy = op_copy(&op);
		assert_true(op_equal(&copy, &op));
		assert_int_equal(op_count(&op), 2 * i);
		op_insert(&copy, "y", 1);
		op_fini(&copy);
		op_retain(&op, 1);
		op_insert(&op, "ö", 2);
	}
	struct op moved = op;
	struct op_iter it = op_iter(&moved);
	for (struct op_component c; op_next(&it, &c);)
		assert_true(c.kind == OP_RETAIN ? c.points == 1 : memcmp(c.text, "ö", 2) == 0);
	op_fini(&moved);
}

/* Longer than any text: kept apart rather than counted wrong. */
static void test_endless(void **state)
{
	struct op op = {0};

	(void)state;
	op_retain(&op, OP_MAX_POINTS);
	op_retain(&op, OP_MAX_POINTS);
	op_delete(&op, 2 * OP_MAX_POINTS + 1);
	assert_int_equal(op_base_points(&op), 4 * OP_MAX_POINTS + 1);
	assert_int_equal(op_growth(&op), -(ptrdiff_t)(2 * OP_MAX_POINTS + 1));
	op_fini(&op);
}

static void test_apply(void **state)
{
	static const struct {
		const char *text, *op, *out;
		enum err e;
	} rows[] = {
		{"helo you", "3 +l 5", "hello you", ERR_NONE},
		{"", "", "", ERR_NONE},
		{"", "+x", "x", ERR_NONE},
		{"añb", "1 -1 +😅", "a😅b", ERR_NONE},
		{"abc", "-3", "", ERR_NONE},
		{"abc", "3 +x", "abcx", ERR_NONE},
		{"abc", "9", "abc", ERR_NONE},
		{"abc", "+x 4 +y", "abc", ERR_RANGE},
		{"abc", "+x 1 -3", "abc", ERR_RANGE},
		{"", "-1", "", ERR_RANGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text *text = text_of(rows[i].text);
		struct op op = op_of(rows[i].op), inverse = {0};
		assert_int_equal(op_invert(&op, text, &inverse), rows[i].e);
		assert_int_equal(op_apply(&op, text), rows[i].e);
		assert_text(text, rows[i].out);
		assert_int_equal(op_apply(&inverse, text), ERR_NONE);
		assert_text(text, rows[i].text);
		finish(&op, &inverse);
		text_destroy(text);
	}
}

static void test_compose(void **state)
{
	static const struct {
		const char *a, *b, *both;
	} rows[] = {
		{"", "", ""},
		{"+a", "1 +b", "+ab"},
		{"+ab", "-2", ""},
		{"+abc", "1 -1", "+ac"},
		{"+añ😅", "1 -1", "+a😅"},
		{"-2", "+x", "+x -2"},
		{"2 -2", "1 +x", "1 +x 1 -2"},
		{"-1", "-1", "-2"},
		{"3 +x", "1 -2", "1 -2 +x"},
		{"+x", "9 +y", "+x 8 +y"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct op a = op_of(rows[i].a), b = op_of(rows[i].b), want = op_of(rows[i].both);
		struct op both = op_compose(&a, &b);
		assert_string_equal(op_written(&both), op_written(&want));
		finish(&a, &b);
		finish(&both, &want);
	}
}

static void test_transform(void **state)
{
	static const struct {
		const char *a, *b;
		bool a_first;
		const char *a2, *b2;
	} rows[] = {
		{"+a", "+b", true, "+a", "1 +b"},
		{"+a", "+b", false, "1 +a", "+b"},
		{"2 +a", "1 +b", true, "3 +a", "1 +b"},
		{"-2", "1 -2", true, "-1", "-1"},
		{"-3", "1 +x 2", true, "-1 1 -2", "+x"},
		{"-3", "-3", true, "", ""},
		{"1 -1", "3 +x", false, "1 -1", "2 +x"},
		{"+a -1", "+b", false, "1 +a -1", "+b"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct op a = op_of(rows[i].a), b = op_of(rows[i].b), a2, b2;
		op_transform(&a, &b, rows[i].a_first, &a2, &b2);
		assert_op(&a2, rows[i].a2);
		assert_op(&b2, rows[i].b2);
		finish(&a, &b);
		finish(&a2, &b2);
	}
}

/* Why the live link never composes what the other end goes through one by one. */
static void test_transform_is_not_closed_under_composition(void **state)
{
	struct op a = op_of("1 +a"), b = op_of("-1"), c = op_of("+c");
	struct op both = op_compose(&b, &c), past_b, past_c, past_both;

	(void)state;
	op_transform(&a, &b, true, &past_b, NULL);
	op_transform(&past_b, &c, true, &past_c, NULL);
	op_transform(&a, &both, true, &past_both, NULL);
	assert_op(&past_c, "+a");
	assert_op(&past_both, "1 +a");
	finish(&a, &b);
	finish(&c, &both);
	finish(&past_b, &past_c);
	op_fini(&past_both);
}

static void test_pos(void **state)
{
	static const struct {
		const char *op;
		size_t pos, stay, push;
	} rows[] = {
		{"", 7, 7, 7},
		{"3 +xy", 2, 2, 2},
		{"3 +xy", 3, 3, 5},
		{"3 +xy", 4, 6, 6},
		{"1 -3", 1, 1, 1},
		{"1 -3", 3, 1, 1},
		{"1 -3", 9, 6, 6},
		{"1 +z -3", 1, 1, 2},
		{"1 +z -3", 2, 2, 2},
		{"+a 2 +b", 2, 3, 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct op op = op_of(rows[i].op);
		assert_int_equal(op_transform_pos(&op, rows[i].pos, false), rows[i].stay);
		assert_int_equal(op_transform_pos(&op, rows[i].pos, true), rows[i].push);
		op_fini(&op);
	}
}

/* A text may not pass its limit, and then nothing of the op is done. */
static void test_limit(void **state)
{
	struct op op = op_too_long();
	struct text *text = text_of("0123456789");

	(void)state;
	assert_int_equal(op_apply(&op, text), ERR_LIMIT);
	assert_text(text, "0123456789");
	text_destroy(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normal_form),
		cmocka_unit_test(test_measures),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_growing),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_compose),
		cmocka_unit_test(test_transform),
		cmocka_unit_test(test_transform_is_not_closed_under_composition),
		cmocka_unit_test(test_pos),
		cmocka_unit_test(test_limit),
	};
	return cmocka_run_group_tests_name("op", tests, NULL, NULL);
}
