/* Two people at terminals in one file. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/e2e/stage.h"

#define FILE_NAME "notes.txt"

/* A server on this text, and two who edit it; Ada came first, so hers is the lower user id. */
struct pair {
	struct stage *stage;
	struct server *server;
	struct terminal *ada, *bea;
};

static struct pair open_pair(void **state, const char *text)
{
	struct pair pair = {.stage = *state};
	const char *url;

	stage_write(pair.stage, FILE_NAME, text, strlen(text));
	pair.server = server_start(pair.stage, FILE_NAME, NULL);
	url = server_url(pair.server, "editor");
	pair.ada = stage_join(pair.stage, url, "Ada");
	terminal_see(pair.ada, "1 here");
	pair.bea = stage_join(pair.stage, url, "Bea");
	terminal_see(pair.bea, "2 here");
	terminal_see(pair.ada, "2 here");
	return pair;
}

static void file_becomes(struct pair *pair, const char *text)
{
	stage_file_becomes(pair->stage, FILE_NAME, text, strlen(text));
}

static void both_see(struct pair *pair, const char *text)
{
	terminal_see(pair->ada, text);
	terminal_see(pair->bea, text);
}

static void leave(struct terminal *t)
{
	terminal_press(t, "C-q");
	assert_int_equal(terminal_exit(t), 0);
	if (terminal_left_behind(t))
		fail_msg("the terminal was left with %s", terminal_left_behind(t));
	assert_string_equal(terminal_words(t), "");
}

static void close_pair(struct pair *pair)
{
	leave(pair->bea);
	leave(pair->ada);
	assert_int_equal(server_stop(pair->server, SIGTERM), 0);
}

static void test_both_type(void **state)
{
	struct pair pair = open_pair(state, "hello\n");

	both_see(&pair, "hello");
	terminal_type(pair.ada, "Ada was here. ");
	terminal_press(pair.bea, "C-End");
	terminal_type(pair.bea, "Bea too.");
	both_see(&pair, "Ada was here. hello");
	both_see(&pair, "Bea too.");
	file_becomes(&pair, "Ada was here. hello\nBea too.");
	close_pair(&pair);
	file_becomes(&pair, "Ada was here. hello\nBea too.");
}

/* Both at one spot, key by key: the runs stay whole. */
static void test_one_spot(void **state)
{
	struct pair pair = open_pair(state, "><");

	terminal_press(pair.ada, "Right");
	terminal_press(pair.bea, "Right");
	terminal_see_cursor(pair.ada, 1, 5);
	terminal_see_cursor(pair.bea, 1, 5);
	for (int i = 0; i < 20; i++) {
		terminal_type(pair.ada, "a");
		terminal_type(pair.bea, "b");
	}
	both_see(&pair, ">aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb<");
	file_becomes(&pair, ">aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb<");
	close_pair(&pair);
}

/* ^S writes at once: no autosave could have been due, the text changes no more and the status says so. */
static void test_save(void **state)
{
	struct pair pair = open_pair(state, "x");

	terminal_type(pair.ada, "saved by hand ");
	terminal_press(pair.ada, "C-s");
	file_becomes(&pair, "saved by hand x");
	terminal_see_none(pair.ada, "not saved");
	terminal_see_none(pair.bea, "not saved");
	close_pair(&pair);
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
	struct pair pair = open_pair(state, "first line\nsecond line\nthird line\n");
	const struct {
		int row;
		const char *name;
	} bea_in_second = {2, "Bea"};

	terminal_press(pair.bea, "Down Right Right Right");
	terminal_until(pair.ada, caret_at, &(struct terminal_place){2, 4 + 3},
		"Bea's caret behind \"sec\"");
	terminal_until(pair.ada, names_in_row, &bea_in_second, "Bea's name in her line");
	terminal_type(pair.ada, "above\n");
	terminal_until(pair.ada, caret_at, &(struct terminal_place){3, 4 + 3},
		"Bea's caret moved with its line");
	terminal_press(pair.bea, "Home");
	terminal_until(pair.ada, caret_at, &(struct terminal_place){3, 4},
		"Bea's caret at its line's start");
	terminal_see_cursor(
		pair.bea, 2, 4); /* her first line did not jump: it is still "first line" */
	terminal_until(pair.bea, caret_at, &(struct terminal_place){1, 4}, "Ada's caret");
	leave(pair.bea);
	terminal_until(
		pair.ada, no_caret_at, &(struct terminal_place){3, 4}, "no caret of one who left");
	leave(pair.ada);
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
	struct pair pair = open_pair(state, "plain\n");
	struct terminal *cyd =
		stage_join_plain(pair.stage, server_url(pair.server, "editor"), "Cyd");

	terminal_see(cyd, "plain");
	terminal_press(pair.bea, "Down");
	terminal_press(pair.ada, "End");
	terminal_until(
		cyd, letter_caret_at, &(struct terminal_place){1, 4 + 5}, "an A for Ada's caret");
	for (int row = 0; row < STAGE_ROWS; row++)
		for (int col = 0; col < STAGE_COLS; col++)
			assert_false(is_colored(cyd, row, col));
	leave(cyd);
	close_pair(&pair);
}

/* ---- undo ---- */

static void test_undo(void **state)
{
	struct pair pair = open_pair(state, "one\ntwo\n");

	terminal_type(pair.ada, "AAA");
	both_see(&pair, "AAAone");
	terminal_press(pair.bea, "Down Home");
	terminal_type(pair.bea, "BBB");
	both_see(&pair, "BBBtwo");
	terminal_press(pair.ada, "C-z");
	terminal_see_none(pair.ada, "AAA");
	terminal_see_none(pair.bea, "AAA");
	terminal_press(pair.ada, "C-z C-z C-z");
	terminal_type(pair.ada, "!");
	both_see(&pair, "!one");
	both_see(&pair, "BBBtwo");
	terminal_press(pair.ada, "C-z");
	terminal_see_none(pair.bea, "!one");
	terminal_press(pair.ada, "C-y");
	both_see(&pair, "!one");
	terminal_press(pair.bea, "C-z");
	terminal_see_none(pair.ada, "BBB");
	file_becomes(&pair, "!one\ntwo\n");
	close_pair(&pair);
}

/* What one typed inside what another undoes stays. */
static void test_undo_around(void **state)
{
	struct pair pair = open_pair(state, "\n");

	terminal_type(pair.ada, "leftright");
	both_see(&pair, "leftright");
	terminal_press(pair.bea, "Home Right Right Right Right");
	terminal_see_cursor(pair.bea, 1, 4 + 4);
	terminal_type(pair.bea, "Bea");
	both_see(&pair, "leftBearight");
	terminal_press(pair.ada, "C-z");
	file_becomes(&pair, "Bea\n");
	close_pair(&pair);
}

/* ---- what is typed ---- */

static void test_paste(void **state)
{
	static const char pasted[] = "if (x) {\n\ty = \"z\";\n\n\t\tdeep();\n}\n";
	struct pair pair = open_pair(state, "start\nend\n");
	char whole[128];

	terminal_press(pair.ada, "Down");
	terminal_paste(pair.ada,
		"if (x) {\r\ty = \"z\";\r\r\t\tdeep();\r}\r"); /* as terminals send lines */
	both_see(&pair, "deep();");
	snprintf(whole, sizeof(whole), "start\n%send\n", pasted);
	file_becomes(&pair, whole);
	terminal_press(pair.ada, "C-z");
	terminal_see_none(pair.bea, "deep();");
	file_becomes(&pair, "start\nend\n");
	close_pair(&pair);
}

static void test_wide(void **state)
{
	struct pair pair = open_pair(state, "\n");

	terminal_type(pair.ada, "字é😀e\xcc\x81");
	terminal_see(pair.bea, "字é😀e\xcc\x81");
	terminal_see_cursor(pair.ada, 1, 4 + 2 + 1 + 2 + 1);
	terminal_press(
		pair.bea, "Home Right Right Right"); /* by what people see as one character */
	terminal_see_cursor(pair.bea, 1, 4 + 2 + 1 + 2);
	terminal_type(pair.bea, "|");
	both_see(&pair, "字é😀|e\xcc\x81");
	terminal_press(pair.bea, "Delete");
	terminal_press(pair.bea, "Backspace Backspace");
	both_see(&pair, "字é");
	file_becomes(&pair, "字é\n");
	close_pair(&pair);
}

static void test_many_lines(void **state)
{
	char text[4096] = "", last[4200];
	struct pair pair;

	for (int i = 1; i <= 200; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "line %d\n", i);
	pair = open_pair(state, text);
	both_see(&pair, "line 1");
	terminal_press(pair.ada, "C-End");
	terminal_see(pair.ada, "line 200");
	terminal_type(pair.ada, "the end");
	terminal_press(pair.bea, "PageDown");
	terminal_see(pair.bea, "line 30");
	terminal_press(pair.bea, "C-End");
	both_see(&pair, "the end");
	snprintf(last, sizeof(last), "%sthe end", text);
	file_becomes(&pair, last);
	close_pair(&pair);
}

static void test_resize(void **state)
{
	struct pair pair = open_pair(state, "some text\n");

	terminal_resize(pair.ada, 40, 120);
	terminal_see(pair.ada, "PEOPLE");
	terminal_type(pair.ada, "wide: ");
	both_see(&pair, "wide: some text");
	terminal_resize(pair.ada, 5, 20);
	terminal_see(pair.ada, "wide: some text");
	terminal_see_none(pair.ada, "PEOPLE");
	terminal_type(pair.ada, "or small, ");
	terminal_see(pair.bea, "wide: or small, some text");
	terminal_resize(pair.ada, STAGE_ROWS, STAGE_COLS);
	terminal_see(pair.ada, "wide: or small, some text");
	close_pair(&pair);
}

/* ---- others at the table ---- */

static void test_viewer(void **state)
{
	struct pair pair = open_pair(state, "to be read\n");
	struct terminal *viewer = stage_join(pair.stage, server_url(pair.server, "viewer"), "Vic");

	terminal_see(viewer, "to be read");
	terminal_see(pair.ada, "3 here");
	terminal_see(viewer, "read only");
	terminal_type(viewer, "zzz\n");
	terminal_paste(viewer, "yyy");
	terminal_press(viewer, "C-k Delete C-v C-z C-y Enter Tab C-s");
	terminal_press(viewer,
		"End"); /* keys come in order: when this one did, the others have done nothing */
	terminal_see_cursor(viewer, 1, 4 + 10);
	terminal_type(pair.ada, "still ");
	terminal_see(viewer, "still to be read");
	terminal_see(pair.bea, "still to be read");
	file_becomes(&pair, "still to be read\n");
	leave(viewer);
	close_pair(&pair);
	file_becomes(&pair, "still to be read\n");
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
	struct terminal *ada, *bea;
	char url[1024];

	stage_write(stage, FILE_NAME, "hosted\n", strlen("hosted\n"));
	ada = stage_host(stage, FILE_NAME, "Ada");
	terminal_see(ada, "hosted");
	terminal_press(ada, "F2");
	terminal_see(ada, "wss://");
	read_url(ada, url, sizeof(url));
	terminal_press(ada, "Esc");
	terminal_see(ada, "hosted");
	bea = stage_join(stage, url, "Bea");
	terminal_see(bea, "hosted");
	terminal_see(ada, "2 here");
	terminal_type(ada, "Ada's ");
	terminal_press(bea, "End");
	terminal_type(bea, " file");
	terminal_see(ada, "Ada's hosted file");
	terminal_see(bea, "Ada's hosted file");
	terminal_press(ada, "C-q");
	terminal_see(ada, "(y/n)");
	terminal_type(ada, "n");
	terminal_see_none(ada, "(y/n)");
	terminal_type(bea, "!");
	terminal_see(ada, "file!");
	terminal_press(ada, "C-q");
	terminal_see(ada, "(y/n)");
	terminal_type(ada, "y");
	assert_int_equal(terminal_exit(ada), 0);
	assert_null(terminal_left_behind(ada));
	stage_file_becomes(
		stage, FILE_NAME, "Ada's hosted file!\n", strlen("Ada's hosted file!\n"));
	terminal_see(bea, "offline");
	terminal_see(bea, "Ada's hosted file!");
	leave(bea);
}

/* Whatever ends it, the terminal is as it was. */
static void test_signals(void **state)
{
	static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGSEGV, SIGABRT};
	struct stage *stage = *state;
	struct server *server;

	setenv("ASAN_OPTIONS", "handle_segv=0:handle_abort=0",
		1); /* the program's own handlers are meant */
	stage_write(stage, FILE_NAME, "text\n", 5);
	server = server_start(stage, FILE_NAME, NULL);
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
