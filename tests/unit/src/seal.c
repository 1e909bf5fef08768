/*
 * Seals, against a model that is as slow as the header reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/server/seal.h"
#include "src/server/sql.h"

#define PRIME 2305843009213693951u /* 2^61 - 1 */

static uint64_t times(uint64_t a, uint64_t b)
{
	uint64_t sum = 0;

	for (; b; b >>= 1, a = (a + a) % PRIME)
		if (b & 1)
			sum = (sum + a) % PRIME;
	return sum;
}

/* Bit by bit. */
static uint64_t mixed(uint64_t h)
{
	static const int shifts[] = {30, 27, 31};
	static const uint64_t factors[] = {0xbf58476d1ce4e5b9, 0x94d049bb133111eb, 1};

	for (int round = 0; round < 3; round++) {
		uint64_t was = h;
		for (int bit = 0; bit + shifts[round] < 64; bit++)
			h ^= (was >> (bit + shifts[round]) & 1) << bit;
		h *= factors[round];
	}
	return h;
}

static uint64_t model_bytes(uint64_t place, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	uint64_t h = place;

	for (size_t i = 0; i < len; i++)
		h = (times(h, 1000000007) + at[i] + 1) % PRIME;
	return mixed(h);
}

static uint64_t model_number(uint64_t place, uint64_t number)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++, number /= 256)
		bytes[i] = (unsigned char)(number % 256);
	return model_bytes(place, bytes, 8);
}

static uint64_t ask(const char *question)
{
	sqlite3 *db;
	uint64_t answer;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_true(seal_install(db));
	assert_true(sql_ask_number(db, &(struct sql){"", question}, NULL, &answer));
	sqlite3_close(db);
	return answer;
}

static void a_seal_is_the_sum_of_the_columns(void **state)
{
	uint64_t name = model_bytes(1, "Ada", 3), text = model_bytes(3, "hello, world", 12);

	(void)state;
	assert_int_equal(ask("SELECT seal('Ada')"), name);
	assert_int_equal(ask("SELECT seal('')"), mixed(1));
	assert_int_equal(ask("SELECT seal(x'')"), mixed(1));
	assert_int_equal(ask("SELECT seal(0)"), model_number(1, 0));
	assert_int_equal(ask("SELECT seal(-2)"), model_number(1, UINT64_MAX - 1));
	assert_int_equal(ask("SELECT seal(x'00ff00')"), model_bytes(1, "\0\xff", 3));
	assert_int_equal(ask("SELECT seal('Ada', 1700000000000, 'hello, world')"),
		name + model_number(2, 1700000000000) + text);
}

/* The first two numbers that splitmix64 gives from 1234567, as others have printed them. */
static void the_model_mixes_as_others_do(void **state)
{
	(void)state;
	assert_int_equal(mixed(1234567 + 0x9e3779b97f4a7c15), 6457827717110365317u);
	assert_int_equal(mixed(1234567 + 2 * 0x9e3779b97f4a7c15), 3203168211198807973u);
}

static void columns_are_not_exchanged(void **state)
{
	(void)state;
	assert_int_equal(ask("SELECT seal(1, 2) = seal(2, 1)"), 0);
	assert_int_equal(ask("SELECT seal('a', 'b') = seal('b', 'a')"), 0);
	assert_int_equal(ask("SELECT seal('ab', '') = seal('', 'ab')"), 0);
	assert_int_equal(ask("SELECT seal('a', 'bc') = seal('ab', 'c')"), 0);
}

static void a_column_can_be_another_one(void **state)
{
	(void)state;
	assert_int_equal(
		ask("SELECT reseal(seal('a', 1, x'07'), 2, 1, 99) = seal('a', 99, x'07')"), 1);
	assert_int_equal(ask("SELECT reseal(seal('a', 1), 1, 'a', 'other') = seal('other', 1)"), 1);
}

static void what_was_damaged_before_stays_so(void **state)
{
	(void)state;
	/* written as ('a', 1), it is ('b', 1) now, and 1 becomes 2: so it does with the damaged column itself */
	assert_int_equal(ask("SELECT reseal(seal('a', 1), 2, 1, 2) = seal('b', 2)"), 0);
	assert_int_equal(ask("SELECT reseal(seal('a', 1), 1, 'b', 'c') = seal('c', 1)"), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_model_mixes_as_others_do),
		cmocka_unit_test(a_seal_is_the_sum_of_the_columns),
		cmocka_unit_test(columns_are_not_exchanged),
		cmocka_unit_test(a_column_can_be_another_one),
		cmocka_unit_test(what_was_damaged_before_stays_so),
	};

	return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
