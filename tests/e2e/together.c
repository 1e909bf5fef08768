/* Two people at terminals, and what each sees of the other. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/e2e/scene.h"

#define LINES 200

/* A long text, and Ada's screen has the panel. */
static struct scene open_scene(void **state)
{
	char text[LINES * 16] = "";

	for (int i = 1; i <= LINES; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "line %d\n", i);
	struct scene s = scene_two(state, text);
	terminal_resize(s.ada, STAGE_ROWS, 110);
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
	terminal_see(s.ben, "An owner sent you away.");
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

/* ---- the chat ---- */

static void say(struct terminal *t, const char *text)
{
	terminal_press(t, "C-t");
	terminal_see(t, "Say:");
	terminal_type(t, text);
	terminal_press(t, "Enter Esc");
	terminal_see_none(t, "Say:");
}

/* Ada's panel shows it, Ben's screen is too narrow for one. */
static void test_chat(void **state)
{
	struct scene s = open_scene(state);

	terminal_press(s.ben, "C-t");
	terminal_type(s.ben, "hi @Ada, see notes.txt:120");
	terminal_see(s.ada, "chatting");
	terminal_press(s.ben, "Enter");
	terminal_see(s.ada, "Ben hi @Ada");
	terminal_press(s.ada, "Right"); /* she is at her keys, so she has read it */
	terminal_see(s.ben, "notes.txt:120 ✓ Ada");
	terminal_press(s.ben, "Esc");
	terminal_see_none(s.ben, "CHAT");
	terminal_type(s.ada, "x"); /* the keys are still the text's */
	terminal_see(s.ben, "lxine 1");
	terminal_press(s.ada, "M-t");
	terminal_see(s.ada, "120:1");
}

static void test_unread(void **state)
{
	struct scene s = open_scene(state);

	say(s.ada, "one");
	terminal_see(s.ben, "1 unread · ");
	terminal_see(s.ben, "Ada: one");
	say(s.ada, "two, @ben");
	terminal_see(s.ben, "2 unread, for you · ");
	terminal_press(s.ben, "C-t");
	terminal_see_none(s.ben, "unread");
	terminal_see(s.ben, "Ada two, @ben");
	terminal_see(s.ada, "two, @ben ✓ Ben");
	terminal_press(s.ben, "Esc");
	terminal_see_none(s.ben, "unread");
}

static bool is_bold(struct terminal *t, const void *text)
{
	struct terminal_place at;

	return terminal_find(t, text, &at) && terminal_cell(t, at.row, at.col).attrs.bold;
}

static bool is_link(struct terminal *t, const void *text)
{
	struct terminal_place at;

	return terminal_find(t, text, &at) && terminal_cell(t, at.row, at.col).attrs.underline;
}

static bool in_bens_color(struct terminal *t, const void *text)
{
	struct terminal_place in_list, in_chat;

	if (!terminal_find(t, "▌Ben", &in_list) || !terminal_find(t, text, &in_chat))
		return false;
	VTermColor list = terminal_cell(t, in_list.row, in_list.col).fg,
		   chat = terminal_cell(t, in_chat.row, in_chat.col).fg;
	return VTERM_COLOR_IS_INDEXED(&list) && vterm_color_is_equal(&list, &chat);
}

/* Names in their colours, what is said to one in bold, places underlined, and nothing of it obeyed. */
static void test_how_it_looks(void **state)
{
	struct scene s = open_scene(state);

	say(s.ben, "for @ada: notes.txt:3");
	terminal_until(s.ada, is_bold, "for @ada", "bold what is said to her");
	terminal_until(s.ada, is_link, "notes.txt:3", "a place to go to");
	terminal_until(s.ada, in_bens_color, "Ben for", "his name in his colour");
	say(s.ben, "for all");
	terminal_see(s.ada, "Ben for all");
	assert_false(is_bold(s.ada, "for all"));
	terminal_press(s.ben, "C-t");
	terminal_paste(s.ben, "a\033[31mb\xE2\x80\xAEz");
	terminal_press(s.ben, "Enter");
	terminal_see(s.ada, "a[31mbz");
}

/* Looking back, and what was said before one came. */
static void test_look_back(void **state)
{
	struct scene s = open_scene(state);
	struct terminal *cy;
	char text[64];

	for (int i = 1; i <= 12; i++) {
		snprintf(text, sizeof(text), "at notes.txt:%d", i * 10);
		say(s.ada, text);
		terminal_see(s.ben, text);
	}
	cy = stage_join(s.stage, server_url(s.server, "viewer"), "Cy");
	terminal_see(cy, "3 here");
	terminal_see_none(cy, "unread");
	terminal_press(cy, "C-t");
	terminal_see(cy, "at notes.txt:120");
	terminal_see_none(cy, "at notes.txt:10 ");
	terminal_press(cy, "Up Up Up Up Up Up Up Up Up Up Up");
	terminal_see(cy, "at notes.txt:20");
	terminal_press(cy, "Enter");
	terminal_see(cy, "20:1");
	terminal_see_none(cy, "CHAT");
}

/* What was typed and not said is there the next time. */
static void test_a_draft_is_kept(void **state)
{
	struct scene s = open_scene(state);

	terminal_press(s.ben, "C-t");
	terminal_type(s.ben, "not yet");
	terminal_see(s.ben, "Say: not yet");
	terminal_press(s.ben, "C-s");
	terminal_see_none(s.ben, "Say:");
	terminal_press(s.ben, "C-t");
	terminal_type(s.ben, ", now");
	terminal_press(s.ben, "Enter");
	terminal_see(s.ada, "not yet, now");
	terminal_press(s.ben, "Esc");
	terminal_see_none(s.ben, "Say:");
	terminal_press(s.ben, "C-t");
	terminal_type(s.ben, "else");
	terminal_see(s.ben, "Say: else");
}

/* ---- who wrote it ---- */

static bool in_color_of(struct terminal *t, const char *name, const char *text)
{
	struct terminal_place in_list, number;

	if (!terminal_find(t, name, &in_list) || !terminal_find(t, text, &number))
		return false;
	VTermColor list = terminal_cell(t, in_list.row, in_list.col).fg,
		   shown = terminal_cell(t, number.row, number.col).fg;
	return VTERM_COLOR_IS_INDEXED(&list) && vterm_color_is_equal(&list, &shown);
}

static bool bens_line(struct terminal *t, const void *text)
{
	return in_color_of(t, "▌Ben", text);
}

static bool adas_line(struct terminal *t, const void *text)
{
	return in_color_of(t, "▌Ada", text);
}

/* Of what was written before one asked, and of what comes then. */
static void test_authors(void **state)
{
	struct scene s = open_scene(state);

	go_to(s.ben, "3");
	terminal_type(s.ben, "by Ben ");
	terminal_see(s.ada, "by Ben line 3");
	terminal_press(s.ada, "Down");
	terminal_type(s.ada, "by Ada ");
	terminal_see(s.ben, "by Ada line 2");
	go_to(s.ben, "150");
	terminal_press(s.ada, "F9");
	terminal_see(s.ada, "B   3 by Ben line 3");
	terminal_see(s.ada, "A   2 by Ada line 2");
	terminal_see(s.ada, "    1 line 1");
	terminal_until(s.ada, bens_line, "3 by Ben", "Ben's line in his colour");
	terminal_until(s.ada, adas_line, "2 by Ada", "hers in hers");
	terminal_see(s.ada, "This was here before"); /* behind what she typed */
	terminal_press(s.ada, "Left");
	terminal_see(s.ada, "Ada wrote this, ");
	go_to(s.ben, "1");
	terminal_type(s.ben, "more ");
	go_to(s.ben, "150");
	terminal_see(s.ada, "B   1 more line 1");
	terminal_until(s.ada, bens_line, "1 more", "what comes later is his, too");
	go_to(s.ada, "1");
	terminal_see(s.ada, "Ben wrote this, ");
	terminal_press(s.ben, "C-q");
	assert_int_equal(terminal_exit(s.ben), 0);
	terminal_see(s.ada, "1 here");
	terminal_press(s.ada, "F9");
	terminal_see(s.ada, "  1 more line 1");
	terminal_see_none(s.ada, "B   1");
	terminal_press(s.ada, "F9");
	terminal_see(s.ada, "B   1 more line 1"); /* who has left is still known by name */
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
		TEST(chat),
		TEST(unread),
		TEST(how_it_looks),
		TEST(look_back),
		TEST(a_draft_is_kept),
		TEST(authors),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
