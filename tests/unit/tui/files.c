/*
 * Going from one file to another: what is wished, what waits meanwhile, and what is found again on coming back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/chat.h"
#include "tui/editor.h"
#include "tui/state.h" /* to see the caret, the list and the notice */

#define ME     7
#define ADA    3
#define CTRL_O "\x0F"
#define CTRL_P "\x10"
#define CTRL_Q "\x11"
#define CTRL_Z "\x1A"
#define DOWN   "\033[B"
#define F4     "\033OS"
#define ALT_T  "\033t"
#define ESC    "\033[27u"

struct desk {
	struct editor *ed;
	struct keys *keys;
	struct replica *a, *b;
	uint64_t now;
};

static struct replica *replica_of(const char *text)
{
	struct text *t;

	assert_int_equal(text_load(&t, text, strlen(text)), ERR_NONE);
	return replica_create(t, 0, ME);
}

static void person(struct desk *desk, uint64_t user, const char *name)
{
	editor_person(
		desk->ed, &(struct editor_person){user, name, "", "editor", "active", user == ME});
}

static int setup(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));

	desk->ed = editor_create();
	desk->keys = keys_create();
	desk->a = replica_of("alpha\n");
	desk->b = replica_of("one\ntwo\nthree\n");
	desk->now = 1000;
	editor_file_here(desk->ed, "src/b.c");
	editor_file_here(desk->ed, "z.c");
	editor_file_here(desk->ed, "a.c");
	person(desk, ME, "Me");
	person(desk, ADA, "Ada");
	editor_status(desk->ed, &(struct editor_status){.link = EDITOR_ONLINE, .room = "otter"});
	editor_open(desk->ed, desk->a, &(struct editor_document){.path = "a.c"});
	*state = desk;
	return 0;
}

static int teardown(void **state)
{
	struct desk *desk = *state;

	editor_destroy(desk->ed);
	keys_destroy(desk->keys);
	replica_destroy(desk->a);
	replica_destroy(desk->b);
	free(desk);
	return 0;
}

static void press(struct desk *desk, const char *keys)
{
	struct key key;

	keys_feed(desk->keys, keys, strlen(keys));
	while (keys_next(desk->keys, &key))
		editor_key(desk->ed, &key, desk->now += 10);
	editor_catch_up(desk->ed, desk->now);
}

static void assert_wish(struct desk *desk, const char *path, bool create)
{
	struct editor_going going = {0};

	assert_true(editor_take_open(desk->ed, &going));
	assert_string_equal(going.path, path);
	assert_int_equal(going.create, create);
	assert_false(editor_take_open(desk->ed, &going)); /* once */
}

static void assert_no_wish(struct desk *desk)
{
	struct editor_going going;

	assert_false(editor_take_open(desk->ed, &going));
}

/* As the owner does when it is there; shown: what became of its text since it was left, as one insert at its start. */
static void arrive(struct desk *desk, struct replica *replica, const char *path, const char *shown)
{
	struct op op = {0}, there;

	op_insert(&op, shown, strlen(shown));
	editor_turn(desk->ed, path);
	if (*shown) {
		assert_int_equal(
			replica_receive(replica, replica_rev(replica) + 1, ADA, &op, &there),
			ERR_NONE);
		editor_remote(desk->ed, ADA, &there);
		op_fini(&there);
	}
	op_fini(&op);
	editor_open(desk->ed, replica, &(struct editor_document){.path = path});
	editor_catch_up(desk->ed, desk->now);
}

static void assert_text(const struct replica *replica, const char *text)
{
	char *is = text_slice(replica_text(replica), 0, SIZE_MAX / 2, NULL);

	assert_string_equal(is, text);
	free(is);
}

static void a_few_letters_choose_a_file(void **state)
{
	struct desk *desk = *state;

	press(desk, CTRL_O "sb\r");
	assert_wish(desk, "src/b.c", false);
}

static void the_palette_knows_the_files_too(void **state)
{
	struct desk *desk = *state;

	press(desk, CTRL_P "open z.c\r");
	assert_wish(desk, "z.c", false);
}

static void a_name_that_is_not_there_makes_a_file(void **state)
{
	struct desk *desk = *state;

	press(desk, CTRL_O "notes.md\r");
	assert_wish(desk, "notes.md", true);
	assert_no_wish(desk);
}

static void the_one_that_was_left_last_comes_first(void **state)
{
	struct desk *desk = *state;

	press(desk, CTRL_O "z\r");
	assert_wish(desk, "z.c", false);
	arrive(desk, desk->b, "z.c", "");
	press(desk, CTRL_O "\r");
	assert_wish(desk, "a.c", false);
	editor_stayed(desk->ed);
	press(desk, CTRL_O DOWN "\r"); /* src/b.c; the one that is shown is the last */
	assert_wish(desk, "src/b.c", false);
}

static void what_is_typed_meanwhile_lands_in_the_new_file(void **state)
{
	struct desk *desk = *state;

	press(desk, CTRL_O "z\r");
	press(desk, "hi\033[200~ there\033[201~");
	assert_text(desk->a, "alpha\n");
	assert_wish(desk, "z.c", false);
	arrive(desk, desk->b, "z.c", "");
	assert_text(desk->a, "alpha\n");
	assert_text(desk->b, "hi thereone\ntwo\nthree\n");
}

static void what_came_to_nothing_loses_no_key(void **state)
{
	struct desk *desk = *state;

	press(desk, CTRL_O "z\r");
	press(desk, "hi");
	assert_wish(desk, "z.c", false);
	editor_stayed(desk->ed);
	editor_catch_up(desk->ed, desk->now);
	assert_text(desk->a, "hialpha\n");
}

static void what_was_typed_for_a_file_that_cannot_be_made_lands_nowhere(void **state)
{
	struct desk *desk = *state;

	press(desk, CTRL_O "notes.md\r");
	press(desk, "hi");
	assert_wish(desk, "notes.md", true);
	editor_stayed(desk->ed);
	editor_catch_up(desk->ed, desk->now);
	assert_text(desk->a, "alpha\n");
	press(desk, CTRL_O "notes.md\r");
	press(desk, "hi" ESC); /* one's own decision */
	assert_wish(desk, "notes.md", true);
	assert_true(editor_wants(desk->ed) & EDITOR_WANT_STAY);
	editor_stayed(desk->ed);
	editor_catch_up(desk->ed, desk->now);
	assert_text(desk->a, "hialpha\n");
}

/* What asks something of the owner is done before the next key counts, which may be an answer; and what is typed meanwhile comes last. */
static void held_keys_wait_for_answers(void **state)
{
	struct desk *desk = *state;

	press(desk, CTRL_O "z\r");
	press(desk, "x" CTRL_Q "y");
	assert_wish(desk, "z.c", false);
	editor_turn(desk->ed, "z.c");
	editor_open(desk->ed, desk->b, &(struct editor_document){.path = "z.c"});
	assert_true(editor_catch_up(desk->ed, desk->now));
	assert_text(desk->b, "xone\ntwo\nthree\n");
	assert_true(editor_wants(desk->ed) & EDITOR_WANT_QUIT);
	editor_ask_quit(desk->ed, "Quit? (y/n)");
	press(desk, "z");
	assert_true(editor_wants(desk->ed) & EDITOR_QUIT_SURE);
	assert_false(editor_catch_up(desk->ed, desk->now));
	assert_text(desk->b, "xzone\ntwo\nthree\n");
}

static void esc_says_that_one_stays(void **state)
{
	struct desk *desk = *state;

	press(desk, CTRL_O "z\r");
	assert_wish(desk, "z.c", false);
	assert_false(editor_wants(desk->ed) & EDITOR_WANT_STAY);
	press(desk, ESC);
	assert_true(editor_wants(desk->ed) & EDITOR_WANT_STAY);
}

static void undo_and_caret_wait_for_one_to_come_back(void **state)
{
	struct desk *desk = *state;

	press(desk, "\033[C\033[Cxy");
	arrive(desk, desk->b, "z.c", "");
	press(desk, "B" CTRL_Z);
	assert_text(desk->b, "one\ntwo\nthree\n");
	arrive(desk, desk->a, "a.c", "Ada: ");
	assert_text(desk->a, "Ada: alxypha\n");
	assert_int_equal(desk->ed->doc.sel.head, 9);
	press(desk, CTRL_Z);
	assert_text(desk->a, "Ada: alpha\n");
}

static void the_panel_tells_who_is_where(void **state)
{
	struct desk *desk = *state;
	struct buf place = {0};

	editor_person_place(desk->ed, ADA, "src/b.c", 12);
	roster_place(desk->ed, people_find(&desk->ed->people, ADA), 80, &place);
	assert_string_equal(place.at, "src/b.c:12");
	roster_place(desk->ed, people_find(&desk->ed->people, ADA), 8, &place);
	assert_string_equal(place.at, "src/b.c");
	buf_clear(&place);
	files_people(desk->ed, "src/b.c", &place);
	assert_int_equal(place.len, strlen(" Ada"));
	buf_fini(&place);
}

static void one_jumps_to_somebody_in_another_file(void **state)
{
	struct desk *desk = *state;

	editor_person_place(desk->ed, ADA, "z.c", 2);
	press(desk, F4 "\r");
	assert_wish(desk, "z.c", false);
	arrive(desk, desk->b, "z.c", "");
	editor_person_sels(desk->ed, ADA, &(struct sel){5, 5}, 1);
	assert_int_equal(desk->ed->doc.sel.head, 5);
	editor_person_sels(desk->ed, ADA, &(struct sel){6, 6}, 1); /* no more than once */
	assert_int_equal(desk->ed->doc.sel.head, 5);
}

static void who_follows_goes_along(void **state)
{
	struct desk *desk = *state;

	press(desk, F4 "f");
	assert_no_wish(desk);
	editor_person_place(desk->ed, ADA, "z.c", 0);
	assert_wish(desk, "z.c", false);
	arrive(desk, desk->b, "z.c", "");
	assert_int_equal(editor_follows(desk->ed), ADA);
	assert_no_wish(desk);
	editor_person_place(desk->ed, ADA, "a.c", 0);
	assert_wish(desk, "a.c", false);
	editor_stayed(desk->ed); /* it cannot be opened: that is not tried for ever */
	assert_int_equal(editor_follows(desk->ed), 0);
	assert_no_wish(desk);
}

static void a_place_named_in_the_chat_may_be_in_another_file(void **state)
{
	struct desk *desk = *state;

	editor_said(desk->ed,
		&(struct chat_line){.id = 1, .user = ADA, .name = "Ada", .text = "see b.c:2:2"},
		false, desk->now);
	press(desk, ALT_T);
	assert_wish(desk, "src/b.c", false);
	arrive(desk, desk->b, "src/b.c", "");
	assert_int_equal(desk->ed->doc.sel.head, 5);
}

static void carets_elsewhere_are_not_shown_here(void **state)
{
	struct desk *desk = *state;
	struct person *ada = people_find(&desk->ed->people, ADA);

	editor_person_sels(desk->ed, ADA, &(struct sel){2, 2}, 1);
	assert_int_equal(ada->count, 1);
	editor_person_place(desk->ed, ADA, "z.c", 1);
	assert_int_equal(ada->count, 0);
}

static void too_much_at_once_is_said(void **state)
{
	struct desk *desk = *state;

	press(desk, CTRL_O "z\r");
	for (int i = 0; i < HELD_KEYS; i++)
		press(desk, "x");
	assert_null(desk->ed->notice);
	press(desk, "x");
	assert_non_null(desk->ed->notice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(a_few_letters_choose_a_file),
		TEST(the_palette_knows_the_files_too),
		TEST(a_name_that_is_not_there_makes_a_file),
		TEST(the_one_that_was_left_last_comes_first),
		TEST(what_is_typed_meanwhile_lands_in_the_new_file),
		TEST(what_came_to_nothing_loses_no_key),
		TEST(what_was_typed_for_a_file_that_cannot_be_made_lands_nowhere),
		TEST(held_keys_wait_for_answers),
		TEST(esc_says_that_one_stays),
		TEST(undo_and_caret_wait_for_one_to_come_back),
		TEST(the_panel_tells_who_is_where),
		TEST(one_jumps_to_somebody_in_another_file),
		TEST(who_follows_goes_along),
		TEST(a_place_named_in_the_chat_may_be_in_another_file),
		TEST(carets_elsewhere_are_not_shown_here),
		TEST(too_much_at_once_is_said),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
