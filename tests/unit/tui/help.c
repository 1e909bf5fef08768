/* The help screen leaves nothing out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/command.h"
#include "tui/help.h"

static bool ends(const struct help_row *row)
{
	return !row->heading && !row->command && !row->words;
}

static void every_command_is_there_once(void **state)
{
	(void)state;
	for (const struct command *c = command_table; c->name; c++) {
		size_t times = 0;
		for (const struct help_row *row = help_rows; !ends(row); row++)
			times += row->command && strcmp(row->command, c->name) == 0;
		if (times != 1)
			fail_msg("%s is there %zu times", c->name, times);
	}
}

static void every_row_is_of_one_kind(void **state)
{
	(void)state;
	assert_non_null(help_rows[0].heading);
	for (const struct help_row *row = help_rows; !ends(row); row++) {
		assert_int_equal(!!row->heading + !!row->command + !!row->words, 1);
		assert_int_equal(!!row->keys, !!row->words);
		if (row->command && !command_named(row->command, strlen(row->command)))
			fail_msg("there is no command %s", row->command);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_command_is_there_once),
		cmocka_unit_test(every_row_is_of_one_kind)};

	return cmocka_run_group_tests_name("help", tests, NULL, NULL);
}
