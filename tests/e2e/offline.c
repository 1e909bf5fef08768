/* The server goes away and comes back while people edit; nothing that anyone typed is lost. */
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "tests/e2e/scene.h"

/* Ada sees the text's first line. */
static struct scene open_scene(void **state, const char *text, const char *line)
{
	struct scene s = scene_empty(state, text);

	s.ada = scene_enter(&s, "Ada", "editor");
	terminal_see(s.ada, line);
	return s;
}

static struct scene open_with(void **state, const char *text, const char *line, const char *name)
{
	struct scene s = open_scene(state, text, line);

	s.ben = scene_enter(&s, name, "editor");
	terminal_see(s.ben, line);
	return s;
}

static void server_goes(struct scene *s, int signal)
{
	server_stop(s->server, signal);
	terminal_see(s->ada, "offline");
	if (s->ben)
		terminal_see(s->ben, "offline");
}

/* Where it listened before: the URLs hold the port. */
static void server_comes(struct scene *s)
{
	char listen[32];

	snprintf(listen, sizeof(listen), "127.0.0.1:%u", server_port(s->server));
	s->server = server_start(s->stage, SCENE_FILE, listen);
}

static void come_back(struct terminal *t)
{
	terminal_press(t, "F5"); /* now, not when the back-off says */
	terminal_see_none(t, "offline");
}

static void die(struct terminal *t)
{
	terminal_signal(t, SIGKILL);
	assert_int_equal(terminal_exit(t), 128 + SIGKILL);
}

static bool is_asked(const void *arg)
{
	return strstr(terminal_words(arg), "[Y/n]") != NULL;
}

static bool is_asked_or_in(const void *arg)
{
	return is_asked(arg) || terminal_alternate(arg);
}

/* Who comes back for what their editor kept, and takes it. */
static struct terminal *take_up(const struct scene *s)
{
	struct terminal *ada = scene_enter(s, "Ada", "editor");

	terminal_until_true(is_asked, ada, "the question");
	terminal_press(ada, "Enter");
	return ada;
}

/* How many editors have edits on the disk that nobody has. */
static size_t kept(const void *arg)
{
	struct stage *stage = (struct stage *)(uintptr_t)arg;
	struct stat st;
	glob_t found;
	size_t count = 0;

	if (glob(stage_path(stage, "xdg-state/codecollab/unsent/*"), 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			count += stat(found.gl_pathv[i], &st) == 0 && st.st_size > 0;
	globfree(&found);
	return count;
}

static bool one_kept(const void *arg)
{
	return kept(arg) == 1;
}

static bool both_kept(const void *arg)
{
	return kept(arg) == 2;
}

/* ---- the server goes ---- */

/* It ends by a signal, both type on, it comes back with the same state: both texts are one and hold it all. */
static void go_and_come(void **state, int signal)
{
	struct scene s = open_with(state, "one\ntwo\n", "one", "Ben");
	char *room = strdup(server_room(s.server));

	terminal_see(s.ada, "Ben joined");
	terminal_type(s.ada, "before ");
	terminal_see(s.ben, "before one");
	terminal_see_none(s.ada, "Ben joined"); /* it lasts some seconds, behind "offline" too */
	server_goes(&s, signal);
	terminal_type(s.ada, "and while ");
	terminal_see(s.ada, "before and while one");
	terminal_press(s.ben, "C-End");
	terminal_type(s.ben, "without a server");
	terminal_see(s.ben, "without a server");
	assert_true(terminal_find(s.ben, "before one", NULL));
	server_comes(&s);
	assert_string_equal(server_room(s.server), room);
	come_back(s.ada);
	come_back(s.ben);
	terminal_see(s.ada, "without a server");
	assert_false(terminal_find(s.ada, "joined", NULL)); /* she was never away */
	terminal_see(s.ben, "before and while one");
	terminal_type(s.ada, "and after ");
	terminal_see(s.ben, "before and while and after one");
	scene_file(&s, "before and while and after one\ntwo\nwithout a server");
	scene_close(&s);
	free(room);
}

static void test_killed(void **state)
{
	go_and_come(state, SIGKILL);
}

static void test_restarted(void **state)
{
	go_and_come(state, SIGTERM);
}

/* Acknowledged, not yet in the file when the server is killed: it is there when the server is back. */
static void test_killed_before_saving(void **state)
{
	struct scene s = open_with(state, "x\n", "x", "Ben");

	terminal_type(s.ada, "seen by Ben ");
	terminal_see(s.ben, "seen by Ben x"); /* so it is durable */
	server_stop(s.server, SIGKILL);
	terminal_end(s.ada);
	terminal_end(s.ben);
	server_comes(&s);
	s.ada = scene_enter(&s, "Ada", "editor");
	s.ben = NULL;
	terminal_until_true(is_asked_or_in, s.ada, "the question or the editor");
	if (is_asked(
		    s.ada)) /* the last acknowledgement never arrived; what it was for is there all the same, once */
		terminal_press(s.ada, "Enter");
	terminal_see(s.ada, "seen by Ben x");
	scene_close(&s);
	scene_file(&s, "seen by Ben x\n");
}

/* Undo reaches back over the time without a server, and still takes only one's own. */
static void test_undo_across(void **state)
{
	struct scene s = open_with(state, "x\n", "x", "Ben");

	server_goes(&s, SIGKILL);
	terminal_type(s.ada, "AAA");
	terminal_see(s.ada, "AAAx");
	terminal_press(s.ben, "End");
	terminal_type(s.ben, "BBB");
	terminal_see(s.ben, "xBBB");
	server_comes(&s);
	come_back(s.ada);
	come_back(s.ben);
	terminal_see(s.ada, "AAAxBBB");
	terminal_see(s.ben, "AAAxBBB");
	terminal_press(s.ada, "C-z");
	terminal_see(s.ben, "1▌xBBB"); /* behind the line's number and who is there */
	terminal_see(s.ada, "1▌xBBB");
	scene_file(&s, "xBBB\n");
	scene_close(&s);
}

/* Who quits with edits that nobody has is asked first. */
static void test_quit_offline(void **state)
{
	struct scene s = open_scene(state, "x\n", "x");

	server_goes(&s, SIGKILL);
	terminal_type(s.ada, "unsent ");
	terminal_see(s.ada, "unsent x");
	terminal_press(s.ada, "C-q");
	terminal_see(s.ada, "(y/n)");
	terminal_type(s.ada, "n");
	terminal_see_none(s.ada, "(y/n)");
	terminal_type(s.ada, "words ");
	terminal_see(s.ada, "unsent words x");
	terminal_press(s.ada, "C-q");
	terminal_see(s.ada, "(y/n)");
	terminal_type(s.ada, "y");
	assert_int_equal(terminal_exit(s.ada), 0);
	assert_null(terminal_left_behind(s.ada));
}

/* ---- the editor goes ---- */

/* It is killed with edits that nobody has: the next join offers them, and sends them once. */
static void test_client_killed(void **state)
{
	struct scene s = open_scene(state, "x\n", "x");

	terminal_type(s.ada, "sent ");
	scene_file(&s, "sent x\n");
	server_goes(&s, SIGKILL);
	terminal_type(s.ada, "unsent ");
	terminal_see(s.ada, "sent unsent x");
	terminal_until_true(one_kept, s.stage, "unsent edits on disk");
	die(s.ada);
	server_comes(&s);
	s.ada = take_up(&s);
	terminal_see(s.ada, "sent unsent x");
	scene_file(&s, "sent unsent x\n");
	scene_leave(s.ada);
	s.ada = scene_enter(&s, "Ada", "editor");
	terminal_see(s.ada, "sent unsent x"); /* and nothing is asked any more */
	scene_close(&s);
}

/* Where nothing can be written down it is said, on the screen too, and the rest works. */
static void test_no_place_for_unsent_edits(void **state)
{
	struct stage *stage = *state;

	mkdir(stage_path(stage, "xdg-state"), 0700);
	mkdir(stage_path(stage, "xdg-state/codecollab"), 0700);
	stage_write(stage, "xdg-state/codecollab/unsent", "no folder", 9);
	struct scene s = open_scene(state, "x\n", "Unsent edits cannot be kept");
	assert_non_null(strstr(terminal_words(s.ada), "Not a directory"));
	terminal_type(s.ada, "all the same ");
	scene_file(&s, "all the same x\n");
	scene_close(&s);
}

static void assert_shell(const char *format, const char *path)
{
	char command[4096];

	snprintf(command, sizeof(command), format, path);
	assert_int_equal(system(command), 0);
}

/* The room's history was lost meanwhile: what was typed is put aside, and joining goes on. */
static void test_history_gone(void **state)
{
	struct scene s = open_scene(state, "x\n", "x");
	glob_t found;

	server_goes(&s, SIGKILL);
	terminal_type(s.ada, "unsent words ");
	terminal_see(s.ada, "unsent words x");
	die(s.ada);
	assert_shell("rm -r '%s'", stage_path(s.stage, "state/rooms"));
	server_comes(&s);
	s.ada = take_up(&s);
	terminal_see(s.ada, SCENE_FILE);
	assert_non_null(strstr(terminal_words(s.ada), "What they insert is in"));
	assert_int_equal(
		glob(stage_path(s.stage, "xdg-state/codecollab/conflicts/*"), 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 1);
	assert_shell("grep -qx 'unsent words ' '%s'", found.gl_pathv[0]);
	globfree(&found);
	scene_leave(s.ada);
	s.ada = scene_enter(&s, "Ada", "editor");
	terminal_see(s.ada, SCENE_FILE); /* and nothing is asked any more */
	scene_close(&s);
}

/* Two terminals of one person in one room: each keeps its own, nobody takes a living one's, and both are taken up, once. */
static void test_two_of_one_person(void **state)
{
	struct scene s = open_with(state, "x\n", "x", "Ada");

	server_goes(&s, SIGKILL);
	terminal_type(s.ada, "one ");
	terminal_see(s.ada, "offline: 4 edits unsent");
	terminal_press(s.ben, "End");
	terminal_type(s.ben, " two");
	terminal_see(s.ben, "offline: 4 edits unsent");
	terminal_until_true(both_kept, s.stage, "the edits of both on disk");
	die(s.ada);
	server_comes(&s);
	s.ada = take_up(&s);
	terminal_see(s.ada, "one x");
	come_back(s.ben); /* whose edits were left alone */
	terminal_see(s.ben, "one x two");
	scene_file(&s, "one x two\n");
	scene_close(&s);
}

/* The same, and both are killed: each of the next two takes up what one of them left. */
static void test_both_of_one_person_killed(void **state)
{
	struct scene s = open_with(state, "x\n", "x", "Ada");

	server_goes(&s, SIGKILL);
	terminal_type(s.ada, "one ");
	terminal_see(s.ada, "one x");
	terminal_press(s.ben, "End");
	terminal_type(s.ben, " two");
	terminal_see(s.ben, "x two");
	die(s.ada);
	die(s.ben);
	server_comes(&s);
	s.ada = take_up(&s);
	s.ben = take_up(&s);
	terminal_see(s.ada, "one x two");
	terminal_see(s.ben, "one x two");
	scene_file(&s, "one x two\n");
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(killed),
		TEST(restarted),
		TEST(killed_before_saving),
		TEST(undo_across),
		TEST(quit_offline),
		TEST(client_killed),
		TEST(no_place_for_unsent_edits),
		TEST(history_gone),
		TEST(two_of_one_person),
		TEST(both_of_one_person_killed),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
