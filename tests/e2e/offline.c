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

#include "tests/e2e/stage.h"

#define FILE_NAME "notes.txt"

/* Where it listened before: the URLs hold the port. */
static struct server *start_again(struct stage *stage, const struct server *before)
{
	char listen[32];

	snprintf(listen, sizeof(listen), "127.0.0.1:%u", server_port(before));
	return server_start(stage, FILE_NAME, listen);
}

static void come_back(struct terminal *t)
{
	terminal_press(t, "F5"); /* now, not when the back-off says */
	terminal_see_none(t, "offline");
}

static void leave(struct terminal *t)
{
	terminal_press(t, "C-q");
	assert_int_equal(terminal_exit(t), 0);
	assert_null(terminal_left_behind(t));
}

/* The server ends by a signal, both type on, it comes back with the same state: both texts are one and hold it all. */
static void go_and_come(void **state, int signal)
{
	struct stage *stage = *state;
	struct server *server, *again;
	struct terminal *ada, *bea;

	stage_write(stage, FILE_NAME, "one\ntwo\n", 8);
	server = server_start(stage, FILE_NAME, NULL);
	ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "one");
	bea = stage_join(stage, server_url(server, "editor"), "Bea");
	terminal_see(bea, "one");
	terminal_see(ada, "Bea joined");
	terminal_type(ada, "before ");
	terminal_see(bea, "before one");
	terminal_see_none(ada, "Bea joined"); /* it lasts some seconds, behind "offline" too */
	server_stop(server, signal);
	terminal_see(ada, "offline");
	terminal_see(bea, "offline");
	terminal_type(ada, "and while ");
	terminal_see(ada, "before and while one");
	terminal_press(bea, "C-End");
	terminal_type(bea, "without a server");
	terminal_see(bea, "without a server");
	assert_true(terminal_find(bea, "before one", NULL));
	again = start_again(stage, server);
	assert_string_equal(server_room(again), server_room(server));
	come_back(ada);
	come_back(bea);
	terminal_see(ada, "without a server");
	assert_false(terminal_find(ada, "joined", NULL)); /* she was never away */
	terminal_see(bea, "before and while one");
	terminal_type(ada, "and after ");
	terminal_see(bea, "before and while and after one");
	stage_file_becomes(
		stage, FILE_NAME, "before and while and after one\ntwo\nwithout a server", 51);
	leave(ada);
	leave(bea);
	assert_int_equal(server_stop(again, SIGTERM), 0);
}

static void test_killed(void **state)
{
	go_and_come(state, SIGKILL);
}

static void test_restarted(void **state)
{
	go_and_come(state, SIGTERM);
}

static bool is_asked(const void *arg)
{
	return strstr(terminal_words(arg), "[Y/n]") != NULL;
}

static bool is_asked_or_in(const void *arg)
{
	return is_asked(arg) || terminal_alternate(arg);
}

/* Acknowledged, not yet in the file when the server is killed: it is there when the server is back. */
static void test_killed_before_saving(void **state)
{
	struct stage *stage = *state;
	struct server *server, *again;
	struct terminal *ada, *bea;

	stage_write(stage, FILE_NAME, "x\n", 2);
	server = server_start(stage, FILE_NAME, NULL);
	ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "x");
	bea = stage_join(stage, server_url(server, "editor"), "Bea");
	terminal_see(bea, "x");
	terminal_type(ada, "seen by Bea ");
	terminal_see(bea, "seen by Bea x"); /* so it is durable */
	server_stop(server, SIGKILL);
	terminal_end(ada);
	terminal_end(bea);
	again = start_again(stage, server);
	ada = stage_join(stage, server_url(again, "editor"), "Ada");
	terminal_until_true(is_asked_or_in, ada, "the question or the editor");
	if (is_asked(
		    ada)) /* the last acknowledgement never arrived; what it was for is there all the same, once */
		terminal_press(ada, "Enter");
	terminal_see(ada, "seen by Bea x");
	leave(ada);
	assert_int_equal(server_stop(again, SIGTERM), 0);
	stage_file_becomes(stage, FILE_NAME, "seen by Bea x\n", 14);
}

/* Undo reaches back over the time without a server, and still takes only one's own. */
static void test_undo_across(void **state)
{
	struct stage *stage = *state;
	struct server *server, *again;
	struct terminal *ada, *bea;

	stage_write(stage, FILE_NAME, "x\n", 2);
	server = server_start(stage, FILE_NAME, NULL);
	ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "x");
	bea = stage_join(stage, server_url(server, "editor"), "Bea");
	terminal_see(bea, "x");
	server_stop(server, SIGKILL);
	terminal_see(ada, "offline");
	terminal_see(bea, "offline");
	terminal_type(ada, "AAA");
	terminal_see(ada, "AAAx");
	terminal_press(bea, "End");
	terminal_type(bea, "BBB");
	terminal_see(bea, "xBBB");
	again = start_again(stage, server);
	come_back(ada);
	come_back(bea);
	terminal_see(ada, "AAAxBBB");
	terminal_see(bea, "AAAxBBB");
	terminal_press(ada, "C-z");
	terminal_see(bea, "1▌xBBB"); /* behind the line's number and who is there */
	terminal_see(ada, "1▌xBBB");
	stage_file_becomes(stage, FILE_NAME, "xBBB\n", 5);
	leave(ada);
	leave(bea);
	assert_int_equal(server_stop(again, SIGTERM), 0);
}

/* Who quits with edits that nobody has is asked first. */
static void test_quit_offline(void **state)
{
	struct stage *stage = *state;
	struct server *server;
	struct terminal *ada;

	stage_write(stage, FILE_NAME, "x\n", 2);
	server = server_start(stage, FILE_NAME, NULL);
	ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "x");
	server_stop(server, SIGKILL);
	terminal_see(ada, "offline");
	terminal_type(ada, "unsent ");
	terminal_see(ada, "unsent x");
	terminal_press(ada, "C-q");
	terminal_see(ada, "(y/n)");
	terminal_type(ada, "n");
	terminal_see_none(ada, "(y/n)");
	terminal_type(ada, "words ");
	terminal_see(ada, "unsent words x");
	terminal_press(ada, "C-q");
	terminal_see(ada, "(y/n)");
	terminal_type(ada, "y");
	assert_int_equal(terminal_exit(ada), 0);
	assert_null(terminal_left_behind(ada));
}

static bool kept_something(const void *arg)
{
	struct stage *stage = (struct stage *)(uintptr_t)arg;
	struct stat st;
	glob_t found;
	bool kept = false;

	if (glob(stage_path(stage, "xdg-state/codecollab/unsent/*"), 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			kept |= stat(found.gl_pathv[i], &st) == 0 && st.st_size > 0;
	globfree(&found);
	return kept;
}

/* The client itself is killed with edits that nobody has: the next join offers them, and sends them once. */
static void test_client_killed(void **state)
{
	struct stage *stage = *state;
	struct server *server, *again;
	struct terminal *ada;

	stage_write(stage, FILE_NAME, "x\n", 2);
	server = server_start(stage, FILE_NAME, NULL);
	ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "x");
	terminal_type(ada, "sent ");
	stage_file_becomes(stage, FILE_NAME, "sent x\n", 7);
	server_stop(server, SIGKILL);
	terminal_see(ada, "offline");
	terminal_type(ada, "unsent ");
	terminal_see(ada, "sent unsent x");
	terminal_until_true(kept_something, stage, "unsent edits on disk");
	terminal_signal(ada, SIGKILL);
	assert_int_equal(terminal_exit(ada), 128 + SIGKILL);
	again = start_again(stage, server);
	ada = stage_join(stage, server_url(again, "editor"), "Ada");
	terminal_until_true(is_asked, ada, "the question");
	terminal_press(ada, "Enter");
	terminal_see(ada, "sent unsent x");
	stage_file_becomes(stage, FILE_NAME, "sent unsent x\n", 14);
	leave(ada);
	ada = stage_join(stage, server_url(again, "editor"), "Ada");
	terminal_see(ada, "sent unsent x"); /* and nothing is asked any more */
	leave(ada);
	assert_int_equal(server_stop(again, SIGTERM), 0);
}

/* Where nothing can be written down it is said, on the screen too, and the rest works. */
static void test_no_place_for_unsent_edits(void **state)
{
	struct stage *stage = *state;
	struct server *server;
	struct terminal *ada;

	stage_write(stage, FILE_NAME, "x\n", 2);
	server = server_start(stage, FILE_NAME, NULL);
	mkdir(stage_path(stage, "xdg-state"), 0700);
	mkdir(stage_path(stage, "xdg-state/codecollab"), 0700);
	stage_write(stage, "xdg-state/codecollab/unsent", "no folder", 9);
	ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "Unsent edits cannot be kept");
	assert_non_null(strstr(terminal_words(ada), "Not a directory"));
	terminal_type(ada, "all the same ");
	stage_file_becomes(stage, FILE_NAME, "all the same x\n", 15);
	leave(ada);
	assert_int_equal(server_stop(server, SIGTERM), 0);
}

static void die(struct terminal *t)
{
	terminal_signal(t, SIGKILL);
	assert_int_equal(terminal_exit(t), 128 + SIGKILL);
}

static struct terminal *take_up(struct stage *stage, const struct server *server)
{
	struct terminal *ada = stage_join(stage, server_url(server, "editor"), "Ada");

	terminal_until_true(is_asked, ada, "the question");
	terminal_press(ada, "Enter");
	return ada;
}

/* The room's history was lost meanwhile: what was typed is put aside, and joining goes on. */
static void test_history_gone(void **state)
{
	struct stage *stage = *state;
	struct server *server, *again;
	struct terminal *ada;
	char command[4096];
	glob_t found;

	stage_write(stage, FILE_NAME, "x\n", 2);
	server = server_start(stage, FILE_NAME, NULL);
	ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "x");
	server_stop(server, SIGKILL);
	terminal_see(ada, "offline");
	terminal_type(ada, "unsent words ");
	terminal_see(ada, "unsent words x");
	die(ada);
	snprintf(command, sizeof(command), "rm -r '%s'", stage_path(stage, "state/rooms"));
	assert_int_equal(system(command), 0);
	again = start_again(stage, server);
	ada = take_up(stage, again);
	terminal_see(ada, FILE_NAME);
	assert_non_null(strstr(terminal_words(ada), "What they insert is in"));
	assert_int_equal(
		glob(stage_path(stage, "xdg-state/codecollab/conflicts/*"), 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 1);
	snprintf(command, sizeof(command), "grep -qx 'unsent words ' '%s'", found.gl_pathv[0]);
	assert_int_equal(system(command), 0);
	globfree(&found);
	leave(ada);
	ada = stage_join(stage, server_url(again, "editor"), "Ada");
	terminal_see(ada, FILE_NAME); /* and nothing is asked any more */
	leave(ada);
	assert_int_equal(server_stop(again, SIGTERM), 0);
}

static bool both_kept(const void *arg)
{
	struct stage *stage = (struct stage *)(uintptr_t)arg;
	struct stat st;
	glob_t found;
	size_t kept = 0;

	if (glob(stage_path(stage, "xdg-state/codecollab/unsent/*"), 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			kept += stat(found.gl_pathv[i], &st) == 0 && st.st_size > 0;
	globfree(&found);
	return kept == 2;
}

/* Two terminals of one person in one room: each keeps its own, nobody takes a living one's, and both are taken up, once. */
static void test_two_of_one_person(void **state)
{
	struct stage *stage = *state;
	struct server *server, *again;
	struct terminal *one, *two;

	stage_write(stage, FILE_NAME, "x\n", 2);
	server = server_start(stage, FILE_NAME, NULL);
	one = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(one, "x");
	two = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(two, "x");
	server_stop(server, SIGKILL);
	terminal_see(one, "offline");
	terminal_see(two, "offline");
	terminal_type(one, "one ");
	terminal_see(one, "offline: 4 edits unsent");
	terminal_press(two, "End");
	terminal_type(two, " two");
	terminal_see(two, "offline: 4 edits unsent");
	terminal_until_true(both_kept, stage, "the edits of both on disk");
	die(one);
	again = start_again(stage, server);
	one = take_up(stage, again);
	terminal_see(one, "one x");
	come_back(two); /* whose edits were left alone */
	terminal_see(two, "one x two");
	stage_file_becomes(stage, FILE_NAME, "one x two\n", 10);
	leave(one);
	leave(two);
	assert_int_equal(server_stop(again, SIGTERM), 0);
}

/* The same, and both are killed: each of the next two takes up what one of them left. */
static void test_both_of_one_person_killed(void **state)
{
	struct stage *stage = *state;
	struct server *server, *again;
	struct terminal *one, *two;

	stage_write(stage, FILE_NAME, "x\n", 2);
	server = server_start(stage, FILE_NAME, NULL);
	one = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(one, "x");
	two = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(two, "x");
	server_stop(server, SIGKILL);
	terminal_see(one, "offline");
	terminal_see(two, "offline");
	terminal_type(one, "one ");
	terminal_see(one, "one x");
	terminal_press(two, "End");
	terminal_type(two, " two");
	terminal_see(two, "x two");
	die(one);
	die(two);
	again = start_again(stage, server);
	one = take_up(stage, again);
	two = take_up(stage, again);
	terminal_see(one, "one x two");
	terminal_see(two, "one x two");
	stage_file_becomes(stage, FILE_NAME, "one x two\n", 10);
	leave(one);
	leave(two);
	assert_int_equal(server_stop(again, SIGTERM), 0);
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
