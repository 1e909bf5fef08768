#include "tests/unit/ot/notation.h"

#include "ot/chain.h"

static void add(struct chain *chain, const char *notation)
{
	struct op op = op_of(notation);

	chain_add(chain, &op);
}

static void test_whole(void **state)
{
	struct chain chain = {0};

	(void)state;
	assert_true(chain_is_empty(&chain));
	assert_op(chain_whole(&chain), "");
	add(&chain, "");
	assert_true(chain_is_empty(&chain));
	add(&chain, "+a");
	add(&chain, "1 +b");
	add(&chain, "9 -1 +z");
	assert_int_equal(chain_shift(&chain, 0, true), 2);
	assert_int_equal(chain_shift(&chain, 0, false), 0);
	assert_op(chain_whole(&chain), "+ab 7 +z -1");
	struct op whole = chain_take(&chain);
	assert_op(&whole, "+ab 7 +z -1");
	assert_true(chain_is_empty(&chain));
	op_fini(&whole);
	chain_fini(&chain);
}

static void test_cancelling(void **state)
{
	struct chain chain = {0};

	(void)state;
	add(&chain, "+a");
	add(&chain, "-1");
	assert_true(chain_is_empty(&chain));
	add(&chain, "3 +abc");
	add(&chain, "4 -1");
	add(&chain, "3 -2");
	assert_true(chain_is_empty(&chain));
	chain_fini(&chain);
}

/* However many edits, few runs; letters typed in a row are one component. */
static void test_few_runs(void **state)
{
	struct chain chain = {0};

	(void)state;
	for (size_t i = 0; i < 4096; i++) {
		struct op op = {0};
		op_retain(&op, i * 7919 % 4096 * 2);
		op_delete(&op, 1);
		op_insert(&op, "x", 1);
		chain_add(&chain, &op);
		assert_true(chain.count <= CHAIN_FRESH + 14);
	}
	assert_int_equal(op_bytes(chain_whole(&chain)), 4096);
	chain_fini(&chain);
	for (size_t i = 0; i < 100; i++) {
		struct op op = {0};
		op_retain(&op, 5 + i);
		op_insert(&op, "y", 1);
		chain_add(&chain, &op);
	}
	assert_int_equal(op_count(chain_whole(&chain)), 2);
	chain_fini(&chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_cancelling),
		cmocka_unit_test(test_few_runs),
	};
	return cmocka_run_group_tests_name("chain", tests, NULL, NULL);
}
