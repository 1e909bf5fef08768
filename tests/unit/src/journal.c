/* What a killed client left: it arrives, once, where it belongs; what is broken is not offered. */
#include "tests/unit/src/scratch.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>

#include "ot/log.h"
#include "ot/mem.h"
#include "ot/replica.h"
#include "src/client/journal.h"

static char *home;
static const struct url url = {
	.tls = true, .host = "127.0.0.1", .port = 8443, .room = "quiet-otter"};
static const struct journal_place place = {.user = 2,
	.session = "0123456789abcdef",
	.room = "quiet-otter",
	.epoch = "e1",
	.path = "a.txt"};

static int setup(void **state)
{
	(void)state;
	home = scratch_make();
	setenv("XDG_STATE_HOME", home, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scratch_remove(home);
	return 0;
}

static struct journal *open_journal(void)
{
	char *why = NULL;
	struct journal *journal = journal_open(&url, &why);

	if (!journal)
		fail_msg("%s", why);
	return journal;
}

static struct text *text_of(const char *utf8)
{
	struct text *text;

	assert_int_equal(text_load(&text, utf8, strlen(utf8)), ERR_NONE);
	return text;
}

static void assert_text(const struct text *text, const char *expected)
{
	char *is = text_slice(text, 0, SIZE_MAX / 2, NULL);

	assert_string_equal(is, expected);
	free(is);
}

static void type(struct replica *r, size_t pos, const char *text)
{
	struct op op = {0};

	op_retain(&op, pos);
	op_insert(&op, text, strlen(text));
	assert_int_equal(replica_edit(r, &op), ERR_NONE);
	op_fini(&op);
}

static void erase(struct replica *r, size_t pos, size_t points)
{
	struct op op = {0};

	op_retain(&op, pos);
	op_delete(&op, points);
	assert_int_equal(replica_edit(r, &op), ERR_NONE);
	op_fini(&op);
}

/* Everything that r may send, to the log, as `peer`; acknowledgements are lost. */
static void deliver(struct replica *r, struct log *log, struct peer *peer, size_t most)
{
	uint64_t rev, seq;
	const struct op *op;

	while (replica_send(r, &rev, &seq, &op))
		if (most-- > 0)
			assert_int_equal(log_receive(log, peer, rev, seq, op), ERR_NONE);
		else
			break; /* this one is lost on the way */
}

static struct replica *revive(struct journal *journal)
{
	struct journal_left left;
	char *blanks;
	struct text *text;

	assert_true(journal_left(journal, &left));
	assert_int_equal(left.user, 2);
	assert_string_equal(left.session, place.session);
	assert_string_equal(left.epoch, "e1");
	assert_string_equal(left.path, "a.txt");
	blanks = mem_alloc(left.points + 1);
	memset(blanks, ' ', left.points);
	assert_int_equal(text_load(&text, blanks, left.points), ERR_NONE);
	free(blanks);
	struct replica *r = replica_create(text, left.rev, left.user);
	for (size_t i = 0; i < left.count; i++)
		assert_int_equal(replica_again(r, left.edits[i].seq, &left.edits[i].op), ERR_NONE);
	replica_count_from(r, left.seq);
	journal_left_fini(&left);
	return r;
}

/* Two edits were sent, one of them arrived, a third was never sent; meanwhile somebody else writes. */
static void what_was_left_arrives_once(void **state)
{
	struct log *log = log_create(text_of("helo wörld"), 0);
	struct peer ada = peer_at(1, 0), ben = peer_at(2, 0);
	struct replica *r = replica_create(text_of("helo wörld"), 0, 2);
	struct journal *journal = open_journal();
	struct op op = {0};

	(void)state;
	type(r, 3, "l");
	deliver(r, log, &ben, 1);
	erase(r, 5, 1);
	type(r, 5, "-");
	deliver(r, log, &ben, 0);
	type(r, 11, "!");
	assert_int_equal(journal_keep(journal, r, &place), 0);
	replica_destroy(r); /* killed */
	journal_close(journal);
	op_insert(&op, "> ", 2);
	assert_int_equal(log_receive(log, &ada, 0, 1, &op), ERR_NONE);
	op_fini(&op);

	journal = open_journal();
	r = revive(journal);
	replica_resume(r, log_rev(log), ben.seq);
	assert_int_equal(replica_ack(r, 1, 1), ERR_NONE);
	assert_int_equal(replica_receive(r, 2, 1, &log_entry(log, 2)->op, NULL), ERR_NONE);
	peer_fini(&ben);
	ben = peer_at(2, log_rev(log));
	ben.seq = 1;
	ben.resumed = true;
	deliver(r, log, &ben, 9);
	assert_text(log_text(log), "> hello-wörld!");
	journal_clear(journal);
	journal_close(journal);
	replica_destroy(r);
	peer_fini(&ada);
	peer_fini(&ben);
	log_destroy(log);
}

static void a_living_client_keeps_its_own(void **state)
{
	struct journal *one = open_journal(), *two = open_journal();
	struct replica *r = replica_create(text_of("x"), 0, 2);
	struct journal_left left;

	(void)state;
	type(r, 0, "a");
	assert_int_equal(journal_keep(one, r, &place), 0);
	assert_false(journal_left(two, &left));
	journal_close(two);
	two = open_journal();
	assert_false(journal_left(two, &left));
	journal_close(one); /* dies */
	journal_close(two);
	one = open_journal();
	assert_true(journal_left(one, &left));
	assert_int_equal(left.count, 1);
	assert_int_equal(left.edits[0].seq, 0);
	journal_left_fini(&left);
	journal_clear(one);
	journal_close(one);
	one = open_journal();
	assert_false(journal_left(one, &left));
	journal_close(one);
	replica_destroy(r);
}

static char *journal_file(void)
{
	return report_sentence("%s/codecollab/unsent", home);
}

/* Every byte changed, and every length cut: never offered, never a crash. */
static void what_is_broken_is_not_offered(void **state)
{
	struct journal *journal = open_journal();
	struct replica *r = replica_create(text_of("x"), 0, 2);
	struct journal_left left;
	char *folder = journal_file(), *command;
	struct buf good;

	(void)state;
	type(r, 0, "abc");
	assert_int_equal(journal_keep(journal, r, &place), 0);
	journal_close(journal);
	command = report_sentence("%s/file", folder);
	char *move = report_sentence("mv %s/*.0 %s", folder, command);
	assert_int_equal(system(move), 0);
	good = scratch_read(command);
	free(move);
	journal = open_journal(); /* which makes the name again */
	char *copy = report_sentence("cat %s >$(ls %s/*.0)", command, folder);
	for (size_t i = 0; i < good.len; i += 7) {
		good.at[i] ^= 1;
		scratch_write(command, good.at, good.len);
		assert_int_equal(system(copy), 0);
		assert_false(journal_left(journal, &left));
		good.at[i] ^= 1;
		scratch_write(command, good.at, i);
		assert_int_equal(system(copy), 0);
		assert_false(journal_left(journal, &left));
	}
	scratch_write(command, good.at, good.len);
	assert_int_equal(system(copy), 0);
	assert_true(journal_left(journal, &left));
	journal_left_fini(&left);
	journal_close(journal);
	replica_destroy(r);
	buf_fini(&good);
	free(copy);
	free(command);
	free(folder);
}

/* A write that ends in its middle, as a kill or a full disk makes it: what was kept before is still there, whatever it was. */
static void half_a_record_changes_nothing(void **state)
{
	struct replica *r = replica_create(text_of("x"), 0, 2);
	struct journal *journal = open_journal();
	struct rlimit limit;
	struct journal_left left;
	struct text *kept;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	for (size_t round = 0; round < 40; round++) {
		type(r, 0, "some more words, so that each record is longer; ");
		kept = text_copy(replica_text(r));
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_FSIZE, &limit);
		assert_int_equal(journal_keep(journal, r, &place), 0);
		type(r, 0, round % 2 ? "a record that is cut" : "and one more");
		limit.rlim_cur = journal_bytes(journal) / 2 + 37 * round;
		setrlimit(RLIMIT_FSIZE, &limit);
		if (journal_keep(journal, r, &place) != 0) {
			assert_true(journal_left(journal, &left));
			assert_int_equal(left.count, 1);
			assert_int_equal(op_bytes(&left.edits[0].op), text_size(kept).bytes - 1);
			journal_left_fini(&left);
		}
		text_destroy(kept);
	}
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
	journal_clear(journal);
	journal_close(journal);
	replica_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_left_arrives_once, setup, teardown),
		cmocka_unit_test_setup_teardown(a_living_client_keeps_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_broken_is_not_offered, setup, teardown),
		cmocka_unit_test_setup_teardown(half_a_record_changes_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
