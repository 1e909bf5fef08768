/* What .editorconfig asks for, obeyed in a room: by the editors of all who are in it, and by the file. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/e2e/scene.h"

static void ask(void **state, const char *rules)
{
	char text[512];

	snprintf(text, sizeof(text), "root = true\n[*.txt]\n%s", rules);
	stage_write(*state, ".editorconfig", text, strlen(text));
}

static void test_indent(void **state)
{
	ask(state, "indent_style = space\nindent_size = 3\n");
	struct scene s = scene_two(state, "one\n");

	terminal_press(s.ben, "Tab");
	terminal_type(s.ben, "x");
	terminal_see(s.ada, "   xone");
	scene_file(&s, "   xone\n");
	terminal_press(s.ada, "Home Home Enter Up Tab");
	terminal_type(s.ada, "y");
	scene_file(&s, "   y\n   xone\n");
	scene_close(&s);
}

/* Who saves tidies, and all see it; what is saved all the time is saved as it is. Ben is about to go on in his line. */
static void test_tidy(void **state)
{
	ask(state, "trim_trailing_whitespace = true\ninsert_final_newline = true\n");
	struct scene s = scene_two(state, "one  \ntwo\t \n\nend");

	terminal_press(s.ben, "Down Down");
	terminal_type(s.ben, "  ");
	terminal_see(s.ada, "1:1");
	terminal_type(s.ada, "X");
	scene_file(&s, "Xone  \ntwo\t \n  \nend");
	terminal_press(s.ada, "C-s");
	scene_file(&s, "Xone\ntwo\n  \nend\n");
	terminal_press(s.ada, "C-z");
	scene_file(&s, "Xone  \ntwo\t \n  \nend");
	scene_close(&s);
}

/* Who save at the same moment add one newline, not one each: neither has heard of the other's. */
static void test_saving_at_once(void **state)
{
	ask(state, "insert_final_newline = true\n");
	struct scene s = scene_two(state, "one");

	assert_int_equal(kill(server_pid(s.server), SIGSTOP), 0);
	terminal_press(s.ada, "C-s");
	terminal_see(s.ada, "not saved");
	terminal_press(s.ben, "C-s");
	terminal_see(s.ben, "not saved");
	assert_int_equal(kill(server_pid(s.server), SIGCONT), 0);
	scene_file(&s, "one\n");
	terminal_see_none(s.ada, "not saved");
	terminal_see_none(s.ben, "not saved");
	terminal_press(s.ada, "C-End");
	terminal_type(s.ada, "two");
	scene_file(&s, "one\ntwo");
	terminal_press(s.ada, "C-s"); /* they know of each other now */
	scene_file(&s, "one\ntwo\n");
	terminal_press(s.ben, "C-End");
	terminal_type(s.ben, "\n\n");
	scene_file(&s, "one\ntwo\n\n\n");
	scene_close(&s);
}

static bool has_caret(struct terminal *t, const void *arg)
{
	const struct terminal_place *at = arg;
	VTermScreenCell cell = terminal_cell(t, at->row, at->col);

	return !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg);
}

/* A last newline comes behind the caret of who saves, and not at all before somebody else's. */
static void test_typing_on_at_the_end(void **state)
{
	ask(state, "insert_final_newline = true\n");
	struct scene s = scene_two(state, "one");

	terminal_press(s.ben, "C-End");
	terminal_type(s.ben, " two");
	terminal_see(s.ada, "one two");
	terminal_until(s.ada, has_caret, &(struct terminal_place){1, 4 + 7}, "Ben's caret");
	terminal_press(s.ada, "C-s");
	terminal_see_none(s.ada, "not saved");
	terminal_type(s.ben, " three");
	scene_file(&s, "one two three");
	terminal_press(s.ben, "C-s");
	scene_file(&s, "one two three\n");
	terminal_type(s.ben, " four");
	scene_file(&s, "one two three four\n");
	terminal_type(s.ada, "zero "); /* and knows where his caret is */
	terminal_press(s.ada, "C-End C-s");
	terminal_type(s.ben, "!");
	scene_file(&s, "zero one two three four!\n");
	scene_close(&s);
}

static void test_line_ends(void **state)
{
	ask(state, "end_of_line = crlf\ncharset = utf-8-bom\n");
	struct scene s = scene_two(state, "one\ntwo\n");

	scene_see(&s, "CRLF");
	terminal_type(s.ben, "X");
	scene_file(&s, "\xEF\xBB\xBFXone\r\ntwo\r\n");
	scene_close(&s);
	s = (struct scene){.stage = *state,
		.file = SCENE_FILE,
		.server = server_start(*state, SCENE_FILE, NULL)};
	s.ada = scene_enter(&s, "Ada", "owner");
	terminal_see(s.ada, "1 here");
	terminal_type(s.ada, "Y");
	scene_file(&s, "\xEF\xBB\xBFYXone\r\ntwo\r\n");
	scene_close(&s);
}

/* The carriage returns of a text of both are characters, until somebody who saves takes them out. */
static void test_mixed_line_ends(void **state)
{
	ask(state, "end_of_line = crlf\n");
	struct scene s = scene_one(state, "one\r\ntwo\n");

	terminal_type(s.ada, "X");
	scene_file(&s, "Xone\r\ntwo\n");
	terminal_press(s.ada, "C-s");
	scene_file(&s, "Xone\r\ntwo\r\n");
	scene_close(&s);
}

static void test_viewers_tidy_nothing(void **state)
{
	ask(state, "insert_final_newline = true\n");
	struct scene s = scene_one(state, "one");
	struct terminal *eve = scene_enter(&s, "Eve", "viewer");

	terminal_see(eve, "2 here");
	terminal_press(eve, "C-s");
	terminal_see(eve, "Viewers cannot change files.");
	terminal_type(s.ada, "X");
	terminal_see(eve, "Xone");
	scene_file(&s, "Xone");
	scene_close(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(indent),
		TEST(tidy),
		TEST(saving_at_once),
		TEST(typing_on_at_the_end),
		TEST(line_ends),
		TEST(mixed_line_ends),
		TEST(viewers_tidy_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
