/* Terminals of several kinds, and what they do to a program: stop it and let it go on, hang up, change their size meanwhile. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/e2e/stage.h"

#define NAME "hello.c"

static const char text[] = "#include <stdio.h>\n/* caf\xc3\xa9 */\nint main(void) { return 0; }\n";

static struct terminal *edit_in(struct stage *stage, const char *setting)
{
	const char *path = stage_write(stage, NAME, text, sizeof(text) - 1);
	const char *argv[] = {"env", setting, stage_program(), "edit", path, NULL};
	struct terminal *t = terminal_start(argv, STAGE_ROWS, STAGE_COLS);

	terminal_see(t, "int main(void)");
	terminal_see(t, "^S Save");
	return t;
}

/* The largest number of a colour on the screen; -1: there is none but the terminal's own. */
static int most_colored(struct terminal *t)
{
	int most = -1;

	for (int row = 0; row < STAGE_ROWS; row++)
		for (int col = 0; col < STAGE_COLS; col++) {
			VTermScreenCell cell = terminal_cell(t, row, col);
			const VTermColor *colors[] = {&cell.fg, &cell.bg};
			for (int i = 0; i < 2; i++) {
				bool own = VTERM_COLOR_IS_DEFAULT_FG(colors[i]) ||
					   VTERM_COLOR_IS_DEFAULT_BG(colors[i]);
				if (!own && VTERM_COLOR_IS_INDEXED(colors[i]) &&
					colors[i]->indexed.idx > most)
					most = colors[i]->indexed.idx;
			}
		}
	return most;
}

/* Each: the setting, and the colours that may be used; none is told by attributes alone. */
static void test_kinds(void **state)
{
	static const struct {
		const char *setting;
		int least, most;
	} kinds[] = {{"TERM=linux", 1, 7}, {"TERM=screen", 1, 7}, {"TERM=xterm", 1, 7},
		{"TERM=vt100", -1, -1}, {"TERM=screen-256color", 1, 255}, {"NO_COLOR=1", -1, -1}};
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct terminal *t = edit_in(stage, kinds[i].setting);
		int most = most_colored(t);
		if (most < kinds[i].least || most > kinds[i].most)
			fail_msg("%s: a colour of number %d", kinds[i].setting, most);
		terminal_type(t, "// x\n");
		terminal_see(t, "  2 #include");
		terminal_press(t, "C-z C-z C-q");
		terminal_end(t);
	}
}

/* Where no locale was chosen or made, text is UTF-8. */
static void test_locales(void **state)
{
	static const char *const settings[] = {
		"LC_ALL=C", "LC_ALL=POSIX", "LC_ALL=C.utf8", "LC_ALL=no-such-place"};
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct terminal *t = edit_in(stage, settings[i]);
		terminal_see(t, "/* caf\xc3\xa9 */");
		terminal_type(t, "\xc3\xbc");
		terminal_press(t, "C-s");
		stage_file_becomes(stage, NAME,
			"\xc3\xbc#include <stdio.h>\n/* caf\xc3\xa9 */\nint main(void) { return 0; }\n",
			sizeof(text) + 1);
		terminal_end(t);
	}
}

/* Its terminal would show rubbish: it is told so, and not drawn on. */
static void test_other_characters(void **state)
{
	static const char *const settings[] = {
		"LC_ALL=de_DE.ISO-8859-1", "LC_ALL=ja_JP.eucJP", "LC_ALL=ru_RU.KOI8-R@euro"};
	struct stage *stage = *state;
	const char *path = stage_write(stage, NAME, text, sizeof(text) - 1);

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		const char *argv[] = {"env", settings[i], stage_program(), "edit", path, NULL};
		struct terminal *t = terminal_start(argv, STAGE_ROWS, STAGE_COLS);
		assert_int_equal(terminal_exit(t), 1);
		assert_non_null(strstr(terminal_words(t), "not UTF-8"));
		terminal_end(t);
	}
}

#define TALL 40

static const char *tall_text(void)
{
	static char words[TALL * 20];
	size_t len = 0;

	for (int line = 1; line <= TALL; line++)
		len += (size_t)snprintf(words + len, sizeof(words) - len, "\tis line %d;\n", line);
	return words;
}

/* Under the title, each line of the text in its row. */
static bool shows_lines(struct terminal *t, const void *arg)
{
	bool all = true;

	(void)arg;
	for (int row = 1; all && row < TALL - 2; row++) {
		char *is = terminal_row(t, row), want[40];
		snprintf(want, sizeof(want), " %2d         is line %d;", row, row);
		all = strcmp(is, want) == 0;
		free(is);
	}
	return all;
}

/* More rows than such a terminal has by its description, of which all are painted again when it changes its width. */
static void test_tall(void **state)
{
	const char *words = tall_text();
	const char *argv[] = {getenv("CODECOLLAB"), "edit",
		stage_write(*state, "tall.c", words, strlen(words)), NULL};
	struct terminal *t = terminal_start(argv, TALL, 70);

	terminal_until(t, shows_lines, NULL, "a line in each row");
	terminal_resize(t, TALL, 100);
	terminal_see(t, "F4 People");
	terminal_until(t, shows_lines, NULL, "a line in each row of the wider one");
	for (int i = 0; i < 20; i++) { /* mostly it only learns of the second */
		terminal_resize(t, TALL, 12);
		terminal_resize(t, TALL, 100);
		terminal_until(t, shows_lines, NULL, "a line in each row of one that was narrow");
	}
	terminal_press(t, "C-q");
	assert_int_equal(terminal_exit(t), 0);
	terminal_end(t);
}

static bool is_left(struct terminal *t, const void *arg)
{
	(void)arg;
	return !terminal_alternate(t) && !terminal_mode(t, 1002) && !terminal_mode(t, 1004);
}

static bool is_taken(struct terminal *t, const void *arg)
{
	(void)arg;
	return terminal_alternate(t) && terminal_mode(t, 1002) && terminal_mode(t, 2004);
}

/* At a shell, which takes its terminal back meanwhile, and whose window gets another size. */
static void test_stopped_and_continued(void **state)
{
	const char *argv[] = {"sh", "-c", "exec bash --norc --noprofile -i 2>/dev/tty", NULL};
	struct stage *stage = *state;
	struct terminal *t;
	char line[600];

	setenv("PS1", "ready> ", 1);
	snprintf(line, sizeof(line), "'%s' edit '%s'\n", stage_program(),
		stage_write(stage, NAME, text, sizeof(text) - 1));
	t = terminal_start(argv, STAGE_ROWS, STAGE_COLS);
	terminal_see(t, "ready>");
	terminal_type(t, line);
	terminal_see(t, "int main(void)");
	terminal_type(t, "X");
	terminal_see(t, "X#include");
	terminal_press(t, "M-z");
	terminal_see(t, "Stopped");
	terminal_until(t, is_left, NULL, "the terminal given back");
	terminal_resize(t, 30, 100);
	terminal_type(t, "echo still $((40 + 2))\n");
	terminal_see(t, "still 42");
	terminal_type(t, "fg\n");
	terminal_until(t, is_taken, NULL, "the terminal taken again");
	terminal_see(t, "X#include");
	terminal_see(t, "^T Chat"); /* there is more room than before */
	terminal_type(t, "Y");
	terminal_see(t, "XY#include");
	terminal_press(t, "C-s");
	stage_file_becomes(stage, NAME,
		"XY#include <stdio.h>\n/* caf\xc3\xa9 */\nint main(void) { return 0; }\n",
		sizeof(text) + 1);
	terminal_press(t, "C-q");
	terminal_until(t, is_left, NULL, "the terminal given back");
	terminal_type(t, "echo end $((40 + 3))\n");
	terminal_see(t, "end 43");
}

/* Nobody is there to continue it: it goes on. */
static void test_without_a_shell(void **state)
{
	struct terminal *t = edit_in(*state, "A=b");

	terminal_press(t, "M-z");
	terminal_type(t, "X");
	terminal_see(t, "X#include");
	terminal_until(t, is_taken, NULL, "the terminal taken again");
	terminal_press(t, "C-q");
	terminal_type(t, "n");
	assert_int_equal(terminal_exit(t), 0);
	assert_null(terminal_left_behind(t));
}

/* SIGSTOP cannot be prepared for: what the terminal shows is drawn anew, and its modes are as they were before in the end. */
static void test_stopped_from_outside(void **state)
{
	struct terminal *t = edit_in(*state, "A=b");

	terminal_signal(t, SIGSTOP);
	terminal_resize(t, 30, 100);
	terminal_signal(t, SIGCONT);
	terminal_see(t, "^T Chat");
	terminal_type(t, "X");
	terminal_see(t, "X#include");
	terminal_press(t, "C-q");
	terminal_type(t, "n");
	assert_int_equal(terminal_exit(t), 0);
	assert_null(terminal_left_behind(t));
}

/* What was not saved is offered the next time. */
static void test_hung_up(void **state)
{
	struct terminal *t = edit_in(*state, "A=b");

	terminal_type(t, "kept ");
	terminal_see(t, "kept #include");
	terminal_hang_up(t);
	terminal_exit(t);
	terminal_end(t);
	t = stage_edit(*state, NAME);
	terminal_see(t, "are left");
	terminal_type(t, "y");
	terminal_see(t, "kept #include");
}

/* In a room what was typed is with the others. */
static void test_hung_up_in_a_room(void **state)
{
	struct stage *stage = *state;
	struct server *server;
	struct terminal *ada, *ben;

	stage_write(stage, NAME, text, sizeof(text) - 1);
	server = server_start(stage, NAME, NULL);
	ada = stage_join(stage, server_url(server, "editor"), "Ada");
	ben = stage_join(stage, server_url(server, "editor"), "Ben");
	terminal_see(ada, "2 here");
	terminal_type(ada, "kept ");
	terminal_see(ada, "kept #include");
	terminal_hang_up(ada);
	terminal_see(ben, "kept #include");
	terminal_see(ben, "1 here");
	terminal_exit(ada);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(kinds),
		TEST(locales),
		TEST(tall),
		TEST(other_characters),
		TEST(stopped_and_continued),
		TEST(without_a_shell),
		TEST(stopped_from_outside),
		TEST(hung_up),
		TEST(hung_up_in_a_room),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
