/* codecollab status: what a server tells, live in a terminal and plain in a pipe. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "tests/e2e/scene.h"

#define OUTPUT_MAX 65536

static const char *state_of(const struct scene *scene)
{
	return stage_path(scene->stage, "state");
}

/* A room with a file, and Ada in it. */
static struct scene open_scene(void **state)
{
	struct scene s = scene_rooms(state, "kernel");

	stage_write(s.stage, "rooms/kernel/notes.txt", "", 0);
	s.ada = scene_enter(&s, "Ada", "owner");
	terminal_see(s.ada, "1 here");
	return s;
}

static struct terminal *watch(const struct scene *scene, int rows, int cols)
{
	const char *const argv[] = {
		stage_program(), "status", "--watch", "--state", state_of(scene), NULL};

	return terminal_start(argv, rows, cols);
}

/* What it prints into a pipe; *status is its exit status. Owned. */
static char *output(const char *arguments, int *status)
{
	char command[SERVER_URL_BYTES + 256], *out = malloc(OUTPUT_MAX);
	FILE *pipe;
	size_t len;

	snprintf(command, sizeof(command), "LC_ALL=C.UTF-8 '%s' status %s 2>&1", stage_program(),
		arguments);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	len = fread(out, 1, OUTPUT_MAX - 1, pipe);
	out[len] = '\0';
	*status = pclose(pipe);
	assert_null(memchr(out, 0x1b, len));
	return out;
}

static void test_live(void **state)
{
	struct scene s = open_scene(state);
	struct terminal *t = watch(&s, 24, 110);
	char label[64];

	snprintf(label, sizeof(label), "127.0.0.1:%u", server_port(s.server));
	terminal_see(t, "codecollab status");
	terminal_see(t, label);
	terminal_see(t, "kernel                  1      1");
	terminal_see(t, "Ada");
	s.ben = scene_enter(&s, "Ben", "viewer");
	terminal_see(t, "kernel                  2      1");
	terminal_see(t, "Ben");
	terminal_type(s.ada, "hello");
	terminal_see(t, "█"); /* a second in which something was written */
	terminal_resize(t, 12, 60);
	terminal_see(t, "q  quit");
	terminal_see(t, "kernel");
	terminal_press(t, "q");
	assert_int_equal(terminal_exit(t), 0);
	assert_null(terminal_left_behind(t));
}

/* One that is gone, and comes back, while somebody looks. */
static void test_a_server_that_ends(void **state)
{
	struct scene s = open_scene(state);
	struct terminal *t = watch(&s, 20, 80);

	terminal_see(t, "kernel");
	server_stop(s.server, SIGKILL);
	terminal_see(t, "Connection refused");
	terminal_see(t, "Nobody is in a room.");
	terminal_signal(t, SIGTERM);
	assert_int_equal(terminal_exit(t), 0);
	assert_null(terminal_left_behind(t));
}

static void test_plain(void **state)
{
	struct scene s = open_scene(state);
	char arguments[SERVER_URL_BYTES + 64];
	int status;
	char *out;

	snprintf(arguments, sizeof(arguments), "--state '%s'", state_of(&s));
	out = output(arguments, &status);
	assert_int_equal(status, 0);
	assert_non_null(strstr(out, "SERVERS"));
	assert_non_null(strstr(out, "\n kernel                  1      1      0.0  ▁▁▁"));
	assert_non_null(strstr(out, "  Ada\n"));
	free(out);

	snprintf(arguments, sizeof(arguments), "--json --state '%s'", state_of(&s));
	out = output(arguments, &status);
	assert_int_equal(status, 0);
	assert_non_null(strstr(out, "\"up\":true"));
	assert_non_null(strstr(out, "\"room\":\"kernel\""));
	assert_int_equal(strlen(out), strcspn(out, "\n") + 1);
	free(out);
}

/* By a URL: an owner sees that room, nobody else sees any. */
static void test_by_url(void **state)
{
	struct scene s = open_scene(state);
	char arguments[SERVER_URL_BYTES + 64], url[SERVER_URL_BYTES];
	struct terminal *other;
	int status;
	char *out;

	server_invite(s.server, "elsewhere", "owner", url);
	mkdir(stage_path(s.stage, "rooms/elsewhere"), 0700);
	stage_write(s.stage, "rooms/elsewhere/x.txt", "x", 1);
	other = stage_join(s.stage, url, "Carl");
	terminal_see(other, "1 here");
	snprintf(arguments, sizeof(arguments), "'%s'", url);
	out = output(arguments, &status);
	assert_int_equal(status, 0);
	assert_non_null(strstr(out, "elsewhere"));
	assert_null(strstr(out, "kernel"));
	free(out);

	server_invite(s.server, "kernel", "editor", url);
	snprintf(arguments, sizeof(arguments), "'%s'", url);
	out = output(arguments, &status);
	assert_int_not_equal(status, 0);
	assert_non_null(strstr(out, "only an owner may ask"));
	assert_null(strstr(out, "kernel"));
	free(out);

	/* somebody else's key: the token is not told */
	*strstr(url, "fp=") = '\0';
	snprintf(arguments, sizeof(arguments), "'%sfp=%043d'", url, 0);
	out = output(arguments, &status);
	assert_int_not_equal(status, 0);
	assert_non_null(strstr(out, "it has another key than the one that is known"));
	free(out);
}

static void test_nobody(void **state)
{
	struct scene s = open_scene(state);
	char arguments[SERVER_URL_BYTES];
	int status;
	char *out;

	snprintf(arguments, sizeof(arguments), "--state '%s/nowhere'", state_of(&s));
	out = output(arguments, &status);
	assert_int_not_equal(status, 0);
	assert_non_null(strstr(out, "codecollab: "));
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_live, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(
			test_a_server_that_ends, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(test_plain, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(test_by_url, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(test_nobody, stage_setup, stage_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
