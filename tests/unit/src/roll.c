/* Does one roll know of all that another has counted? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "src/server/roll.h"

static uint64_t newcomer(struct roll *roll, const char *id)
{
	struct store_session session = {.user = 1};

	snprintf(session.id, sizeof(session.id), "%s", id);
	return roll_add(roll, &session);
}

/* Two servers, of one room, as far as they have both heard. */
struct pair {
	struct roll one, other;
	uint64_t ada, ben;
};

static struct pair begin(void)
{
	struct pair p = {0};

	for (int i = 0; i < 2; i++) {
		struct roll *roll = i ? &p.other : &p.one;
		p.ada = newcomer(roll, "ada");
		p.ben = newcomer(roll, "ben");
		roll_count(roll, p.ada, 1, 3);
		roll_count(roll, p.ben, 2, 1);
	}
	return p;
}

static void finish(struct pair *p)
{
	roll_fini(&p->one);
	roll_fini(&p->other);
}

static void who_has_heard_more_knows_of_all(void **state)
{
	struct pair p = begin();

	(void)state;
	assert_true(roll_reaches(&p.one, &p.other, 1));
	roll_count(&p.one, p.ada, 1, 4);
	newcomer(&p.one, "cleo");
	assert_true(roll_reaches(&p.one, &p.other, 1));
	assert_false(roll_reaches(&p.other, &p.one, 1));
	assert_true(roll_reaches(&p.other, &p.one, 2)); /* of another document */
	finish(&p);
}

static void each_may_lack_something(void **state)
{
	struct pair p = begin();

	(void)state;
	roll_count(&p.one, p.ada, 1, 4);
	roll_count(&p.other, p.ben, 1, 1);
	assert_false(roll_reaches(&p.one, &p.other, 1));
	assert_false(roll_reaches(&p.other, &p.one, 1));
	finish(&p);
}

static void newcomers_who_have_only_come_are_no_loss(void **state)
{
	struct pair p = begin();
	uint64_t cleo = newcomer(&p.other, "cleo");

	(void)state;
	assert_true(roll_reaches(&p.one, &p.other, 1));
	roll_count(&p.other, cleo, 1, 1);
	assert_false(roll_reaches(&p.one, &p.other, 1));
	/* nor is somebody else who was given her number elsewhere */
	roll_count(&p.one, newcomer(&p.one, "dan"), 1, 9);
	assert_false(roll_reaches(&p.one, &p.other, 1));
	finish(&p);
}

static void who_has_left_for_good_is_no_loss(void **state)
{
	struct pair p = begin();

	(void)state;
	roll_end(&p.one, p.ada);
	assert_true(roll_reaches(&p.one, &p.other, 1));
	finish(&p);
}

static void who_has_counted_nothing_reaches_nothing(void **state)
{
	struct roll nobody = {0};
	struct pair p = begin();

	(void)state;
	assert_false(roll_reaches(&nobody, &p.one, 1));
	assert_true(roll_reaches(&nobody, &p.one, 3));
	assert_true(roll_reaches(&p.one, &nobody, 1));
	finish(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_heard_more_knows_of_all),
		cmocka_unit_test(each_may_lack_something),
		cmocka_unit_test(newcomers_who_have_only_come_are_no_loss),
		cmocka_unit_test(who_has_left_for_good_is_no_loss),
		cmocka_unit_test(who_has_counted_nothing_reaches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
