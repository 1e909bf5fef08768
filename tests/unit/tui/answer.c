/*
 * Keys while a question is open: what is typed into it is edited as the text is, and nothing gets through to the text behind it that
 * was not meant for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/editor.h"
#include "tui/state.h" /* to see what is open */

#define ALT_BACK  "\033\x7F"
#define ALT_D     "\033d"
#define CTRL_LEFT "\033[1;5D"
#define HOME      "\033[H"
#define CTRL_A    "\x01"
#define CTRL_C    "\x03"
#define CTRL_F    "\x06"
#define CTRL_G    "\x07"
#define CTRL_K    "\x0B"
#define CTRL_P    "\x10"
#define CTRL_R    "\x12"
#define CTRL_S    "\x13"
#define CTRL_T    "\x14"
#define CTRL_U    "\x15"
#define CTRL_W    "\x17"
#define CTRL_X    "\x18"
#define CTRL_Z    "\x1A"
#define TAB       "\t"

struct desk {
	struct replica *replica;
	struct editor *ed;
	struct keys *keys;
};

static struct desk desk_make(const char *text)
{
	struct desk desk = {.ed = editor_create(), .keys = keys_create()};
	struct text *t;

	assert_int_equal(text_load(&t, text, strlen(text)), ERR_NONE);
	desk.replica = replica_create(t, 0, 7);
	editor_open(desk.ed, desk.replica, &(struct editor_document){"src/main.c", false, false});
	editor_resize(desk.ed, 80, 24);
	return desk;
}

static void desk_drop(struct desk *desk)
{
	editor_destroy(desk->ed);
	keys_destroy(desk->keys);
	replica_destroy(desk->replica);
}

static void press(struct desk *desk, const char *bytes)
{
	struct key key;

	keys_feed(desk->keys, bytes, strlen(bytes));
	while (keys_next(desk->keys, &key))
		editor_key(desk->ed, &key, 1000);
}

static void assert_text(struct desk *desk, const char *wanted)
{
	char *got = text_slice(replica_text(desk->replica), 0, SIZE_MAX, NULL);

	assert_string_equal(got, wanted);
	free(got);
}

/* What is in the question's line then, NULL when there is no question; and the text behind. */
static const struct scene {
	const char *keys, *line, *text;
} scenes[] = {
	{CTRL_F "one two" CTRL_W "x", "one x", "text"},
	{CTRL_F "one two" ALT_BACK "x", "one x", "text"},
	{CTRL_F "one two" CTRL_LEFT "x", "one xtwo", "text"},
	{CTRL_F "one two" HOME ALT_D "x", "x two", "text"},
	{CTRL_F "a/b.c" ALT_BACK, "a/b.", "text"}, {CTRL_F "a/b.c" ALT_BACK ALT_BACK, "a/", "text"},
	{CTRL_F "one two" CTRL_LEFT CTRL_U "x", "xtwo", "text"},
	{CTRL_F "one two" CTRL_K "x", "x", "text"}, {CTRL_F "one two" CTRL_A "x", "x", "text"},
	{CTRL_F "\xC3\xA9t\xC3\xA9" ALT_BACK "x", "x", "text"}, {CTRL_F TAB "x", "x", "text"},
	{CTRL_F "t" CTRL_Z CTRL_X "x", "tx", "text"}, {CTRL_F "t" CTRL_C, NULL, "text"},
	{CTRL_G "12" CTRL_C, NULL, "text"}, {CTRL_G "12" TAB "3", "123", "text"},
	{CTRL_P "zzz" TAB CTRL_U "duplicate-line\r", NULL, "text\ntext"},
	{CTRL_R "t\ruu" CTRL_U "s\ra", NULL, "sexs"}, {CTRL_F "t" CTRL_R, "t", "text"},
	{CTRL_F "t" CTRL_S, NULL, "text"}, /* not for the question, and not for the text */
};

static void lines_are_edited(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		struct desk desk = desk_make("text");
		const struct prompt *prompt = &desk.ed->prompt;
		press(&desk, scenes[i].keys);
		char *line = prompt->kind ? strndup(prompt->text.at, prompt->text.len) : NULL;
		if (!line != !scenes[i].line || (line && strcmp(line, scenes[i].line) != 0))
			fail_msg("scene %zu: \"%s\", wanted \"%s\"", i, line ? line : "none",
				scenes[i].line ? scenes[i].line : "none");
		assert_text(&desk, scenes[i].text);
		free(line);
		desk_drop(&desk);
	}
}

static void assert_says(struct desk *desk, const char *wanted)
{
	char *said = editor_take_say(desk->ed);

	assert_non_null(said);
	assert_string_equal(said, wanted);
	free(said);
}

static void person(struct desk *desk, uint64_t user, const char *name, bool me)
{
	editor_person(desk->ed, &(struct editor_person){user, name, "", "editor", "active", me});
}

static void tab_completes_a_name_or_a_place(void **state)
{
	struct desk desk = desk_make("one\ntwo\nthree");
	(void)state;

	editor_status(desk.ed, &(struct editor_status){.link = EDITOR_ONLINE, .room = "room"});
	person(&desk, 7, "Linda", true);
	person(&desk, 3, "Linus", false);
	person(&desk, 4, "Ada Lovelace", false);
	press(&desk, CTRL_G "3\r" CTRL_T "@li" TAB "see " TAB "\r");
	assert_says(&desk, "@Linus see main.c:3 ");
	press(&desk, "AD" TAB "hi\r");
	assert_says(&desk, "@Ada Lovelace hi");
	press(&desk, "nobody" TAB "\r");
	assert_says(&desk, "nobody");
	assert_text(&desk, "one\ntwo\nthree");
	desk_drop(&desk);
}

static void people_are_called_by_name(void **state)
{
	struct desk desk = desk_make("one\ntwo\nthree");
	(void)state;

	person(&desk, 7, "Linda", true);
	person(&desk, 3, "Linus", false);
	person(&desk, 4, "Ada", false);
	editor_person_sels(desk.ed, 3, &(struct sel){4, 4}, 1);
	editor_person_sels(desk.ed, 4, &(struct sel){8, 8}, 1);
	editor_notice(desk.ed, 1000, "Linus joined");
	press(&desk, CTRL_P "follow lin\r");
	assert_int_equal(editor_follows(desk.ed), 3);
	assert_null(desk.ed->notice); /* the bar tells whom one follows */
	editor_notice(desk.ed, 1000, "Linus joined");
	press(&desk, "\033OS\033[B\033[27u");
	assert_null(desk.ed->notice); /* and who is chosen */
	press(&desk, CTRL_P "go to ad\r");
	assert_int_equal(editor_follows(desk.ed), 0);
	assert_int_equal(desk.ed->doc.sel.head, 8);
	press(&desk, CTRL_P "follow lin");
	editor_person_gone(desk.ed, 3); /* while one chooses */
	press(&desk, "\r");
	assert_int_equal(editor_follows(desk.ed), 0);
	assert_null(desk.ed->notice);
	press(&desk, CTRL_P "zzzz\r");
	assert_non_null(desk.ed->notice);
	desk_drop(&desk);
}

static void the_mouse_chooses_from_the_list(void **state)
{
	struct desk desk = desk_make("text");
	char click[64];
	(void)state;

	press(&desk, CTRL_P "duplicate-line");
	int row = desk.ed->screen.text.row + desk.ed->screen.text.rows -
		  (int)desk.ed->palette.count; /* the best is the first */
	assert_true(desk.ed->palette.count > 0 && desk.ed->palette.count < PALETTE_ROWS);
	snprintf(click, sizeof(click), "\033[<0;9;%dM\033[<0;9;%dm", row + 1, row + 1);
	press(&desk, click);
	assert_int_equal(desk.ed->prompt.kind, PROMPT_NONE);
	assert_text(&desk, "text\ntext");
	press(&desk, CTRL_P "\033[<65;9;9M\033[<65;9;9M");
	assert_int_equal(desk.ed->palette.chosen, 2);
	press(&desk, "\033[<0;7;2M\033[<0;7;2m"); /* beside it: into the text */
	assert_int_equal(desk.ed->prompt.kind, PROMPT_NONE);
	assert_int_equal(desk.ed->doc.sel.head, 2);
	desk_drop(&desk);
}

/* Looking around is not leaving. */
static void the_wheel_leaves_the_question(void **state)
{
	struct desk desk =
		desk_make("0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n"
			  "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
	(void)state;

	press(&desk, CTRL_F "7"
			    "\033[<65;5;5M\033[<65;5;5M");
	assert_int_equal(desk.ed->prompt.kind, PROMPT_FIND);
	assert_true(desk.ed->view.top > 0);
	desk_drop(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_edited),
		cmocka_unit_test(tab_completes_a_name_or_a_place),
		cmocka_unit_test(people_are_called_by_name),
		cmocka_unit_test(the_mouse_chooses_from_the_list),
		cmocka_unit_test(the_wheel_leaves_the_question),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
