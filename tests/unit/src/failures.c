#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ot/mem.h"
#include "src/server/failures.h"

#define START 1000000

static void fail_times(struct failures *f, const char *peer, size_t times, uint64_t now)
{
	for (size_t i = 0; i < times; i++)
		failures_add(f, peer, now);
}

static void counts_a_minute(void **state)
{
	struct failures *f = mem_alloc(sizeof(*f));

	(void)state;
	assert_false(failures_many(f, "192.0.2.7", 3, START));
	fail_times(f, "192.0.2.7", 2, START);
	assert_false(failures_many(f, "192.0.2.7", 3, START));
	fail_times(f, "192.0.2.7", 1, START + 59000);
	assert_true(failures_many(f, "192.0.2.7", 3, START + 59999));
	assert_false(failures_many(f, "192.0.2.8", 3, START + 59999));
	assert_false(failures_many(f, "192.0.2.7", 3, START + 60000));
	fail_times(f, "192.0.2.7", 1, START + 60000);
	assert_false(failures_many(f, "192.0.2.7", 2, START + 60000));
	free(f);
}

/* Which addresses are one, and which are not. */
static void tells_addresses_apart(void **state)
{
	static const struct {
		const char *fails, *asks;
		size_t fails_times;
		int many;
	} cases[] = {
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", 5, 1},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", 5, 0},
		{"::ffff:192.0.2.1", "192.0.2.1", 5, 1},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.2", 5, 0},
		{"192.0.2.1", "192.0.2.2", 5, 0},
		{"127.0.0.1", "127.0.0.1", 499, 0},
		{"127.0.0.1", "127.0.0.1", 500, 1},
		{"127.0.0.9", "127.0.0.9", 499, 0},
		{"::1", "::1", 499, 0},
		{"::1", "::1", 500, 1},
		{"::2", "::2", 5, 1},
		{"126.0.0.1", "126.0.0.1", 5, 1},
		{"", "nonsense", 5, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct failures *f = mem_alloc(sizeof(*f));
		fail_times(f, cases[i].fails, cases[i].fails_times, START);
		if (failures_many(f, cases[i].asks, 5, START) != cases[i].many)
			fail_msg("case %zu: %s, then %s", i, cases[i].fails, cases[i].asks);
		free(f);
	}
}

/* More addresses than places: the newest is always known, and nothing else happens. */
static void is_bounded(void **state)
{
	struct failures *f = mem_alloc(sizeof(*f));
	char peer[32];

	(void)state;
	for (unsigned i = 0; i < 20 * FAILURES_PLACES; i++) {
		snprintf(peer, sizeof(peer), "10.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
		failures_add(f, peer, START + i / 100);
		assert_true(failures_many(f, peer, 1, START + i / 100));
	}
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_a_minute),
		cmocka_unit_test(tells_addresses_apart),
		cmocka_unit_test(is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
