/* Settings by file, in the real program: read at the start, again when they change, told where they are wrong; and a long text is searched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "tests/e2e/stage.h"

#define LINES 300000 /* some 20 MB: many slices */

static void leave(struct terminal *t)
{
	terminal_press(t, "C-q");
	terminal_see(t, "Not saved");
	terminal_press(t, "n");
	assert_int_equal(terminal_exit(t), 0);
	assert_null(terminal_left_behind(t));
	terminal_end(t);
}

static void write_text(struct stage *stage, const char *name, const char *text)
{
	stage_write(stage, name, text, strlen(text));
}

static void make_folders(struct stage *stage)
{
	static const char *const folders[] = {
		"xdg-config", "xdg-config/codecollab", "xdg-config/codecollab/themes"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		mkdir(stage_path(stage, folders[i]), 0700);
}

static bool is_painted(struct terminal *t, const void *color)
{
	VTermScreenCell cell = terminal_cell(t, 10, 70);

	return VTERM_COLOR_IS_INDEXED(&cell.bg) && cell.bg.indexed.idx == *(const uint8_t *)color;
}

static bool is_plain(struct terminal *t, const void *arg)
{
	VTermScreenCell cell = terminal_cell(t, 10, 70);

	(void)arg;
	return VTERM_COLOR_IS_DEFAULT_BG(&cell.bg);
}

static void test_settings(void **state)
{
	struct stage *stage = *state;
	const uint8_t grey = 234, blue = 18;

	make_folders(stage);
	write_text(stage, "xdg-config/codecollab/codecollab.conf",
		"theme dark\ntab-width 4\nwrong 1\nbind Alt-9 duplicate-line\n");
	write_text(stage, "xdg-config/codecollab/themes/night.theme", "text 15 on 18\n");
	write_text(stage, "a.txt", "\tone\n");
	struct terminal *ada = stage_edit(stage, "a.txt");
	terminal_see(ada, "codecollab.conf:3: there is no option wrong");
	terminal_see(ada, "  1     one");
	terminal_until(ada, is_painted, &grey, "the dark theme");
	terminal_press(ada, "M-9");
	terminal_see(ada, "  2     one");
	/* by name */
	terminal_press(ada, "C-p");
	terminal_type(ada, "numbers off");
	terminal_see(ada, "line-numbers off:");
	terminal_press(ada, "Enter");
	terminal_see_none(ada, "  2     one");
	/* all that is wrong at once, when asked */
	write_text(stage, "xdg-config/codecollab/codecollab.conf",
		"theme dark\nwrong 1\ntab-width 99\n");
	terminal_see(
		ada, "codecollab.conf:2: there is no option wrong (and 1 more: reload-config)");
	terminal_press(ada, "C-p");
	terminal_type(ada, "reload-config");
	terminal_press(ada, "Enter");
	terminal_see(ada, "codecollab.conf:3: tab-width is 1 to 16");
	terminal_press(ada, "Esc");
	terminal_see_none(ada, "tab-width is 1");
	/* while it runs */
	write_text(stage, "xdg-config/codecollab/codecollab.conf", "theme night\nkeymap nano\n");
	terminal_until(ada, is_painted, &blue, "the theme of the file");
	terminal_see(ada, "^X Quit");
	terminal_see(ada, "  2         one");
	write_text(stage, "xdg-config/codecollab/codecollab.conf", "");
	terminal_until(ada, is_plain, NULL, "the terminal's own background");
	leave(ada);
}

static bool is_colored(struct terminal *t, const void *arg)
{
	const struct terminal_place *at = arg;
	VTermScreenCell cell = terminal_cell(t, at->row, at->col);

	return !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg);
}

static bool row_is(struct terminal *t, int row, const char *text)
{
	char *is = terminal_row(t, row);
	bool same = strcmp(is, text) == 0;

	free(is);
	return same;
}

/* The rows from the second of the screen on. */
static bool rows_are(struct terminal *t, const void *arg)
{
	const char *const *rows = arg;

	for (int i = 0; rows[i]; i++)
		if (!row_is(t, i + 1, rows[i]))
			return false;
	return true;
}

/* A line of two rows for Ada, with Ben's caret in the second, by Ada's settings and her keys. */
static void test_wrapped(void **state)
{
	static const char *const wrapped[] = {
		"  1 one two three four five six", "  ↪ seven eight nine ten", "  2 end", NULL};
	static const char *const shared[] = {
		"  1 one two three four five six", "  ↪▌seven eight nine ten", "  2 end", NULL};
	struct stage *stage = *state;

	make_folders(stage);
	write_text(stage, "xdg-config/codecollab/codecollab.conf", "wrap on\npeople off\n");
	write_text(stage, "a.txt", "one two three four five six seven eight nine ten\nend\n");
	struct server *server = server_start(stage, "a.txt", NULL);
	struct terminal *ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "one two");
	terminal_resize(ada, 10, 34);
	terminal_until(ada, rows_are, wrapped, "two rows of the first line");
	terminal_press(ada, "Down");
	terminal_see_cursor(ada, 2, 4);
	terminal_press(ada, "End");
	terminal_see_cursor(ada, 2, 24);
	terminal_press(ada, "Up Home");
	terminal_see_cursor(ada, 1, 4);
	terminal_press(ada, "M-w");
	terminal_see(ada, "Long lines are not wrapped.");
	terminal_see_none(ada, "seven");
	terminal_press(ada, "M-w");
	terminal_until(ada, rows_are, wrapped, "two rows of the first line again");
	struct terminal *ben = stage_join(stage, server_url(server, "editor"), "Ben");
	terminal_see(ben, "one two");
	terminal_press(ben, "End Left Left Left");
	terminal_see_cursor(ben, 1, 4 + 45);
	terminal_until(ada, is_colored, &(struct terminal_place){2, 4 + 17}, "Ben's caret");
	terminal_press(ben, "End");
	terminal_until(ada, is_colored, &(struct terminal_place){2, 4 + 20}, "Ben's caret");
	terminal_press(ben, "Left Left Left");
	terminal_until(ada, rows_are, shared, "Ben in the second row");
	terminal_resize(ada, 5, 20);
	terminal_see(ada, "five six seven");
	terminal_see(ada, "eight nine ten");
}

/* What follows the search on the screen comes from the end of the text; keys are taken meanwhile. */
static void test_long_text(void **state)
{
	struct stage *stage = *state;
	const char *path = stage_path(stage, "long.txt");
	FILE *f = fopen(path, "w");

	for (int i = 0; i < LINES; i++)
		fprintf(f, "%d: the quick brown fox jumps over the lazy dog again and again\n", i);
	fputs("here is the Needle\n", f);
	assert_int_equal(fclose(f), 0);
	struct terminal *ada = stage_edit(stage, "long.txt");
	terminal_see(ada, "0: the quick");
	terminal_press(ada, "C-f");
	terminal_type(ada, "needle");
	terminal_see(ada, "here is the Needle");
	terminal_see(ada, "1 of 1");
	terminal_press(ada, "Esc");
	terminal_see_none(ada, "1 of 1");
	terminal_press(ada, "C-r");
	terminal_type(ada, "299999: the");
	terminal_press(ada, "Enter");
	terminal_type(ada, "the last:");
	terminal_press(ada, "Enter a");
	terminal_see(ada, "1 replaced.");
	leave(ada);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_settings, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(test_wrapped, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(test_long_text, stage_setup, stage_teardown),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
