/* Several files edited alone: going from one to another, saving under another name, and leaving with something unsaved in each. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/scene.h"

static struct terminal *begin(struct stage *stage)
{
	struct terminal *ada;

	stage_write(stage, "a.txt", "alpha\n", 6);
	stage_write(stage, "b.txt", "beta\n", 5);
	ada = stage_edit(stage, "a.txt");
	terminal_see(ada, "alpha");
	return ada;
}

static void open_file(struct terminal *t, const char *name)
{
	terminal_press(t, "C-o");
	terminal_see(t, "Open:");
	terminal_type(t, name);
	terminal_press(t, "Enter");
	terminal_see_none(t, "Open:");
}

static void test_another_file(void **state)
{
	struct stage *stage = *state;
	struct terminal *ada = begin(stage);

	terminal_type(ada, "X");
	open_file(ada, "b");
	terminal_type(ada, "Y");
	terminal_see(ada, "Ybeta");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, "b.txt", "Ybeta\n", 6);
	terminal_press(ada, "C-o Enter"); /* where one was before */
	terminal_see(ada, "Xalpha");
	terminal_see(ada, "not saved");
	terminal_press(ada, "C-o b Enter C-o Enter"); /* there and back, faster than one can look */
	terminal_see(ada, "Xalpha");
	terminal_press(ada, "C-z");
	terminal_see_none(ada, "Xalpha");
	terminal_press(ada, "C-y C-s C-q"); /* what is being saved is not asked for */
	assert_int_equal(terminal_exit(ada), 0);
	stage_file_becomes(stage, "a.txt", "Xalpha\n", 7);
}

/* Each asks for itself, the one on the screen first. */
static void test_leaving(void **state)
{
	struct stage *stage = *state;
	struct terminal *ada = begin(stage);

	terminal_type(ada, "X");
	open_file(ada, "b");
	terminal_type(ada, "Y");
	terminal_see(ada, "Ybeta");
	terminal_press(ada, "C-q");
	terminal_see(ada, "Not saved.");
	terminal_type(ada, "y");
	stage_file_becomes(stage, "b.txt", "Ybeta\n", 6);
	terminal_see(ada, "Xalpha");
	terminal_see(ada, "Not saved.");
	terminal_press(ada, "Esc");
	terminal_see_none(ada, "Not saved.");
	terminal_type(ada, "Z");
	terminal_see(ada, "XZalpha");
	terminal_press(ada, "C-q");
	terminal_see(ada, "Not saved.");
	terminal_type(ada, "y");
	assert_int_equal(terminal_exit(ada), 0);
	stage_file_becomes(stage, "a.txt", "XZalpha\n", 8);
}

/* What is typed ahead of a question is its answer, and nothing for the text. */
static void test_typed_ahead(void **state)
{
	struct stage *stage = *state;
	struct terminal *ada = begin(stage);

	terminal_press(ada, "C-o b Enter Y C-q n");
	assert_int_equal(terminal_exit(ada), 0);
	terminal_end(ada);
	ada = begin(stage);
	terminal_press(ada, "C-o b Enter Y C-s Z C-q y");
	assert_int_equal(terminal_exit(ada), 0);
	stage_file_becomes(stage, "b.txt", "YZbeta\n", 7);
}

/* Edits that came to nothing are nothing to ask about. */
static void test_leaving_as_it_was(void **state)
{
	struct stage *stage = *state;
	struct terminal *ada = begin(stage);

	terminal_press(ada, "S-Right Delete");
	terminal_see_none(ada, "alpha");
	terminal_type(ada, "a");
	terminal_see(ada, "alpha");
	terminal_see(ada, "not saved");
	open_file(ada, "b");
	terminal_see(ada, "beta");
	terminal_press(ada, "C-q"); /* nor in a file that is not on the screen */
	assert_int_equal(terminal_exit(ada), 0);
	terminal_end(ada);
	ada = stage_edit(stage, "a.txt");
	terminal_see(ada, "alpha");
	terminal_type(ada, "X"); /* and nothing is left of them */
	terminal_see(ada, "Xalpha");
	terminal_press(ada, "C-s C-z C-q"); /* as it was, but not as it will be */
	terminal_see(ada, "Not saved.");
	terminal_type(ada, "y");
	assert_int_equal(terminal_exit(ada), 0);
	stage_file_becomes(stage, "a.txt", "alpha\n", 6);
}

static void test_killed(void **state)
{
	static const char *const names[] = {"a.txt", "b.txt"};
	struct stage *stage = *state;
	struct terminal *ada = begin(stage);

	terminal_type(ada, "X");
	terminal_press(ada, "C-o b Enter Y"); /* before anything can be there */
	terminal_see(ada, "Ybeta");
	terminal_signal(ada, SIGTERM);
	assert_int_equal(terminal_exit(ada), 0);
	assert_null(terminal_left_behind(ada));
	terminal_end(ada);
	for (int i = 0; i < 2; i++) {
		ada = stage_edit(stage, names[i]);
		terminal_see(ada, "are left");
		terminal_type(ada, "y");
		terminal_see(ada, i ? "Ybeta" : "Xalpha");
		terminal_press(ada, "C-s");
		stage_file_becomes(stage, names[i], i ? "Ybeta\n" : "Xalpha\n", i ? 6 : 7);
		terminal_end(ada);
	}
}

/* Two of one name are told apart, and what is named twice is one. */
static void test_named_on_the_command_line(void **state)
{
	struct stage *stage = *state;
	const char *a = stage_write(stage, "a.txt", "alpha\n", 6);
	const char *other = stage_path(stage, "other");
	char *b;

	assert_int_equal(mkdir(other, 0700), 0);
	b = strdup(stage_write(stage, "other/a.txt", "beta\n", 5));
	const char *argv[] = {stage_program(), "edit", a, b, a, NULL};
	struct terminal *ada = terminal_start(argv, STAGE_ROWS, 100);
	terminal_see(ada, "alpha");
	open_file(ada, "other/a.txt");
	terminal_see(ada, "beta");
	terminal_type(ada, "Y");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, "other/a.txt", "Ybeta\n", 6);
	terminal_press(ada, "C-o Enter");
	terminal_see(ada, "alpha");
	scene_leave(ada);
	free(b);
}

static void save_as(struct terminal *t, const char *path)
{
	terminal_press(t, "M-s");
	terminal_see(t, "Save as:");
	terminal_type(t, path);
	terminal_press(t, "Enter");
}

static void test_save_as(void **state)
{
	struct stage *stage = *state;
	struct terminal *ada = begin(stage);

	terminal_type(ada, "X");
	save_as(ada, stage_path(stage, "c.c"));
	terminal_see(ada, "c.c  1:2");
	stage_file_becomes(stage, "c.c", "Xalpha\n", 7);
	terminal_see_none(ada, "not saved");
	terminal_type(ada, "Z");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, "c.c", "XZalpha\n", 8);
	stage_file_becomes(stage, "a.txt", "alpha\n", 6);
	terminal_see_none(ada, "not saved");
	terminal_press(ada, "C-z C-z C-s"); /* what was done before can still be undone */
	stage_file_becomes(stage, "c.c", "alpha\n", 6);
	terminal_type(ada, "kept ");
	terminal_see(ada, "kept alpha");
	terminal_signal(ada, SIGTERM);
	assert_int_equal(terminal_exit(ada), 0);
	ada = stage_edit(stage, "c.c");
	terminal_see(ada, "are left");
}

static void test_save_over(void **state)
{
	struct stage *stage = *state;
	struct terminal *ada = begin(stage);

	terminal_type(ada, "X");
	save_as(ada, stage_path(stage, "b.txt"));
	terminal_see(ada, "is there already.");
	terminal_press(ada, "Esc");
	terminal_see_none(ada, "is there already.");
	terminal_see(ada, "a.txt  1:2");
	stage_file_becomes(stage, "b.txt", "beta\n", 5);
	save_as(ada, stage_path(stage, "b.txt"));
	terminal_see(ada, "is there already.");
	terminal_type(ada, "y");
	stage_file_becomes(stage, "b.txt", "Xalpha\n", 7);
	terminal_see(ada, "b.txt  1:2");
}

static void test_save_nowhere(void **state)
{
	struct stage *stage = *state;
	struct terminal *ada = begin(stage);

	terminal_type(ada, "X");
	save_as(ada, stage_path(stage, "none/b.txt"));
	terminal_see(ada, "cannot open");
	terminal_press(ada, "Esc");
	terminal_see_none(ada, "cannot open");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, "a.txt", "Xalpha\n", 7);
}

/* ---- without a name ---- */

static struct terminal *begin_nameless(struct stage *stage)
{
	const char *argv[] = {"/bin/sh", "-c", "cd \"$0\" && exec \"$1\" edit",
		stage_path(stage, "."), stage_program(), NULL};
	struct terminal *ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);

	terminal_see(ada, "(no name)");
	return ada;
}

static void test_nameless(void **state)
{
	struct stage *stage = *state;
	struct terminal *ada = begin_nameless(stage);

	terminal_type(ada, "new");
	terminal_press(ada, "F2");
	terminal_see(ada, "has to have a name");
	terminal_press(ada, "C-s");
	terminal_see(ada, "Save as:");
	terminal_press(ada, "Esc");
	terminal_see_none(ada, "Save as:");
	terminal_see(ada, "not saved");
	terminal_press(ada, "C-s");
	terminal_see(ada, "Save as:");
	terminal_type(ada, "new.c\n");
	stage_file_becomes(stage, "new.c", "new", 3);
	terminal_see(ada, "new.c  1:4  c");
	terminal_type(ada, "er");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, "new.c", "newer", 5);
	scene_leave(ada);
}

/* Nothing of it: nothing to ask. A text: asked for, then for its name; who leaves that stays. */
static void test_nameless_leaving(void **state)
{
	struct stage *stage = *state;
	struct terminal *ada = begin_nameless(stage);

	scene_leave(ada);
	stage_write(stage, "there.txt", "there\n", 6);
	ada = begin_nameless(stage);
	terminal_type(ada, "X");
	terminal_press(ada, "C-q");
	terminal_see(ada, "Not saved.");
	terminal_type(ada, "y");
	terminal_see(ada, "Save as:");
	terminal_type(ada, "there.txt\n");
	terminal_see(ada, "is there already.");
	terminal_press(ada, "Esc");
	terminal_see_none(ada, "is there already.");
	terminal_press(ada, "C-s");
	terminal_see(ada, "Save as:");
	terminal_type(ada, "a.txt\n"); /* it was left: saving is no leaving any more */
	stage_file_becomes(stage, "a.txt", "X", 1);
	terminal_type(ada, "Y");
	terminal_see(ada, "not saved");
	terminal_press(ada, "C-q");
	terminal_see(ada, "Not saved.");
	terminal_type(ada, "y");
	assert_int_equal(terminal_exit(ada), 0);
	stage_file_becomes(stage, "a.txt", "XY", 2);
	stage_file_becomes(stage, "there.txt", "there\n", 6);
}

static void test_nameless_killed(void **state)
{
	struct stage *stage = *state;
	struct terminal *ada = begin_nameless(stage);

	terminal_type(ada, "not lost");
	terminal_see(ada, "not lost");
	terminal_signal(ada, SIGTERM);
	assert_int_equal(terminal_exit(ada), 0);
	terminal_end(ada);
	ada = begin_nameless(stage);
	terminal_see(ada, "are left");
	terminal_type(ada, "y");
	terminal_see(ada, "not lost");
}

/* What another program writes is a text like any other, not saved yet. */
static void test_piped(void **state)
{
	struct stage *stage = *state;
	const char *argv[] = {"/bin/sh", "-c",
		"cd \"$0\" && printf 'from\\r\\na pipe\\r\\n' | exec \"$1\" edit -",
		stage_path(stage, "."), stage_program(), NULL};
	struct terminal *ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);

	terminal_see(ada, "a pipe");
	terminal_see(ada, "(no name)  1:1  CRLF  not saved");
	terminal_type(ada, "X");
	terminal_press(ada, "C-s");
	terminal_see(ada, "Save as:");
	terminal_type(ada, "piped.txt\n");
	stage_file_becomes(stage, "piped.txt", "Xfrom\r\na pipe\r\n", 15);
	terminal_press(ada, "C-q");
	assert_int_equal(terminal_exit(ada), 0);
}

static void test_nothing_piped(void **state)
{
	const char *argv[] = {"/bin/sh", "-c",
		"\"$0\" edit -; printf 'no\\377text' | \"$0\" edit - || exit 7", stage_program(),
		NULL};
	struct terminal *ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);

	(void)state;
	assert_int_equal(terminal_exit(ada), 7);
	assert_non_null(strstr(terminal_words(ada), "another program writes"));
	assert_non_null(strstr(terminal_words(ada), "not UTF-8 text"));
}

/* Tab: as much as is sure, then which there are. What comes to nothing can be mended. */
static void test_completing(void **state)
{
	struct stage *stage = *state;
	struct terminal *ada;

	assert_int_equal(mkdir(stage_path(stage, "folder"), 0700), 0);
	stage_write(stage, "folder/some-one.txt", "1", 1);
	stage_write(stage, "folder/some-two.txt", "2", 1);
	ada = begin_nameless(stage);
	terminal_type(ada, "X");
	terminal_press(ada, "C-s");
	terminal_see(ada, "Save as:");
	terminal_type(ada, "fo");
	terminal_press(ada, "Tab");
	terminal_see(ada, "Save as: folder/");
	terminal_press(ada, "Tab");
	terminal_see(ada, "Save as: folder/some-");
	terminal_see(ada, "some-one.txt  some-two.txt");
	terminal_type(ada, "none/b.txt\n");
	terminal_see(ada, "cannot open");
	terminal_see(ada, "folder/some-none/b.txt");
	terminal_press(ada, "C-u"); /* all of it */
	terminal_type(ada, "folder/some-three.txt\n");
	stage_file_becomes(stage, "folder/some-three.txt", "X", 1);
	terminal_press(ada, "C-o");
	terminal_see(ada, "Open:");
	terminal_type(ada, "folder/some-t");
	terminal_press(ada, "Tab");
	terminal_see(ada, "some-three.txt  some-two.txt");
	terminal_type(ada, "w");
	terminal_press(ada, "Tab Enter");
	terminal_see(ada, "some-two.txt  1:1");
}

static void test_form(void **state)
{
	static const char rules[] =
		"root = true\n[*.txt]\nend_of_line = crlf\ncharset = utf-8-bom\n"
		"max_line_length = 20\n";
	struct stage *stage = *state;
	struct terminal *ada;

	stage_write(stage, ".editorconfig", rules, sizeof(rules) - 1);
	ada = begin(stage);
	terminal_see(ada, "UTF-8 BOM CRLF");
	terminal_press(ada, "M-w");
	terminal_type(ada, "wrapped here, at twenty ");
	terminal_see_none(ada, "here, at twenty");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, "a.txt", "\xef\xbb\xbfwrapped here, at twenty alpha\r\n", 34);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(another_file),
		TEST(leaving),
		TEST(typed_ahead),
		TEST(leaving_as_it_was),
		TEST(killed),
		TEST(named_on_the_command_line),
		TEST(save_as),
		TEST(save_over),
		TEST(save_nowhere),
		TEST(nameless),
		TEST(nameless_leaving),
		TEST(nameless_killed),
		TEST(piped),
		TEST(nothing_piped),
		TEST(completing),
		TEST(form),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
