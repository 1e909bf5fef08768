/* A person at a terminal whose connection breaks again and again, beside others: another terminal, and peers of another make. */
#include <cjson/cJSON.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "tests/e2e/scene.h"

#define FILE_NAME "notes.txt"
#define URL_MAX   2048

/* A server, a cable to it, and the URL through the cable. */
struct line {
	struct stage *stage;
	struct server *server;
	struct helper *cable;
	char url[URL_MAX];
};

static struct line open_line(void **state, const char *text)
{
	struct line line = {.stage = *state};
	const char *url, *at;
	char port[16];

	if (!helper_possible())
		skip();
	stage_write(line.stage, FILE_NAME, text, strlen(text));
	line.server = server_start(line.stage, FILE_NAME, NULL);
	snprintf(port, sizeof(port), "%u", server_port(line.server));
	line.cable = helper_start(line.stage, "relay.js", port, NULL);
	url = server_url(line.server, "editor");
	at = strstr(url, port);
	assert_non_null(at);
	snprintf(line.url, sizeof(line.url), "%.*s%s%s", (int)(at - url), url,
		helper_answer(line.cable), at + strlen(port));
	return line;
}

/* Sixty letters each, all the while the cable is pulled; nothing waits for anything. */
static void type_and_pull(struct line *line, struct terminal *ada, struct terminal *bea)
{
	int pulled = 0;

	for (int i = 0; i < 60; i++) {
		terminal_type(ada, "a");
		terminal_type(bea, "b");
		if (i % 10 == 5)
			pulled += atoi(helper_ask(line->cable, "cut"));
		if (i % 20 == 5)
			terminal_press(ada, "F5");
	}
	assert_true(pulled > 0);
}

static void letters(char *out, const char *before, const char *between, const char *after)
{
	*out = '\0';
	strcat(out, before);
	for (int i = 0; i < 60; i++)
		strcat(out, "a");
	strcat(out, between);
	for (int i = 0; i < 60; i++)
		strcat(out, "b");
	strcat(out, after);
}

static void pull(void **state, const char *text, const char *keys, const char *before,
	const char *between, const char *after)
{
	struct line line = open_line(state, text);
	struct terminal *ada = stage_join(line.stage, line.url, "Ada"), *bea;
	char whole[256];

	terminal_see(ada, "1 here");
	bea = stage_join(line.stage, server_url(line.server, "editor"), "Bea");
	terminal_see(bea, "2 here");
	terminal_press(bea, keys);
	type_and_pull(&line, ada, bea);
	letters(whole, before, between, after);
	stage_file_becomes(line.stage, FILE_NAME, whole, strlen(whole));
	terminal_see_none(ada, "offline");
	scene_leave(ada);
	scene_leave(bea);
	assert_int_equal(server_stop(line.server, SIGTERM), 0);
	stage_file_becomes(line.stage, FILE_NAME, whole, strlen(whole));
}

static void test_two_lines(void **state)
{
	pull(state, "\n\n", "Down", "", "\n", "\n");
}

/* Runs stay whole where edits come late, too. */
static void test_one_spot(void **state)
{
	pull(state, "", "Home", "", "", "");
}

/* The cable is down for as long as both type on; then they meet. */
static void test_down(void **state)
{
	struct line line = open_line(state, "first\nsecond\n");
	struct terminal *ada = stage_join(line.stage, line.url, "Ada"), *bea;

	terminal_see(ada, "second");
	bea = stage_join(line.stage, server_url(line.server, "editor"), "Bea");
	terminal_see(bea, "second");
	assert_int_equal(atoi(helper_ask(line.cable, "down")), 1);
	terminal_see(ada, "offline");
	terminal_type(ada, "alone ");
	terminal_see(ada, "alone first");
	terminal_press(bea, "Down End");
	terminal_type(bea, " alone too");
	stage_file_becomes(line.stage, FILE_NAME, "first\nsecond alone too\n", 23);
	helper_ask(line.cable, "up");
	terminal_press(ada, "F5");
	terminal_see(ada, "second alone too");
	terminal_see(bea, "alone first");
	terminal_see_none(ada, "offline");
	stage_file_becomes(line.stage, FILE_NAME, "alone first\nsecond alone too\n", 29);
	scene_leave(ada);
	scene_leave(bea);
}

/* ---- beside a peer of another make ---- */

/* The screen's lines are the text's; names beside carets go after a while. */
static bool shows_text(struct terminal *t, const void *arg)
{
	char *copy = strdup(arg), *rest = copy, *text;
	bool same = true;

	for (int row = 1; (text = strsep(&rest, "\n")) && same; row++) {
		char *is = terminal_row(t, row), want[512];
		int len = snprintf(want, sizeof(want), "%3d %s", row, text);
		while (len && want[len - 1] == ' ')
			want[--len] = '\0';
		same = strcmp(is, want) == 0;
		free(is);
	}
	free(copy);
	return same;
}

static void type_at_random(struct terminal *t, unsigned *seed)
{
	static const char *const keys[] = {"a", "b", "c", "Left", "Right", "Up", "Down", "Home",
		"End", "Backspace", "Delete", "d", "e", "C-z", "C-y", "f"};

	terminal_press(t, keys[(unsigned)rand_r(seed) % (sizeof(keys) / sizeof(keys[0]))]);
}

static void babble(void **state, const char *codec)
{
	struct line line =
		open_line(state, "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n");
	struct terminal *ada = stage_join(line.stage, line.url, "Ada");
	struct helper *peer;
	const char *given = getenv("SEED");
	unsigned seed = given ? (unsigned)atoi(given) : (unsigned)time(NULL);
	char tell[64];

	print_message("    SEED=%u, %s\n", seed, codec);
	terminal_see(ada, "ten");
	peer = helper_start(line.stage, "peer.js", codec, server_url(line.server, "editor"));
	helper_answer(peer);
	snprintf(tell, sizeof(tell), "[\"babble\",%u,150]", seed);
	helper_tell(peer, tell);
	for (int i = 0; i < 150; i++) {
		type_at_random(ada, &seed);
		if (i % 30 == 29)
			helper_ask(line.cable, "cut");
	}
	helper_answer(peer);
	terminal_see_none(ada, "offline");
	terminal_type(ada, "THEEND"); /* when this is there, everything that Ada did before it is */
	terminal_see(ada, "THEEND");
	while (!strstr(helper_ask(peer, "[\"text\"]"), "THEEND"))
		;
	helper_ask(peer, "[\"settle\"]");
	terminal_resize(ada, STAGE_ROWS, 250); /* the longest line, and the people */
	terminal_see(ada, "PEOPLE");
	terminal_press(ada, "F4 F4 C-Home"); /* first the keys go there, then it is hidden */
	cJSON *text = cJSON_Parse(helper_ask(peer, "[\"text\"]"));
	terminal_until(
		ada, shows_text, cJSON_GetStringValue(text), "the peer's text on Ada's screen");
	stage_file_becomes(line.stage, FILE_NAME, cJSON_GetStringValue(text),
		strlen(cJSON_GetStringValue(text)));
	cJSON_Delete(text);
	scene_leave(ada);
}

static void test_beside_json(void **state)
{
	babble(state, "--json");
}

static void test_beside_binary(void **state)
{
	babble(state, "--binary");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(two_lines),
		TEST(one_spot),
		TEST(down),
		TEST(beside_json),
		TEST(beside_binary),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
