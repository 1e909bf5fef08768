#include "tests/unit/ot/notation.h"

#include "ot/anchor.h"

static void test_ends(void **state)
{
	(void)state;
	assert_int_equal(anchor_start((struct sel){3, 7}), 3);
	assert_int_equal(anchor_end((struct sel){3, 7}), 7);
	assert_int_equal(anchor_start((struct sel){7, 3}), 3);
	assert_int_equal(anchor_end((struct sel){7, 3}), 7);
	assert_int_equal(anchor_start((struct sel){5, 5}), 5);
	assert_int_equal(anchor_end((struct sel){5, 5}), 5);
}

/* The caret's owner is user 5. */
static void test_shift(void **state)
{
	static const struct {
		const char *op;
		uint64_t author;
		struct sel from, to;
	} rows[] = {
		{"2 +xx", 4, {2, 2}, {4, 4}}, /* a lower user's text stands before ours */
		{"2 +xx", 5, {2, 2}, {4, 4}}, /* our own typing moves our caret */
		{"2 +xx", 6, {2, 2}, {2, 2}},
		{"2 +xx", 6, {3, 1}, {5, 1}},
		{"2 +xx", 0, {1, 2}, {1, 4}},
		{"1 -4", 6, {2, 9}, {1, 5}},
		{"1 -4", 6, {9, 5}, {5, 1}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct op op = op_of(rows[i].op);
		struct sel sel = rows[i].from;
		anchor_shift(&sel, &op, rows[i].author, 5);
		assert_int_equal(sel.anchor, rows[i].to.anchor);
		assert_int_equal(sel.head, rows[i].to.head);
		op_fini(&op);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_shift),
	};
	return cmocka_run_group_tests_name("anchor", tests, NULL, NULL);
}
