/* A file is edited where the libraries are not that only rooms need, and they come when a room does, however the loader was told to bind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/e2e/scene.h"

#define FILE_NAME "notes.txt"

/* The loader finds a file that is no library first. */
static void break_library(struct stage *stage)
{
	const char *path = stage_write(stage, "libzstd.so.1", "none", 4);
	char *folder = strndup(path, (size_t)(strrchr(path, '/') - path));

	setenv("LD_LIBRARY_PATH", folder, 1);
	free(folder);
}

static void test_no_library(void **state)
{
	struct stage *stage = *state;

	stage_write(stage, FILE_NAME, "alone\n", 6);
	break_library(stage);
	struct terminal *ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "alone");
	terminal_see(ada, "Unsaved edits are not kept: a library is missing: ");
	terminal_type(ada, "X");
	terminal_press(ada, "F2");
	terminal_see_none(ada, "Unsaved edits are not kept");
	terminal_see(ada, "a library is missing: ");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, FILE_NAME, "Xalone\n", 7);
	terminal_see_none(ada, "not saved");
	scene_leave(ada);
	struct terminal *ben = stage_host(stage, FILE_NAME, "Ben");
	assert_int_equal(terminal_exit(ben), 1);
	assert_non_null(strstr(terminal_words(ben), "a library is missing: "));
	terminal_end(ben);
	unsetenv("LD_LIBRARY_PATH");
}

static void test_bound_at_once(void **state)
{
	struct stage *stage = *state;

	stage_write(stage, FILE_NAME, "alone\n", 6);
	setenv("LD_BIND_NOW", "1", 1);
	struct terminal *ada = stage_edit(stage, FILE_NAME);
	terminal_see(ada, "alone");
	terminal_press(ada, "F2");
	terminal_see(ada, "wss://");
	unsetenv("LD_BIND_NOW");
	terminal_press(ada, "Esc");
	terminal_see_none(ada, "wss://");
	scene_leave(ada);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_library, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(test_bound_at_once, stage_setup, stage_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
