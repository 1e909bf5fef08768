/*
 * What keeper.h promises, of both that there are: the same cases over SQLite, and over a real Redis.
 */
#include <sys/mman.h>

#include "tests/unit/src/tenants.h"

/* ---- the far end of a connection, in place of a socket ---- */

void ws_send(struct ws_conn *conn, const char *at, size_t len)
{
	while (len) {
		struct message m;
		size_t used;
		must(codec_decode(CODEC_BIN, true, at, len, &used, &m) == ERR_NONE);
		on_message(conn, &m);
		message_fini(&m);
		at += used;
		len -= used;
	}
}

void ws_close(struct ws_conn *conn, unsigned code, const char *reason)
{
	(void)reason;
	conn->closed = code;
}

const char *ws_peer(const struct ws_conn *conn)
{
	(void)conn;
	return "192.0.2.1";
}

size_t ws_queued(const struct ws_conn *conn)
{
	(void)conn;
	return 0;
}

void ws_await(struct ws_conn *conn)
{
	(void)conn;
}

void ws_pause(struct ws_conn *conn)
{
	(void)conn;
}

void ws_resume(struct ws_conn *conn)
{
	(void)conn;
}

/* ---- cases ---- */

static int setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));

	safe_open(&w->safe, *state);
	w->promised = mmap(NULL, PEOPLE * sizeof(*w->promised), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(w->promised != MAP_FAILED);
	for (size_t i = 0; i < PEOPLE; i++)
		w->people[i] = (struct ws_conn){.world = w,
			.letter = (char)('A' + i),
			.role = i ? ROLE_EDITOR : ROLE_OWNER,
			.token = i ? "lent" : "own"};
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	if (w->loop)
		stop(w);
	for (size_t i = 0; i < PEOPLE; i++)
		forget(&w->people[i]);
	munmap(w->promised, PEOPLE * sizeof(*w->promised));
	safe_close(&w->safe);
	free(w);
	return 0;
}

static void there_is_one_order(void **state)
{
	struct world *w = *state;

	serve(w);
	all_come(w);
	all_type(w, 50);
	until(w, all_in_step);
	assert_int_equal(replica_rev(w->people[0].replica), PEOPLE * 50);
	for (size_t i = 0; i < PEOPLE; i++)
		assert_int_equal(w->promised[i], 50);
	assert_words(w, &w->people[PEOPLE - 1]);
}

/* What was sent may have been ordered or not; it is sent again to who serves the room next, and once more under its old number. */
static void an_edit_is_ordered_once(void **state)
{
	struct world *w = *state;
	struct ws_conn *ada = &w->people[0];
	struct message again = {.type = MSG_EDIT};

	serve(w);
	all_come(w);
	for (int round = 0; round < 4; round++) {
		all_type(w, 5);
		if (round % 2)
			stop(w);
		else
			for (size_t i = 0; i < PEOPLE; i++)
				hang_up(&w->people[i]);
		all_type(w, 5); /* no session: into memory */
		for (size_t i = 0; i < PEOPLE; i++)
			type(&w->people[i]);
		if (round % 2)
			serve(w);
		for (size_t i = 0; i < PEOPLE; i++)
			come_back(&w->people[i]);
		until(w, all_are_in);
		until(w, all_in_step);
		assert_words(w, &w->people[1]);
	}
	again.edit.doc = ada->doc;
	again.edit.rev = replica_rev(ada->replica);
	again.edit.seq = 1;
	op_insert(&again.edit.op, "<A1>", 4);
	say(ada, &again);
	op_fini(&again.edit.op);
	all_type(w, 1);
	until(w, all_in_step);
	assert_words(w, &w->people[1]);
	for (size_t i = 0; i < PEOPLE; i++)
		assert_int_equal(w->promised[i], w->people[i].typed);
}

static bool forever(struct world *w)
{
	if (all_in_step(w))
		all_type(w, 5);
	return false;
}

/* In a child that is killed: what it promised is in memory that it shares with us. */
static void serve_until_killed(struct world *w)
{
	safe_forked(&w->safe);
	serve(w);
	all_come(w);
	until(w, forever);
	abort();
}

static size_t promised(const struct world *w)
{
	size_t sum = 0;

	for (size_t i = 0; i < PEOPLE; i++)
		sum += ((volatile size_t *)w->promised)[i];
	return sum;
}

static void what_was_promised_outlives_a_kill(void **state)
{
	struct world *w = *state;
	size_t wanted = 40;
	pid_t child = fork();
	int status;

	if (!child)
		serve_until_killed(w);
	while (promised(w) < wanted && !waitpid(child, &status, WNOHANG))
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	serve(w);
	come(&w->people[1]);
	until(w, all_are_in);
	assert_words(w, &w->people[1]);
}

static bool past_is_told(struct world *w)
{
	return !op_is_identity(&w->people[1].past);
}

/* Long enough for a snapshot that is not the first. */
static void snapshot_and_edits_are_the_text(void **state)
{
	struct world *w = *state;
	struct ws_conn *ada = &w->people[0];
	struct message history = {.type = MSG_HISTORY};
	struct text *before;

	serve(w);
	come(ada);
	until(w, all_are_in);
	for (int i = 0; i < 1400; i++) {
		type_before(ada, 300);
		if (i % 50 == 0)
			until(w, all_in_step);
	}
	until(w, all_in_step);
	before = text_copy(replica_text(ada->replica));
	history.history.from = replica_rev(ada->replica);
	for (int i = 0; i < 20; i++)
		type(ada);
	until(w, all_in_step);
	history.history.to = replica_rev(ada->replica);
	stop(w);
	assert_true(w->safe.kind->snapped(&w->safe));
	serve(w);
	come(&w->people[1]);
	until(w, all_are_in);
	assert_true(text_equal(replica_text(w->people[1].replica), replica_text(ada->replica)));
	assert_int_equal(replica_rev(w->people[1].replica), replica_rev(ada->replica));
	history.history.doc = w->people[1].doc;
	say(&w->people[1], &history);
	until(w, past_is_told);
	assert_int_equal(op_apply(&w->people[1].past, before), ERR_NONE);
	assert_true(text_equal(before, replica_text(ada->replica)));
	text_destroy(before);
}

static bool all_were_told(struct world *w)
{
	for (size_t i = 0; i < PEOPLE; i++)
		if (!was_told(&w->people[i], "Nothing is being stored"))
			return false;
	return true;
}

static bool all_were_told_it_is_over(struct world *w)
{
	for (size_t i = 0; i < PEOPLE; i++)
		if (!was_told(&w->people[i], "Stored again"))
			return false;
	return true;
}

static void what_fails_is_told_and_healed(void **state)
{
	struct world *w = *state;
	struct chamber *chamber;

	serve(w);
	all_come(w);
	all_type(w, 3);
	until(w, all_in_step);
	w->safe.kind->refuse(&w->safe);
	all_type(w, 5);
	until(w, all_were_told);
	for (size_t i = 0; i < PEOPLE; i++)
		assert_int_equal(w->promised[i], 3);
	assert_int_equal(replica_rev(w->people[0].replica), 3 * PEOPLE);
	assert_int_equal(house_enter(&w->house, ROOM, true, &chamber), 503);
	assert_true(chamber_failing(chamber) && chamber_unstored(chamber) > 0);
	w->safe.kind->heal(&w->safe);
	until(w, all_were_told_it_is_over);
	until(w, all_in_step);
	assert_words(w, &w->people[1]);
	for (size_t i = 0; i < PEOPLE; i++) {
		assert_int_equal(w->promised[i], 8);
		assert_int_equal(count(w->people[i].errors.at, "\n"),
			2); /* told once, and once that it is over */
	}
	assert_int_equal(house_enter(&w->house, ROOM, true, &chamber), 0);
}

static void administer(struct ws_conn *by, const char *verb, uint64_t user, const char *arg)
{
	struct message m = {
		.type = MSG_ADMIN, .admin = {.verb = str(verb), .user = user, .arg = str(arg)}};

	say(by, &m);
}

static bool ben_only_views(struct world *w)
{
	return strcmp(w->people[1].holds, "viewer") == 0;
}

static bool all_heard_three(struct world *w)
{
	for (size_t i = 0; i < PEOPLE; i++) {
		buf_add_byte(&w->people[i].chat, '\0');
		w->people[i].chat.len--;
		if (w->people[i].session && count(w->people[i].chat.at, "\n") != 3)
			return false;
	}
	return true;
}

static bool cleo_is_out(struct world *w)
{
	return !w->people[2].session;
}

/* The token of one who is in, and the session of one who was. */
static bool is_lent(void *ctx, const char *token)
{
	(void)ctx;
	return strcmp(token, "lent") == 0;
}

static bool only_ada(struct world *w)
{
	return !w->people[1].session && !w->people[2].session;
}

/* That session's secret is worth nothing any more. */
static bool ben_is_somebody_else(struct world *w)
{
	return w->people[1].user > PEOPLE;
}

static void chat_roles_and_the_lock_are_kept(void **state)
{
	struct world *w = *state;
	struct ws_conn *ada = &w->people[0], *ben = &w->people[1], *cleo = &w->people[2];
	struct chamber *chamber;
	char *heard;

	serve(w);
	all_come(w);
	for (size_t i = 0; i < PEOPLE; i++)
		say(&w->people[i],
			&(struct message){.type = MSG_SAY, .say = {.text = str("hello")}});
	until(w, all_heard_three);
	heard = report_sentence("%s", ada->chat.at);
	assert_string_equal(ben->chat.at, heard);
	administer(ada, "role", ben->user, "viewer");
	administer(ada, "lock", 0, "");
	until(w, ben_only_views);
	until(w, all_in_step);
	stop(w);
	serve(w);
	ben->holds[0] = '\0';
	come_back(ada);
	come_back(ben);
	until(w, ben_only_views);
	until(w, all_heard_three);
	assert_string_equal(ben->chat.at, heard);
	free(heard);
	cleo->secret[0] = '\0'; /* a newcomer */
	cleo->doc = 0;
	come_back(cleo);
	until(w, cleo_is_out);
	assert_int_equal(cleo->closed, 1008);
	administer(ada, "unlock", 0, "");
	assert_int_equal(house_enter(&w->house, ROOM, true, &chamber), 0);
	chamber_expel(chamber, is_lent, NULL);
	until(w, only_ada);
	ben->token = "another";
	ben->doc = 0;
	come_back(ben);
	until(w, ben_is_somebody_else);
}

static bool nobody_gets_in(struct world *w)
{
	struct ws_conn *ada = &w->people[0];
	struct chamber *chamber;
	int status = house_enter(&w->house, ROOM, true, &chamber);

	if (status == 0 && !ada->session) {
		struct claims claims = {.role = ROLE_OWNER};
		ada->session = session_create(
			&chamber->sessions, &claims, CODEC_BIN, loop_now_ms(w->loop));
		session_opened(ada->session, ada);
		say(ada, &(struct message){.type = MSG_HELLO, .hello = {.v = 1}});
	}
	return status == 503;
}

static void what_is_newer_is_left_alone(void **state)
{
	struct world *w = *state;
	struct ws_conn *ada = &w->people[0];
	char *before, *after;

	serve(w);
	all_come(w);
	all_type(w, 3);
	until(w, all_in_step);
	stop(w);
	w->safe.kind->age(&w->safe);
	before = w->safe.kind->image(&w->safe);
	ada->secret[0] = '\0';
	serve(w);
	until(w, nobody_gets_in);
	stop(w);
	after = w->safe.kind->image(&w->safe);
	assert_string_equal(after, before);
	assert_string_equal(ada->secret, ""); /* no welcome */
	free(before);
	free(after);
}

#define CASES(safe)                                                                                \
	CASE(there_is_one_order, safe), CASE(an_edit_is_ordered_once, safe),                       \
		CASE(what_was_promised_outlives_a_kill, safe),                                     \
		CASE(snapshot_and_edits_are_the_text, safe),                                       \
		CASE(what_fails_is_told_and_healed, safe),                                         \
		CASE(chat_roles_and_the_lock_are_kept, safe),                                      \
		CASE(what_is_newer_is_left_alone, safe)
#define CASE(name, safe)                                                                           \
	{                                                                                          \
#safe ": " #name, name, setup, teardown, (void *)&(safe)                           \
	}

int main(void)
{
	const struct CMUnitTest alone[] = {CASES(safe_sqlite)}, shared[] = {CASES(safe_redis)};
	int failed = cmocka_run_group_tests_name("keeper, SQLite", alone, NULL, NULL);

	if (system("command -v redis-server >/dev/null")) {
		puts("no redis-server here: the cases over Redis were left out");
		return failed;
	}
	return failed + cmocka_run_group_tests_name("keeper, Redis", shared, NULL, NULL);
}
