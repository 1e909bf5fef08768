/*
 * A text that has parted from the server's, between the real server and a real client: a letter is changed on the way. The client
 * finds out, keeps what it had, shows what the server has, and works on; the server counts it.
 */
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "tests/e2e/stage.h"

#define FILE_NAME "notes.txt"
#define URL_MAX   2048

struct play {
	struct stage *stage;
	struct server *server;
	struct helper *liar;
	struct terminal *ada, *bea; /* Ada's connection is the one that lies */
};

static struct play begin(void **state)
{
	struct play play = {.stage = *state};
	const char *url, *at;
	char port[16], through[URL_MAX];

	stage_write(play.stage, FILE_NAME, "one\n", 4);
	play.server = server_start(play.stage, FILE_NAME, NULL);
	url = server_url(play.server, "editor");
	play.liar = helper_start(play.stage, "liar.js", stage_path(play.stage, "state"), url);
	snprintf(port, sizeof(port), ":%u/", server_port(play.server));
	at = strstr(url, port);
	assert_non_null(at);
	snprintf(through, sizeof(through), "%.*s:%s/%s", (int)(at - url), url,
		helper_answer(play.liar), at + strlen(port));
	play.ada = stage_join(play.stage, through, "Ada");
	terminal_see(play.ada, "one");
	play.bea = stage_join(play.stage, url, "Bea");
	terminal_see(play.bea, "one");
	return play;
}

static void leave(struct terminal *t)
{
	terminal_press(t, "C-q");
	assert_int_equal(terminal_exit(t), 0);
	assert_null(terminal_left_behind(t));
}

/* The one copy, closed to others, with these words in it. */
static void assert_copy(struct stage *stage, const char *words)
{
	glob_t found;
	struct stat st;
	char text[256] = "";
	FILE *file;

	assert_int_equal(
		glob(stage_path(stage, "xdg-state/codecollab/conflicts/*"), 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 1);
	assert_non_null(strstr(found.gl_pathv[0], "-notes.txt-"));
	assert_int_equal(stat(found.gl_pathv[0], &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	file = fopen(found.gl_pathv[0], "r");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_string_equal(text, words);
	globfree(&found);
}

static void assert_logged(struct stage *stage, const char *words)
{
	char log[65536];
	FILE *file = fopen(stage_path(stage, "server.err"), "r");
	size_t len;

	assert_non_null(file);
	len = fread(log, 1, sizeof(log) - 1, file);
	log[len] = '\0';
	fclose(file);
	assert_non_null(strstr(log, words));
}

static void test_a_letter_changed_on_the_way(void **state)
{
	struct play play;

	if (!helper_possible())
		skip();
	play = begin(state);
	helper_ask(play.liar, "swap Q X");
	terminal_type(play.bea, "Quite ");
	terminal_see(play.ada, "Xuite one"); /* and nobody knows */
	helper_ask(play.liar, "check");
	terminal_see(play.ada, "Quite one");
	terminal_see(play.ada, "Parted from the server's text");
	assert_copy(play.stage, "Xuite one\n");
	assert_string_equal(helper_ask(play.liar, "count"), "1");
	assert_logged(play.stage, "event=diverged room=");
	assert_logged(play.stage, "name=\"Ada\" role=editor detail=\"notes.txt\"");
	terminal_press(play.ada, "End");
	terminal_type(play.ada, " of us");
	terminal_see(play.bea, "Quite one of us");
	stage_file_becomes(play.stage, FILE_NAME, "Quite one of us\n", 16);
	leave(play.ada);
	assert_non_null(strstr(terminal_words(play.ada), "/conflicts/"));
	leave(play.bea);
	assert_int_equal(server_stop(play.server, SIGTERM), 0);
}

/* The proof holds: nothing is said, kept or counted. */
static void test_the_same_text(void **state)
{
	struct play play;

	if (!helper_possible())
		skip();
	play = begin(state);
	terminal_type(play.bea, "Quite ");
	terminal_see(play.ada, "Quite one");
	helper_ask(play.liar, "check");
	terminal_type(play.bea, "so ");
	terminal_see(play.ada, "Quite so one"); /* what comes behind the check */
	terminal_press(play.ada, "End");
	terminal_type(play.ada, "!");
	terminal_see(play.bea, "Quite so one!");
	assert_string_equal(helper_ask(play.liar, "count"), "0");
	leave(play.ada);
	assert_null(strstr(terminal_words(play.ada), "conflicts"));
	leave(play.bea);
	assert_int_equal(server_stop(play.server, SIGTERM), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(a_letter_changed_on_the_way),
		TEST(the_same_text),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
