/*
 * What terminals answer when they are asked what they can do: keys told apart, a light background, both over a slow line. Nobody
 * waits for it, it is never taken for what a person types, and the terminal is given back as it was.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "tests/e2e/scene.h"

#define NAME       "a.txt"
#define WHITE      "rgb:ffff/ffff/f0f0"
#define BLACK      "rgba:0000/1000/1000/ffff"
#define LIGHT_TEXT 231 /* #ffffff, behind the text of the theme "light" */
#define BYTE_MS    30  /* more than a lone Esc is waited for */

static void configure(struct stage *stage, const char *lines)
{
	mkdir(stage_path(stage, "xdg-config"), 0700);
	mkdir(stage_path(stage, "xdg-config/codecollab"), 0700);
	stage_write(stage, "xdg-config/codecollab/codecollab.conf", lines, strlen(lines));
}

/* In a terminal with these abilities; setting: of the environment. */
static struct terminal *edit_with(
	struct stage *stage, const char *setting, const struct ability *ability)
{
	const char *path = stage_write(stage, NAME, "one\n", 4);
	const char *argv[] = {"env", setting, stage_program(), "edit", path, NULL};
	struct terminal *t = terminal_start(argv, STAGE_ROWS, STAGE_COLS);

	*terminal_ability(t) = *ability;
	return t;
}

static bool has_keyboard(struct terminal *t, const void *arg)
{
	(void)arg;
	return terminal_ability(t)->pushed == 1;
}

static bool has_it_again(struct terminal *t, const void *arg)
{
	return terminal_ability(t)->taken == 2 && has_keyboard(t, arg);
}

static struct terminal *edit_apart(struct stage *stage)
{
	struct terminal *t = edit_with(stage, "A=b", &(struct ability){.keys = true});

	terminal_until(t, has_keyboard, NULL, "the keyboard protocol");
	terminal_see(t, "one");
	return t;
}

static void save_and_leave(struct stage *stage, struct terminal *t, const char *text)
{
	terminal_press(t, "C-s");
	stage_file_becomes(stage, NAME, text, strlen(text));
	terminal_see_none(t, "not saved");
	scene_leave(t);
}

static void test_keys_apart(void **state)
{
	configure(*state, "bind Ctrl-I duplicate-line\nbind Ctrl-Shift-Z redo\n");
	struct terminal *t = edit_apart(*state);

	terminal_press(t, "C-i");
	terminal_see(t, "  2 one");
	terminal_press(t, "Tab x C-m y"); /* not bound: it is what it has always been */
	terminal_press(t, "C-z C-S-z Esc");
	save_and_leave(*state, t, "one\n\tx\n\tyone\n");
}

static void test_keys_not_told_apart(void **state)
{
	configure(*state, "bind Ctrl-I duplicate-line\n");
	struct terminal *t = edit_with(*state, "A=b", &(struct ability){0});

	terminal_see(t, "one");
	terminal_press(t, "Enter Up C-m y");
	save_and_leave(*state, t, "\ny\none\n");
}

/* However it ends, and while it rests. */
static void test_keyboard_is_given_back(void **state)
{
	static const int ends[] = {SIGTERM, SIGABRT, SIGHUP};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct terminal *t = edit_apart(*state);
		terminal_signal(t, ends[i]);
		terminal_exit(t);
		assert_null(terminal_left_behind(t));
		terminal_end(t);
	}
	struct terminal *t = edit_apart(*state);
	terminal_press(t, "M-z"); /* nobody stops it here: it is given back, and taken again */
	terminal_until(t, has_it_again, NULL, "the keyboard taken again");
	terminal_type(t, "X");
	terminal_see(t, "Xone");
	save_and_leave(*state, t, "Xone\n");
}

/* ---- the background ---- */

static bool is_light(struct terminal *t, const void *arg)
{
	VTermScreenCell cell = terminal_cell(t, 10, 70);

	(void)arg;
	return VTERM_COLOR_IS_INDEXED(&cell.bg) && cell.bg.indexed.idx == LIGHT_TEXT;
}

static bool is_own(struct terminal *t, const void *arg)
{
	VTermScreenCell cell = terminal_cell(t, 10, 70);

	(void)arg;
	return VTERM_COLOR_IS_DEFAULT_BG(&cell.bg);
}

static void assert_theme(struct stage *stage, const char *setting, const char *background,
	terminal_condition *theme, const char *what)
{
	struct terminal *t = edit_with(
		stage, setting, &(struct ability){.keys = true, .background = background});

	terminal_until(t, has_keyboard, NULL, "the answers");
	terminal_until(t, theme, NULL, what);
	save_and_leave(stage, t, "one\n");
}

static void test_background(void **state)
{
	assert_theme(*state, "A=b", WHITE, is_light, "the light theme");
	assert_theme(*state, "A=b", BLACK, is_own, "the terminal's own background");
	assert_theme(*state, "COLORFGBG=0;default;15", NULL, is_light, "the light theme");
	assert_theme(*state, "COLORFGBG=15;0", NULL, is_own, "the terminal's own background");
	assert_theme(*state, "COLORFGBG=0;15", BLACK, is_own, "what the terminal itself says");
	assert_theme(*state, "TERM=screen", WHITE, is_own, "too few colours for it");
	configure(*state, "theme terminal\n");
	assert_theme(*state, "A=b", WHITE, is_own, "what was set");
}

/* ---- a slow line ---- */

static const struct ability slow = {.keys = true, .background = WHITE, .byte_ms = BYTE_MS};

/* What is typed before the answers are here comes behind them, as it was typed. */
static void test_slowly(void **state)
{
	struct terminal *t = edit_with(*state, "A=b", &slow);

	terminal_see(t, "one"); /* while the answers are on their way */
	assert_false(terminal_delivered(t));
	terminal_type(t, "typed ");
	terminal_see(t, "typed one");
	assert_true(is_light(t, NULL));
	assert_true(has_keyboard(t, NULL));
	save_and_leave(*state, t, "typed one\n");
}

static void test_leaving_before_the_answers(void **state)
{
	struct terminal *t = edit_with(*state, "A=b", &slow);

	terminal_see(t, "one");
	terminal_signal(t, SIGTERM); /* faster than the line */
	assert_int_equal(terminal_exit(t), 0);
	assert_true(terminal_delivered(t));
	assert_null(terminal_left_behind(t));
	assert_false(terminal_find(t, "^[", NULL)); /* which the line would have shown */
	assert_false(terminal_find(t, "rgb", NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_apart),
		TEST(keys_not_told_apart),
		TEST(keyboard_is_given_back),
		TEST(background),
		TEST(slowly),
		TEST(leaving_before_the_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
