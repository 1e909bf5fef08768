/* Two people at terminals, and what each sees of the other. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/e2e/stage.h"

#define FILE_NAME "notes.txt"
#define LINES     200

/* Ada owns the room, Ben edits in it; Ada's screen has the panel. */
struct scene {
	struct stage *stage;
	struct server *server;
	struct terminal *ada, *ben;
};

static struct scene open_scene(void **state)
{
	struct scene s = {.stage = *state};
	char text[LINES * 16] = "";

	for (int i = 1; i <= LINES; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "line %d\n", i);
	stage_write(s.stage, FILE_NAME, text, strlen(text));
	s.server = server_start(s.stage, FILE_NAME, NULL);
	s.ada = stage_join(s.stage, server_url(s.server, "owner"), "Ada");
	terminal_see(s.ada, "1 here");
	terminal_resize(s.ada, STAGE_ROWS, 110);
	s.ben = stage_join(s.stage, server_url(s.server, "editor"), "Ben");
	terminal_see(s.ben, "2 here");
	terminal_see(s.ada, "2 here");
	return s;
}

static void go_to(struct terminal *t, const char *line)
{
	terminal_press(t, "C-g");
	terminal_type(t, line);
	terminal_press(t, "Enter");
}

/* ---- people off the screen ---- */

static void test_edges(void **state)
{
	struct scene s = open_scene(state);

	go_to(s.ben, "120");
	terminal_see(s.ada, "↓ Ben 120");
	terminal_see(s.ben, "↑ Ada 1");
	go_to(s.ada, "120");
	terminal_see(s.ada, "120▌line 120");
	terminal_see_none(s.ada, "↓");
	terminal_see_none(s.ben, "↑");
}

/* ---- the panel ---- */

static void test_jump(void **state)
{
	struct scene s = open_scene(state);

	go_to(s.ben, "120");
	terminal_see(s.ada, "notes.txt:120");
	terminal_press(s.ada, "F4");
	terminal_see(s.ada, "Ben · editor");
	terminal_see(s.ada, "Enter Go there");
	terminal_press(s.ada, "Enter");
	terminal_see(s.ada, "120:1");
	terminal_type(s.ada, "here: "); /* the keys are the text's again */
	terminal_see(s.ben, "here: line 120");
}

static void test_owner_in_the_panel(void **state)
{
	struct scene s = open_scene(state);

	terminal_press(s.ada, "F4 r");
	terminal_see(s.ada, "What may Ben do?");
	terminal_type(s.ada, "v");
	terminal_see(s.ben, "Ben is now viewer");
	terminal_see(s.ada, "Ben · viewer");
	terminal_press(s.ada, "k");
	terminal_see(s.ada, "Send Ben away");
	terminal_type(s.ada, "n");
	terminal_see_none(s.ada, "Send Ben away");
	terminal_press(s.ada, "l");
	terminal_see(s.ada, "Nobody new but owners comes in now.");
	terminal_press(s.ada, "u");
	terminal_see(s.ada, "Who has a link may come in again.");
	terminal_press(s.ada, "k y");
	terminal_see(s.ben, "the owner closed your session");
	terminal_see(s.ada, "1 here");
}

/* Letters do what they say in the panel for owners alone, and nothing to the text. */
static void test_others_in_the_panel(void **state)
{
	struct scene s = open_scene(state);

	terminal_press(s.ben, "F4");
	terminal_see(s.ben, "PEOPLE");
	terminal_see_none(s.ben, "k Send away");
	terminal_press(s.ben, "x k");
	terminal_see(s.ben, "Only an owner of the room can do that.");
	terminal_press(s.ben, "Esc");
	terminal_see(s.ben, "^S Save");
	terminal_type(s.ben, "typed ");
	terminal_see(s.ada, "typed line 1");
	terminal_press(s.ben, "F4 F4");
	terminal_see_none(s.ben, "PEOPLE");
}

/* ---- following ---- */

static void test_follow(void **state)
{
	struct scene s = open_scene(state);

	terminal_press(s.ada, "F4 f");
	terminal_see(s.ben, "Ada follows you now");
	terminal_see(s.ada, "Following Ben (Esc ends it)");
	terminal_see(s.ada, "→ Ben");
	go_to(s.ben, "120");
	terminal_see(s.ada, "120▌line 120");
	terminal_see(s.ada, " 1:1 "); /* one's own caret stays */
	go_to(s.ben, "60");
	terminal_see(s.ada, " 60▌line 60");
	terminal_press(s.ada, "Down"); /* and goes on from there */
	terminal_see(s.ada, "61:1");
	terminal_see_none(s.ada, "→ Ben");
	go_to(s.ben, "180");
	terminal_see(s.ada, "↓ Ben 180");
	terminal_see(s.ada, "61 line 61");
}

static void test_follow_ends(void **state)
{
	struct scene s = open_scene(state);

	terminal_press(s.ada, "F4 f");
	go_to(s.ben, "120");
	terminal_see(s.ada, "120▌line 120");
	terminal_press(s.ada, "Esc"); /* back to where one was */
	terminal_see(s.ada, "  1 line 1");
	terminal_press(s.ada, "F4 f");
	terminal_see(s.ada, "120▌line 120");
	terminal_type(s.ada, "mine "); /* where one's caret is */
	terminal_see(s.ada, "mine line 1");
	terminal_press(s.ada, "F4 f");
	terminal_see(s.ada, "120▌line 120");
	terminal_press(s.ben, "C-q");
	assert_int_equal(terminal_exit(s.ben), 0);
	terminal_see(s.ada, "1 here");
	terminal_see_none(s.ada, "→ Ben");
}

/* Who comes later is told, too. */
static void test_followers_are_seen(void **state)
{
	struct scene s = open_scene(state);
	struct terminal *cy;

	terminal_press(s.ben, "F4 f");
	terminal_see(s.ada, "Ben follows you now");
	terminal_see(s.ada, "Ben → you");
	cy = stage_join(s.stage, server_url(s.server, "viewer"), "Cy");
	terminal_see(cy, "3 here");
	terminal_press(cy, "F4");
	terminal_see(cy, "Ben → Ada");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(edges),
		TEST(jump),
		TEST(owner_in_the_panel),
		TEST(others_in_the_panel),
		TEST(follow),
		TEST(follow_ends),
		TEST(followers_are_seen),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
