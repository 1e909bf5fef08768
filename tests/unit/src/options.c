/*
 * Options that are numbers, and the limits that a host may choose.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/options.h"
#include "src/server/limits.h"

#define UNTOUCHED 7

static bool parse(char *value, size_t *out)
{
	struct option_number number = {out, 10, (size_t)4 << 20};
	const struct option_row rows[] = {
		{"size", "N", "a size", OPTION_NUMBER, &number}, {NULL, NULL, NULL, 0, NULL}};
	char name[] = "host", option[] = "--size";
	char *argv[] = {name, option, value, NULL};
	int rest;

	*out = UNTOUCHED;
	return options_parse(rows, 3, argv, 0, &rest);
}

static void numbers(void **state)
{
	static const struct {
		const char *value;
		size_t number;
	} good[] = {{"10", 10}, {"11", 11}, {"1K", 1024}, {"3M", 3145728}, {"4M", 4194304},
		{"4096K", 4194304}, {"010", 10}};
	static const char *const bad[] = {"", "9", "-10", "+10", " 10", "10 ", "1k", "1KB", "1G",
		"K", "5M", "4194305", "0x10", "1.5M", "ten", "18446744073709551626",
		"17592186044417M", "99999999999999999999999"};
	char value[40];
	size_t number;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		strcpy(value, good[i].value);
		assert_true(parse(value, &number));
		assert_int_equal(number, good[i].number);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		strcpy(value, bad[i]);
		assert_false(parse(value, &number));
		assert_int_equal(number, UNTOUCHED);
	}
}

static void limits_are_within_their_bounds(void **state)
{
	struct limits limits;

	(void)state;
	memset(&limits, 0xff, sizeof(limits));
	limits_init(&limits);
	assert_int_equal(sizeof(limits), LIMITS_ROWS * sizeof(size_t)); /* a row for each */
	for (size_t i = 0; i < LIMITS_ROWS; i++) {
		const struct limits_row *row = &limits_rows[i];
		size_t value = *limits_field(&limits, row);
		assert_in_range(value, row->least, row->most);
		assert_true(row->least > 0);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(row->name, limits_rows[j].name);
			assert_int_not_equal(row->offset, limits_rows[j].offset);
		}
	}
	assert_int_equal(limits.document_bytes, 67108864); /* as the protocol's page says */
	assert_int_equal(limits.queue_bytes, 4194304);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(limits_are_within_their_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
