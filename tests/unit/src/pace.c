/*
 * How fast one may speak, by the numbers of codecollab(1): two seconds' worth at once, half a minute of too much.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/server/pace.h"

#define A_SECOND 500 /* messages: each has 2 ms */
#define BEGIN_MS 1000000

static enum pace_word say(struct pace *pace, uint64_t now_ms, unsigned messages)
{
	enum pace_word word = PACE_READ;

	while (messages--)
		word = pace_spend(pace, now_ms, A_SECOND);
	return word;
}

static void two_seconds_worth_may_come_at_once(void **state)
{
	struct pace pace = {0};

	(void)state;
	assert_int_equal(say(&pace, BEGIN_MS, 999), PACE_READ);
	assert_int_equal(pace_rest(&pace, BEGIN_MS), PACE_READ);
	assert_int_equal(say(&pace, BEGIN_MS, 1), PACE_HOLD);
	assert_int_equal(pace_rest(&pace, BEGIN_MS + 1000), PACE_HOLD); /* a second is left */
	assert_int_equal(pace_rest(&pace, BEGIN_MS + 1001), PACE_READ);
}

static void who_keeps_the_pace_is_never_held(void **state)
{
	struct pace pace = {0};

	(void)state;
	for (uint64_t ms = 0; ms < 100000; ms += 20)
		assert_int_equal(say(&pace, BEGIN_MS + ms, 10), PACE_READ);
	assert_int_equal(pace_rest(&pace, BEGIN_MS + 100000), PACE_READ);
}

static void silence_is_not_saved_up(void **state)
{
	struct pace pace = {0};

	(void)state;
	say(&pace, BEGIN_MS, 1);
	assert_int_equal(say(&pace, BEGIN_MS + 3600000, 1000), PACE_HOLD);
}

static void half_a_minute_ahead_is_the_end(void **state)
{
	struct pace pace = {0};

	(void)state;
	assert_int_equal(say(&pace, BEGIN_MS, 15000), PACE_HOLD);
	assert_int_equal(say(&pace, BEGIN_MS, 1), PACE_END);
}

/* Each time held, each time heard again, for longer than half a minute. */
static void so_is_half_a_minute_of_too_much(void **state)
{
	struct pace pace = {0};
	uint64_t now_ms = BEGIN_MS;

	(void)state;
	say(&pace, now_ms, 1000);
	for (; now_ms < BEGIN_MS + 30000; now_ms += 1500) {
		assert_int_not_equal(pace_rest(&pace, now_ms), PACE_END);
		say(&pace, now_ms, 750);
	}
	assert_int_equal(pace_rest(&pace, BEGIN_MS + 30001), PACE_END);
}

static void calm_is_remembered_and_floods_are_not(void **state)
{
	struct pace pace = {0};
	uint64_t now_ms = BEGIN_MS;

	(void)state;
	for (int i = 0; i < 10; i++,
		 now_ms += 8000) { /* two seconds of using it up, and more than five of nothing */
		assert_int_equal(say(&pace, now_ms, 1000), PACE_HOLD);
		assert_int_equal(pace_rest(&pace, now_ms + 7500), PACE_READ);
	}
	say(&pace, now_ms, 1000);
	assert_int_equal(
		pace_rest(&pace, now_ms + 3600000), PACE_READ); /* nobody looked meanwhile */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_seconds_worth_may_come_at_once),
		cmocka_unit_test(who_keeps_the_pace_is_never_held),
		cmocka_unit_test(silence_is_not_saved_up),
		cmocka_unit_test(half_a_minute_ahead_is_the_end),
		cmocka_unit_test(so_is_half_a_minute_of_too_much),
		cmocka_unit_test(calm_is_remembered_and_floods_are_not),
	};

	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
