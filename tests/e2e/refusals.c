/* What does not work says why: one sentence on standard error, status 1, and a terminal as it was. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/stage.h"

#define FILE_NAME "notes.txt"
#define URL_MAX   2048

static struct server *start(void **state)
{
	stage_write(*state, FILE_NAME, "hello\n", 6);
	return server_start(*state, FILE_NAME, NULL);
}

static bool is_one_line(const char *words)
{
	static const char prefix[] = "codecollab: ";
	size_t len = strlen(words);

	return strncmp(words, prefix, sizeof(prefix) - 1) == 0 && len > sizeof(prefix) &&
	       strchr(words, '\n') == words + len - 1;
}

/* This URL does not let anyone in, and the sentence has this word. */
static void refused(void **state, const char *url, const char *word)
{
	struct terminal *ada = stage_join(*state, url, "Ada");

	assert_int_equal(terminal_exit(ada), 1);
	if (!is_one_line(terminal_words(ada)) || !strcasestr(terminal_words(ada), word))
		fail_msg("not one line about \"%s\": %s", word, terminal_words(ada));
	if (terminal_left_behind(ada))
		fail_msg("the terminal was left with %s", terminal_left_behind(ada));
	terminal_end(ada);
}

/* url with what stands between two marks (the second may be "" for its end) put into other words. */
static void replaced(char *out, const char *url, const char *from, const char *to, const char *by)
{
	const char *start = strstr(url, from), *end;

	assert_non_null(start);
	start += strlen(from);
	end = *to ? strstr(start, to) : start + strlen(start);
	assert_non_null(end);
	assert_true(snprintf(out, URL_MAX, "%.*s%s%s", (int)(start - url), url, by, end) < URL_MAX);
}

static void test_wrong_pin(void **state)
{
	struct server *server = start(state);
	char url[URL_MAX];

	replaced(url, server_url(server, "editor"), "fp=", "",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	refused(state, url, "key");
}

/* ---- tokens ---- */

static void test_forged_token(void **state)
{
	struct server *server = start(state);
	char url[URL_MAX], forged[URL_MAX];

	replaced(url, server_url(server, "viewer"), "t=", ".",
		"eyJhbGciOiJub25lIn0"); /* {"alg":"none"} */
	refused(state, url, "does not accept this URL's token");
	replaced(forged, server_url(server, "editor"), "t=", "&", "hello");
	refused(state, forged, "does not accept this URL's token");
	replaced(forged, server_url(server, "editor"), "#", "&", "");
	refused(state, forged, "it has no token");
}

static void minted_url(
	void **state, const struct server *server, const char *room, long expires_in, char *url)
{
	char claims[512], token[1024];

	snprintf(claims, sizeof(claims),
		"{\"aud\":\"codecollab\",\"room\":\"%s\",\"role\":\"editor\",\"sub\":\"m\",\"name\":\"Mint\",\"exp\":%ld}",
		room, (long)time(NULL) + expires_in);
	stage_mint(*state, claims, token);
	replaced(url, server_url(server, "editor"), "t=", "&", token);
}

static void test_expired(void **state)
{
	struct server *server = start(state);
	struct terminal *ada;
	char url[URL_MAX];

	minted_url(state, server, server_room(server), -60, url);
	refused(state, url, "this URL has expired");
	minted_url(state, server, server_room(server), 600,
		url); /* so it was the time, not the token's form */
	ada = stage_join(*state, url, "Ada");
	terminal_see(ada, "hello");
}

static void test_other_room(void **state)
{
	struct server *server = start(state);
	char url[URL_MAX], other[URL_MAX];

	minted_url(state, server, "another-room", 600, url);
	refused(state, url, "for another room");
	minted_url(state, server, "*", 600, url);
	replaced(other, url, server_room(server), "#", "-is-not-here");
	refused(state, other, "room");
}

/* ---- the address ---- */

/* A port that nobody listens on: bound, not listening, as long as the returned socket is open. */
static int silent_port(unsigned *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static void test_server_down(void **state)
{
	struct server *server = start(state);
	char url[URL_MAX], number[16];
	unsigned port;
	int fd = silent_port(&port);

	snprintf(number, sizeof(number), "%u", port);
	replaced(url, server_url(server, "editor"), "127.0.0.1:", "/", number);
	refused(state, url, number);
	close(fd);
}

static void test_no_url(void **state)
{
	static const char *const urls[] = {"", "https://127.0.0.1/room", "wss://127.0.0.1:0/room",
		"wss://127.0.0.1/", "wss://127.0.0.1/Not%20a%20room", "ws://192.0.2.1/room"};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		refused(state, urls[i], "URL");
}

/* Who knows other editors names the file first. */
static void test_a_file_for_a_command(void **state)
{
	const char *path = stage_write(*state, FILE_NAME, "hello\n", 6);
	const char *argv[] = {stage_program(), path, NULL};
	struct terminal *ada = terminal_start(argv, STAGE_ROWS, STAGE_COLS);

	assert_int_equal(terminal_exit(ada), 1);
	assert_true(is_one_line(terminal_words(ada)));
	assert_non_null(strstr(terminal_words(ada), "codecollab edit "));
	terminal_end(ada);
}

/* What is no URL is the name of a room on this machine. */
static void test_no_room(void **state)
{
	refused(state, "hello", "no room hello");
}

/* ---- host ---- */

static void host_refused(void **state, const char *file, const char *word)
{
	const char *words;

	assert_int_equal(server_refused(*state, file, &words), 1);
	if (!is_one_line(words) || !strcasestr(words, word))
		fail_msg("not one line about \"%s\": %s", word, words);
}

static void test_not_text(void **state)
{
	stage_write(*state, "latin1.txt", "caf\xe9\n", 5);
	host_refused(state, "latin1.txt", "UTF-8");
	stage_file_becomes(*state, "latin1.txt", "caf\xe9\n", 5);
}

static void test_nul(void **state)
{
	stage_write(*state, "binary", "a\0b\n", 4);
	host_refused(state, "binary", "binary");
	stage_file_becomes(*state, "binary", "a\0b\n", 4);
}

static void test_folder(void **state)
{
	host_refused(state, ".", "folder");
}

static void test_no_folder(void **state)
{
	host_refused(state, "no/such/folder/a.txt", "folder");
}

static void test_twice(void **state)
{
	start(state);
	host_refused(state, FILE_NAME, "already");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(wrong_pin),
		TEST(forged_token),
		TEST(expired),
		TEST(other_room),
		TEST(server_down),
		TEST(no_url),
		TEST(a_file_for_a_command),
		TEST(no_room),
		TEST(not_text),
		TEST(nul),
		TEST(folder),
		TEST(no_folder),
		TEST(twice),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
