/* An owner, and what becomes of the others, at their terminals. */
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

#define URL_MAX 4096

static void test_role(void **state)
{
	struct scene s = scene_two(state, "hello\n");

	terminal_press(s.ada, "F6");
	terminal_see(s.ada, "Change the role of: Ben"); /* the only other one */
	terminal_press(s.ada, "Enter");
	terminal_see(s.ada, "What may Ben do?");
	terminal_type(s.ada, "v");
	terminal_see(s.ada, "Ben is now viewer");
	terminal_see(s.ben, "Ben is now viewer");
	terminal_type(s.ben, "x");
	terminal_see(s.ben, "You are a viewer");
	terminal_press(s.ben, "C-s");
	terminal_see(s.ben, "Viewers cannot change files.");
	terminal_press(s.ada, "F6 Enter e");
	terminal_see(s.ben, "Ben is now editor");
	terminal_type(s.ben, "mine ");
	terminal_see(s.ada, "mine hello");
	scene_file(&s, "mine hello\n");
}

static void test_only_for_owners(void **state)
{
	struct scene s = scene_two(state, "hello\n");

	terminal_press(s.ben, "F6");
	terminal_see(s.ben, "Only an owner of the room can do that.");
	terminal_press(s.ada, "F6 Enter o");
	terminal_see(s.ben, "Ben is now owner");
	terminal_press(s.ben, "F6 Enter v");
	terminal_see(s.ada, "Ada is now viewer");
	terminal_press(s.ada, "F7");
	terminal_see(s.ada, "Only an owner of the room can do that.");
}

static void test_nothing_is_done_without_an_answer(void **state)
{
	struct scene s = scene_two(state, "hello\n");

	terminal_press(s.ada, "F6 Enter");
	terminal_see(s.ada, "What may Ben do?");
	terminal_press(s.ada, "Esc");
	terminal_see_none(s.ada, "What may Ben do?");
	terminal_press(s.ada, "F7");
	terminal_see(s.ada, "Send away");
	terminal_press(s.ada, "Esc");
	terminal_see_none(s.ada, "Send away");
	terminal_press(s.ada, "S-F7 Enter n F7");
	terminal_type(s.ada, "Eve"); /* in place of what was proposed */
	terminal_press(s.ada, "Enter");
	terminal_see(s.ada, "Nobody here is called that.");
	terminal_press(s.ada, "F7");
	terminal_type(s.ada, "ada");
	terminal_press(s.ada, "Enter");
	terminal_see(s.ada, "That is you.");
	terminal_type(s.ben, "still here ");
	terminal_see(s.ada, "still here hello");
}

static void test_kick(void **state)
{
	struct scene s = scene_two(state, "hello\n");

	terminal_press(s.ada, "F7 Enter");
	terminal_see(s.ada, "Ben was sent away");
	terminal_see(s.ben, "An owner sent you away.");
	terminal_type(s.ben, "away ");
	terminal_press(s.ben, "F5"); /* and may come back */
	terminal_see(s.ada, "away hello");
	terminal_see(s.ada, "2 here");
}

static void joins_in_vain(const struct scene *s, const char *url, const char *why)
{
	struct terminal *cy = stage_join(s->stage, url, "Cy");

	assert_int_equal(terminal_exit(cy), 1);
	if (!strstr(terminal_words(cy), why))
		fail_msg("not \"%s\": %s", why, terminal_words(cy));
	terminal_end(cy);
}

static void test_ban(void **state)
{
	struct scene s = scene_two(state, "hello\n");

	terminal_press(s.ada, "S-F7 Enter");
	terminal_see(s.ada, "Ban Ben, and whoever came in with the same link?");
	terminal_type(s.ada, "y");
	terminal_see(s.ben, "Your invitation was revoked.");
	terminal_see(s.ada, "1 here");
	terminal_press(s.ben, "F5");
	terminal_see(s.ben, "Your URL was revoked. Your text is still here.");
	joins_in_vain(&s, server_url(s.server, "editor"), "this URL was revoked");
}

static void test_lock(void **state)
{
	struct scene s = scene_two(state, "hello\n");
	struct terminal *cy;

	terminal_press(s.ada, "F8");
	terminal_see(s.ada, "Nobody new but owners comes in now.");
	joins_in_vain(&s, server_url(s.server, "editor"), "the room is locked");
	terminal_press(s.ada, "S-F8");
	terminal_see(s.ada, "Who has a link may come in again.");
	cy = stage_join(s.stage, server_url(s.server, "editor"), "Cy");
	terminal_see(cy, "3 here");
}

/* Enough of a name, or a number. */
static void test_whom(void **state)
{
	struct scene s = scene_two(state, "hello\n");
	struct terminal *bea = stage_join(s.stage, server_url(s.server, "editor"), "Bea");

	terminal_see(s.ada, "3 here");
	terminal_press(s.ada, "F7");
	terminal_type(s.ada, "be");
	terminal_press(s.ada, "Enter");
	terminal_see(s.ada, "Several are called that. Say which: #2 Ben #3 Bea");
	terminal_press(s.ada, "F6");
	terminal_type(s.ada, "#3");
	terminal_press(s.ada, "Enter v");
	terminal_see(bea, "Bea is now viewer");
	terminal_press(s.ada, "F7");
	terminal_type(s.ada, "BEN");
	terminal_press(s.ada, "Enter");
	terminal_see(s.ben, "An owner sent you away.");
	terminal_see(s.ada, "2 here");
}

/* The editor says that an invitation is over, keeps what is typed, and another one brings it back. */
static void test_expiry(void **state)
{
	struct scene s = scene_two(state, "hello\n");
	const char *editor = server_url(s.server, "editor");
	const char *token = strstr(editor, "t=") + 2, *rest = strchr(token, '&');
	char claims[256], minted[1024], url[URL_MAX];

	snprintf(claims, sizeof(claims),
		"{\"aud\":\"codecollab\",\"room\":\"%s\",\"role\":\"editor\",\"exp\":%ld}",
		server_room(s.server), (long)time(NULL) + 5);
	stage_mint(s.stage, claims, minted);
	snprintf(url, sizeof(url), "%.*s%s%s", (int)(token - editor), editor, minted, rest);
	struct terminal *cy = stage_join(s.stage, url, "Cy");
	terminal_see(cy, "hello");
	terminal_see(cy, "Your invitation has expired: ask for a new one.");
	terminal_see(s.ada, "Cy is gone: their invitation expired");
	terminal_type(cy, "kept ");
	terminal_see(cy, "kept hello");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(role),
		TEST(only_for_owners),
		TEST(nothing_is_done_without_an_answer),
		TEST(kick),
		TEST(ban),
		TEST(lock),
		TEST(whom),
		TEST(expiry),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
