/* Names and looks of the parts of the screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/theme.h"

static void each_part_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (enum theme part = 0; part < THEME_PARTS; part++) {
		const char *name = theme_name_of(part);
		assert_int_equal(theme_named(name, strlen(name)), part);
	}
	assert_int_equal(theme_named("comment", 7), THEME_COMMENT);
	assert_int_equal(theme_named("comment", 6), THEME_PARTS);
	assert_int_equal(theme_named("", 0), THEME_PARTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests_name("theme", tests, NULL, NULL);
}
