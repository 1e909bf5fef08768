/* familiar: whom we met, each once, and not who left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/client/familiar.h"

static void who_was_met_is_known_until_they_leave(void **state)
{
	struct familiar familiar = {0};

	(void)state;
	assert_true(familiar_meet(&familiar, 7));
	assert_true(familiar_meet(&familiar, 3));
	assert_true(familiar_meet(&familiar, 9));
	assert_false(familiar_meet(&familiar, 7));
	familiar_part(&familiar, 3);
	familiar_part(&familiar, 4); /* never met */
	assert_false(familiar_meet(&familiar, 7));
	assert_false(familiar_meet(&familiar, 9));
	assert_true(familiar_meet(&familiar, 3));
	familiar_fini(&familiar);
	assert_true(familiar_meet(&familiar, 7));
	familiar_fini(&familiar);
}

static void the_oldest_are_forgotten(void **state)
{
	struct familiar familiar = {0};

	(void)state;
	for (uint64_t user = 0; user < FAMILIAR_MAX; user++)
		assert_true(familiar_meet(&familiar, user));
	assert_false(familiar_meet(&familiar, 0));
	assert_true(familiar_meet(&familiar, FAMILIAR_MAX));
	assert_int_equal(familiar.count, FAMILIAR_MAX);
	assert_false(familiar_meet(&familiar, 1));
	assert_true(familiar_meet(&familiar, 0));
	familiar_fini(&familiar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_was_met_is_known_until_they_leave),
		cmocka_unit_test(the_oldest_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
