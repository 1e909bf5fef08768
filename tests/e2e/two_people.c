/* Two people at terminals in one file. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/e2e/scene.h"

static void test_both_type(void **state)
{
	struct scene s = scene_two(state, "hello\n");

	scene_see(&s, "hello");
	terminal_type(s.ada, "Ada was here. ");
	terminal_press(s.ben, "C-End");
	terminal_type(s.ben, "Ben too.");
	scene_see(&s, "Ada was here. hello");
	scene_see(&s, "Ben too.");
	scene_file(&s, "Ada was here. hello\nBen too.");
	scene_close(&s);
	scene_file(&s, "Ada was here. hello\nBen too.");
}

/* Both at one spot, key by key: the runs stay whole. */
static void test_one_spot(void **state)
{
	struct scene s = scene_two(state, "><");

	terminal_press(s.ada, "Right");
	terminal_press(s.ben, "Right");
	terminal_see_cursor(s.ada, 1, 5);
	terminal_see_cursor(s.ben, 1, 5);
	for (int i = 0; i < 20; i++) {
		terminal_type(s.ada, "a");
		terminal_type(s.ben, "b");
	}
	scene_see(&s, ">aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb<");
	scene_file(&s, ">aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb<");
	scene_close(&s);
}

/* ^S writes at once: no autosave could have been due, the text changes no more and the status says so. */
static void test_save(void **state)
{
	struct scene s = scene_two(state, "x");

	terminal_type(s.ada, "saved by hand ");
	terminal_press(s.ada, "C-s");
	scene_file(&s, "saved by hand x");
	terminal_see_none(s.ada, "not saved");
	terminal_see_none(s.ben, "not saved");
	terminal_press(s.ben, "C-q");
	assert_int_equal(terminal_exit(s.ben), 0);
	assert_string_equal(terminal_words(s.ben), ""); /* there is nothing to be said */
	s.ben = NULL;
	scene_close(&s);
}

/* ---- each other's carets ---- */

static bool is_colored(struct terminal *t, int row, int col)
{
	VTermScreenCell cell = terminal_cell(t, row, col);

	return !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg);
}

/* Somebody's caret is drawn there, and nothing coloured just before or after it. */
static bool caret_at(struct terminal *t, const void *arg)
{
	const struct terminal_place *want = arg;

	for (int col = 4; col <= want->col + 3; col++)
		if (is_colored(t, want->row, col) != (col == want->col))
			return false;
	return true;
}

static bool no_caret_at(struct terminal *t, const void *arg)
{
	const struct terminal_place *where = arg;

	return !is_colored(t, where->row, where->col);
}

static bool names_in_row(struct terminal *t, const void *arg)
{
	const struct {
		int row;
		const char *name;
	} *want = arg;
	char *row = terminal_row(t, want->row);
	bool seen = strstr(row, want->name);

	free(row);
	return seen;
}

static void test_caret(void **state)
{
	struct scene s = scene_two(state, "first line\nsecond line\nthird line\n");
	const struct {
		int row;
		const char *name;
	} ben_in_second = {2, "Ben"};

	terminal_press(s.ben, "Down Right Right Right");
	terminal_until(
		s.ada, caret_at, &(struct terminal_place){2, 4 + 3}, "Ben's caret behind \"sec\"");
	terminal_until(s.ada, names_in_row, &ben_in_second, "Ben's name in his line");
	terminal_type(s.ada, "above\n");
	terminal_until(s.ada, caret_at, &(struct terminal_place){3, 4 + 3},
		"Ben's caret moved with its line");
	terminal_press(s.ben, "Home");
	terminal_until(
		s.ada, caret_at, &(struct terminal_place){3, 4}, "Ben's caret at its line's start");
	terminal_see_cursor(
		s.ben, 2, 4); /* his first line did not jump: it is still "first line" */
	terminal_until(s.ben, caret_at, &(struct terminal_place){1, 4}, "Ada's caret");
	scene_leave(s.ben);
	terminal_until(
		s.ada, no_caret_at, &(struct terminal_place){3, 4}, "no caret of one who left");
	scene_leave(s.ada);
}

/* Without colours a caret is the first letter of its person, told from the text by reverse. */
static bool letter_caret_at(struct terminal *t, const void *arg)
{
	const struct terminal_place *want = arg;
	VTermScreenCell cell = terminal_cell(t, want->row, want->col);

	return cell.chars[0] == 'A' && cell.attrs.reverse;
}

static void test_no_color(void **state)
{
	struct scene s = scene_two(state, "plain\n");
	struct terminal *cyd = stage_join_plain(s.stage, server_url(s.server, "editor"), "Cyd");

	terminal_see(cyd, "plain");
	terminal_press(s.ben, "Down");
	terminal_press(s.ada, "End");
	terminal_until(
		cyd, letter_caret_at, &(struct terminal_place){1, 4 + 5}, "an A for Ada's caret");
	for (int row = 0; row < STAGE_ROWS; row++)
		for (int col = 0; col < STAGE_COLS; col++)
			assert_false(is_colored(cyd, row, col));
	scene_leave(cyd);
	scene_close(&s);
}

/* ---- undo ---- */

static void test_undo(void **state)
{
	struct scene s = scene_two(state, "one\ntwo\n");

	terminal_type(s.ada, "AAA");
	scene_see(&s, "AAAone");
	terminal_press(s.ben, "Down Home");
	terminal_type(s.ben, "BBB");
	scene_see(&s, "BBBtwo");
	terminal_press(s.ada, "C-z");
	terminal_see_none(s.ada, "AAA");
	terminal_see_none(s.ben, "AAA");
	terminal_press(s.ada, "C-z C-z C-z");
	terminal_type(s.ada, "!");
	scene_see(&s, "!one");
	scene_see(&s, "BBBtwo");
	terminal_press(s.ada, "C-z");
	terminal_see_none(s.ben, "!one");
	terminal_press(s.ada, "C-y");
	scene_see(&s, "!one");
	terminal_press(s.ben, "C-z");
	terminal_see_none(s.ada, "BBB");
	scene_file(&s, "!one\ntwo\n");
	scene_close(&s);
}

/* What one typed inside what another undoes stays. */
static void test_undo_around(void **state)
{
	struct scene s = scene_two(state, "\n");

	terminal_type(s.ada, "leftright");
	scene_see(&s, "leftright");
	terminal_press(s.ben, "Home Right Right Right Right");
	terminal_see_cursor(s.ben, 1, 4 + 4);
	terminal_type(s.ben, "Ben");
	scene_see(&s, "leftBenright");
	terminal_press(s.ada, "C-z");
	scene_file(&s, "Ben\n");
	scene_close(&s);
}

/* ---- what is typed ---- */

static void test_paste(void **state)
{
	static const char pasted[] = "if (x) {\n\ty = \"z\";\n\n\t\tdeep();\n}\n";
	struct scene s = scene_two(state, "start\nend\n");
	char whole[128];

	terminal_press(s.ada, "Down");
	terminal_paste(
		s.ada, "if (x) {\r\ty = \"z\";\r\r\t\tdeep();\r}\r"); /* as terminals send lines */
	scene_see(&s, "deep();");
	snprintf(whole, sizeof(whole), "start\n%send\n", pasted);
	scene_file(&s, whole);
	terminal_press(s.ada, "C-z");
	terminal_see_none(s.ben, "deep();");
	scene_file(&s, "start\nend\n");
	scene_close(&s);
}

static void test_wide(void **state)
{
	struct scene s = scene_two(state, "\n");

	terminal_type(s.ada, "字é😀e\xcc\x81");
	terminal_see(s.ben, "字é😀e\xcc\x81");
	terminal_see_cursor(s.ada, 1, 4 + 2 + 1 + 2 + 1);
	terminal_press(s.ben, "Home Right Right Right"); /* by what people see as one character */
	terminal_see_cursor(s.ben, 1, 4 + 2 + 1 + 2);
	terminal_type(s.ben, "|");
	scene_see(&s, "字é😀|e\xcc\x81");
	terminal_press(s.ben, "Delete");
	terminal_press(s.ben, "Backspace Backspace");
	scene_see(&s, "字é");
	scene_file(&s, "字é\n");
	scene_close(&s);
}

static void test_many_lines(void **state)
{
	char text[4096] = "", last[4200];
	struct scene s;

	for (int i = 1; i <= 200; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "line %d\n", i);
	s = scene_two(state, text);
	scene_see(&s, "line 1");
	terminal_press(s.ada, "C-End");
	terminal_see(s.ada, "line 200");
	terminal_type(s.ada, "the end");
	terminal_press(s.ben, "PageDown");
	terminal_see(s.ben, "line 30");
	terminal_press(s.ben, "C-End");
	scene_see(&s, "the end");
	snprintf(last, sizeof(last), "%sthe end", text);
	scene_file(&s, last);
	scene_close(&s);
}

static void test_resize(void **state)
{
	struct scene s = scene_two(state, "some text\n");

	terminal_resize(s.ada, 40, 120);
	terminal_see(s.ada, "PEOPLE");
	terminal_type(s.ada, "wide: ");
	scene_see(&s, "wide: some text");
	terminal_resize(s.ada, 5, 20);
	terminal_see(s.ada, "wide: some text");
	terminal_see_none(s.ada, "PEOPLE");
	terminal_type(s.ada, "or small, ");
	terminal_see(s.ben, "wide: or small, some text");
	terminal_resize(s.ada, STAGE_ROWS, STAGE_COLS);
	terminal_see(s.ada, "wide: or small, some text");
	scene_close(&s);
}

/* ---- others at the table ---- */

static void test_viewer(void **state)
{
	struct scene s = scene_two(state, "to be read\n");
	struct terminal *viewer = stage_join(s.stage, server_url(s.server, "viewer"), "Vic");

	terminal_see(viewer, "to be read");
	terminal_see(s.ada, "3 here");
	terminal_see(viewer, "read only");
	terminal_type(viewer, "zzz\n");
	terminal_paste(viewer, "yyy");
	terminal_press(viewer, "C-k Delete C-v C-z C-y Enter Tab C-s");
	terminal_press(viewer,
		"End"); /* keys come in order: when this one did, the others have done nothing */
	terminal_see_cursor(viewer, 1, 4 + 10);
	terminal_type(s.ada, "still ");
	terminal_see(viewer, "still to be read");
	terminal_see(s.ben, "still to be read");
	scene_file(&s, "still to be read\n");
	scene_leave(viewer);
	scene_close(&s);
	scene_file(&s, "still to be read\n");
}

/* The URL as the share screen shows it: cut into rows. */
static void read_url(struct terminal *t, char *out, size_t cap)
{
	struct terminal_place at;
	size_t len = 0;

	assert_true(terminal_find(t, "codecollab join 'wss://", &at));
	for (int row = at.row; row < STAGE_ROWS; row++) {
		char *line = terminal_row(t, row);
		const char *start = line + strspn(line, " ");
		size_t more = strlen(start);
		bool full = strlen(line) >= STAGE_COLS - 1;
		assert_true(len + more < cap);
		memcpy(out + len, start, more + 1);
		len += more;
		free(line);
		if (!full)
			break;
	}
	char *quoted = strchr(out, '\'') + 1, *end = strchr(quoted, '\'');
	assert_non_null(end);
	*end = '\0';
	memmove(out, quoted, (size_t)(end - quoted) + 1);
}

static void test_host_editor(void **state)
{
	struct stage *stage = *state;
	struct terminal *ada, *ben;
	char url[1024];

	stage_write(stage, SCENE_FILE, "hosted\n", strlen("hosted\n"));
	ada = stage_host(stage, SCENE_FILE, "Ada");
	terminal_see(ada, "hosted");
	terminal_press(ada, "F2");
	terminal_see(ada, "wss://");
	read_url(ada, url, sizeof(url));
	terminal_see(ada, "On this machine, or over ssh:");
	terminal_see(ada, "codecollab join ssh://HOST/");
	terminal_press(ada, "Esc");
	terminal_see(ada, "hosted");
	ben = stage_join(stage, url, "Ben");
	terminal_see(ben, "hosted");
	terminal_see(ada, "2 here");
	terminal_type(ada, "Ada's ");
	terminal_press(ben, "End");
	terminal_type(ben, " file");
	terminal_see(ada, "Ada's hosted file");
	terminal_see(ben, "Ada's hosted file");
	terminal_press(ada, "C-q");
	terminal_see(ada, "(y/n)");
	terminal_type(ada, "n");
	terminal_see_none(ada, "(y/n)");
	terminal_type(ben, "!");
	terminal_see(ada, "file!");
	terminal_press(ada, "C-q");
	terminal_see(ada, "(y/n)");
	terminal_type(ada, "y");
	assert_int_equal(terminal_exit(ada), 0);
	assert_null(terminal_left_behind(ada));
	stage_file_becomes(
		stage, SCENE_FILE, "Ada's hosted file!\n", strlen("Ada's hosted file!\n"));
	terminal_see(ben, "offline");
	terminal_see(ben, "Ada's hosted file!");
	scene_leave(ben);
}

/* Whatever ends it, the terminal is as it was. */
static void test_signals(void **state)
{
	static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGSEGV, SIGABRT};
	struct stage *stage = *state;
	struct server *server;

	setenv("ASAN_OPTIONS", "handle_segv=0:handle_abort=0",
		1); /* the program's own handlers are meant */
	stage_write(stage, SCENE_FILE, "text\n", 5);
	server = server_start(stage, SCENE_FILE, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct terminal *ada = stage_join(stage, server_url(server, "editor"), "Ada");
		terminal_see(ada, "text");
		assert_true(terminal_alternate(ada));
		assert_non_null(terminal_left_behind(ada));
		terminal_signal(ada, signals[i]);
		terminal_exit(ada);
		if (terminal_left_behind(ada))
			fail_msg("signal %d: the terminal was left with %s", signals[i],
				terminal_left_behind(ada));
		terminal_end(ada);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(both_type),
		TEST(one_spot),
		TEST(save),
		TEST(caret),
		TEST(no_color),
		TEST(undo),
		TEST(undo_around),
		TEST(paste),
		TEST(wide),
		TEST(many_lines),
		TEST(resize),
		TEST(viewer),
		TEST(host_editor),
		TEST(signals),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
