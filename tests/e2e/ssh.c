/*
 * Rooms on this machine and over ssh, with the real sshd: questions before the screen, keys, an agent, a jump host, a host key
 * that is wrong, an ssh that is killed, and the editor run over there. Skipped, and said so, where no sshd lets this user in.
 */
#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/e2e/stage.h"

#define FILE_NAME "notes.txt"
#define ROOM      "otter"
#define NOBODY    65534 /* Debian's base-passwd */

struct scene {
	struct stage *stage;
	struct server *server;
	pid_t sshd, agent;
	char why[512]; /* there is no sshd to try */
	char ssh[512]; /* for --ssh */
	const char *dir;
};

/* ---- the world ---- */

static const char *program(void)
{
	const char *path = getenv("CODECOLLAB");

	return path ? path : "codecollab";
}

static pid_t start(const char *const argv[], int in, int out)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	execvp(argv[0], (char **)(uintptr_t)argv);
	_exit(127);
}

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
	char command[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

static void start_sshd(struct scene *scene)
{
	const char *argv[] = {E2E_DIR "/sshd.sh", scene->dir, program(), NULL};
	int in[2], out[2];
	FILE *said;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	scene->sshd = start(argv, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	said = fdopen(out[0], "r");
	assert_non_null(said);
	assert_non_null(fgets(scene->why, sizeof(scene->why), said));
	fclose(said);
	if (strcmp(scene->why, "ready\n") == 0)
		scene->why[0] = '\0';
}

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	scene->stage = stage_open();
	scene->dir = stage_path(scene->stage, "ssh");
	assert_int_equal(mkdir(scene->dir, 0700), 0);
	setenv("XDG_RUNTIME_DIR", stage_path(scene->stage, "run"), 1);
	assert_int_equal(mkdir(getenv("XDG_RUNTIME_DIR"), 0700), 0);
	snprintf(scene->ssh, sizeof(scene->ssh), "ssh -F %s/config", scene->dir);
	start_sshd(scene);
	*state = scene;
	return 0;
}

static void end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	terminal_end_all();
	end(scene->sshd);
	end(scene->agent);
	stage_close(scene->stage);
	free(scene);
	return 0;
}

/* The room, with "hello\n" in it; skips when there is no sshd. */
static void host(struct scene *scene)
{
	static const char *const options[] = {"--room", ROOM, NULL};

	if (*scene->why) {
		print_message("skipped: %s", scene->why + strlen("no "));
		skip();
	}
	stage_write(scene->stage, FILE_NAME, "hello\n", 6);
	scene->server = server_start_with(scene->stage, FILE_NAME, options);
}

static struct terminal *join_as(struct scene *scene, const char *url, const char *name)
{
	const char *argv[] = {program(), "join", url, "--name", name, "--ssh", scene->ssh, NULL};

	return terminal_start(argv, STAGE_ROWS, STAGE_COLS);
}

static void quit(struct terminal *t)
{
	terminal_press(t, "C-q");
	assert_int_equal(terminal_exit(t), 0);
	assert_null(terminal_left_behind(t));
	terminal_end(t);
}

static bool has_said(const void *arg)
{
	const void *const *pair = arg;

	return strstr(terminal_words(pair[0]), pair[1]) != NULL;
}

static void until_said(struct terminal *t, const char *words)
{
	const void *pair[] = {t, words};

	terminal_until_true(has_said, pair, words);
}

/* ---- on this machine ---- */

static void the_only_room_here(void **state)
{
	struct scene *scene = *state;
	const char *dir = stage_path(scene->stage, "run/codecollab");
	const char *argv[] = {program(), "join", "--name", "Ada", "--socket-dir", dir, NULL};
	struct terminal *ada, *ben;

	stage_write(scene->stage, FILE_NAME, "hello\n", 6);
	scene->server = server_start_with(
		scene->stage, FILE_NAME, (const char *const[]){"--room", ROOM, NULL});
	ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);
	terminal_see(ada, "hello");
	ben = stage_join(scene->stage, server_url(scene->server, "editor"), "Ben");
	terminal_see(ben, "hello");
	terminal_type(ada, "oh ");
	terminal_see(ben, "oh hello");
	terminal_press(ada, "C-s");
	stage_file_becomes(scene->stage, FILE_NAME, "oh hello\n", 9);
	quit(ben);
	quit(ada);
}

static void no_room_here(void **state)
{
	struct scene *scene = *state;
	const char *argv[] = {program(), "join", "nosuch", "--socket-dir", scene->dir, NULL};
	struct terminal *ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);

	assert_int_equal(terminal_exit(ada), 1);
	until_said(ada, "no room nosuch on this machine lets you in");
	terminal_end(ada);
}

/* ---- over ssh ---- */

static void a_room_over_there(void **state)
{
	struct scene *scene = *state;

	host(scene);
	struct terminal *ada = join_as(scene, "ssh://box/" ROOM, "Ada");
	struct terminal *ben = stage_join(scene->stage, server_url(scene->server, "editor"), "Ben");
	terminal_see(ada, "hello");
	terminal_see(ben, "hello");
	terminal_type(ada, "oh ");
	terminal_see(ben, "oh hello");
	terminal_press(ben, "End");
	terminal_type(ben, " you");
	terminal_see(ada, "oh hello you");
	quit(ben);
	quit(ada);
	stage_file_becomes(scene->stage, FILE_NAME, "oh hello you\n", 13);
}

static void questions_come_before_the_screen(void **state)
{
	struct scene *scene = *state;

	host(scene);
	struct terminal *ada = join_as(scene, "ssh://new/" ROOM, "Ada");
	terminal_see(ada, "Are you sure you want to continue connecting");
	assert_false(terminal_alternate(ada));
	terminal_type(ada, "yes\n");
	terminal_see(ada, "Enter passphrase for key");
	assert_false(terminal_alternate(ada));
	terminal_type(ada, "open sesame\n");
	terminal_see(ada, "hello");
	assert_true(terminal_alternate(ada));
	quit(ada);
}

static void another_host_key_is_refused_loudly(void **state)
{
	struct scene *scene = *state;

	host(scene);
	struct terminal *ada = join_as(scene, "ssh://changed/" ROOM, "Ada");
	assert_int_equal(terminal_exit(ada), 1);
	until_said(ada, "REMOTE HOST IDENTIFICATION HAS CHANGED");
	until_said(ada, "codecollab: ssh did not get to changed: Host key verification failed.");
	assert_false(terminal_alternate(ada));
	terminal_end(ada);
}

static void by_way_of_a_jump_host(void **state)
{
	struct scene *scene = *state;

	host(scene);
	struct terminal *ada = join_as(scene, "ssh://far/" ROOM, "Ada");
	terminal_see(ada, "hello");
	quit(ada);
}

static void what_is_not_there(void **state)
{
	struct scene *scene = *state;

	host(scene);
	struct terminal *ada = join_as(scene, "ssh://box/nosuch", "Ada");
	assert_int_equal(terminal_exit(ada), 1);
	until_said(ada, "no room nosuch on this machine lets you in");
	until_said(ada, "(on box)");
	terminal_end(ada);

	const char *argv[] = {program(), "join", "ssh://box/" ROOM, "--ssh", scene->ssh,
		"--remote-program", "/nonexistent/codecollab", NULL};
	ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);
	assert_int_equal(terminal_exit(ada), 1);
	until_said(ada, "codecollab: there is no codecollab on box");
	terminal_end(ada);
}

/* What a login shell says before is skipped. */
static void a_shell_that_talks(void **state)
{
	struct scene *scene = *state;
	char talks[512];

	host(scene);
	snprintf(talks, sizeof(talks), "printf 'Welcome!\\nNo newline here: '; %s", program());
	const char *argv[] = {program(), "join", "ssh://box/" ROOM, "--ssh", scene->ssh,
		"--remote-program", talks, NULL};
	struct terminal *ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);
	terminal_see(ada, "hello");
	quit(ada);
}

/* ---- a lost ssh ---- */

/* The ssh that the people here run to that host; -1: it is not there. */
static pid_t ssh_to(const struct scene *scene, const char *host)
{
	char command[1024], line[64] = "";
	FILE *found;

	snprintf(command, sizeof(command), "pgrep -n -x -f 'ssh -F %s/config -T .* -- %s .*'",
		scene->dir, host);
	found = popen(command, "r");
	assert_non_null(found);
	if (!fgets(line, sizeof(line), found))
		line[0] = '\0';
	pclose(found);
	return *line ? (pid_t)strtol(line, NULL, 10) : -1;
}

static void kill_ssh(const struct scene *scene, const char *host)
{
	pid_t pid = ssh_to(scene, host);

	assert_true(pid > 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
}

static void start_agent(struct scene *scene)
{
	char socket[512];
	const char *argv[] = {"ssh-agent", "-D", "-a", socket, NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	snprintf(socket, sizeof(socket), "%s/agent", scene->dir);
	scene->agent = start(argv, null, null);
	close(null);
	run("cd %s && printf '#!/bin/sh\\necho open sesame\\n' >ask && chmod 700 ask && "
	    "until [ -S agent ]; do sleep 0.02; done && "
	    "SSH_AUTH_SOCK=%s SSH_ASKPASS=%s/ask SSH_ASKPASS_REQUIRE=force ssh-add -q lockedkey",
		scene->dir, socket, scene->dir);
}

/* Killed again and again while both type: the session goes on, and every letter is there once. */
static void a_killed_ssh_is_started_again(void **state)
{
	struct scene *scene = *state;

	host(scene);
	start_agent(scene);
	struct terminal *ada = join_as(scene, "ssh://agent/" ROOM, "Ada");
	struct terminal *ben = stage_join(scene->stage, server_url(scene->server, "editor"), "Ben");
	terminal_see(ada, "hello");
	terminal_see(ben, "hello");
	terminal_press(ben, "End");
	terminal_type(ada, "a1 ");
	kill_ssh(scene, "agent");
	terminal_type(ada, "a2 ");
	terminal_see(ada, "a1 a2 hello");
	terminal_type(ben, " b1");
	terminal_see(ben, "a1 a2 hello b1");
	terminal_see(ada, "a1 a2 hello b1");
	kill_ssh(scene, "agent");
	terminal_type(ben, " b2");
	terminal_type(ada, "a3 ");
	terminal_see(ada, "a1 a2 a3 hello b1 b2");
	terminal_see(ben, "a1 a2 a3 hello b1 b2");
	quit(ada);
	quit(ben);
	stage_file_becomes(scene->stage, FILE_NAME, "a1 a2 a3 hello b1 b2\n", 21);
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
	struct scene *scene = *state;

	host(scene);
	struct terminal *ada = join_as(scene, "ssh://locked/" ROOM, "Ada");
	terminal_see(ada, "Enter passphrase for key");
	terminal_type(ada, "open sesame\n");
	terminal_see(ada, "hello");
	kill_ssh(scene, "locked");
	terminal_type(ada, "lent ");
	terminal_see(ada, "F5 lets ssh ask you");
	assert_int_equal(ssh_to(scene, "locked"), -1);

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
	stage_file_becomes(scene->stage, FILE_NAME, "lent hello\n", 11);

	kill_ssh(scene, "locked");
	terminal_type(ada, "kept ");
	terminal_see(ada, "ssh did not get to locked");
	terminal_press(ada, "C-q");
	terminal_see(ada, "(y/n)");
	terminal_type(ada, "y");
	assert_int_equal(terminal_exit(ada), 0);
	terminal_end(ada);

	ada = join_as(scene, "ssh://locked/" ROOM, "Ada");
	until_said(ada, "have not reached the server");
	terminal_press(ada, "Enter");
	for (int times = 1; times <= 2; times++) { /* to send them, and to join */
		terminal_until(ada, is_asked, &times, "the passphrase is asked for");
		terminal_type(ada, "open sesame\n");
	}
	terminal_see(ada, "lent kept hello");
	quit(ada);
}

/* ---- by way of a box ---- */

/* A server that is on another machine than sshd's rooms, as far as sockets can tell. */
static struct server *host_reversed(struct scene *scene, const char *file, const char *run_dir)
{
	const char *options[] = {"--room", ROOM, "--reverse", "box", "--ssh", scene->ssh, NULL};
	char *here = strdup(getenv("XDG_RUNTIME_DIR"));
	struct server *server;

	setenv("XDG_RUNTIME_DIR", stage_path(scene->stage, run_dir), 1);
	mkdir(getenv("XDG_RUNTIME_DIR"), 0700);
	server = server_start_with(scene->stage, file, options);
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
	struct scene *scene = *state;
	const char *socket = stage_path(scene->stage, "run/codecollab/" ROOM ".sock");
	struct stat st;

	if (*scene->why) {
		print_message("skipped: %s", scene->why + strlen("no "));
		skip();
	}
	stage_write(scene->stage, FILE_NAME, "hello\n", 6);
	scene->server = host_reversed(scene, FILE_NAME, "far");
	assert_int_equal(lstat(socket, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);

	struct terminal *ada = join_as(scene, "ssh://box/" ROOM, "Ada");
	struct terminal *ben = stage_join(scene->stage, server_url(scene->server, "editor"), "Ben");
	terminal_see(ada, "hello");
	terminal_see(ben, "hello");
	terminal_type(ada, "oh ");
	terminal_see(ben, "oh hello");

	/* The host's ssh is killed: it publishes again, and the guest's session goes on. */
	run("pkill -KILL -x -f 'ssh -F %s/config .*ControlMaster=yes.*'", scene->dir);
	terminal_type(ada, "again ");
	terminal_see(ben, "oh again hello");
	terminal_press(ben, "End");
	terminal_type(ben, " you");
	terminal_see(ada, "oh again hello you");
	quit(ada);
	quit(ben);
	assert_int_equal(server_stop(scene->server, SIGTERM), 0);
	terminal_until_true(is_gone, socket, "the socket on the box is removed");
}

/* Whose name it is there keeps it. */
static void a_name_that_is_taken_on_the_box(void **state)
{
	struct scene *scene = *state;
	char file[512], statedir[512];

	host(scene);
	setenv("XDG_RUNTIME_DIR", stage_path(scene->stage, "far"), 1);
	mkdir(getenv("XDG_RUNTIME_DIR"), 0700);
	snprintf(file, sizeof(file), "%s", stage_path(scene->stage, "other.txt"));
	snprintf(statedir, sizeof(statedir), "%s", stage_path(scene->stage, "other"));
	const char *argv[] = {program(), "host", file, "--headless", "--listen", "127.0.0.1:0",
		"--state", statedir, "--room", ROOM, "--reverse", "box", "--ssh", scene->ssh, NULL};
	struct terminal *other = terminal_start(argv, STAGE_ROWS, STAGE_COLS);
	assert_int_equal(terminal_exit(other), 1);
	until_said(other, "another server has that room there (on box)");
	terminal_end(other);
}

/* ssh would put our environment into what it asks the box for. */
static void a_box_that_asks_for_more(void **state)
{
	struct scene *scene = *state;
	char file[512], statedir[512];

	host(scene);
	snprintf(file, sizeof(file), "%s", stage_path(scene->stage, "other.txt"));
	snprintf(statedir, sizeof(statedir), "%s", stage_path(scene->stage, "other"));
	const char *argv[] = {program(), "host", file, "--headless", "--listen", "127.0.0.1:0",
		"--state", statedir, "--room", "asked", "--reverse", "box", "--ssh", scene->ssh,
		"--remote-program",
		"printf 'codecollab-connect 1 listen /tmp/${HOME}\\n'; read there; #", NULL};
	struct terminal *other = terminal_start(argv, STAGE_ROWS, STAGE_COLS);
	assert_int_equal(terminal_exit(other), 1);
	until_said(other, "codecollab on box says what is no path");
	terminal_end(other);
}

/* ---- the editor over there ---- */

static void the_editor_over_there(void **state)
{
	struct scene *scene = *state;
	char config[512];

	host(scene);
	snprintf(config, sizeof(config), "%s/config", scene->dir);
	const char *argv[] = {
		"ssh", "-F", config, "-t", "box", program(), "join", ROOM, "--name", "Ada", NULL};
	struct terminal *ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);
	terminal_see(ada, "hello");
	terminal_resize(ada, 12, 40);
	terminal_type(ada, "oh ");
	terminal_see(ada, "oh hello");
	terminal_press(ada, "C-s");
	stage_file_becomes(scene->stage, FILE_NAME, "oh hello\n", 9);
	terminal_press(ada, "C-q");
	assert_int_equal(terminal_exit(ada), 0);
	terminal_end(ada);
}

/* ---- two users ---- */

/* nobody hosts, and is in a group of ours; over ssh we come in as its editor. */
static void another_users_room(void **state)
{
	struct scene *scene = *state;

	if (geteuid() != 0) {
		print_message("skipped: two users need root\n");
		skip();
	}
	if (*scene->why) {
		print_message("skipped: %s", scene->why + strlen("no "));
		skip();
	}
	run("chmod 755 %s && mkdir -m 755 %s/theirs && echo hello >%s/theirs/t.txt && "
	    "mkdir -m 700 %s/theirs/sockets && chown -R nobody %s/theirs",
		stage_path(scene->stage, "."), scene->dir, scene->dir, scene->dir, scene->dir);
	run("chmod 755 %s", scene->dir);
	char theirs[512], file[600], statedir[600], sockets[600];
	snprintf(theirs, sizeof(theirs), "%s/theirs", scene->dir);
	snprintf(file, sizeof(file), "%s/t.txt", theirs);
	snprintf(statedir, sizeof(statedir), "%s/state", theirs);
	snprintf(sockets, sizeof(sockets), "%s/sockets", theirs);
	const char *argv[] = {"setpriv", "--reuid=65534", "--regid=65534", "--groups=0", program(),
		"host", file, "--headless", "--json", "--listen", "127.0.0.1:0", "--state",
		statedir, "--room", "theirs", "--socket-group", "root", NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), out[2];
	char line[4096];
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid_t pid = start(argv, null, out[1]);
	close(out[1]);
	FILE *said = fdopen(out[0], "r");
	if (!fgets(line, sizeof(line), said)) {
		print_message("skipped: nobody cannot run %s\n", program());
		end(pid);
		fclose(said);
		close(null);
		skip();
	}
	assert_non_null(strstr(line, "/tmp/codecollab-65534.0/theirs.sock"));
	struct terminal *ada = join_as(scene, "ssh://box/nobody/theirs", "Ada");
	terminal_see(ada, "hello");
	terminal_type(ada, "oh ");
	terminal_press(ada, "C-s");
	terminal_see(ada, "saved");
	quit(ada);
	end(pid);
	fclose(said);
	close(null);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
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
		TEST(a_room_published_on_a_box),
		TEST(a_name_that_is_taken_on_the_box),
		TEST(a_box_that_asks_for_more),
		TEST(the_editor_over_there),
		TEST(another_users_room),
	};

	cmocka_set_test_filter(getenv("E2E_ONLY"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
