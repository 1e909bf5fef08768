#include "tests/unit/ot/notation.h"

#include "ot/log.h"

static enum err receive(
	struct log *log, struct peer *peer, uint64_t rev, uint64_t seq, const char *notation)
{
	struct op op = op_of(notation);
	enum err e = log_receive(log, peer, rev, seq, &op);

	op_fini(&op);
	return e;
}

static enum err merge(struct log *log, uint64_t user, uint64_t rev, const char *notation)
{
	struct op op = op_of(notation);
	enum err e = log_merge(log, user, rev, &op);

	op_fini(&op);
	return e;
}

static void test_order(void **state)
{
	struct log *log = log_create(text_of("one"), 0);
	struct peer ada = peer_at(1, 0), bob = peer_at(2, 0);

	(void)state;
	assert_int_equal(log_first(log), 1);
	assert_null(log_entry(log, 0));
	assert_null(log_entry(log, 1));
	assert_int_equal(receive(log, &bob, 0, 1, "3 +b"), ERR_NONE);
	assert_int_equal(receive(log, &ada, 0, 1, "3 +a"), ERR_NONE);
	assert_text(log_text(log), "oneab"); /* the lower user's text first, though it came later */
	assert_int_equal(log_rev(log), 2);
	assert_op(&log_entry(log, 1)->op, "3 +b");
	assert_op(&log_entry(log, 2)->op, "3 +a");
	assert_int_equal(log_entry(log, 2)->user, 1);
	assert_int_equal(log_entry(log, 2)->seq, 1);
	peer_fini(&ada);
	peer_fini(&bob);
	log_destroy(log);
}

/* Edits on top of each other, without waiting, past what came in between. */
static void test_pipeline(void **state)
{
	struct log *log = log_create(text_of("xy"), 0);
	struct peer ada = peer_at(1, 0), bob = peer_at(2, 0);

	(void)state;
	assert_int_equal(receive(log, &ada, 0, 1, "1 +a"), ERR_NONE);
	assert_int_equal(receive(log, &bob, 0, 1, "1 +1"), ERR_NONE);
	assert_int_equal(receive(log, &ada, 0, 2, "2 +b"), ERR_NONE);
	assert_int_equal(receive(log, &bob, 0, 2, "2 +2"), ERR_NONE);
	assert_int_equal(receive(log, &ada, 0, 3, "3 +c"), ERR_NONE);
	assert_text(log_text(log), "xabc12y");
	assert_int_equal(ada.count, 2);                             /* bob's two, past ada's own */
	assert_int_equal(receive(log, &ada, 2, 4, "-1"), ERR_NONE); /* has applied 1 */
	assert_text(log_text(log), "abc12y");
	assert_int_equal(ada.count, 1);
	assert_int_equal(log_cover(log, &ada, 6), ERR_NONE);
	assert_int_equal(ada.count, 0);
	peer_fini(&ada);
	peer_fini(&bob);
	log_destroy(log);
}

static void test_refusals(void **state)
{
	struct log *log = log_create(text_of("text"), 5);
	struct peer ada = peer_at(1, 5), bob = peer_at(2, 5);

	(void)state;
	assert_int_equal(receive(log, &bob, 5, 1, "+longer_"), ERR_NONE);
	assert_int_equal(receive(log, &ada, 7, 1, "+a"), ERR_REV);
	assert_int_equal(receive(log, &ada, 4, 1, "+a"), ERR_REV);
	assert_int_equal(receive(log, &ada, 5, 2, "+a"), ERR_SEQ);
	assert_int_equal(receive(log, &ada, 5, 1, "5 +a"), ERR_RANGE); /* ada's text has 4 */
	assert_int_equal(receive(log, &ada, 5, 0, "+a"), ERR_SEEN);
	struct op much = op_too_long();
	assert_int_equal(log_receive(log, &ada, 5, 1, &much), ERR_LIMIT);
	assert_int_equal(log_merge(log, 0, 5, &much), ERR_LIMIT);
	assert_text(log_text(log), "longer_text");
	assert_int_equal(receive(log, &ada, 5, 1, "4 +a"), ERR_NONE);
	assert_text(log_text(log), "longer_texta");
	assert_int_equal(receive(log, &ada, 5, 1, "4 +a"), ERR_SEEN);
	assert_int_equal(receive(log, &ada, 6, 2, "12 +b"), ERR_NONE);
	assert_int_equal(receive(log, &ada, 5, 3, "+c"), ERR_REV); /* goes back */
	assert_int_equal(log_cover(log, &ada, 5), ERR_REV);
	assert_int_equal(log_cover(log, &ada, 9), ERR_REV);
	assert_text(log_text(log), "longer_textab");
	assert_int_equal(log_rev(log), 8);
	peer_fini(&ada);
	peer_fini(&bob);
	log_destroy(log);
}

static void test_forgetting(void **state)
{
	struct log *log = log_create(text_of(""), 0);
	struct peer ada = peer_at(1, 0), bob = peer_at(2, 0);

	(void)state;
	for (uint64_t i = 0; i < 200; i++)
		assert_int_equal(receive(log, &ada, i, i + 1, "+a"), ERR_NONE);
	const struct log_entry *kept = log_entry(log, 150);
	log_forget(log, 150);
	assert_int_equal(log_first(log), 150);
	assert_null(log_entry(log, 149));
	assert_ptr_equal(log_entry(log, 150), kept);
	assert_int_equal(receive(log, &bob, 0, 1, ""), ERR_STALE);
	assert_int_equal(receive(log, &bob, 148, 1, ""), ERR_STALE);
	assert_int_equal(merge(log, 0, 148, "+x"), ERR_STALE);
	assert_int_equal(receive(log, &bob, 149, 1, "149 +b"), ERR_NONE);
	log_forget(log, 1000);
	assert_int_equal(log_first(log), 202);
	assert_int_equal(log_rev(log), 201);
	/* what bob had not seen is in his bridge by now */
	assert_int_equal(receive(log, &bob, 149, 2, "150 +b"), ERR_NONE);
	assert_int_equal(log_first(log), 202);
	assert_int_equal(text_size(log_text(log)).points, 202);
	peer_fini(&ada);
	peer_fini(&bob);
	log_destroy(log);
}

/* Back after a cut, with what it had not sent composed into one. */
static void test_coming_back(void **state)
{
	struct log *log = log_create(text_of(""), 0);
	struct peer ada = peer_at(1, 0);

	(void)state;
	assert_int_equal(receive(log, &ada, 0, 1, "+a"), ERR_NONE);
	peer_fini(&ada);
	ada = peer_at(1, log_rev(log));
	ada.seq = 1;
	ada.resumed = true;
	assert_int_equal(receive(log, &ada, 1, 1, "+a"), ERR_SEEN);
	assert_int_equal(receive(log, &ada, 1, 7, "1 +bcd"), ERR_NONE);
	assert_int_equal(receive(log, &ada, 1, 9, "+e"), ERR_SEQ); /* only the first may skip */
	assert_int_equal(receive(log, &ada, 1, 8, "4 +e"), ERR_NONE);
	assert_text(log_text(log), "abcde");
	peer_fini(&ada);
	log_destroy(log);
}

static void test_locate(void **state)
{
	struct log *log = log_create(text_of("abcd"), 0);
	struct peer ada = peer_at(1, 0), bob = peer_at(2, 0);
	struct sel sel = {1, 3}, far = {4, 99};

	(void)state;
	assert_int_equal(receive(log, &bob, 0, 1, "1 +X"), ERR_NONE);
	assert_int_equal(receive(log, &ada, 0, 1, "1 +y"), ERR_NONE); /* ada's text: aybcd */
	assert_int_equal(receive(log, &bob, 1, 2, "-1"), ERR_NONE);   /* the server's: yXbcd */
	assert_text(log_text(log), "yXbcd");
	assert_int_equal(log_locate(log, &ada, 0, &sel), ERR_NONE);
	assert_int_equal(sel.anchor, 0); /* before y, and not behind the higher user's X */
	assert_int_equal(sel.head, 3);
	assert_int_equal(log_locate(log, &ada, 1, &far), ERR_NONE); /* ada's text: ayXbcd */
	assert_int_equal(far.anchor, 3);
	assert_int_equal(far.head, 5);
	assert_int_equal(log_locate(log, &ada, 9, &sel), ERR_REV);
	peer_fini(&ada);
	peer_fini(&bob);
	log_destroy(log);
}

static void test_merge(void **state)
{
	struct log *log = log_create(text_of("file"), 0);
	struct peer ada = peer_at(1, 0);

	(void)state;
	assert_int_equal(receive(log, &ada, 0, 1, "4 +a"), ERR_NONE);
	assert_int_equal(receive(log, &ada, 0, 2, "-1"), ERR_NONE);
	assert_int_equal(merge(log, 0, 0, "4 +0"), ERR_NONE); /* user 0 before all */
	assert_text(log_text(log), "ile0a");
	assert_int_equal(log_entry(log, 3)->user, 0);
	assert_int_equal(merge(log, 0, 0, "5"), ERR_NONE);
	assert_int_equal(merge(log, 0, 0, "-5"), ERR_RANGE);
	assert_int_equal(merge(log, 0, 9, ""), ERR_REV);
	assert_int_equal(receive(log, &ada, 0, 3, "4 +b"), ERR_NONE); /* ada's text: ilea */
	assert_text(log_text(log), "ile0ab");
	peer_fini(&ada);
	log_destroy(log);
}

static void test_replay(void **state)
{
	struct log *log = log_create(text_of("abc"), 10);
	struct op op = op_of("1 -1 +é"), far = op_of("4 +x");

	(void)state;
	assert_int_equal(log_replay(log, 3, 1, &op), ERR_NONE);
	assert_int_equal(log_replay(log, 3, 2, &far), ERR_RANGE);
	assert_text(log_text(log), "aéc");
	assert_int_equal(log_rev(log), 11);
	assert_int_equal(log_first(log), 11);
	log_destroy(log);
}

/* Typing, against transforming each edit past each revision (Nichols et al. 1995), letter by letter */

#define TYPIST 2
#define UNSEEN 64

struct apart { /* a typist, and what they have not seen, as it stands on their own text */
	uint64_t seed;
	struct log *log;
	struct peer peer;
	struct text *own;
	size_t caret;
	uint64_t rev, seq;
	struct op unseen[UNSEEN];
	uint64_t users[UNSEEN], revs[UNSEEN];
	size_t count;
};

static size_t choose(struct apart *w, size_t count)
{
	w->seed = w->seed * 6364136223846793005 + 1442695040888963407;
	return (size_t)(w->seed >> 33) % count;
}

static struct op any_edit(struct apart *w, size_t points)
{
	struct op op = {0};
	size_t at = choose(w, points + 1), gone = choose(w, 3);

	op_retain(&op, at);
	if (choose(w, 4))
		op_insert(&op, &"uvw"[choose(w, 3)], 1);
	op_delete(&op, gone < points - at ? gone : points - at);
	return op;
}

static void somebody_else_edits(struct apart *w)
{
	struct op op = any_edit(w, text_size(log_text(w->log)).points);
	uint64_t user = choose(w, 2) ? TYPIST - 1 : TYPIST + 1;

	assert_int_equal(log_merge(w->log, user, log_rev(w->log), &op), ERR_NONE);
	w->unseen[w->count] = op;
	w->users[w->count] = user;
	w->revs[w->count++] = log_rev(w->log);
}

static void hear_one(struct apart *w)
{
	w->rev = w->revs[0];
	w->caret = op_transform_pos(&w->unseen[0], w->caret, w->users[0] < TYPIST);
	assert_int_equal(op_apply(&w->unseen[0], w->own), ERR_NONE);
	op_fini(&w->unseen[0]);
	w->count--;
	memmove(w->unseen, w->unseen + 1, w->count * sizeof(w->unseen[0]));
	memmove(w->users, w->users + 1, w->count * sizeof(w->users[0]));
	memmove(w->revs, w->revs + 1, w->count * sizeof(w->revs[0]));
}

/* Takes op. */
static void own_edit(struct apart *w, struct op op)
{
	assert_int_equal(op_apply(&op, w->own), ERR_NONE);
	assert_int_equal(log_receive(w->log, &w->peer, w->rev, ++w->seq, &op), ERR_NONE);
	for (size_t i = 0; i < w->count; i++) {
		struct op theirs, ours;
		op_transform(&w->unseen[i], &op, w->users[i] < TYPIST, &theirs, &ours);
		op_fini(&w->unseen[i]);
		op_fini(&op);
		w->unseen[i] = theirs;
		op = ours;
	}
	assert_true(op_equal(&log_entry(w->log, log_rev(w->log))->op, &op));
	op_fini(&op);
}

static void type(struct apart *w)
{
	struct op op = {0};
	size_t letters = 1 + choose(w, 2);

	op_retain(&op, w->caret);
	op_insert(&op, "\xc3\xa9\xc3\xa0", 2 * letters);
	w->caret += letters;
	own_edit(w, op);
}

static void jump(struct apart *w)
{
	own_edit(w, any_edit(w, text_size(w->own).points));
	w->caret = choose(w, text_size(w->own).points + 1);
}

static void one_story(uint64_t seed)
{
	struct apart w = {.seed = seed, .log = log_create(text_of("abcdefgh"), 0)};

	w.own = text_of("abcdefgh");
	w.peer = peer_at(TYPIST, 0);
	for (int turn = 0; turn < 8; turn++) {
		for (size_t n = choose(&w, 6); n; n--)
			somebody_else_edits(&w);
		for (size_t n = choose(&w, 7); n; n--)
			type(&w);
		for (size_t n = w.count ? choose(&w, w.count) : 0; n; n--)
			hear_one(&w);
		for (size_t n = choose(&w, 3); n; n--)
			choose(&w, 2) ? jump(&w) : type(&w);
	}
	while (w.count)
		hear_one(&w);
	assert_int_equal(log_cover(w.log, &w.peer, log_rev(w.log)), ERR_NONE);
	assert_true(text_equal(w.own, log_text(w.log)));
	peer_fini(&w.peer);
	log_destroy(w.log);
	text_destroy(w.own);
}

static void test_runs_of_typing(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 3000; seed++)
		one_story(seed);
}

/* She hears of an insertion in front of her letter, says so, and types in front of that letter: where she typed on before. */
static void test_cover_ends_a_run(void **state)
{
	struct log *log = log_create(text_of("xy"), 0);
	struct peer ada = peer_at(1, 0), bob = peer_at(2, 0);

	(void)state;
	assert_int_equal(receive(log, &bob, 0, 1, "+1"), ERR_NONE);
	assert_int_equal(receive(log, &ada, 0, 1, "2 +a"), ERR_NONE);
	assert_int_equal(log_cover(log, &ada, 1), ERR_NONE);
	assert_int_equal(receive(log, &ada, 1, 2, "3 +b"), ERR_NONE);
	assert_text(log_text(log), "1xyba");
	peer_fini(&ada);
	peer_fini(&bob);
	log_destroy(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_pipeline),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_forgetting),
		cmocka_unit_test(test_coming_back),
		cmocka_unit_test(test_locate),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_runs_of_typing),
		cmocka_unit_test(test_cover_ends_a_run),
	};
	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
