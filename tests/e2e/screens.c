/*
 * What a person sees in the main states, in colour, cell by cell: each is a picture in screens/, and two of them are in the README.
 *
 *	e2e-screens		waits until each screen is as its picture
 *	e2e-screens --write	draws the pictures anew, to be looked at before they are committed
 *
 * Where they differ, what was seen is in the build's folder `screens`.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "tests/e2e/picture.h"
#include "tests/e2e/scene.h"

#define NAME      "hello.c"
#define SETTLE_MS 1500 /* without a change, a screen that is to be drawn is done */
#define AGAIN_MS  800  /* what shows only for a while is shown again */
#define MOVING_MS 300  /* what shows only for a while is to be drawn */

static const char program[] = "#include <stdio.h>\n"
			      "\n"
			      "/* Greets everybody who is named, and the world when nobody is. */\n"
			      "static void greet(const char *name)\n"
			      "{\n"
			      "\tprintf(\"Hello, %s!\\n\", name ? name : \"world\");\n"
			      "}\n"
			      "\n"
			      "int main(int argc, char **argv)\n"
			      "{\n"
			      "\tif (argc < 2)\n"
			      "\t\tgreet(NULL);\n"
			      "\tfor (int i = 1; i < argc; i++)\n"
			      "\t\tgreet(argv[i]);\n"
			      "\treturn 0;\n"
			      "}\n";

static bool writing;

/* ---- a picture and a screen ---- */

struct shot {
	const char *name;
	char *expected;          /* NULL: writing */
	struct terminal *nudged; /* whose last movement is to be seen; NULL: nobody's */
	const char *mark;        /* that shows only then */
	char *last;              /* as it was seen last */
	int64_t since_ms, nudged_ms;
	int nudges;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static char *path_of(const char *folder, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s.svg", folder, name) > 0);
	return path;
}

static char *read_whole(const char *folder, const char *name)
{
	char *path = path_of(folder, name), *text = calloc(1, 1 << 20);
	FILE *file = fopen(path, "re");

	if (!file || fread(text, 1, (1 << 20) - 1, file) == 0)
		fail_msg("%s: %s", path, strerror(errno));
	fclose(file);
	free(path);
	return text;
}

static void write_whole(const char *folder, const char *name, const char *text)
{
	char *path = path_of(folder, name);
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	free(path);
}

/* A letter, and the next time it is taken back: a name that fades is there again, and somebody types. */
static void nudge(struct shot *shot)
{
	if (!shot->nudged || now_ms() - shot->nudged_ms < AGAIN_MS)
		return;
	terminal_press(shot->nudged, shot->nudges++ % 2 ? "Backspace" : "x");
	shot->nudged_ms = now_ms();
}

static bool is_done(struct terminal *t, const void *arg)
{
	struct shot *shot = (struct shot *)(uintptr_t)arg;
	char *seen = picture_of(t);
	bool same = shot->last && strcmp(seen, shot->last) == 0;

	if (!same) {
		shot->since_ms = now_ms();
		write_whole(SEEN_DIR, shot->name, seen);
	}
	free(shot->last);
	shot->last = seen;
	nudge(shot);
	return shot->expected ? strcmp(seen, shot->expected) == 0 : false;
}

static struct shot *settling;

static bool is_settled(const void *arg)
{
	struct terminal *t = (struct terminal *)(uintptr_t)arg;

	is_done(t, settling);
	if (settling->mark && !terminal_find(t, settling->mark, NULL))
		settling->since_ms = now_ms();
	return now_ms() - settling->since_ms >= (settling->nudged ? MOVING_MS : SETTLE_MS);
}

static void shoot_moving(
	struct terminal *t, const char *name, struct terminal *nudged, const char *mark)
{
	struct shot shot = {.name = name, .nudged = nudged, .mark = mark};

	if (writing) {
		settling = &shot;
		terminal_until_true(is_settled, t, "a screen that stays as it is");
		write_whole(SCREENS_DIR, name, shot.last);
	} else {
		shot.expected = read_whole(SCREENS_DIR, name);
		terminal_until(t, is_done, &shot, name);
	}
	free(shot.expected);
	free(shot.last);
}

static void shoot(struct terminal *t, const char *name)
{
	shoot_moving(t, name, NULL, NULL);
}

/* ---- alone ---- */

static struct terminal *edit(void **state, int rows, int cols)
{
	struct terminal *t;

	stage_write(*state, NAME, program, sizeof(program) - 1);
	t = stage_edit(*state, NAME);
	terminal_see(t, "return 0;");
	terminal_resize(t, rows, cols);
	return t;
}

static void test_alone(void **state)
{
	shoot(edit(state, 24, 80), "alone");
}

static void test_palette(void **state)
{
	struct terminal *t = edit(state, 26, 96);

	terminal_press(t, "Down Down Down Down Down End S-C-Left");
	terminal_press(t, "C-p");
	terminal_type(t, "caret");
	terminal_see(t, "caret-above");
	shoot(t, "palette");
}

static void test_help(void **state)
{
	struct terminal *t = edit(state, 24, 80);

	terminal_press(t, "F1");
	shoot(t, "help");
}

static void test_find(void **state)
{
	struct terminal *t = edit(state, 24, 80);

	terminal_press(t, "C-f");
	terminal_type(t, "name");
	shoot(t, "find");
}

static void test_carets(void **state)
{
	struct terminal *t = edit(state, 24, 80);

	terminal_press(t, "C-g");
	terminal_type(t, "4:13");
	terminal_press(t, "Enter M-n M-n M-n");
	shoot(t, "carets");
}

static void test_tiny(void **state)
{
	shoot(edit(state, 5, 20), "tiny");
}

static void test_vast(void **state)
{
	shoot(edit(state, 100, 300), "vast");
}

/* ---- together ---- */

struct party {
	struct server *server;
	struct terminal *ada, *linus, *grace;
};

static void say(struct terminal *t, const char *text)
{
	terminal_press(t, "C-t");
	terminal_see(t, "Say:");
	terminal_type(t, text);
	terminal_press(t, "Enter Esc");
	terminal_see_none(t, "Say:");
}

static void go(struct terminal *t, const char *place)
{
	terminal_press(t, "C-g");
	terminal_see(t, "Go to line");
	terminal_type(t, place);
	terminal_press(t, "Enter");
	terminal_see_none(t, "Go to line");
}

/* The names of those who came stand beside their carets for a while. */
static bool is_calm(struct terminal *t, const void *arg)
{
	char *row = terminal_row(t, 1);
	bool calm = !strstr(row, "Linus") && !strstr(row, "Grace");

	(void)arg;
	free(row);
	return calm;
}

static struct party begin(void **state, int rows, int cols)
{
	const char *const options[] = {"--room", "quiet-otter", NULL};
	struct scene room = scene_of(state, NAME, program, options);
	struct party s = {.server = room.server, .ada = scene_enter(&room, "Ada", "owner")};

	terminal_see(s.ada, "1 here");
	terminal_resize(s.ada, rows, cols);
	s.linus = scene_enter(&room, "Linus", "editor");
	terminal_see(s.ada, "2 here");
	s.grace = scene_enter(&room, "Grace", "viewer");
	terminal_see(s.ada, "Grace joined");
	terminal_see_none(s.ada, "Grace joined");
	terminal_until(s.ada, is_calm, NULL, "no names beside carets");
	terminal_until(s.grace, is_calm, NULL, "no names beside carets");
	return s;
}

/* Linus writes, Grace has selected two lines and follows Ada, who reads what they say. */
static struct party talk(void **state, int rows, int cols)
{
	struct party s = begin(state, rows, cols);

	say(s.linus, "who is greeted when nobody is named?");
	terminal_see(s.grace, "greeted");
	say(s.ada, "the world, see hello.c:6");
	terminal_see(s.grace, "the world");
	say(s.grace, "@Ada and NULL is safe there?");
	terminal_see(s.linus, "NULL is safe");
	terminal_see(s.ada, "is safe there?");
	go(s.grace, "11");
	terminal_press(s.grace, "S-Down S-Down F4");
	terminal_press(s.grace, "Home");
	terminal_type(s.grace, "f");
	terminal_see(s.ada, "follows you now");
	go(s.linus, "13");
	terminal_press(s.linus, "End");
	terminal_type(s.linus, " // not itself");
	go(s.ada, "6:20");
	terminal_see(s.ada, "not itself");
	return s;
}

static void test_together(void **state)
{
	struct party s = talk(state, 28, 112);

	terminal_see_none(s.ada, "follows you now"); /* by then nobody's name is left but his */
	shoot_moving(s.ada, "together", s.linus, "itself Linus");
}

static void test_viewer(void **state)
{
	struct party s = begin(state, 24, 80);

	go(s.linus, "13");
	terminal_press(s.grace, "x");
	terminal_see(s.grace, "not write");
	terminal_see_none(s.grace, "not write");
	shoot(s.grace, "viewer");
}

static void test_chat(void **state)
{
	struct party s = begin(state, 24, 80);

	terminal_press(s.ada, "F4");
	terminal_see(s.ada, "Go there");
	terminal_press(s.ada, "Esc");
	terminal_see(s.ada, "^S Save");
	say(s.linus, "see hello.c:6, @Ada");
	terminal_see(s.ada, "hello.c:6");
	terminal_press(s.ada, "C-t");
	terminal_type(s.ada, "yes");
	shoot(s.ada, "chat");
}

static void test_offline(void **state)
{
	struct party s = begin(state, 24, 80);

	server_stop(s.server, SIGKILL);
	terminal_see(s.ada, "offline");
	terminal_type(s.ada, "// later\n");
	terminal_see(s.ada, "unsent");
	shoot(s.ada, "offline");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(alone),
		TEST(palette),
		TEST(help),
		TEST(find),
		TEST(carets),
		TEST(tiny),
		TEST(vast),
		TEST(together),
		TEST(viewer),
		TEST(chat),
		TEST(offline),
#undef TEST
	};

	writing = argc > 1 && strcmp(argv[1], "--write") == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
