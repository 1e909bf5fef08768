#include "tests/unit/ot/notation.h"

#include "ot/mem.h"
#include "ot/replica.h"

/* We are user 5 in these, at revision 0 of "abc" to begin with. */
static struct replica *five(void)
{
	return replica_create(text_of("abc"), 0, 5);
}

static void edit(struct replica *r, const char *notation)
{
	struct op op = op_of(notation);

	assert_int_equal(replica_edit(r, &op), ERR_NONE);
	op_fini(&op);
}

static void assert_sends(struct replica *r, uint64_t rev, uint64_t seq, const char *notation)
{
	uint64_t sent_rev, sent_seq;
	const struct op *op;

	assert_true(replica_send(r, &sent_rev, &sent_seq, &op));
	assert_int_equal(sent_rev, rev);
	assert_int_equal(sent_seq, seq);
	assert_op(op, notation);
}

static void assert_sends_nothing(struct replica *r)
{
	uint64_t rev, seq;
	const struct op *op;

	assert_false(replica_send(r, &rev, &seq, &op));
}

static void assert_receives(
	struct replica *r, uint64_t rev, uint64_t user, const char *notation, const char *shown)
{
	struct op op = op_of(notation), got;

	assert_int_equal(replica_receive(r, rev, user, &op, &got), ERR_NONE);
	assert_op(&got, shown);
	op_fini(&op);
	op_fini(&got);
}

static struct replica *with_dots(size_t points)
{
	struct text *text = text_create();

	for (size_t i = 0; i < points; i++)
		assert_int_equal(text_insert(text, 0, ".", 1), ERR_NONE);
	return replica_create(text, 0, 5);
}

/* Letters of ours between the dots; returns how many. */
static size_t scatter(struct replica *r, size_t dots)
{
	for (size_t i = 0; i < dots; i++) {
		struct op op = {0};
		op_retain(&op, 2 * i + 1);
		op_insert(&op, "x", 1);
		assert_int_equal(replica_edit(r, &op), ERR_NONE);
		op_fini(&op);
	}
	return dots;
}

/* All that waits goes out, on revision rev, and into the server's text. */
static void assert_sends_all(struct replica *r, uint64_t rev, struct text *server)
{
	uint64_t sent_rev, seq;
	const struct op *op;

	replica_set_window(r, SIZE_MAX);
	while (replica_send(r, &sent_rev, &seq, &op)) {
		assert_int_equal(sent_rev, rev);
		assert_true(op_count(op) <= REPLICA_EDIT_PARTS);
		assert_true(op_bytes(op) <= REPLICA_EDIT_BYTES);
		assert_int_equal(op_apply(op, server), ERR_NONE);
	}
	assert_true(replica_all_sent(r));
}

static void test_alone(void **state)
{
	struct replica *r = five();

	(void)state;
	assert_true(replica_in_step(r));
	assert_sends_nothing(r);
	edit(r, "3 +d");
	assert_text(replica_text(r), "abcd");
	assert_false(replica_in_step(r));
	assert_int_equal(replica_unacked(r), 1);
	assert_sends(r, 0, 1, "3 +d");
	edit(r, "4 +e");
	edit(r, "5 +f");
	assert_int_equal(replica_unacked(r), 2);
	assert_sends(r, 0, 2, "4 +ef"); /* without waiting, and what waited as one */
	assert_sends_nothing(r);
	assert_int_equal(replica_ack(r, 1, 1), ERR_NONE);
	assert_int_equal(replica_ack(r, 2, 2), ERR_NONE);
	assert_true(replica_in_step(r));
	assert_int_equal(replica_rev(r), 2);
	assert_int_equal(replica_seq(r), 2);
	assert_int_equal(replica_user(r), 5);
	replica_destroy(r);
}

static void test_refusals(void **state)
{
	struct replica *r = five();
	struct op far = op_of("4 -1"), fine = op_of("+x"), much = op_too_long(), shown;

	(void)state;
	assert_int_equal(replica_edit(r, &far), ERR_RANGE);
	assert_int_equal(replica_edit(r, &much), ERR_LIMIT);
	assert_int_equal(replica_ack(r, 1, 1), ERR_SEQ);
	edit(r, "3 +de");
	assert_int_equal(replica_ack(r, 1, 1), ERR_SEQ); /* not sent yet */
	assert_sends(r, 0, 1, "3 +de");
	assert_int_equal(replica_ack(r, 2, 1), ERR_REV);
	assert_int_equal(replica_ack(r, 1, 2), ERR_SEQ);
	assert_int_equal(replica_receive(r, 0, 1, &fine, &shown), ERR_REV);
	assert_true(op_is_identity(&shown));
	assert_int_equal(replica_receive(r, 2, 1, &fine, &shown), ERR_REV);
	assert_int_equal(replica_receive(r, 1, 1, &far, &shown), ERR_RANGE); /* it would fit ours */
	assert_int_equal(replica_receive(r, 1, 1, &much, NULL), ERR_LIMIT);
	assert_text(replica_text(r), "abcde");
	assert_int_equal(replica_rev(r), 0);
	op_fini(&far);
	op_fini(&fine);
	replica_destroy(r);
}

/* Others' edits go past what is in flight, then past what is buffered; ties by user id. */
static void test_receive(void **state)
{
	struct replica *r = five();

	(void)state;
	assert_receives(r, 1, 9, "3 +!", "3 +!");
	edit(r, "3 +x");
	assert_sends(r, 1, 1, "3 +x");
	edit(r, "4 +y -1");
	assert_text(replica_text(r), "abcxy");
	assert_receives(r, 2, 9, "3 +9", "5 +9");
	assert_receives(r, 3, 1, "3 +1", "3 +1");
	assert_receives(r, 4, 1, "2 -3", "2 -2 2 -1"); /* c, 1 and 9 */
	assert_text(replica_text(r), "abxy");
	assert_int_equal(replica_ack(r, 5, 1), ERR_NONE);
	assert_sends(r, 5, 2, "3 +y -1");
	replica_destroy(r);
}

/* What is too much for one message leaves as several, each on the one before, none larger than it must be. */
static void test_large_paste(void **state)
{
	struct replica *r = five();
	struct text *server = text_of("abc");
	size_t bytes = 16 * REPLICA_EDIT_BYTES;
	char *paste = mem_alloc(bytes);
	struct op op = {0};

	(void)state;
	memset(paste, 'x', bytes);
	op_retain(&op, 1);
	op_insert(&op, paste, bytes);
	op_retain(&op, 1);
	op_delete(&op, 1);
	assert_int_equal(replica_edit(r, &op), ERR_NONE);
	assert_sends_all(r, 0, server);
	assert_true(text_equal(server, replica_text(r)));
	assert_int_equal(replica_seq(r), 16); /* the deletion goes with the last */
	op_fini(&op);
	free(paste);
	text_destroy(server);
	replica_destroy(r);
}

static void test_many_places(void **state)
{
	size_t places = REPLICA_EDIT_PARTS;
	struct replica *r = with_dots(places);
	struct text *server = text_copy(replica_text(r));
	struct op op = {0};

	(void)state;
	for (size_t i = 0; i < places; i++) {
		op_retain(&op, 1);
		op_insert(&op, "x", 1);
	}
	assert_int_equal(replica_edit(r, &op), ERR_NONE);
	assert_sends_all(r, 0, server);
	assert_true(text_equal(server, replica_text(r)));
	assert_in_range(replica_seq(r), 2, places);
	op_fini(&op);
	text_destroy(server);
	replica_destroy(r);
}

static void test_window(void **state)
{
	struct replica *r = five();

	(void)state;
	for (uint64_t seq = 1; seq <= REPLICA_WINDOW; seq++) {
		edit(r, "+x");
		assert_sends(r, 0, seq, "+x");
	}
	edit(r, "+y");
	edit(r, "+z");
	assert_sends_nothing(r);
	assert_int_equal(replica_unacked(r), REPLICA_WINDOW + 1);
	assert_int_equal(replica_ack(r, 1, 1), ERR_NONE);
	assert_sends(r, 1, REPLICA_WINDOW + 1, "+zy");
	replica_destroy(r);
}

/* What was typed and taken back again before it was sent is nobody's business. */
static void test_nothing_left(void **state)
{
	struct replica *r = five();

	(void)state;
	edit(r, "3 +oops");
	edit(r, "3 -4");
	assert_true(replica_in_step(r));
	assert_sends_nothing(r);
	replica_destroy(r);
}

/* Typed in two places, and taken back in both: nobody is told. */
static void test_cancelled_apart(void **state)
{
	struct replica *r = five();

	(void)state;
	edit(r, "+x");
	edit(r, "4 +y");
	edit(r, "-1");
	edit(r, "3 -1");
	assert_sends_nothing(r);
	assert_true(replica_in_step(r));
	replica_destroy(r);
}

static void test_locate(void **state)
{
	struct replica *r = five();

	(void)state;
	edit(r, "1 +xy");
	assert_sends(r, 0, 1, "1 +xy");
	edit(r, "4 -1"); /* axyb */
	assert_int_equal(replica_locate(r, 9, 0), 0);
	assert_int_equal(replica_locate(r, 9, 1), 3); /* our text is before a higher user's caret */
	assert_int_equal(replica_locate(r, 1, 1), 1);
	assert_int_equal(replica_locate(r, 1, 2), 4);
	assert_int_equal(replica_locate(r, 1, 3), 4);
	assert_int_equal(replica_locate(r, 1, 99), 4);
	replica_destroy(r);
}

/* Cut with three edits in flight and one buffered; the server had ordered two. */
static void test_resume(void **state)
{
	struct replica *r = five();

	(void)state;
	edit(r, "3 +1");
	assert_sends(r, 0, 1, "3 +1");
	edit(r, "4 +2");
	assert_sends(r, 0, 2, "4 +2");
	edit(r, "5 +3");
	assert_sends(r, 0, 3, "5 +3");
	edit(r, "6 +4");
	replica_resume(r, 4, 2);
	assert_sends_nothing(r);
	assert_int_equal(replica_ack(r, 1, 1), ERR_NONE);
	assert_receives(r, 2, 9, "+<", "+<");
	assert_int_equal(replica_ack(r, 3, 2), ERR_NONE);
	assert_sends_nothing(r);
	assert_int_equal(replica_ack(r, 4, 3), ERR_SEQ);
	edit(r, "8 +5");
	assert_receives(r, 4, 1, "6 +>", "6 +>");
	assert_text(replica_text(r), "<abc12>345");
	assert_sends(r, 4, 4, "7 +345");
	assert_int_equal(replica_ack(r, 5, 4), ERR_NONE);
	assert_true(replica_in_step(r));
	replica_destroy(r);
}

static void test_resume_without_a_gap(void **state)
{
	struct replica *r = five();

	(void)state;
	edit(r, "3 +d");
	assert_sends(r, 0, 1, "3 +d");
	replica_resume(r, 0, 0);
	assert_sends(r, 0, 2, "3 +d");
	replica_destroy(r);
}

/*
 * Far apart, missed edits are collected; whatever is shown when, it adds up, and all of it by the
 * last one.
 */
static void test_collecting(void **state)
{
	struct replica *r = with_dots(1000);
	struct text *server = text_copy(replica_text(r));
	size_t missed = 2000, ours = scatter(r, 1000), shown_points = 0, waited = 0;

	(void)state;
	replica_resume(r, missed, 0);
	for (size_t i = 0; i < missed; i++) {
		struct op op = op_of("3 +!"), shown;
		uint64_t author = i % 1000 < 500 ? 1 : 9;
		assert_int_equal(replica_receive(r, i + 1, author, &op, &shown), ERR_NONE);
		assert_int_equal(op_apply(&op, server), ERR_NONE);
		shown_points += (size_t)op_growth(&shown);
		waited += op_is_identity(&shown);
		op_fini(&op);
		op_fini(&shown);
	}
	assert_true(waited > missed / 2);
	assert_int_equal(shown_points, missed);
	assert_int_equal(text_size(replica_text(r)).points, 1000 + ours + missed);
	assert_sends_all(r, missed, server);
	assert_true(text_equal(server, replica_text(r)));
	text_destroy(server);
	replica_destroy(r);
}

/* Collected or not, each author's text stands on its own side of ours. */
static void test_collecting_both_sides(void **state)
{
	struct replica *r = with_dots(1000);
	uint64_t missed = 2000;

	(void)state;
	scatter(r, 1000);
	replica_resume(r, missed, 0);
	for (uint64_t rev = 1; rev <= missed; rev++) {
		struct op op = op_of(rev == 1 ? "1 +<" : rev == 2 ? "2 +>" : "");
		assert_int_equal(replica_receive(r, rev, rev == 1 ? 1 : 9, &op, NULL), ERR_NONE);
		op_fini(&op);
	}
	char *start = text_slice(replica_text(r), 0, 6, NULL);
	assert_string_equal(start, ".<x>.x");
	free(start);
	replica_destroy(r);
}

/* Ten letters in one message are ten edits to who typed them, wherever they are; what cancels out is none. */
static void test_edits_are_counted_for_people(void **state)
{
	struct replica *r = replica_create(text_of(""), 0, 6);
	uint64_t rev, seq;
	const struct op *sent;
	struct op op = op_of("+a"), away = op_of("-1");
	struct splice nothing = {.pos = 1, .text = ""}, inverse;

	(void)state;
	assert_int_equal(replica_unacked_edits(r), 0);
	for (size_t i = 1; i <= 3; i++) {
		assert_int_equal(replica_edit(r, &op), ERR_NONE);
		assert_int_equal(replica_unacked_edits(r), i);
		assert_int_equal(replica_unacked(r), 1);
	}
	assert_true(replica_send(r, &rev, &seq, &sent));
	assert_int_equal(replica_unacked_edits(r), 3);
	assert_int_equal(replica_edit(r, &op), ERR_NONE);
	assert_int_equal(replica_unacked_edits(r), 4);
	assert_int_equal(replica_edit(r, &away), ERR_NONE);
	assert_int_equal(replica_unacked_edits(r), 3);
	assert_int_equal(replica_edit(r, &op), ERR_NONE);
	assert_int_equal(replica_splice(r, &nothing, &inverse), ERR_NONE);
	assert_int_equal(replica_unacked_edits(r), 4);
	replica_resume(r, 0, 0); /* all comes back into one */
	assert_int_equal(replica_unacked(r), 1);
	assert_int_equal(replica_unacked_edits(r), 4);
	assert_true(replica_send(r, &rev, &seq, &sent));
	assert_int_equal(replica_ack(r, 1, seq), ERR_NONE);
	assert_int_equal(replica_unacked_edits(r), 0);
	op_fini(&op);
	op_fini(&away);
	replica_destroy(r);
}

/* What the fresh text holds of ours is not carried over; what came after it is. */
static void test_restart_with_what_was_ordered(void **state)
{
	struct replica *r = replica_create(text_of("abc"), 4, 6);
	uint64_t rev, seq;
	const struct op *sent;
	struct op first = op_of("3 +1"), second = op_of("4 +2");

	(void)state;
	assert_int_equal(replica_edit(r, &first), ERR_NONE);
	assert_true(replica_send(r, &rev, &seq, &sent));
	assert_int_equal(replica_edit(r, &second), ERR_NONE);
	assert_true(replica_send(r, &rev, &seq, &sent));
	replica_ordered(r, 1);
	replica_restart(r, text_of("Xabc1"), 9, 6, NULL);
	assert_text(replica_text(r), "Xabc12");
	assert_true(replica_send(r, &rev, &seq, &sent));
	assert_int_equal(rev, 9);
	assert_int_equal(seq, 3);
	assert_op(sent, "5 +2");
	op_fini(&first);
	op_fini(&second);
	replica_destroy(r);
}

static void test_restart(void **state)
{
	struct replica *r = five();
	struct op shown;

	(void)state;
	edit(r, "1 +x"); /* axbc */
	assert_sends(r, 0, 1, "1 +x");
	edit(r, "3 -1 +yz"); /* axbyz */
	assert_text(replica_text(r), "axbyz");
	replica_restart(r, text_of("ABCabc"), 77, 6, &shown);
	assert_op(&shown, "+ABC");
	assert_text(replica_text(r), "ABCaxbyz");
	assert_int_equal(replica_rev(r), 77);
	assert_int_equal(replica_user(r), 6);
	assert_sends(r, 77, 1, "4 +x 1 +yz -1");
	assert_int_equal(replica_ack(r, 78, 1), ERR_NONE);
	assert_true(replica_in_step(r));
	op_fini(&shown);
	replica_destroy(r);
}

/* Where the new text lacks what our edits stood in, what we typed is still not lost. */
static void test_restart_elsewhere(void **state)
{
	struct replica *r = five();

	(void)state;
	edit(r, "1 +mine -1");
	replica_restart(r, text_of("other"), 3, 5, NULL);
	assert_text(replica_text(r), "othermine");
	assert_sends(r, 3, 1, "5 +mine");
	replica_destroy(r);
}

/* The server answered `diverged`: we are who we were, and our numbers go on. */
static void test_restart_same_session(void **state)
{
	struct replica *r = five();

	(void)state;
	edit(r, "3 +d");
	assert_sends(r, 0, 1, "3 +d");
	assert_int_equal(replica_ack(r, 1, 1), ERR_NONE);
	edit(r, "4 +e");
	replica_restart(r, text_of("abcD"), 1, 5, NULL);
	assert_text(replica_text(r), "abcDe");
	assert_sends(r, 1, 2, "4 +e");
	replica_restart(r, text_of("abcD"), 1, 6, NULL);
	assert_sends(r, 1, 1, "4 +e");
	replica_destroy(r);
}

/* After deleting "bc" of "abcdef" there, what another text makes of it. */
static void restart_without_bc(const char *fresh, const char *want, const char *sends)
{
	struct replica *r = replica_create(text_of("abcdef"), 0, 5);

	edit(r, "1 -2");
	edit(r, "2 +x"); /* adxef */
	replica_restart(r, text_of(fresh), 1, 6, NULL);
	assert_text(replica_text(r), want);
	assert_sends(r, 1, 1, sends);
	replica_destroy(r);
}

/* What we deleted, and nobody remembers, is found again from the start or from the end. */
static void test_restart_deleted(void **state)
{
	(void)state;
	restart_without_bc("abcdef", "adxef", "1 -2 1 +x");
	restart_without_bc("abcdef!", "adxef!", "1 -2 1 +x");
	restart_without_bc("abcdEF", "adEFx", "1 -2 3 +x");
	restart_without_bc("!abcdef", "!adxef", "2 -2 1 +x");
	restart_without_bc("aBcdef", "adxef", "1 -2 1 +x");
	restart_without_bc("Abcdef", "Adxef", "1 -2 1 +x");
	restart_without_bc("", "x", "+x");
	restart_without_bc("a", "ax", "1 +x");
	restart_without_bc("ab", "ax", "1 +x -1");
	restart_without_bc("ef", "xef", "+x");
	restart_without_bc("quite another", "quite anotherx", "13 +x");
}

/* What the new text has where ours is comes first: it is by user 0. */
static void test_restart_tie(void **state)
{
	struct replica *r = five();
	struct op shown;

	(void)state;
	edit(r, "3 +mine");
	replica_restart(r, text_of("abcnew"), 3, 5, &shown);
	assert_op(&shown, "3 +new");
	assert_text(replica_text(r), "abcnewmine");
	op_fini(&shown);
	replica_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_receive),
		cmocka_unit_test(test_large_paste),
		cmocka_unit_test(test_many_places),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_nothing_left),
		cmocka_unit_test(test_cancelled_apart),
		cmocka_unit_test(test_locate),
		cmocka_unit_test(test_resume),
		cmocka_unit_test(test_resume_without_a_gap),
		cmocka_unit_test(test_collecting),
		cmocka_unit_test(test_collecting_both_sides),
		cmocka_unit_test(test_edits_are_counted_for_people),
		cmocka_unit_test(test_restart_with_what_was_ordered),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_restart_elsewhere),
		cmocka_unit_test(test_restart_same_session),
		cmocka_unit_test(test_restart_deleted),
		cmocka_unit_test(test_restart_tie),
	};
	return cmocka_run_group_tests_name("replica", tests, NULL, NULL);
}
