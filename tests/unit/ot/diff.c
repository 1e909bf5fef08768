#include "tests/unit/ot/notation.h"

#include "ot/diff.h"

struct row {
	const char *from, *to, *diff;
};

static void assert_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct text *from = text_of(rows[i].from), *to = text_of(rows[i].to);
		struct op op = op_diff(from, to);
		assert_op(&op, rows[i].diff);
		op_fini(&op);
		text_destroy(from);
		text_destroy(to);
	}
}

#define ROWS(rows) assert_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void one_place(void **state)
{
	static const struct row rows[] = {
		{"", "", ""}, {"same", "same", ""}, {"", "new", "+new"}, {"old", "", "-3"},
		{"helo", "hello", "3 +l"}, {"hello", "helo", "3 -1"}, {"aXb", "aYb", "1 +Y -1"},
		{"aa", "aaaa", "2 +aa"}, {"é", "è", "+è -1"}, /* they share a byte */
	};

	(void)state;
	ROWS(rows);
}

static void two_places(void **state)
{
	static const struct row rows[] = {
		{"a\nb\nc\n", "A\nb\nC\n", "+A -1 3 +C -1"},
		{"one\ntwo\nthree\n", "zero\none\ntwo!\nthree\n", "+zero\n 7 +!"},
		{"f(a, b);", "f(x, y);", "2 +x -1 2 +y -1"},
		{"a\nb\nc", "c", "-4"},
		{"a\nb\n", "a\nb", "3 -1"},
	};

	(void)state;
	ROWS(rows);
}

/* A line that stays keeps its own characters, where those of its neighbours would do as well. */
static void whole_lines(void **state)
{
	static const struct row rows[] = {
		{"ab\nac\n", "ac\n", "-3"},
		{"ac\n", "ab\nac\n", "+ab\n"},
		{"x\nab\ny\n", "x\nac\nab\nz\n", "2 +ac\n 3 +z -1"},
	};

	(void)state;
	ROWS(rows);
}

/* The n of "int" does not become that of "long". */
static void words_are_not_mixed(void **state)
{
	static const struct row rows[] = {
		{"int\ta;\nint\tb;\n", "long\ta;\nint\tb;\nint\tc;\n", "+long -3 11 +int\tc;\n"},
		{"int b;", "long b;", "+long -3"},
		{"abcd", "xbyd", "+xby -3"},
	};

	(void)state;
	ROWS(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_place),
		cmocka_unit_test(two_places),
		cmocka_unit_test(whole_lines),
		cmocka_unit_test(words_are_not_mixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
