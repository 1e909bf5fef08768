/* The waits between tries: from 0.3 s on below a bound that doubles, 30 s at most, and all of that range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/client/backoff.h"

static const uint64_t bounds[] = {300, 600, 1200, 2400, 4800, 9600, 19200, 30000, 30000, 30000};

#define TRIES (sizeof(bounds) / sizeof(bounds[0]))

static void the_longest_waits_double(void **state)
{
	struct backoff backoff = {0};

	(void)state;
	for (size_t i = 0; i < TRIES; i++)
		assert_int_equal(backoff_next(&backoff, UINT32_MAX), bounds[i]);
}

static void the_shortest_stay(void **state)
{
	struct backoff backoff = {0};

	(void)state;
	for (size_t i = 0; i < TRIES; i++)
		assert_int_equal(backoff_next(&backoff, 0), 300);
}

/* Full jitter: a middling random number gives the middle of the range, so no two clients keep in step. */
static void what_is_between_is_even(void **state)
{
	struct backoff backoff = {0};

	(void)state;
	for (size_t i = 0; i < TRIES; i++)
		assert_in_range(backoff_next(&backoff, UINT32_MAX / 2), (300 + bounds[i]) / 2 - 1,
			(300 + bounds[i]) / 2 + 1);
}

static void it_begins_anew(void **state)
{
	struct backoff backoff = {0};

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		backoff_next(&backoff, 7);
	assert_int_equal(backoff_next(&backoff, UINT32_MAX), 30000);
	backoff_reset(&backoff);
	assert_int_equal(backoff_next(&backoff, UINT32_MAX), 300);
	assert_int_equal(backoff_next(&backoff, UINT32_MAX), 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_waits_double),
		cmocka_unit_test(the_shortest_stay),
		cmocka_unit_test(what_is_between_is_even),
		cmocka_unit_test(it_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
