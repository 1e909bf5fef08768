/* A room of several files: going from one to another, alone and with others, and that nothing that is typed is lost on the way. */
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

#define A "rooms/demo/a.txt"
#define B "rooms/demo/b.txt"

static struct terminal *enter(struct scene *s, const char *role, const char *name)
{
	struct terminal *t = scene_enter(s, name, role);

	terminal_see(t, "a.txt");
	terminal_resize(t, STAGE_ROWS, 110);
	terminal_see(t, "PEOPLE");
	return t;
}

static struct scene open_scene(void **state)
{
	struct scene s = scene_rooms(state, "demo");

	stage_write(s.stage, A, "alpha\nbeta\n", 11);
	stage_write(s.stage, B, "one\ntwo\nthree\n", 14);
	s.ada = enter(&s, "owner", "Ada");
	s.ben = enter(&s, "editor", "Ben");
	terminal_see(s.ada, "2 here");
	return s;
}

static void open_file(struct terminal *t, const char *letters)
{
	terminal_press(t, "C-o");
	terminal_see(t, "Open:");
	terminal_type(t, letters);
	terminal_press(t, "Enter");
}

/* The letters behind Enter are typed before anything can have come. */
static void test_there_and_back(void **state)
{
	struct scene s = open_scene(state);

	terminal_type(s.ada, "A");
	terminal_press(s.ada, "C-o");
	terminal_type(s.ada, "b");
	terminal_press(s.ada, "Enter");
	terminal_type(s.ada, "B");
	terminal_see(s.ada, "Bone");
	terminal_see(s.ben, "Aalpha");
	stage_file_becomes(s.stage, A, "Aalpha\nbeta\n", 12);
	stage_file_becomes(s.stage, B, "Bone\ntwo\nthree\n", 15);
	terminal_press(s.ben, "End");
	terminal_type(s.ben, " of Ben");
	terminal_press(s.ada, "C-o Enter");
	terminal_see(s.ada, "Aalpha of Ben");
	terminal_press(s.ada, "C-z");
	terminal_see_none(s.ada, "Aalpha");
	stage_file_becomes(s.stage, A, "alpha of Ben\nbeta\n", 18);
	stage_file_becomes(s.stage, B, "Bone\ntwo\nthree\n", 15);
}

static void test_who_is_where(void **state)
{
	struct scene s = open_scene(state);

	open_file(s.ada, "b");
	terminal_see(s.ada, "three");
	terminal_see(s.ben, "b.txt:1");
	terminal_press(s.ada, "Down Down");
	terminal_see(s.ben, "b.txt:3");
	terminal_press(s.ben, "C-o");
	terminal_see(s.ben, "b.txt  Ada");
	terminal_press(s.ben, "Esc");
	terminal_see_none(s.ben, "Open:");
	terminal_press(s.ben, "F4 Enter");
	terminal_see(s.ben, "three");
	terminal_see(s.ben, "b.txt  3:1");
}

static void test_following_across_files(void **state)
{
	struct scene s = open_scene(state);

	terminal_press(s.ben, "F4");
	terminal_type(s.ben, "f");
	terminal_see(s.ben, "Following Ada");
	open_file(s.ada, "b");
	terminal_see(s.ben, "three");
	terminal_see(s.ben, "Following Ada");
	terminal_type(s.ada, "hi ");
	terminal_see(s.ben, "hi one");
	terminal_press(s.ada, "C-o Enter");
	terminal_see(s.ben, "alpha");
	terminal_press(s.ben, "Down");
	terminal_see_none(s.ben, "Following");
	open_file(s.ada, "b");
	terminal_see(s.ben, "b.txt:1");
	terminal_see(s.ben, "alpha"); /* no longer */
}

/* Everybody's list has it at once, and it is a file. */
static void test_a_new_file(void **state)
{
	struct scene s = open_scene(state);

	open_file(s.ada, "c.txt");
	terminal_see_none(s.ada, "alpha");
	terminal_type(s.ada, "new");
	stage_file_becomes(s.stage, "rooms/demo/c.txt", "new", 3);
	open_file(s.ben, "c");
	terminal_see(s.ben, "new");
	terminal_type(s.ben, "a ");
	terminal_see(s.ada, "a new");
}

static void test_a_name_that_may_not_be(void **state)
{
	struct scene s = open_scene(state);

	open_file(s.ada, "../c.txt");
	terminal_see(s.ada, "has no slash");
	terminal_type(s.ada, "x");
	terminal_see(s.ben, "xalpha");
}

/* The server dies right after a wish: one stays, types on, and all of it arrives. */
static void test_the_server_goes_away(void **state)
{
	struct scene s = open_scene(state);

	server_stop(s.server, SIGKILL);
	terminal_see(s.ada, "offline");
	terminal_press(s.ada, "C-o");
	terminal_type(s.ada, "b");
	terminal_press(s.ada, "Enter");
	terminal_type(s.ada, "typed ");
	terminal_see(s.ada, "typed alpha");
	terminal_see(s.ada, "edits unsent");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(there_and_back),
		TEST(who_is_where),
		TEST(following_across_files),
		TEST(a_new_file),
		TEST(a_name_that_may_not_be),
		TEST(the_server_goes_away),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
