/* A room by way of a box (box.h): published there by a server elsewhere, or hosted there by another user. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/box.h"

/* ---- by way of a box ---- */

/* A server that is on another machine than sshd's rooms, as far as sockets can tell. */
static struct server *host_reversed(struct box *box, const char *file, const char *run_dir)
{
	const char *options[] = {"--room", BOX_ROOM, "--reverse", "box", "--ssh", box->ssh, NULL};
	char *here = strdup(getenv("XDG_RUNTIME_DIR"));
	struct server *server;

	setenv("XDG_RUNTIME_DIR", stage_path(box->room.stage, run_dir), 1);
	mkdir(getenv("XDG_RUNTIME_DIR"), 0700);
	server = server_start_with(box->room.stage, file, options);
	setenv("XDG_RUNTIME_DIR", here, 1);
	free(here);
	return server;
}

static bool is_gone(const void *path)
{
	return access(path, F_OK) != 0;
}

static void a_room_published_on_a_box(void **state)
{
	struct box *box = *state;
	const char *socket = stage_path(box->room.stage, "run/codecollab/" BOX_ROOM ".sock");
	struct stat st;

	box_need(box);
	stage_write(box->room.stage, SCENE_FILE, "hello\n", 6);
	box->room.server = host_reversed(box, SCENE_FILE, "far");
	assert_int_equal(lstat(socket, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);

	struct terminal *ada = box_join(box, "ssh://box/" BOX_ROOM, "Ada");
	struct terminal *ben = scene_enter(&box->room, "Ben", "editor");
	terminal_see(ada, "hello");
	terminal_see(ben, "hello");
	terminal_type(ada, "oh ");
	terminal_see(ben, "oh hello");

	/* The host's ssh is killed: it publishes again, and the guest's session goes on. */
	box_run("pkill -KILL -x -f 'ssh -F %s/config .*ControlMaster=yes.*'", box->dir);
	terminal_type(ada, "again ");
	terminal_see(ben, "oh again hello");
	terminal_press(ben, "End");
	terminal_type(ben, " you");
	terminal_see(ada, "oh again hello you");
	scene_leave(ada);
	scene_leave(ben);
	assert_int_equal(server_stop(box->room.server, SIGTERM), 0);
	terminal_until_true(is_gone, socket, "the socket on the box is removed");
}

/* Another server is to be published on the box as this room; program: what is run there, NULL: codecollab. */
static struct terminal *publish(struct box *box, const char *room, const char *program)
{
	char file[512], state[512];

	snprintf(file, sizeof(file), "%s", stage_path(box->room.stage, "other.txt"));
	snprintf(state, sizeof(state), "%s", stage_path(box->room.stage, "other"));
	const char *argv[] = {stage_program(), "host", file, "--headless", "--listen",
		"127.0.0.1:0", "--state", state, "--room", room, "--reverse", "box", "--ssh",
		box->ssh, program ? "--remote-program" : NULL, program, NULL};
	return terminal_start(argv, STAGE_ROWS, STAGE_COLS);
}

static void refused(struct terminal *server, const char *why)
{
	assert_int_equal(terminal_exit(server), 1);
	box_said(server, why);
	terminal_end(server);
}

/* Whose name it is there keeps it. */
static void a_name_that_is_taken_on_the_box(void **state)
{
	struct box *box = *state;

	box_host(box);
	setenv("XDG_RUNTIME_DIR", stage_path(box->room.stage, "far"), 1);
	mkdir(getenv("XDG_RUNTIME_DIR"), 0700);
	refused(publish(box, BOX_ROOM, NULL), "another server has that room there (on box)");
}

/* ssh would put our environment into what it asks the box for. */
static void a_box_that_asks_for_more(void **state)
{
	struct box *box = *state;

	box_host(box);
	refused(publish(box, "asked",
			"printf 'codecollab-connect 1 listen /tmp/${HOME}\\n'; read there; #"),
		"codecollab on box says what is no path");
}

/* ---- two users ---- */

/* nobody hosts, and is in a group of ours. *line: what is said when it listens; "": nobody cannot run it. */
static pid_t host_as_nobody(struct box *box, char *line, size_t cap)
{
	char file[600], state[600];
	const char *argv[] = {"setpriv", "--reuid=65534", "--regid=65534", "--groups=0",
		stage_program(), "host", file, "--headless", "--json", "--listen", "127.0.0.1:0",
		"--state", state, "--room", "theirs", "--socket-group", "root", NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), out[2];

	box_run("chmod 755 %s %s && mkdir -m 755 %s/theirs && echo hello >%s/theirs/t.txt && "
		"chown -R nobody %s/theirs",
		stage_path(box->room.stage, "."), box->dir, box->dir, box->dir, box->dir);
	snprintf(file, sizeof(file), "%s/theirs/t.txt", box->dir);
	snprintf(state, sizeof(state), "%s/theirs/state", box->dir);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid_t pid = box_spawn(argv, null, out[1]);
	close(null);
	close(out[1]);
	FILE *said = fdopen(out[0], "r");
	assert_non_null(said);
	if (!fgets(line, (int)cap, said))
		*line = '\0';
	fclose(said);
	return pid;
}

/* Over ssh we come in as its editor. */
static void another_users_room(void **state)
{
	struct box *box = *state;
	char line[4096];

	if (geteuid() != 0) {
		print_message("skipped: two users need root\n");
		skip();
	}
	box_need(box);
	pid_t server = host_as_nobody(box, line, sizeof(line));
	if (!*line) {
		box_end(server);
		print_message("skipped: nobody cannot run %s\n", stage_program());
		skip();
	}
	assert_non_null(strstr(line, "/tmp/codecollab-65534.0/theirs.sock"));
	struct terminal *ada = box_join(box, "ssh://box/nobody/theirs", "Ada");
	terminal_see(ada, "hello");
	terminal_type(ada, "oh ");
	terminal_press(ada, "C-s");
	terminal_see(ada, "saved");
	scene_leave(ada);
	box_end(server);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, box_setup, box_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_room_published_on_a_box),
		TEST(a_name_that_is_taken_on_the_box),
		TEST(a_box_that_asks_for_more),
		TEST(another_users_room),
	};

	cmocka_set_test_filter(getenv("E2E_ONLY"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
