/*
 * A room, told what people do: who hears what.
 */
#include "tests/unit/src/world.h"

static struct person *enter_until(
	struct world *w, struct mailbox *box, const char *session, int64_t expires)
{
	struct message hello = {
		.type = MSG_HELLO, .hello = {.v = 1, .name = str("Eve"), .session = str(session)}};
	struct room_terms terms = {.role = ROLE_EDITOR, .name = "", .expires = expires};

	return room_hello(w->room, box, &terms, &hello);
}

/* ---- cases ---- */

static void who_has_an_expired_token_is_sent_away_and_may_come_back(void **state)
{
	struct world *w = world_create("a");
	char session[33];

	(void)state;
	enter(w, &w->ada, ROLE_OWNER, "Ada");
	struct person *eve = enter_until(w, &w->eve, "", 60);
	memcpy(session, eve->session, sizeof(session));
	w->now_ms = 59999;
	room_tick(w->room);
	assert_int_equal(w->eve.closed, 0);
	w->now_ms = 60000;
	forget(&w->ada);
	room_tick(w->room);
	assert_int_equal(w->eve.closed, 1000);
	assert_heard(&w->eve, "{\"t\":\"bye\",\"code\":\"expired\"");
	assert_heard(&w->eve, "\"retry\":0}");
	assert_heard(&w->ada, "{\"t\":\"leave\",\"user\":2,\"why\":\"expired\"}");
	assert_int_equal(w->ada.closed, 0); /* whose token never does */
	eve = enter_until(w, &w->eve, session, 120);
	assert_int_equal(eve->user, 2);
	w->now_ms = 119999;
	room_tick(w->room);
	assert_ptr_equal(eve->to, &w->eve);
	room_lost(w->room, eve);
	forget(&w->ada);
	w->now_ms = 120000; /* nobody waits for who cannot come back */
	room_tick(w->room);
	assert_heard(&w->ada, "\"why\":\"expired\"");
	world_destroy(w);
}

static void a_new_token_lengthens_the_stay(void **state)
{
	struct world *w = world_create("a");

	(void)state;
	struct person *eve = enter_until(w, &w->eve, "", 60);
	room_lost(w->room, eve);
	assert_ptr_equal(enter_until(w, &w->eve, eve->session, 120), eve);
	w->now_ms = 60000;
	room_tick(w->room);
	assert_ptr_equal(eve->to, &w->eve);
	world_destroy(w);
}

static void newcomers_are_welcomed_and_announced(void **state)
{
	struct world *w = world_create("héllo");

	(void)state;
	enter(w, &w->ada, ROLE_OWNER, "Ada");
	assert_heard(&w->ada, "\"t\":\"welcome\",\"user\":1");
	assert_heard(&w->ada, "\"epoch\":\"e1\"");
	assert_heard(&w->ada,
		"\"path\":\"a.c\",\"rev\":0,\"size\":5,\"text\":\"héllo\",\"mode\":\"rw\",\"eol\":\"lf\"");
	forget(&w->ada);
	enter(w, &w->ben, ROLE_VIEWER, "Ben\\u202e\\n  B");
	assert_heard(&w->ada, "\"t\":\"join\",\"user\":2,\"name\":\"Ben B\"");
	assert_heard(&w->ben, "\"mode\":\"ro\"");
	assert_int_equal(w->ledger.next_user, 3);
	world_destroy(w);
}

static void edits_are_ordered_acked_and_told(void **state)
{
	struct world *w = world_create("abc");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada"),
		      *ben = enter(w, &w->ben, ROLE_EDITOR, "Ben");

	(void)state;
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[1,\"x\"]}");
	say(w, ben,
		"{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[3,\"y\"]}"); /* had not seen Ada's */
	assert_text(w, "axbcy");
	assert_heard(&w->ada, "{\"t\":\"ack\",\"doc\":7,\"rev\":1,\"seq\":1}");
	assert_heard(&w->ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"user\":2,\"op\":[4,\"y\"]}");
	assert_heard(&w->ben, "{\"t\":\"edit\",\"doc\":7,\"rev\":1,\"user\":1,\"op\":[1,\"x\"]}");
	assert_heard(&w->ben, "{\"t\":\"ack\",\"doc\":7,\"rev\":2,\"seq\":1}");
	assert_int_equal(w->ledger.edit_count, 2);
	assert_int_equal(w->ledger.edits[1].rev, 2);
	assert_int_equal(w->ledger.edits[1].user, 2);
	world_destroy(w);
}

static void viewers_change_nothing(void **state)
{
	struct world *w = world_create("abc");
	struct person *eve = enter(w, &w->eve, ROLE_VIEWER, "Eve");

	(void)state;
	say(w, eve, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[-3]}");
	assert_heard(&w->eve, "\"code\":\"read-only\"");
	say(w, eve, "{\"t\":\"file\",\"do\":\"save\",\"path\":\"a.c\",\"to\":\"\"}");
	say(w, eve, "{\"t\":\"admin\",\"do\":\"role\",\"user\":1,\"arg\":\"owner\"}");
	assert_heard(&w->eve, "\"code\":\"forbidden\"");
	assert_text(w, "abc");
	assert_int_equal(w->saves, 0);
	assert_int_equal(w->ledger.edit_count, 0);
	assert_int_equal(eve->role, ROLE_VIEWER);
	world_destroy(w);
}

static void impossible_edits_close_the_connection(void **state)
{
	static const char *const edits[] = {
		"{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[-4]}", /* past the end */
		"{\"t\":\"edit\",\"doc\":7,\"rev\":9,\"seq\":1,\"op\":[-1]}", /* a revision to come */
		"{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":3,\"op\":[-1]}", /* a gap */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct world *w = world_create("abc");
		struct person *ada = enter(w, &w->ada, ROLE_EDITOR, "Ada");
		say(w, ada, edits[i]);
		assert_heard(&w->ada, "\"code\":\"bad-op\"");
		assert_int_equal(w->ada.closed, 1008);
		assert_text(w, "abc");
		world_destroy(w);
	}
}

/* Who starts over has used numbers for what was never ordered: the next may be any. */
static void who_starts_over_counts_on(void **state)
{
	struct world *w = world_create("abc");
	struct person *ada = enter(w, &w->ada, ROLE_EDITOR, "Ada");

	(void)state;
	say(w, ada, "{\"t\":\"diverged\",\"doc\":7,\"rev\":0}");
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":5,\"op\":[\"x\"]}");
	assert_heard(&w->ada, "{\"t\":\"ack\",\"doc\":7,\"rev\":1,\"seq\":5}");
	assert_text(w, "xabc");
	forget(&w->ada);
	say(w, ada, "{\"t\":\"diverged\",\"doc\":7,\"rev\":1}");
	assert_heard(&w->ada, "\"sels\":[],\"seq\":5}");
	world_destroy(w);
}

static void a_lost_connection_resumes(void **state)
{
	struct world *w = world_create("abc");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada"),
		      *ben = enter(w, &w->ben, ROLE_EDITOR, "Ben");
	char hello[300];

	(void)state;
	say(w, ben, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[\"1\"]}");
	room_lost(w->room, ben);
	assert_heard(&w->ada, "\"t\":\"activity\",\"user\":2,\"state\":\"offline\"");
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":1,\"seq\":1,\"op\":[\"2\"]}");
	forget(&w->ada);
	forget(&w->ben);
	/* Ben had sent seq 1 and 2, and saw the answer to neither. */
	snprintf(hello, sizeof(hello),
		"{\"t\":\"hello\",\"v\":1,\"name\":\"x\",\"color\":\"\",\"session\":\"%s\","
		"\"docs\":[{\"path\":\"a.c\",\"rev\":0,\"seq\":2}]}",
		ben->session);
	ben = say_hello(w, &w->ben, ROLE_EDITOR, hello);
	assert_int_equal(ben->user, 2);
	assert_heard(&w->ben, "{\"t\":\"resumed\",\"doc\":7,\"path\":\"a.c\",\"rev\":2,\"seq\":1}");
	assert_heard(&w->ben, "{\"t\":\"ack\",\"doc\":7,\"rev\":1,\"seq\":1}");
	assert_heard(&w->ben, "{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"user\":1,\"op\":[\"2\"]}");
	assert_heard(&w->ada, "\"state\":\"active\"");
	assert_not_heard(&w->ada, "\"t\":\"join\"");
	say(w, ben,
		"{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"seq\":1,\"op\":[\"1\"]}"); /* ordered already: dropped */
	say(w, ben, "{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"seq\":2,\"op\":[\"3\"]}");
	assert_text(w, "321abc");
	world_destroy(w);
}

static void who_stays_away_leaves(void **state)
{
	struct world *w = world_create("abc");
	struct person *ben;

	(void)state;
	enter(w, &w->ada, ROLE_OWNER, "Ada");
	ben = enter(w, &w->ben, ROLE_EDITOR, "Ben");
	room_lost(w->room, ben);
	w->now_ms += LIMIT_SESSION_MS - 2;
	room_tick(w->room);
	assert_not_heard(&w->ada, "\"t\":\"leave\"");
	w->now_ms += 2;
	room_tick(w->room);
	assert_heard(&w->ada, "{\"t\":\"leave\",\"user\":2,\"why\":\"lost\"}");
	assert_int_equal(w->room->people_count, 1);
	world_destroy(w);
}

static void a_session_outlives_the_server(void **state)
{
	struct world *w = world_create("abc");
	struct person *ada = enter(w, &w->ada, ROLE_EDITOR, "Ada");
	char hello[300];

	(void)state;
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[\"1\"]}");
	snprintf(hello, sizeof(hello),
		"{\"t\":\"hello\",\"v\":1,\"name\":\"x\",\"color\":\"\",\"session\":\"%s\","
		"\"docs\":[{\"path\":\"a.c\",\"rev\":0,\"seq\":1}]}",
		ada->session);
	world_restart(w); /* revision 1 is in the store only */
	assert_text(w, "1abc");
	forget(&w->ada);
	ada = say_hello(w, &w->ada, ROLE_EDITOR, hello);
	assert_int_equal(ada->user, 1);
	assert_string_equal(ada->name, "Ada");
	assert_heard(&w->ada, "{\"t\":\"resumed\",\"doc\":7,\"path\":\"a.c\",\"rev\":1,\"seq\":1}");
	assert_heard(&w->ada, "{\"t\":\"ack\",\"doc\":7,\"rev\":1,\"seq\":1}");
	world_destroy(w);
}

/* Edits were dropped that this session made, and that it had not heard of: the text anew, and on from there. */
static void who_comes_from_dropped_revisions_gets_the_text(void **state)
{
	struct world *w = world_create("abc");
	struct person *ada = enter(w, &w->ada, ROLE_EDITOR, "Ada");
	char hello[300];
	struct text *text;

	(void)state;
	snprintf(hello, sizeof(hello),
		"{\"t\":\"hello\",\"v\":1,\"name\":\"x\",\"color\":\"\",\"session\":\"%s\","
		"\"docs\":[{\"path\":\"a.c\",\"rev\":2,\"seq\":4}]}",
		ada->session);
	room_destroy(w->room);
	text_load(&text, "1abc", 4);
	w->room = room_create("quiet-otter", "e1", w->ledger.next_user, &world_handler, w);
	w->doc = room_add_document(w->room, 7, "a.c", log_create(text, 5));
	w->doc->oldest_rev = 3;
	forget(&w->ada);
	ada = say_hello(w, &w->ada, ROLE_EDITOR, hello);
	assert_not_heard(&w->ada, "\"t\":\"resumed\"");
	assert_heard(&w->ada,
		"{\"t\":\"opened\",\"doc\":7,\"path\":\"a.c\",\"rev\":5,\"size\":4,\"text\":\"1abc\"");
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":5,\"seq\":5,\"op\":[\"2\"]}");
	assert_heard(&w->ada, "{\"t\":\"ack\",\"doc\":7,\"rev\":6,\"seq\":5}");
	world_destroy(w);
}

static void what_cannot_be_kept_is_sent_back(void **state)
{
	struct world *w = world_create("abc");
	struct person *ada = enter(w, &w->ada, ROLE_EDITOR, "Ada");

	(void)state;
	enter(w, &w->ben, ROLE_EDITOR, "Ben");
	w->full = true;
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[\"1\"]}");
	assert_heard(&w->ada, "\"code\":\"too-fast\"");
	assert_int_equal(w->ada.closed, 1013);
	assert_null(ada->to);
	assert_int_equal(log_rev(w->doc->log), 0);
	assert_int_equal(w->ledger.edit_count, 0);
	assert_heard(&w->ben, "\"state\":\"offline\"");
	assert_int_equal(w->ben.closed, 0);
	world_destroy(w);
}

static void carets_move_with_the_text(void **state)
{
	struct world *w = world_create("abc");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada"),
		      *ben = enter(w, &w->ben, ROLE_EDITOR, "Ben");

	(void)state;
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[\"12\"]}");
	say(w, ben,
		"{\"t\":\"select\",\"doc\":7,\"rev\":0,\"seq\":0,\"sel\":[[1,3]]}"); /* around bc, as Ben sees it */
	assert_heard(&w->ada, "{\"t\":\"select\",\"doc\":7,\"rev\":1,\"user\":2,\"sel\":[[3,5]]}");
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":1,\"seq\":2,\"op\":[-1]}");
	enter(w, &w->eve, ROLE_VIEWER, "Eve");
	assert_heard(&w->eve, "\"sels\":[{\"user\":2,\"sel\":[[2,4]]}]");
	w->now_ms += LIMIT_PRESENCE_MS;
	say(w, ben, "{\"t\":\"select\",\"doc\":7,\"rev\":2,\"seq\":0,\"sel\":[[0,99]]}");
	assert_heard(&w->eve, "\"sel\":[[0,4]]"); /* cut at the end */
	world_destroy(w);
}

static size_t count(struct mailbox *box, const char *what)
{
	size_t times = 0;

	for (const char *at = heard(box); (at = strstr(at, what)); at++)
		times++;
	return times;
}

/* Nothing of it is done: what newcomers hear is what the others have on their screens. */
static void a_refused_selection_leaves_the_old_one(void **state)
{
	struct world *w = world_create("abc");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada"),
		      *ben = enter(w, &w->ben, ROLE_EDITOR, "Ben");
	size_t carets;

	(void)state;
	say(w, ben, "{\"t\":\"select\",\"doc\":7,\"rev\":0,\"seq\":0,\"sel\":[[1,3]]}");
	w->now_ms += LIMIT_PRESENCE_MS;
	carets = count(&w->ada, "\"t\":\"select\"");
	say(w, ben, "{\"t\":\"select\",\"doc\":7,\"rev\":99,\"seq\":0,\"sel\":[[0,0],[1,1]]}");
	assert_heard(&w->ben, "\"code\":\"stale-rev\"");
	assert_int_equal(count(&w->ada, "\"t\":\"select\""), carets);
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[\"12\"]}");
	enter(w, &w->eve, ROLE_VIEWER, "Eve");
	assert_heard(&w->eve, "\"sels\":[{\"user\":2,\"sel\":[[3,5]]}]");
	world_destroy(w);
}

/* Ten a second of one person's carets and states together, and the newest of both in the end. */
static void presence_is_thinned(void **state)
{
	struct world *w = world_create("0123456789");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada"),
		      *ben = enter(w, &w->ben, ROLE_EDITOR, "Ben");
	char text[100];
	size_t carets, states;

	(void)state;
	forget(&w->ada);
	for (unsigned i = 0; i < 50; i++) {
		snprintf(text, sizeof(text),
			"{\"t\":\"select\",\"doc\":7,\"rev\":0,\"seq\":0,\"sel\":[[%u,%u]]}", i % 9,
			i % 9);
		say(w, ben, text);
		say(w, ben,
			i % 2 ? "{\"t\":\"activity\",\"state\":\"typing\"}"
			      : "{\"t\":\"activity\",\"state\":\"away\"}");
		w->now_ms += 20;
		presence_turn(w->room);
	}
	carets = count(&w->ada, "\"t\":\"select\"");
	states = count(&w->ada, "\"t\":\"activity\"");
	assert_in_range(carets + states, 10, 11); /* both ends of the second count */
	assert_in_range(carets, 4, 6);
	say(w, ben, "{\"t\":\"select\",\"doc\":7,\"rev\":0,\"seq\":0,\"sel\":[[7,9]]}");
	say(w, ben, "{\"t\":\"activity\",\"state\":\"chatting\"}");
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[\"ab\"]}");
	assert_not_heard(&w->ada, "chatting");
	for (uint64_t wait; (wait = presence_turn(w->room)) > 0;) {
		assert_in_range(wait, 1, LIMIT_PRESENCE_MS);
		w->now_ms += wait;
	}
	assert_heard(&w->ada, "\"state\":\"chatting\"");
	assert_heard(&w->ada, "{\"t\":\"select\",\"doc\":7,\"rev\":1,\"user\":2,\"sel\":[[9,11]]}");
	world_destroy(w);
}

/* Four times as many as are shown ten times a second: two and a half times, then, and the newest in the end. */
static void a_crowd_is_shown_less_often(void **state)
{
	struct world *w = world_create("0123456789");
	struct person *ben;
	struct mailbox *crowd = test_calloc(4 * LIMIT_PRESENCE_PEOPLE, sizeof(*crowd));
	char text[100];

	(void)state;
	enter(w, &w->ada, ROLE_OWNER, "Ada");
	ben = enter(w, &w->ben, ROLE_EDITOR, "Ben");
	for (size_t i = 2; i < 4 * LIMIT_PRESENCE_PEOPLE; i++)
		enter(w, &crowd[i], ROLE_VIEWER, "One of many");
	w->now_ms += 1000;
	forget(&w->ada);
	for (unsigned i = 0; i < 200; i++) { /* two seconds */
		snprintf(text, sizeof(text),
			"{\"t\":\"select\",\"doc\":7,\"rev\":0,\"seq\":0,\"sel\":[[%u,%u]]}", i % 9,
			i % 9);
		say(w, ben, text);
		w->now_ms += 10;
		presence_turn(w->room);
	}
	assert_in_range(count(&w->ada, "\"t\":\"select\""), 5, 6);
	for (uint64_t wait; (wait = presence_turn(w->room)) > 0;) {
		assert_in_range(wait, 1, 4 * LIMIT_PRESENCE_MS);
		w->now_ms += wait;
	}
	assert_heard(&w->ada, "\"sel\":[[1,1]]"); /* 199 mod 9 */
	world_destroy(w);
	for (size_t i = 2; i < 4 * LIMIT_PRESENCE_PEOPLE; i++)
		buf_fini(&crowd[i].lines);
	test_free(crowd);
}

/* Once in a round trip of theirs, all that moved since, as it is by then; edits as they come. */
static void who_is_far_away_hears_less_of_carets(void **state)
{
	struct world *w = world_create("0123456789");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada"),
		      *ben = enter(w, &w->ben, ROLE_EDITOR, "Ben"),
		      *eve = enter(w, &w->eve, ROLE_VIEWER, "Eve");
	size_t near, far;
	char text[100];

	(void)state;
	room_rtt(w->room, ben, 500);
	for (uint64_t wait; (wait = presence_turn(w->room)) > 0;)
		w->now_ms += wait;
	w->now_ms += 10000;
	forget(&w->ada);
	forget(&w->ben);
	for (unsigned i = 0; i < 20; i++) { /* two seconds */
		snprintf(text, sizeof(text),
			"{\"t\":\"select\",\"doc\":7,\"rev\":0,\"seq\":0,\"sel\":[[%u,%u]]}", i % 9,
			i % 9);
		say(w, eve, text);
		w->now_ms += 99;
		presence_turn(w->room);
		w->now_ms++;
	}
	near = count(&w->ada, "\"t\":\"select\"");
	far = count(&w->ben, "\"t\":\"select\"");
	assert_int_equal(near, 20);
	assert_in_range(far, 4, 5); /* both ends of the two seconds count */

	/* What came too early is as of the newest text, when it comes. */
	say(w, eve, "{\"t\":\"select\",\"doc\":7,\"rev\":0,\"seq\":0,\"sel\":[[3,4]]}");
	say(w, eve, "{\"t\":\"activity\",\"state\":\"chatting\"}");
	forget(&w->ben);
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[\"ab\"]}");
	assert_heard(&w->ben, "\"t\":\"edit\"");
	for (uint64_t wait; (wait = presence_turn(w->room)) > 0;) {
		assert_in_range(wait, 1, 500);
		w->now_ms += wait;
	}
	assert_heard(&w->ben, "{\"t\":\"select\",\"doc\":7,\"rev\":1,\"user\":3,\"sel\":[[5,6]]}");
	assert_heard(&w->ben, "\"state\":\"chatting\"");

	/* Who has left is not told of; who is lost is not told. */
	say(w, eve, "{\"t\":\"select\",\"doc\":7,\"rev\":0,\"seq\":0,\"sel\":[[1,1]]}");
	say(w, ada, "{\"t\":\"select\",\"doc\":7,\"rev\":1,\"seq\":1,\"sel\":[[1,1]]}");
	room_left(w->room, eve, "left");
	forget(&w->ben);
	for (uint64_t wait; (wait = presence_turn(w->room)) > 0;)
		w->now_ms += wait;
	assert_not_heard(&w->ben, "\"t\":\"select\",\"doc\":7,\"rev\":1,\"user\":3");
	world_destroy(w);
}

static void owners_decide(void **state)
{
	struct world *w = world_create("abc");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada"),
		      *ben = enter(w, &w->ben, ROLE_EDITOR, "Ben");

	(void)state;
	say(w, ada, "{\"t\":\"admin\",\"do\":\"role\",\"user\":2,\"arg\":\"viewer\"}");
	assert_heard(&w->ben, "{\"t\":\"role\",\"user\":2,\"role\":\"viewer\"}");
	say(w, ben, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[-3]}");
	assert_text(w, "abc");
	say(w, ada, "{\"t\":\"admin\",\"do\":\"lock\",\"user\":0,\"arg\":\"\"}");
	assert_null(say_hello(w, &w->eve, ROLE_EDITOR,
		"{\"t\":\"hello\",\"v\":1,\"name\":\"Eve\",\"color\":\"\",\"session\":\"\",\"docs\":[]}"));
	assert_int_equal(w->eve.closed, 1008);
	say(w, ada, "{\"t\":\"admin\",\"do\":\"kick\",\"user\":2,\"arg\":\"\"}");
	assert_heard(&w->ben, "\"t\":\"bye\",\"code\":\"kicked\"");
	assert_int_equal(w->ben.closed, 1000);
	assert_heard(&w->ada, "{\"t\":\"leave\",\"user\":2,\"why\":\"kicked\"}");
	world_destroy(w);
}

static void the_file_is_an_author_too(void **state)
{
	struct world *w = world_create("abc");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada");
	struct op op = {0};

	(void)state;
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[3,\"d\"]}");
	op_insert(&op, "0", 1); /* stands on revision 0 */
	assert_int_equal(room_merge(w->room, w->doc, 0, &op), ERR_NONE);
	op_fini(&op);
	assert_text(w, "0abcd");
	assert_heard(&w->ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"user\":0,\"op\":[\"0\"]}");
	world_destroy(w);
}

static void convergence_is_proved(void **state)
{
	struct world *w = world_create("");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada");

	(void)state;
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[\"a\"]}");
	w->now_ms += LIMIT_CHECK_MS;
	room_tick(w->room);
	/* h = 0 * 1000000007 + 'a' + 1 = 98 */
	assert_heard(
		&w->ada, "{\"t\":\"check\",\"doc\":7,\"rev\":1,\"hash\":\"0000000000000062\"}");
	forget(&w->ada);
	w->now_ms += LIMIT_CHECK_MS;
	room_tick(w->room);
	assert_not_heard(&w->ada, "check"); /* nothing new to prove */
	world_destroy(w);
}

static void the_past_can_be_asked_for(void **state)
{
	struct world *w = world_create("");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada");

	(void)state;
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[\"a\"]}");
	say(w, ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":1,\"seq\":2,\"op\":[1,\"b\"]}");
	say(w, ada, "{\"t\":\"history\",\"doc\":7,\"from\":1,\"to\":99}");
	assert_heard(&w->ada, "\"t\":\"history\",\"doc\":7,\"edits\":[{\"rev\":2,\"user\":1");
	world_destroy(w);
}

static void who_follows_whom_is_told_to_newcomers_too(void **state)
{
	struct world *w = world_create("");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada");

	(void)state;
	enter(w, &w->ben, ROLE_EDITOR, "Ben");
	say(w, ada, "{\"t\":\"activity\",\"state\":\"active\",\"follows\":2}");
	assert_heard(&w->ben, "\"user\":1,\"state\":\"active\",\"doc\":7,\"rtt\":0,\"follows\":2");
	enter(w, &w->eve, ROLE_VIEWER, "Eve");
	assert_heard(&w->eve, "\"user\":1,\"state\":\"active\",\"doc\":7,\"rtt\":0,\"follows\":2");
	forget(&w->ben);
	w->now_ms += LIMIT_PRESENCE_MS;
	say(w, ada,
		"{\"t\":\"activity\",\"state\":\"away\",\"follows\":1}"); /* nobody follows themselves, */
	w->now_ms += LIMIT_PRESENCE_MS;
	say(w, ada,
		"{\"t\":\"activity\",\"state\":\"active\",\"follows\":9}"); /* or who is not here */
	assert_heard(&w->ben, "\"state\":\"away\",\"doc\":7,\"rtt\":0,\"follows\":0");
	assert_heard(&w->ben, "\"state\":\"active\",\"doc\":7,\"rtt\":0,\"follows\":0");
	world_destroy(w);
}

/* Those in another file are told the file and the line; those in the same one see the caret. */
static void of_several_files_it_is_told_who_is_in_which(void **state)
{
	struct world *w = world_create("");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada");
	struct text *text;

	(void)state;
	enter(w, &w->ben, ROLE_EDITOR, "Ben");
	assert_not_heard(&w->ben, "\"path\":\"a.c\",\"line\"");
	assert_int_equal(text_load(&text, "one\ntwo\nthree", 13), ERR_NONE);
	room_add_document(w->room, 8, "b.c", log_create(text, 0));
	w->now_ms += LIMIT_PRESENCE_MS;
	say(w, ada, "{\"t\":\"open\",\"path\":\"b.c\",\"create\":false}");
	assert_heard(&w->ben, "\"user\":1,\"state\":\"active\",\"doc\":8,\"rtt\":0,\"follows\":0,"
			      "\"path\":\"b.c\",\"line\":0}");
	say(w, ada, "{\"t\":\"select\",\"doc\":8,\"rev\":0,\"seq\":0,\"sel\":[[5,5]]}");
	forget(&w->ben);
	room_tick(w->room);
	assert_heard(&w->ben, "\"doc\":8,\"rtt\":0,\"follows\":0,\"path\":\"b.c\",\"line\":2}");
	forget(&w->ben);
	room_tick(w->room);
	assert_not_heard(&w->ben, "b.c"); /* nothing new */
	enter(w, &w->eve, ROLE_VIEWER, "Eve");
	assert_heard(&w->eve, "\"user\":1,\"state\":\"active\",\"doc\":8,\"rtt\":0,\"follows\":0,"
			      "\"path\":\"b.c\",\"line\":2}");
	world_destroy(w);
}

static void what_was_read_is_told(void **state)
{
	struct world *w = world_create("");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada");
	struct person *ben = enter(w, &w->ben, ROLE_EDITOR, "Ben");

	(void)state;
	say(w, ada, "{\"t\":\"say\",\"text\":\"one\"}");
	say(w, ada, "{\"t\":\"say\",\"text\":\"two\"}");
	say(w, ben, "{\"t\":\"seen\",\"id\":2}");
	assert_heard(&w->ada, "{\"t\":\"seen\",\"user\":2,\"id\":2}");
	forget(&w->ada);
	say(w, ben, "{\"t\":\"seen\",\"id\":1}"); /* once read is read */
	say(w, ben, "{\"t\":\"seen\",\"id\":3}"); /* nobody said that yet */
	assert_not_heard(&w->ada, "\"seen\"");
	enter(w, &w->eve, ROLE_VIEWER, "Eve");
	assert_heard(&w->eve, "{\"t\":\"seen\",\"user\":2,\"id\":2}");
	world_destroy(w);
}

static void chat_reaches_everyone_clean(void **state)
{
	struct world *w = world_create("");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada");

	(void)state;
	enter(w, &w->ben, ROLE_VIEWER, "Ben");
	say(w, ada, "{\"t\":\"say\",\"text\":\"hi\\u001b[2J\\nthere\"}");
	assert_heard(&w->ben, "\"text\":\"hi[2J there\"");
	say(w, ada, "{\"t\":\"say\",\"text\":\"\\u200b\"}");
	enter(w, &w->eve, ROLE_VIEWER, "Eve");
	assert_heard(&w->eve, "\"chat\":[{\"id\":1,\"user\":1,\"name\":\"Ada\"");
	assert_not_heard(&w->ben, "\"id\":2");
	world_destroy(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newcomers_are_welcomed_and_announced),
		cmocka_unit_test(who_has_an_expired_token_is_sent_away_and_may_come_back),
		cmocka_unit_test(a_new_token_lengthens_the_stay),
		cmocka_unit_test(edits_are_ordered_acked_and_told),
		cmocka_unit_test(viewers_change_nothing),
		cmocka_unit_test(impossible_edits_close_the_connection),
		cmocka_unit_test(who_starts_over_counts_on),
		cmocka_unit_test(a_lost_connection_resumes),
		cmocka_unit_test(who_stays_away_leaves),
		cmocka_unit_test(a_session_outlives_the_server),
		cmocka_unit_test(who_comes_from_dropped_revisions_gets_the_text),
		cmocka_unit_test(what_cannot_be_kept_is_sent_back),
		cmocka_unit_test(carets_move_with_the_text),
		cmocka_unit_test(a_refused_selection_leaves_the_old_one),
		cmocka_unit_test(presence_is_thinned),
		cmocka_unit_test(a_crowd_is_shown_less_often),
		cmocka_unit_test(who_is_far_away_hears_less_of_carets),
		cmocka_unit_test(owners_decide),
		cmocka_unit_test(the_file_is_an_author_too),
		cmocka_unit_test(convergence_is_proved),
		cmocka_unit_test(the_past_can_be_asked_for),
		cmocka_unit_test(who_follows_whom_is_told_to_newcomers_too),
		cmocka_unit_test(of_several_files_it_is_told_who_is_in_which),
		cmocka_unit_test(what_was_read_is_told),
		cmocka_unit_test(chat_reaches_everyone_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
