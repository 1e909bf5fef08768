#include "tests/e2e/box.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

pid_t box_spawn(const char *const argv[], int in, int out)
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

void box_run(const char *format, ...)
{
	char command[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

static void start_sshd(struct box *box)
{
	const char *argv[] = {E2E_DIR "/sshd.sh", box->dir, stage_program(), NULL};
	int in[2], out[2];
	FILE *said;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	box->sshd = box_spawn(argv, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	said = fdopen(out[0], "r");
	assert_non_null(said);
	assert_non_null(fgets(box->why, sizeof(box->why), said));
	fclose(said);
	if (strcmp(box->why, "ready\n") == 0)
		box->why[0] = '\0';
}

int box_setup(void **state)
{
	struct box *box = calloc(1, sizeof(*box));

	assert_non_null(box);
	box->room.stage = stage_open();
	box->dir = stage_path(box->room.stage, "ssh");
	assert_int_equal(mkdir(box->dir, 0700), 0);
	setenv("XDG_RUNTIME_DIR", stage_path(box->room.stage, "run"), 1);
	assert_int_equal(mkdir(getenv("XDG_RUNTIME_DIR"), 0700), 0);
	snprintf(box->ssh, sizeof(box->ssh), "ssh -F %s/config", box->dir);
	start_sshd(box);
	*state = box;
	return 0;
}

void box_end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

int box_teardown(void **state)
{
	struct box *box = *state;

	terminal_end_all();
	box_end(box->sshd);
	box_end(box->agent);
	stage_close(box->room.stage);
	free(box);
	return 0;
}

void box_need(const struct box *box)
{
	if (!*box->why)
		return;
	print_message("skipped: %s", box->why + strlen("no "));
	skip();
}

void box_host_here(struct box *box)
{
	void *stage = box->room.stage;

	box->room = scene_of(
		&stage, SCENE_FILE, "hello\n", (const char *const[]){"--room", BOX_ROOM, NULL});
}

void box_host(struct box *box)
{
	box_need(box);
	box_host_here(box);
}

struct terminal *box_join(struct box *box, const char *url, const char *name)
{
	const char *argv[] = {
		stage_program(), "join", url, "--name", name, "--ssh", box->ssh, NULL};

	return terminal_start(argv, STAGE_ROWS, STAGE_COLS);
}

static bool has_said(const void *arg)
{
	const void *const *pair = arg;

	return strstr(terminal_words(pair[0]), pair[1]) != NULL;
}

void box_said(struct terminal *t, const char *words)
{
	const void *pair[] = {t, words};

	terminal_until_true(has_said, pair, words);
}

void box_agent(struct box *box)
{
	char socket[512];
	const char *argv[] = {"ssh-agent", "-D", "-a", socket, NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	snprintf(socket, sizeof(socket), "%s/agent", box->dir);
	box->agent = box_spawn(argv, null, null);
	close(null);
	box_run("cd %s && printf '#!/bin/sh\\necho open sesame\\n' >ask && chmod 700 ask && "
		"until [ -S agent ]; do sleep 0.02; done && "
		"SSH_AUTH_SOCK=%s SSH_ASKPASS=%s/ask SSH_ASKPASS_REQUIRE=force ssh-add -q lockedkey",
		box->dir, socket, box->dir);
}
