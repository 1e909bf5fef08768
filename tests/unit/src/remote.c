/*
 * A client whose text has parted from the server's: it says so, keeps a copy, takes the server's text, and sends what it had not
 * sent, once.
 */
#include "tests/unit/src/scripted.h"

#include <glob.h>
#include <signal.h>
#include <sys/resource.h>

static void assert_copy(struct world *w, const char *text)
{
	struct buf kept;
	char *folder = report_sentence("%s/codecollab/conflicts/otter-.a_text-", w->home);

	assert_memory_equal(w->copy, folder, strlen(folder));
	assert_int_equal(scratch_mode(w->copy), 0600);
	kept = scratch_read(w->copy);
	assert_int_equal(kept.len, strlen(text));
	assert_memory_equal(kept.at, text, kept.len);
	buf_fini(&kept);
	free(folder);
}

static size_t copies(struct world *w)
{
	char *pattern = report_sentence("%s/codecollab/conflicts/*", w->home);
	glob_t found;
	size_t count;

	glob(pattern, 0, NULL, &found);
	count = found.gl_pathc;
	globfree(&found);
	free(pattern);
	return count;
}

static void a_true_check_changes_nothing(void **state)
{
	struct world *w = *state;

	say_check(w, 8, "_abcdef");
	say_check(w, 7, "of a revision that was");
	expect_quiet(w, 9);
	assert_int_equal(w->diverged, 0);
	assert_int_equal(copies(w), 0);
}

/* One letter is wrong here. What was typed while the server's text was on its way is carried over. */
static void a_false_text_is_kept_and_mended(void **state)
{
	struct world *w = *state;

	say_check(w, 8, "_abXdef");
	expect(w, "diverged 8\n");
	assert_int_equal(w->diverged, 1);
	assert_copy(w, "_abcdef");
	type(w, "7 +!");
	say_edited(w, 9, "+skipped, for it comes with the text");
	say_opened(w, 9, "_abXdefg", 0);
	expect(w, "edit 9 1: 8 +!\n");
	assert_text(replica_text(w->replica), "_abXdefg!");
	assert_int_equal(w->opened, 2);
	say_ack(w, 10, 1);
	say_check(w, 10, "_abXdefg!");
	expect_quiet(w, 11);
	assert_int_equal(w->diverged, 1);
	assert_int_equal(copies(w), 1);
}

/* Two edits are under way when a message cannot be true; the server's text holds the first of them, and its ack comes before. */
static void what_the_text_holds_is_not_sent_again(void **state)
{
	struct world *w = *state;

	type(w, "7 +1");
	run(w, "edit 8 1: 7 +1\n");
	type(w, "8 +2");
	run(w, "edit 8 2: 8 +2\n");
	say_edited(w, 9, "100 +behind the end");
	expect(w, "diverged 8\n");
	assert_copy(w, "_abcdef12");
	say_ack(w, 9, 1);
	say_opened(w, 9, "_abcdef1", 1);
	expect(w, "edit 9 3: 8 +2\n");
	assert_text(replica_text(w->replica), "_abcdef12");
	assert_string_equal(w->shown, "");
}

/* Both were ordered, and so nothing is left to be sent. */
static void all_that_the_text_holds(void **state)
{
	struct world *w = *state;

	type(w, "7 +1");
	run(w, "edit 8 1: 7 +1\n");
	type(w, "8 +2");
	run(w, "edit 8 2: 8 +2\n");
	say_ack(w, 9, 2); /* which is not the oldest */
	expect(w, "diverged 8\n");
	say_ack(w, 10, 2);
	say_opened(w, 10, "_abcdef12", 2);
	expect_quiet(w, 11);
	assert_text(replica_text(w->replica), "__abcdef12");
	assert_int_equal(remote_unsent(w->remote), 0);
}

static void cut(struct world *w, const char *reason)
{
	buf_clear(&w->heard);
	ws_close(w->conn, 1008, reason);
	run(w, "hello s1 8 ");
}

/* A break between `diverged` and `opened`: it is asked for once more, and one copy is enough. */
static void a_break_in_between(void **state)
{
	struct world *w = *state;

	say_check(w, 8, "another text");
	expect(w, "diverged 8\n");
	cut(w, "for a while");
	say_welcome(w, "s1");
	say_resumed(w, 9, 0);
	say_edited(w, 9, "+z");
	expect(w, "diverged 8\n");
	say_opened(w, 9, "zanother text", 0);
	expect_quiet(w, 10);
	assert_text(replica_text(w->replica), "_zanother text");
	assert_int_equal(w->diverged, 1);
	assert_int_equal(copies(w), 1);
}

/* What we sent does not fit: our text cannot be the server's, and sending it again would not help. */
static void an_edit_that_does_not_fit(void **state)
{
	struct world *w = *state;

	type(w, "7 +1");
	run(w, "edit 8 1: 7 +1\n");
	say(w, &(struct message){.type = MSG_ERROR,
		       .error = {.code = str("bad-op"), .text = str("no"), .ref = str("edit")}});
	send_out(w);
	cut(w, "bad-op");
	assert_copy(w, "_abcdef1");
	say_welcome(w, "s1");
	say_resumed(w, 8, 0);
	expect(w, "diverged 8\n");
	say_opened(w, 8, "_ab", 0);
	expect(w, "edit 8 2: 3 +1\n");
	assert_text(replica_text(w->replica), "_ab1");
}

/* What the server does not take is in the copy, with what was typed since; the text is the server's, and typing goes on. */
static void edits_that_are_refused(void **state)
{
	struct world *w = *state;

	type(w, "7 +1");
	run(w, "edit 8 1: 7 +1\n");
	say(w, &(struct message){.type = MSG_ERROR,
		       .error = {.code = str("read-only"),
			       .text = str("viewers cannot edit"),
			       .ref = str("edit")}});
	expect(w, "diverged 8\n");
	type(w, "8 +2");
	say_opened(w, 9, "_abcdef, as it is", 0);
	expect_quiet(w, 10);
	assert_true(w->refused);
	assert_copy(w, "_abcdef12");
	assert_text(replica_text(w->replica), "__abcdef, as it is");
	assert_int_equal(remote_unsent(w->remote), 0);
	type(w, "+3");
	run(w, "edit 10 2: +3\n");
}

/* In a session of its own the text's seq counts nothing of ours. */
static void another_session(void **state)
{
	struct world *w = *state;

	type(w, "7 +1");
	run(w, "edit 8 1: 7 +1\n");
	cut(w, "restart");
	say_welcome(w, "s2");
	say_opened(w, 3, "new", 5);
	expect(w, "edit 3 1: 3 +1\n");
	assert_text(replica_text(w->replica), "new1");
}

/* The text was asked for again after a break that lost the ack. */
static void the_same_session_afresh(void **state)
{
	struct world *w = *state;

	type(w, "7 +1");
	run(w, "edit 8 1: 7 +1\n");
	cut(w, "restart");
	say_welcome(w, "s1");
	say_opened(w, 12, "_abcdef1 and more", 1);
	expect_quiet(w, 13);
	assert_text(replica_text(w->replica), "__abcdef1 and more");
	assert_int_equal(remote_unsent(w->remote), 0);
}

/* Nobody waits for what is longer than a text may be, nor keeps pieces of it; the text here stays, and is tried for again. */
static void a_text_that_cannot_be(void **state)
{
	struct world *w = *state;
	struct message m = opened_of(1, PATH, 9, "_abc");

	m.opened.size = TEXT_MAX_BYTES + 1;
	say(w, &m);
	expect(w, "gone\n");
	assert_text(replica_text(w->replica), "_abcdef");
	type(w, "7 +!");
	remote_connect(w->remote);
	run(w, "hello s1 8 0\n");
	say_welcome(w, "s2");
	say_opened(w, 9, "_abcdef", 0);
	expect(w, "edit 9 1: 7 +!\n");
	assert_int_equal(w->diverged, 0);
}

/* Where the copy cannot be written it says why, and goes on. */
static void without_a_place_for_the_copy(void **state)
{
	struct world *w = *state;
	char *file = report_sentence("%s/codecollab/conflicts", w->home);

	scratch_write(file, "a file", 6);
	say_check(w, 8, "another text");
	expect(w, "diverged 8\n");
	assert_string_equal(w->copy, "");
	assert_non_null(strstr(w->why, "Not a directory"));
	say_opened(w, 8, "another text", 0);
	expect_quiet(w, 9);
	assert_text(replica_text(w->replica), "_another text");
	free(file);
}

/* Another client of the room, which finds only what a dead one left; here the journal is copied while its owner lives. */
static bool left_now(struct world *w, struct journal_left *out)
{
	char *elsewhere = scratch_make(), *copy, *why = NULL;
	struct url url = {.host = "127.0.0.1", .room = "otter", .port = ws_server_port(w->server)};
	struct journal *journal;
	bool good;

	copy = report_sentence("cp -r %s/codecollab %s/", w->home, elsewhere);
	assert_int_equal(system(copy), 0);
	setenv("XDG_STATE_HOME", elsewhere, 1);
	journal = journal_open(&url, &why);
	assert_non_null(journal);
	good = journal_left(journal, out);
	journal_close(journal);
	setenv("XDG_STATE_HOME", w->home, 1);
	scratch_remove(elsewhere);
	free(copy);
	return good;
}

/* Killed at the moment at which the server gets an edit: it is written down under its number, so the server knows it again. */
static void written_down_before_it_is_sent(void **state)
{
	struct world *w = *state;
	struct journal_left left;

	type(w, "7 +1");
	run(w, "edit 8 1: 7 +1\n");
	assert_true(left_now(w, &left));
	assert_int_equal(left.count, 1);
	assert_int_equal(left.edits[0].seq, 1);
	assert_int_equal(left.seq, 1);
	assert_int_equal(left.rev, 8);
	assert_op(&left.edits[0].op, "7 +1");
	journal_left_fini(&left);
	say_ack(w, 9, 1);
	send_out(w);
	expect_quiet(w, 10);
	assert_false(left_now(w, &left));
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* No room for what is unsent: it is said, once, and once more when there is room again; the edits leave all the same. */
static void a_full_disk_is_told_once(void **state)
{
	struct world *w = *state;

	limit_files(20);
	type(w, "7 +1");
	run(w, "edit 8 1: 7 +1\n");
	assert_int_equal(w->notices, 1);
	assert_non_null(strstr(w->notice, "cannot be written down"));
	assert_false(remote_is_kept(w->remote));
	type(w, "8 +2");
	run(w, "edit 8 2: 8 +2\n");
	assert_int_equal(w->notices, 1);
	limit_files(RLIM_INFINITY);
	type(w, "9 +3");
	run(w, "edit 8 3: 9 +3\n");
	assert_int_equal(w->notices, 2);
	assert_non_null(strstr(w->notice, "written down again"));
	assert_true(remote_is_kept(w->remote));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(a_true_check_changes_nothing),
		TEST(a_false_text_is_kept_and_mended),
		TEST(what_the_text_holds_is_not_sent_again),
		TEST(all_that_the_text_holds),
		TEST(a_break_in_between),
		TEST(an_edit_that_does_not_fit),
		TEST(edits_that_are_refused),
		TEST(another_session),
		TEST(the_same_session_afresh),
		TEST(a_text_that_cannot_be),
		TEST(without_a_place_for_the_copy),
		TEST(written_down_before_it_is_sent),
		TEST(a_full_disk_is_told_once),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
