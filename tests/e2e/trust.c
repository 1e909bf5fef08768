/*
 * A join URL without fp=: the first meeting, the next ones, and a server whose key is another one day.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/e2e/scene.h"

#define FILE_NAME "notes.txt"
#define URL_MAX   2048

struct meeting {
	char url[URL_MAX], pin[64]; /* without its fp=, and that */
};

static struct server *start(struct stage *stage, const char *listen, struct meeting *out)
{
	struct server *server;
	const char *url, *pin;

	stage_write(stage, FILE_NAME, "hello\n", 6);
	server = server_start(stage, FILE_NAME, listen);
	url = server_url(server, "editor");
	pin = strstr(url, "&fp=");
	assert_non_null(pin);
	snprintf(out->url, sizeof(out->url), "%.*s", (int)(pin - url), url);
	snprintf(out->pin, sizeof(out->pin), "%s", pin + 4);
	return server;
}

static bool has_asked(const void *t)
{
	return strstr(terminal_words(t), "[y/N]") != NULL;
}

static struct terminal *asked(struct stage *stage, const struct meeting *meeting)
{
	struct terminal *ada = stage_join(stage, meeting->url, "Ada");

	terminal_until_true(has_asked, ada, "the question");
	if (!strstr(terminal_words(ada), meeting->pin))
		fail_msg("no fingerprint in: %s", terminal_words(ada));
	return ada;
}

static void refused(struct terminal *t, const char *word)
{
	assert_int_equal(terminal_exit(t), 1);
	if (!strstr(terminal_words(t), word))
		fail_msg("nothing about \"%s\": %s", word, terminal_words(t));
	terminal_end(t);
}

/* With words of its own: the rest of join's arguments, NULL at the end. */
static struct terminal *join_with(const char *url, const char *option, const char *value)
{
	const char *argv[] = {stage_program(), "join", url, "--name", "Ada", option, value, NULL};

	return terminal_start(argv, STAGE_ROWS, STAGE_COLS);
}

static void test_trusted_once(void **state)
{
	struct meeting meeting;
	struct terminal *ada;
	struct stat st;

	start(*state, NULL, &meeting);
	ada = asked(*state, &meeting);
	terminal_type(ada, "y\n");
	terminal_see(ada, "hello");
	scene_leave(ada);
	assert_int_equal(stat(stage_path(*state, "xdg-state/codecollab/known_hosts"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	ada = stage_join(*state, meeting.url, "Ada");
	terminal_see(ada, "hello");
	assert_string_equal(terminal_words(ada), "");
	scene_leave(ada);
}

static void test_not_trusted(void **state)
{
	struct meeting meeting;
	struct terminal *ada;

	start(*state, NULL, &meeting);
	for (int i = 0; i < 2; i++) { /* and the answer is not remembered */
		ada = asked(*state, &meeting);
		terminal_type(ada, i ? "\n" : "n\n");
		refused(ada, "nothing was sent");
	}
}

static void test_no_terminal(void **state)
{
	struct meeting meeting;
	char command[URL_MAX + 200];
	const char *argv[] = {"sh", "-c", command, NULL};
	struct terminal *ada;

	start(*state, NULL, &meeting);
	snprintf(
		command, sizeof(command), "exec \"$CODECOLLAB\" join '%s' </dev/null", meeting.url);
	ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);
	assert_int_equal(terminal_exit(ada), 1);
	if (!strstr(terminal_words(ada), meeting.pin) || !strstr(terminal_words(ada), "--trust"))
		fail_msg("not enough: %s", terminal_words(ada));
	terminal_end(ada);
}

static void test_named_fingerprint(void **state)
{
	struct meeting meeting;
	struct terminal *ada;

	start(*state, NULL, &meeting);
	ada = join_with(meeting.url, "--trust", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	refused(ada, "--trust");
	ada = join_with(meeting.url, "--trust", "hello");
	refused(ada, "43");
	ada = join_with(meeting.url, "--trust", meeting.pin);
	terminal_see(ada, "hello");
	scene_leave(ada);
	ada = stage_join(*state, meeting.url, "Ada");
	terminal_see(ada, "hello");
	scene_leave(ada);
}

static void test_changed_key(void **state)
{
	struct meeting first, second;
	struct server *server = start(*state, NULL, &first);
	struct terminal *ada = asked(*state, &first);
	char listen[32];

	terminal_type(ada, "y\n");
	terminal_see(ada, "hello");
	scene_leave(ada);
	snprintf(listen, sizeof(listen), "127.0.0.1:%u", server_port(server));
	server_stop(server, SIGTERM);
	assert_int_equal(unlink(stage_path(*state, "state/key.pem")), 0);
	assert_int_equal(unlink(stage_path(*state, "state/cert.pem")), 0);
	start(*state, listen, &second);
	assert_string_not_equal(first.pin, second.pin);
	for (int i = 0; i < 2; i++) {
		ada = stage_join(*state, second.url, "Ada");
		assert_int_equal(terminal_exit(ada), 1);
		if (!strstr(terminal_words(ada), "ANOTHER KEY") ||
			!strstr(terminal_words(ada), first.pin) ||
			!strstr(terminal_words(ada), second.pin) || has_asked(ada))
			fail_msg("not loud enough: %s", terminal_words(ada));
		terminal_end(ada);
	}
	ada = join_with(second.url, "--trust", second.pin);
	terminal_see(ada, "hello");
	scene_leave(ada);
	ada = stage_join(*state, second.url, "Ada");
	terminal_see(ada, "hello");
	scene_leave(ada);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(trusted_once),
		TEST(not_trusted),
		TEST(no_terminal),
		TEST(named_fingerprint),
		TEST(changed_key),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
