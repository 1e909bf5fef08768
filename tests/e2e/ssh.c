/*
 * Rooms on this machine and over ssh, with the real sshd (box.h): questions before the screen, keys, an agent, a jump host, a host
 * key that is wrong, an ssh that is killed, and the editor run over there. Skipped, and said so, where no sshd lets this user in.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/box.h"

/* ---- on this machine ---- */

static void the_only_room_here(void **state)
{
	struct box *box = *state;
	const char *dir = stage_path(box->room.stage, "run/codecollab");
	const char *argv[] = {stage_program(), "join", "--name", "Ada", "--socket-dir", dir, NULL};
	struct terminal *ada, *ben;

	box_host_here(box);
	ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);
	terminal_see(ada, "hello");
	ben = scene_enter(&box->room, "Ben", "editor");
	terminal_see(ben, "hello");
	terminal_type(ada, "oh ");
	terminal_see(ben, "oh hello");
	terminal_press(ada, "C-s");
	scene_file(&box->room, "oh hello\n");
	scene_leave(ben);
	scene_leave(ada);
}

static void no_room_here(void **state)
{
	struct box *box = *state;
	const char *argv[] = {stage_program(), "join", "nosuch", "--socket-dir", box->dir, NULL};
	struct terminal *ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);

	assert_int_equal(terminal_exit(ada), 1);
	box_said(ada, "no room nosuch on this machine lets you in");
	terminal_end(ada);
}

/* ---- over ssh ---- */

static void a_room_over_there(void **state)
{
	struct box *box = *state;

	box_host(box);
	struct terminal *ada = box_join(box, "ssh://box/" BOX_ROOM, "Ada");
	struct terminal *ben = scene_enter(&box->room, "Ben", "editor");
	terminal_see(ada, "hello");
	terminal_see(ben, "hello");
	terminal_type(ada, "oh ");
	terminal_see(ben, "oh hello");
	terminal_press(ben, "End");
	terminal_type(ben, " you");
	terminal_see(ada, "oh hello you");
	scene_leave(ben);
	scene_leave(ada);
	scene_file(&box->room, "oh hello you\n");
}

static void questions_come_before_the_screen(void **state)
{
	struct box *box = *state;

	box_host(box);
	struct terminal *ada = box_join(box, "ssh://new/" BOX_ROOM, "Ada");
	terminal_see(ada, "Are you sure you want to continue connecting");
	assert_false(terminal_alternate(ada));
	terminal_type(ada, "yes\n");
	terminal_see(ada, "Enter passphrase for key");
	assert_false(terminal_alternate(ada));
	terminal_type(ada, "open sesame\n");
	terminal_see(ada, "hello");
	assert_true(terminal_alternate(ada));
	scene_leave(ada);
}

static void another_host_key_is_refused_loudly(void **state)
{
	struct box *box = *state;

	box_host(box);
	struct terminal *ada = box_join(box, "ssh://changed/" BOX_ROOM, "Ada");
	assert_int_equal(terminal_exit(ada), 1);
	box_said(ada, "REMOTE HOST IDENTIFICATION HAS CHANGED");
	box_said(ada, "codecollab: ssh did not get to changed: Host key verification failed.");
	assert_false(terminal_alternate(ada));
	terminal_end(ada);
}

static void by_way_of_a_jump_host(void **state)
{
	struct box *box = *state;

	box_host(box);
	struct terminal *ada = box_join(box, "ssh://far/" BOX_ROOM, "Ada");
	terminal_see(ada, "hello");
	scene_leave(ada);
}

static void what_is_not_there(void **state)
{
	struct box *box = *state;

	box_host(box);
	struct terminal *ada = box_join(box, "ssh://box/nosuch", "Ada");
	assert_int_equal(terminal_exit(ada), 1);
	box_said(ada, "no room nosuch on this machine lets you in");
	box_said(ada, "(on box)");
	terminal_end(ada);

	const char *argv[] = {stage_program(), "join", "ssh://box/" BOX_ROOM, "--ssh", box->ssh,
		"--remote-program", "/nonexistent/codecollab", NULL};
	ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);
	assert_int_equal(terminal_exit(ada), 1);
	box_said(ada, "codecollab: there is no codecollab on box");
	terminal_end(ada);
}

/* What a login shell says before is skipped. */
static void a_shell_that_talks(void **state)
{
	struct box *box = *state;
	char talks[512];

	box_host(box);
	snprintf(
		talks, sizeof(talks), "printf 'Welcome!\\nNo newline here: '; %s", stage_program());
	const char *argv[] = {stage_program(), "join", "ssh://box/" BOX_ROOM, "--ssh", box->ssh,
		"--remote-program", talks, NULL};
	struct terminal *ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);
	terminal_see(ada, "hello");
	scene_leave(ada);
}

/* ---- a lost ssh ---- */

/* The ssh that the people here run to that host; -1: it is not there. */
static pid_t ssh_to(const struct box *box, const char *host)
{
	char command[1024], line[64] = "";
	FILE *found;

	snprintf(command, sizeof(command), "pgrep -n -x -f 'ssh -F %s/config -T .* -- %s .*'",
		box->dir, host);
	found = popen(command, "r");
	assert_non_null(found);
	if (!fgets(line, sizeof(line), found))
		line[0] = '\0';
	pclose(found);
	return *line ? (pid_t)strtol(line, NULL, 10) : -1;
}

static void kill_ssh(const struct box *box, const char *host)
{
	pid_t pid = ssh_to(box, host);

	assert_true(pid > 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
}

/* Killed again and again while both type: the session goes on, and every letter is there once. */
static void a_killed_ssh_is_started_again(void **state)
{
	struct box *box = *state;

	box_host(box);
	box_agent(box);
	struct terminal *ada = box_join(box, "ssh://agent/" BOX_ROOM, "Ada");
	struct terminal *ben = scene_enter(&box->room, "Ben", "editor");
	terminal_see(ada, "hello");
	terminal_see(ben, "hello");
	terminal_press(ben, "End");
	terminal_type(ada, "a1 ");
	kill_ssh(box, "agent");
	terminal_type(ada, "a2 ");
	terminal_see(ada, "a1 a2 hello");
	terminal_type(ben, " b1");
	terminal_see(ben, "a1 a2 hello b1");
	terminal_see(ada, "a1 a2 hello b1");
	kill_ssh(box, "agent");
	terminal_type(ben, " b2");
	terminal_type(ada, "a3 ");
	terminal_see(ada, "a1 a2 a3 hello b1 b2");
	terminal_see(ben, "a1 a2 a3 hello b1 b2");
	scene_leave(ada);
	scene_leave(ben);
	scene_file(&box->room, "a1 a2 a3 hello b1 b2\n");
}

/* So many times, each on a line of its own. */
static bool is_asked(struct terminal *t, const void *arg)
{
	int times = 0;

	for (int row = 0; row < STAGE_ROWS; row++) {
		char *line = terminal_row(t, row);
		times += strstr(line, "Enter passphrase for key") != NULL;
		free(line);
	}
	return times == *(const int *)arg;
}

/* ssh does not hear an interrupt between its prompt and its reading: a person presses once more. */
static bool is_back(struct terminal *t, const void *arg)
{
	int *looks = (int *)(uintptr_t)arg;

	if (!terminal_alternate(t) && (*looks)++ % 100 == 0)
		terminal_press(t, "C-c");
	return terminal_alternate(t);
}

/* Nobody is asked behind the screen: it says so, and what was typed is sent after the next join. */
static void what_only_a_person_can_settle(void **state)
{
	struct box *box = *state;

	box_host(box);
	struct terminal *ada = box_join(box, "ssh://locked/" BOX_ROOM, "Ada");
	terminal_see(ada, "Enter passphrase for key");
	terminal_type(ada, "open sesame\n");
	terminal_see(ada, "hello");
	kill_ssh(box, "locked");
	terminal_type(ada, "lent ");
	terminal_see(ada, "F5 lets ssh ask you");
	assert_int_equal(ssh_to(box, "locked"), -1);

	/* F5: the terminal is ssh's once more, an interrupt too, and then the screen is back. */
	terminal_press(ada, "F5");
	terminal_until(ada, is_asked, &(int){2}, "the passphrase is asked for");
	assert_false(terminal_alternate(ada));
	terminal_until(ada, is_back, &(int){0}, "the screen is back");
	terminal_see(ada, "lent hello");
	terminal_see(ada, "was interrupted");
	terminal_press(ada, "F5");
	terminal_until(ada, is_asked, &(int){3}, "the passphrase is asked for");
	terminal_type(ada, "open sesame\n");
	terminal_see(ada, "lent hello");
	scene_file(&box->room, "lent hello\n");

	kill_ssh(box, "locked");
	terminal_type(ada, "kept ");
	terminal_see(ada, "ssh did not get to locked");
	terminal_press(ada, "C-q");
	terminal_see(ada, "(y/n)");
	terminal_type(ada, "y");
	assert_int_equal(terminal_exit(ada), 0);
	terminal_end(ada);

	ada = box_join(box, "ssh://locked/" BOX_ROOM, "Ada");
	box_said(ada, "have not reached the server");
	terminal_press(ada, "Enter");
	for (int times = 1; times <= 2; times++) { /* to send them, and to join */
		terminal_until(ada, is_asked, &times, "the passphrase is asked for");
		terminal_type(ada, "open sesame\n");
	}
	terminal_see(ada, "lent kept hello");
	scene_leave(ada);
}

/* ---- the editor over there ---- */

static void the_editor_over_there(void **state)
{
	struct box *box = *state;
	char config[512];

	box_host(box);
	snprintf(config, sizeof(config), "%s/config", box->dir);
	const char *argv[] = {"ssh", "-F", config, "-t", "box", stage_program(), "join", BOX_ROOM,
		"--name", "Ada", NULL};
	struct terminal *ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);
	terminal_see(ada, "hello");
	terminal_resize(ada, 12, 40);
	terminal_type(ada, "oh ");
	terminal_see(ada, "oh hello");
	terminal_press(ada, "C-s");
	scene_file(&box->room, "oh hello\n");
	terminal_press(ada, "C-q");
	assert_int_equal(terminal_exit(ada), 0);
	terminal_end(ada);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, box_setup, box_teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_only_room_here),
		TEST(no_room_here),
		TEST(a_room_over_there),
		TEST(questions_come_before_the_screen),
		TEST(another_host_key_is_refused_loudly),
		TEST(by_way_of_a_jump_host),
		TEST(what_is_not_there),
		TEST(a_shell_that_talks),
		TEST(a_killed_ssh_is_started_again),
		TEST(what_only_a_person_can_settle),
		TEST(the_editor_over_there),
	};

	cmocka_set_test_filter(getenv("E2E_ONLY"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
