/* The file on disk: kept byte for byte but for what people typed, and the same room again tomorrow. */
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

/* Each: the file before; X typed at the start, then Y and Enter at the end; the file after. */
static const struct kept {
	const char *what, *before, *after;
} kept[] = {
	{"LF", "one\ntwo\n", "Xone\ntwo\nY\n"},
	{"CRLF", "one\r\ntwo\r\n", "Xone\r\ntwo\r\nY\r\n"},
	{"CRLF, no last newline", "one\r\ntwo", "Xone\r\ntwoY\r\n"},
	{"no last newline", "one\ntwo", "Xone\ntwoY\n"},
	{"byte order mark", "\xef\xbb\xbfone\n", "\xef\xbb\xbfXone\nY\n"},
	{"mixed line ends", "one\r\ntwo\nthree\r\n", "Xone\r\ntwo\nthree\r\nY\n"},
	{"blanks at line ends, tabs, form feed", "\tone  \n\f\ntwo\t\n",
		"X\tone  \n\f\ntwo\t\nY\n"},
	{"ESC and other controls", "\033[31mred\a\x7f\n", "X\033[31mred\a\x7f\nY\n"},
	{"empty", "", "XY\n"},
	{"no new line but one", "\n", "X\nY\n"},
};

static void keep(struct stage *stage, const struct kept *row, size_t number)
{
	struct server *server;
	struct terminal *ada;
	char name[32];

	snprintf(name, sizeof(name), "kept%zu.txt", number);
	print_message("    %s\n", row->what);
	stage_write(stage, name, row->before, strlen(row->before));
	server = server_start(stage, name, NULL);
	ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "1 here");
	terminal_type(ada, "X");
	terminal_press(ada, "C-End");
	terminal_type(ada, "Y");
	terminal_press(ada, "Enter");
	terminal_press(ada, "C-s");
	stage_file_becomes(stage, name, row->after, strlen(row->after));
	scene_leave(ada);
	assert_int_equal(server_stop(server, SIGTERM), 0);
	stage_file_becomes(stage, name, row->after, strlen(row->after));
}

static void test_kept(void **state)
{
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		keep(*state, &kept[i], i);
}

/* Opened, looked at, closed: not a byte, not even the time of it. */
static void test_untouched(void **state)
{
	struct stage *stage = *state;
	const char *path = stage_write(stage, FILE_NAME, "one\r\ntwo", 8);
	struct stat before, after;
	struct server *server;
	struct terminal *ada;

	assert_int_equal(stat(path, &before), 0);
	server = server_start(stage, FILE_NAME, NULL);
	ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "two");
	scene_leave(ada);
	assert_int_equal(server_stop(server, SIGTERM), 0);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

/* A file that does not exist yet; its mode afterwards, and that of one that had another. */
static void test_mode(void **state)
{
	struct stage *stage = *state;
	const char *path = stage_write(stage, FILE_NAME, "#!/bin/sh\n", 10);
	struct server *server;
	struct terminal *ada;
	struct stat st;

	assert_int_equal(chmod(path, 0750), 0);
	server = server_start(stage, FILE_NAME, NULL);
	ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "#!/bin/sh");
	terminal_press(ada, "C-End");
	terminal_type(ada, "true\n");
	stage_file_becomes(stage, FILE_NAME, "#!/bin/sh\ntrue\n", 15);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	scene_leave(ada);
}

static void test_new_file(void **state)
{
	struct stage *stage = *state;
	struct server *server = server_start(stage, "new.txt", NULL);
	struct terminal *ada = stage_join(stage, server_url(server, "editor"), "Ada");

	terminal_see(ada, "1 here");
	terminal_type(ada, "made here\n");
	stage_file_becomes(stage, "new.txt", "made here\n", 10);
	scene_leave(ada);
}

/* The same path and state: the same room, the same port, yesterday's URLs, yesterday's undo of nothing. */
static void test_again(void **state)
{
	struct stage *stage = *state;
	struct server *first, *second;
	struct terminal *ada;

	stage_write(stage, FILE_NAME, "hello\n", 6);
	first = server_start(stage, FILE_NAME, NULL);
	ada = stage_join(stage, server_url(first, "editor"), "Ada");
	terminal_see(ada, "hello");
	terminal_type(ada, "yesterday ");
	terminal_see(ada, "yesterday hello");
	scene_leave(ada);
	assert_int_equal(server_stop(first, SIGTERM), 0);
	stage_file_becomes(stage, FILE_NAME, "yesterday hello\n", 16);
	second = server_start(stage, FILE_NAME, NULL);
	assert_string_equal(server_room(second), server_room(first));
	assert_int_equal(server_port(second), server_port(first));
	ada = stage_join(stage, server_url(first, "editor"), "Ada");
	terminal_see(ada, "yesterday hello");
	terminal_type(ada, "today, ");
	stage_file_becomes(stage, FILE_NAME, "today, yesterday hello\n", 23);
	scene_leave(ada);
	ada = stage_join(stage, server_url(first, "viewer"), "Ada");
	terminal_see(ada, "read only");
	scene_leave(ada);
}

/* Somebody else changed the file while no server ran: that is what is shared, and what people typed then goes on top. */
static void test_changed_between(void **state)
{
	struct stage *stage = *state;
	struct server *server;
	struct terminal *ada;

	stage_write(stage, FILE_NAME, "one\ntwo\n", 8);
	server = server_start(stage, FILE_NAME, NULL);
	assert_int_equal(server_stop(server, SIGTERM), 0);
	stage_write(stage, FILE_NAME, "one\ntwo\nthree\n", 14);
	server = server_start(stage, FILE_NAME, NULL);
	ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "three");
	terminal_type(ada, "zero\n");
	stage_file_becomes(stage, FILE_NAME, "zero\none\ntwo\nthree\n", 19);
	scene_leave(ada);
}

/* And while it runs. */
static void test_changed_meanwhile(void **state)
{
	struct stage *stage = *state;
	struct server *server;
	struct terminal *ada;

	stage_write(stage, FILE_NAME, "one\ntwo\n", 8);
	server = server_start(stage, FILE_NAME, NULL);
	ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "two");
	stage_write(stage, FILE_NAME, "one\ntwo\nthree\n", 14);
	terminal_see(ada, "three");
	terminal_type(ada, "zero\n");
	stage_file_becomes(stage, FILE_NAME, "zero\none\ntwo\nthree\n", 19);
	scene_leave(ada);
}

/* In two places at once, while two people type between them: nobody's words and nobody's place are lost. */
static void test_changed_around_people(void **state)
{
	struct stage *stage = *state;
	static const char before[] = "one\ntwo\nthree\nfour\nfive\n";
	static const char outside[] = "ONE\ntwo\nthree\nfour\nFIVE\nsix\n";
	static const char after[] = "ONE\nada bob two\nthree\nfour\nFIVE\nsix\n";
	struct terminal *ada, *bob;
	struct server *server;

	stage_write(stage, FILE_NAME, before, strlen(before));
	server = server_start(stage, FILE_NAME, NULL);
	ada = stage_join(stage, server_url(server, "editor"), "Ada");
	bob = stage_join(stage, server_url(server, "editor"), "Bob");
	terminal_see(ada, "2 here");
	terminal_press(ada, "Down");
	terminal_type(ada, "ada ");
	terminal_see(bob, "ada two");
	terminal_press(bob, "Down");
	for (size_t i = 0; i < strlen("ada "); i++)
		terminal_press(bob, "Right");
	terminal_type(bob, "b");
	stage_write(stage, FILE_NAME, outside, strlen(outside));
	terminal_see(ada, "FIVE");
	terminal_see(bob, "ONE");
	terminal_type(bob, "ob ");
	stage_file_becomes(stage, FILE_NAME, after, strlen(after));
	terminal_see(ada, "ada bob two");
	scene_leave(ada);
	scene_leave(bob);
}

/* Deleted while no server ran: the text comes back from the history, and the file with it. */
static void test_deleted_between(void **state)
{
	struct stage *stage = *state;
	const char *path = stage_write(stage, FILE_NAME, "one\ntwo\n", 8);
	struct server *server = server_start(stage, FILE_NAME, NULL);

	assert_int_equal(server_stop(server, SIGTERM), 0);
	assert_int_equal(unlink(path), 0);
	server = server_start(stage, FILE_NAME, NULL);
	stage_file_becomes(stage, FILE_NAME, "one\ntwo\n", 8);
	struct terminal *ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "two");
	scene_leave(ada);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(kept),
		TEST(untouched),
		TEST(mode),
		TEST(new_file),
		TEST(again),
		TEST(changed_between),
		TEST(changed_meanwhile),
		TEST(changed_around_people),
		TEST(deleted_between),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
