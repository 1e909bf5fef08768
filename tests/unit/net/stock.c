/* Memory that goes round: lent, given back, and bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/stock.h"

static struct buf filled(size_t bytes)
{
	struct buf b = {0};

	buf_room(&b, bytes);
	b.len = bytes;
	return b;
}

static void what_was_given_is_lent(void **state)
{
	struct stock stock = {0};
	struct buf b = filled(100);
	const char *at = b.at;

	(void)state;
	stock_give(&stock, &b);
	assert_null(b.at);
	assert_int_equal(b.cap, 0);
	stock_lend(&stock, &b);
	assert_ptr_equal(b.at, at);
	assert_int_equal(b.len, 0);
	assert_int_equal(stock.bytes, 0);
	stock_give(&stock, &b);
	stock_fini(&stock);
}

static void who_has_memory_gets_none(void **state)
{
	struct stock stock = {0};
	struct buf spare = filled(10), b = filled(20);
	const char *at = b.at;

	(void)state;
	stock_give(&stock, &spare);
	stock_lend(&stock, &b);
	assert_ptr_equal(b.at, at);
	assert_int_equal(b.len, 20);
	assert_int_equal(stock.count, 1);
	buf_fini(&b);
	stock_fini(&stock);
}

static void nothing_is_lent_of_nothing(void **state)
{
	struct stock stock = {0};
	struct buf b = {0};

	(void)state;
	stock_lend(&stock, &b);
	stock_give(&stock, &b);
	stock_lend(NULL, &b);
	assert_null(b.at);
	assert_int_equal(stock.count, 0);
	b = filled(3);
	stock_give(NULL, &b);
	assert_null(b.at);
}

static void it_is_bounded(void **state)
{
	struct stock stock = {0};

	(void)state;
	struct buf large = filled(STOCK_BUF_BYTES + 1);
	stock_give(&stock, &large);
	assert_null(large.at);
	assert_int_equal(stock.count, 0);
	for (size_t i = 0; i < 2 * STOCK_BYTES / STOCK_BUF_BYTES; i++) {
		struct buf b = filled(STOCK_BUF_BYTES);
		stock_give(&stock, &b);
		assert_null(b.at);
	}
	assert_true(stock.bytes <= STOCK_BYTES);
	assert_true(stock.count >= STOCK_BYTES / STOCK_BUF_BYTES / 2);
	stock_fini(&stock);
	assert_int_equal(stock.bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_given_is_lent),
		cmocka_unit_test(who_has_memory_gets_none),
		cmocka_unit_test(nothing_is_lent_of_nothing),
		cmocka_unit_test(it_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
