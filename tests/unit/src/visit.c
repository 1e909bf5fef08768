/*
 * A client goes from one file of the room to another and back: what it says, in which order, and what its owner hears.
 */
#include "tests/unit/src/scripted.h"

static void assert_told(struct world *w, const char *what)
{
	buf_add_byte(&w->told, '\0');
	w->told.len--;
	assert_non_null(strstr(w->told.at, what));
}

static char *whole(const struct replica *replica)
{
	return text_slice(replica_text(replica), 0, SIZE_MAX / 2, NULL);
}

static void assert_shows(struct world *w, const char *text)
{
	char *shown = whole(w->replica);

	assert_string_equal(shown, text);
	free(shown);
}

/* The server opens `path` as document `doc`, which was asked for, and the other one is closed. */
static void opens(struct world *w, uint64_t doc, const char *path, uint64_t rev, const char *text,
	uint64_t closes)
{
	struct message m = opened_of(doc, path, rev, text);
	char closed[40];

	snprintf(closed, sizeof(closed), "close %" PRIu64 "\n", closes);
	say(w, &m);
	expect(w, closed);
}

static void goes_to(struct world *w, const char *path)
{
	char asked[100];

	snprintf(asked, sizeof(asked), "open %s\n", path);
	buf_clear(&w->heard);
	remote_open(w->remote, path, false);
	loop_again(w->loop);
	run(w, asked);
}

static void what_was_typed_is_acknowledged_first(void **state)
{
	struct world *w = *state;

	type(w, "7 +!");
	remote_open(w->remote, "b.c", false);
	buf_clear(&w->heard);
	loop_again(w->loop);
	run(w, "edit 8 1: 7 +!\n");
	say_edited(w, 9, "+_");
	send_out(w);
	w->edited = 0;
	run(w, NULL); /* turns go by, and nothing was acknowledged */
	assert_false(heard(w, "open"));
	say_ack(w, 10, 1);
	expect(w, "open b.c\n");
	opens(w, 2, "b.c", 5, "xyz", 1);
	assert_shows(w, "xyz");
	type(w, "3 +z");
	loop_again(w->loop);
	run(w, "edit 5 1: 3 +z\n");
}

/* The very replica that was left, and one edit that makes its text what it has become. Own edits count on. */
static void what_was_left_is_taken_up_again(void **state)
{
	struct world *w = *state;
	struct replica *first = w->replica;

	type(w, "7 +!");
	run(w, "edit 8 1: 7 +!\n");
	say_ack(w, 9, 1);
	expect_quiet(w, 10);
	goes_to(w, "b.c");
	opens(w, 2, "b.c", 5, "xyz", 1);
	assert_ptr_not_equal(w->replica, first);
	goes_to(w, PATH);
	opens(w, 1, PATH, 12, "__abcdef!?", 2);
	assert_ptr_equal(w->replica, first);
	assert_told(w, "opened " PATH ": 9 +?\n");
	type(w, "+>");
	loop_again(w->loop);
	run(w, "edit 12 2: +>\n");
}

static void what_is_refused_changes_nothing(void **state)
{
	struct world *w = *state;

	goes_to(w, "none.c");
	say(w, &(struct message){.type = MSG_ERROR,
		       .error = {str("no-such-file"), str("there is no such file"), str("open")}});
	expect_quiet(w, 9);
	assert_told(w, "stayed: There is no such file.\n");
	assert_shows(w, "__abcdef");
}

static void a_mind_may_be_changed(void **state)
{
	struct world *w = *state;
	struct message late;

	goes_to(w, "b.c");
	remote_stay(w->remote);
	assert_told(w, "stayed: \n");
	late = opened_of(2, "b.c", 5, "xyz");
	say(w, &late);
	expect(w, "close 2\n");
	expect_quiet(w, 9);
	assert_shows(w, "__abcdef");
}

static void a_lost_connection_leaves_one_where_one_is(void **state)
{
	struct world *w = *state;

	goes_to(w, "b.c");
	ws_close(w->conn, 1013, "");
	buf_clear(&w->heard);
	run(w, "hello s1 8 0\n");
	assert_told(w, "stayed: The connection was lost");
	say_welcome(w, "s1");
	say_resumed(w, 8, 0);
	expect_quiet(w, 9);
	assert_shows(w, "__abcdef");
}

static void offline_one_stays(void **state)
{
	struct world *w = *state;

	ws_close(w->conn, 1013, "");
	buf_clear(&w->heard);
	run(w, "hello");
	remote_open(w->remote, "b.c", false);
	assert_told(w, "stayed: Offline");
}

/* Eight wait; for the ninth the first one goes. */
static void not_everything_is_kept(void **state)
{
	struct world *w = *state;
	char path[] = "a.c";

	for (uint64_t doc = 2; doc <= 9; doc++, path[0]++) {
		goes_to(w, path);
		opens(w, doc, path, 1, "xyz", doc - 1);
	}
	assert_null(memmem(w->told.at, w->told.len, "forgot", strlen("forgot")));
	goes_to(w, "z.c");
	opens(w, 10, "z.c", 1, "xyz", 9);
	assert_told(w, "forgot " PATH "\n");
}

static void one_may_begin_with_a_file(void **state)
{
	struct world *w = *state;
	struct message m = opened_of(2, "b.c", 5, "xyz");

	say(w, &m);
	w->edited = 0;
	say(w, &(struct message){.type = MSG_EDITED,
		       .edited = {.doc = 2, .rev = 6, .user = BEN, .op = op_of("+_")}});
	send_out(w);
	run(w, NULL);
	assert_shows(w, "_xyz");
}

/* Ben stands behind the d of the server's text; what is carried over is in front of it here. */
static void carets_that_come_with_a_text_stand_right_in_ours(void **state)
{
	struct world *w = *state;
	struct sel sel = {4, 4};
	struct msg_user_sel ben = {BEN, {1, &sel}};
	struct message m;

	say_check(w, 8, "of another text");
	expect(w, "diverged 8\n");
	type(w, "+>>");
	m = opened_of(1, PATH, 9, "abcdef");
	m.opened.sels = (struct msg_user_sels){1, &ben};
	say(w, &m);
	expect(w, "edit 9 1: +>>\n");
	assert_told(w, "selected 1 6-6\n");
}

static int setup_wished(void **state)
{
	return begin(state, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(what_was_typed_is_acknowledged_first),
		TEST(what_was_left_is_taken_up_again),
		TEST(what_is_refused_changes_nothing),
		TEST(a_mind_may_be_changed),
		TEST(a_lost_connection_leaves_one_where_one_is),
		TEST(offline_one_stays),
		TEST(not_everything_is_kept),
		TEST(carets_that_come_with_a_text_stand_right_in_ours),
		cmocka_unit_test_setup_teardown(one_may_begin_with_a_file, setup_wished, teardown),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
