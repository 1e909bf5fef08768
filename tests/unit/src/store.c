#include "tests/unit/src/scratch.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <sqlite3.h>

#include "net/loop.h"
#include "ot/mem.h"
#include "src/server/seal.h"
#include "src/server/store.h"

/* ---- a store, its loop, and what it told ---- */

struct bench {
	struct loop *loop;
	struct store *store;
	uint64_t committed, until; /* until: stop the loop once this batch is committed */
	int failures;
	bool until_failure;
	char *sentence;
	int report; /* a pipe for the newest revision committed; -1: none */
};

static char *dir, *path; /* of the test that runs */

static int setup(void **state)
{
	(void)state;
	dir = scratch_make();
	path = report_sentence("%s/room.db", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(path);
	scratch_remove(dir);
	return 0;
}

static void on_committed(void *ctx, uint64_t batch)
{
	struct bench *bench = ctx;

	assert_true(batch > bench->committed);
	assert_int_equal(store_committed(bench->store), batch);
	bench->committed = batch;
	if (bench->until && batch >= bench->until)
		loop_stop(bench->loop);
}

static void on_failed(void *ctx, const char *sentence)
{
	struct bench *bench = ctx;

	bench->failures++;
	free(bench->sentence);
	bench->sentence = report_sentence("%s", sentence);
	if (bench->until_failure)
		loop_stop(bench->loop);
}

static const struct store_handler handler = {.committed = on_committed, .failed = on_failed};

static void bench_init_as(struct bench *bench, const char *at, enum store_durability durability)
{
	char *why;

	*bench = (struct bench){.loop = loop_create(), .report = -1};
	bench->store = store_open(bench->loop, at, durability, &handler, bench, &why);
	if (!bench->store)
		fail_msg("%s", why);
}

static void bench_init(struct bench *bench, const char *at)
{
	bench_init_as(bench, at, STORE_DISK);
}

static void bench_fini(struct bench *bench)
{
	assert_true(store_close(bench->store));
	loop_destroy(bench->loop);
	free(bench->sentence);
}

static void wait_for(struct bench *bench, uint64_t batch)
{
	bench->until = batch;
	if (bench->committed < batch)
		loop_run(bench->loop);
	bench->until = 0;
	assert_true(bench->committed >= batch);
}

static void wait_for_failure(struct bench *bench)
{
	int before = bench->failures;

	bench->until_failure = true;
	while (bench->failures == before)
		loop_run(bench->loop);
	bench->until_failure = false;
}

/* ---- the model: what edit `rev` of document `salt` is, without the code under test ---- */

#define MODEL_CELLS 600

static const char *const letters[] = {
	"a", "b", "\n", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\xa6\xa6"};

struct model {
	uint64_t salt, rev;
	size_t len;
	unsigned char cells[MODEL_CELLS]; /* indexes of letters */
};

static const char *const names[] = {"Ada", "", "Z\u00fcleyha", "Grace Hopper"};

/* All but the op. Numbers go up to where they no longer fit a signed 64-bit one. */
static struct store_edit model_edit(const struct model *m, uint64_t doc)
{
	return (struct store_edit){
		.doc = doc,
		.rev = m->rev,
		.user = m->rev % 5,
		.name = str(names[(m->rev + m->salt) % 4]),
		.session = m->rev % 3,
		.seq = m->salt % 2 ? UINT64_MAX - 100000 + m->rev : m->rev,
		.at_ms = 1700000000000 + 17 * m->rev,
	};
}

static void model_splice(
	struct model *m, size_t at, size_t gone, const unsigned char *cells, size_t count)
{
	memmove(m->cells + at + count, m->cells + at + gone, m->len - at - gone);
	memcpy(m->cells + at, cells, count);
	m->len += count - gone;
}

/* The next revision; *op is the edit that makes it (some are the identity). */
static void model_step(struct model *m, struct op *op)
{
	uint64_t seed = m->salt * 1000003 + ++m->rev;
	size_t at = scratch_choose(&seed, m->len + 1);
	size_t gone = scratch_choose(&seed, 4), count = scratch_choose(&seed, 7);
	unsigned char cells[8] = {0};

	*op = (struct op){0};
	if (m->len > MODEL_CELLS - 20) { /* cut it short */
		at /= 2;
		gone = m->len - at;
	}
	if (gone > m->len - at)
		gone = m->len - at;
	op_retain(op, at);
	for (size_t i = 0; i < count; i++) {
		cells[i] = (unsigned char)scratch_choose(&seed, 6);
		op_insert(op, letters[cells[i]], strlen(letters[cells[i]]));
	}
	op_delete(op, gone);
	model_splice(m, at, gone, cells, count);
}

static struct text *model_text(const struct model *m)
{
	struct buf bytes = {0};
	struct text *text;

	for (size_t i = 0; i < m->len; i++)
		buf_add_str(&bytes, letters[m->cells[i]]);
	assert_int_equal(text_load(&text, bytes.at ? bytes.at : "", bytes.len), ERR_NONE);
	buf_fini(&bytes);
	return text;
}

static struct model model_at(uint64_t salt, uint64_t rev)
{
	struct model m = {.salt = salt};

	while (m.rev < rev) {
		struct op op;
		model_step(&m, &op);
		op_fini(&op);
	}
	return m;
}

static void put_edit(struct store *store, struct model *m, uint64_t doc)
{
	struct op op;

	model_step(m, &op);
	struct store_edit edit = model_edit(m, doc);
	edit.op = op;
	store_edit(store, &edit);
	op_fini(&op);
}

/* In a row of its own. */
static void put_edit_alone(struct store *store, struct model *m, uint64_t doc)
{
	put_edit(store, m, doc);
	store_turn(store);
}

static void put_snapshot(struct store *store, const struct model *m, uint64_t doc)
{
	struct text *text = model_text(m);

	store_snapshot(store, doc, m->rev, text);
	text_destroy(text);
}

struct check {
	struct model model;
	uint64_t doc, seen;
};

static bool check_edit(void *ctx, const struct store_edit *is)
{
	struct check *check = ctx;
	struct op op;

	model_step(&check->model, &op);
	struct store_edit want = model_edit(&check->model, check->doc);
	assert_int_equal(is->doc, want.doc);
	assert_int_equal(is->rev, want.rev);
	assert_int_equal(is->user, want.user);
	assert_int_equal(is->session, want.session);
	assert_true(is->seq == want.seq);
	assert_int_equal(is->at_ms, want.at_ms);
	assert_int_equal(is->name.len, want.name.len);
	assert_memory_equal(is->name.at, want.name.at, want.name.len);
	assert_true(op_equal(&is->op, &op));
	op_fini(&op);
	check->seen++;
	return true;
}

static void check_edits(
	struct store *store, uint64_t doc, uint64_t salt, uint64_t from, uint64_t to)
{
	struct check check = {.model = model_at(salt, from), .doc = doc};

	assert_true(store_edits(store, doc, from, to, check_edit, &check));
	assert_int_equal(check.seen, to - from);
}

static void check_text(struct store *store, uint64_t doc, uint64_t salt, uint64_t rev)
{
	struct model m = model_at(salt, rev);
	struct text *want = model_text(&m), *is = store_text_at(store, doc, rev);

	assert_non_null(is);
	assert_true(text_equal(is, want));
	text_destroy(want);
	text_destroy(is);
}

/* ---- other ways to look into the file ---- */

static void sql(const char *statement)
{
	sqlite3 *db;
	char *fault = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_true(seal_install(db));
	if (sqlite3_exec(db, statement, NULL, NULL, &fault) != SQLITE_OK)
		fail_msg("%s: %s", statement, fault);
	sqlite3_close(db);
}

static int take_word(void *out, int columns, char **values, char **column_names)
{
	struct buf *words = out;

	(void)column_names;
	for (int i = 0; i < columns; i++)
		buf_printf(words, "%s%s", words->len ? " " : "", values[i]);
	return 0;
}

static void assert_sql(const char *question, const char *answer)
{
	sqlite3 *db;
	struct buf words = {0};

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, question, take_word, &words, NULL), SQLITE_OK);
	sqlite3_close(db);
	char *is = buf_take(&words);
	assert_string_equal(is, answer);
	free(is);
}

/* ---- what goes in comes out ---- */

#define REVS 300

static uint64_t write_history(struct bench *bench, struct model *m, uint64_t doc, uint64_t *seed)
{
	uint64_t batch = 0;

	while (m->rev < REVS) {
		for (size_t n = 1 + scratch_choose(seed, 20); n && m->rev < REVS; n--)
			put_edit(bench->store, m, doc);
		if (!scratch_choose(seed, 3))
			put_snapshot(bench->store, m, doc);
		batch = store_turn(bench->store);
		if (!scratch_choose(seed, 3))
			wait_for(bench, batch);
	}
	return batch;
}

static void check_document(struct bench *bench, const char *name, uint64_t doc, uint64_t salt)
{
	struct store_document is;

	assert_true(store_document(bench->store, name, &is));
	assert_int_equal(is.doc, doc);
	assert_string_equal(is.path, name);
	assert_int_equal(is.newest, REVS);
	assert_int_equal(is.saved_rev, 10 * salt);
	assert_int_equal(is.saved_hash, 1234567890123456 + salt);
	assert_true(is.rev <= REVS);
	struct model m = model_at(salt, is.rev);
	struct text *want = model_text(&m);
	assert_true(text_equal(is.text, want));
	text_destroy(want);
	store_document_fini(&is);
	store_document_fini(&is);
	check_edits(bench->store, doc, salt, 0, REVS);
	check_edits(bench->store, doc, salt, 100, 101);
	check_edits(bench->store, doc, salt, REVS, REVS);
	for (uint64_t rev = 0; rev <= REVS; rev++)
		check_text(bench->store, doc, salt, rev);
}

static void history_comes_back(void **state)
{
	uint64_t seed = scratch_seed(), docs[3] = {0};
	struct store_document none;
	struct text *empty = text_create();
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	assert_false(store_document(bench.store, "a.c", &none));
	docs[1] = store_add_document(bench.store, "a.c", empty);
	docs[2] = store_add_document(bench.store, "dir/b.c", empty);
	assert_true(docs[1] && docs[2] && docs[1] != docs[2]);
	for (uint64_t salt = 1; salt <= 2; salt++) {
		struct model m = {.salt = salt};
		wait_for(&bench, write_history(&bench, &m, docs[salt], &seed));
		store_saved(bench.store, docs[salt], 10 * salt, 1234567890123456 + salt);
	}
	wait_for(&bench, store_turn(bench.store));
	check_document(&bench, "a.c", docs[1], 1);
	bench_fini(&bench);

	bench_init(&bench, path);
	check_document(&bench, "a.c", docs[1], 1);
	check_document(&bench, "dir/b.c", docs[2], 2);
	assert_false(store_document(bench.store, "b.c", &none));
	assert_null(none.path);
	assert_true(store_add_document(bench.store, "c.c", empty) > docs[2]);
	bench_fini(&bench);
	text_destroy(empty);
}

static void a_document_begins_with_its_text(void **state)
{
	struct store_document is;
	struct bench bench;
	struct text *text;

	(void)state;
	assert_int_equal(text_load(&text, "h\xc3\xa9llo\n", 7), ERR_NONE);
	bench_init(&bench, path);
	uint64_t doc = store_add_document(bench.store, "a", text);
	bench_fini(&bench);
	bench_init(&bench, path);
	assert_true(store_document(bench.store, "a", &is));
	assert_int_equal(is.doc, doc);
	assert_int_equal(is.rev, 0);
	assert_int_equal(is.newest, 0);
	assert_int_equal(is.saved_rev, 0);
	assert_int_equal(is.saved_hash, text_hash(text));
	assert_true(text_equal(is.text, text));
	store_document_fini(&is);
	bench_fini(&bench);
	text_destroy(text);
}

static void the_last_document_of_a_path_counts(void **state)
{
	struct text *text = text_create();
	struct store_document is;
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	store_add_document(bench.store, "a", text);
	uint64_t second = store_add_document(bench.store, "a", text);
	wait_for(&bench, store_turn(bench.store));
	assert_true(store_document(bench.store, "a", &is));
	assert_int_equal(is.doc, second);
	store_document_fini(&is);
	bench_fini(&bench);
	text_destroy(text);
}

static void named_values_come_back(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	assert_null(store_get(bench.store, "epoch"));
	store_put(bench.store, "epoch", "one");
	store_put(bench.store, "empty", "");
	store_put(bench.store, "epoch", "tw\xc3\xb6");
	wait_for(&bench, store_turn(bench.store));
	char *epoch = store_get(bench.store, "epoch"), *empty = store_get(bench.store, "empty");
	assert_string_equal(epoch, "tw\xc3\xb6");
	assert_string_equal(empty, "");
	free(epoch);
	free(empty);
	bench_fini(&bench);
}

static void check_session(struct store *store, const char *id, uint64_t row, const char *role)
{
	struct store_session is;

	assert_true(store_session(store, id, &is));
	assert_int_equal(is.row, row);
	assert_int_equal(is.user, 7);
	assert_string_equal(is.id, id);
	assert_string_equal(is.name, "Z\u00fcleyha");
	assert_string_equal(is.color, "#ff8800");
	assert_string_equal(is.role, role);
}

static void sessions_come_back_and_their_secrets_do_not(void **state)
{
	struct store_session session = {.id = "abc",
		.user = 7,
		.name = "Z\u00fcleyha",
		.color = "#ff8800",
		.role = "editor"};
	struct store_session other = {.id = "plain-secret-plain-secret", .role = "viewer"}, none;
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	assert_false(store_session(bench.store, "abc", &none));
	uint64_t row = store_add_session(bench.store, &session);
	uint64_t row2 = store_add_session(bench.store, &other);
	assert_true(row && row2 && row != row2);
	wait_for(&bench, store_turn(bench.store));
	check_session(bench.store, "abc", row, "editor");
	bench_fini(&bench);

	/* the digest of "abc" that FIPS 180-4 gives as an example */
	assert_sql("SELECT id FROM session WHERE user = 7",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	struct buf file = scratch_read(path);
	assert_null(memmem(file.at, file.len, other.id, strlen(other.id)));
	buf_fini(&file);

	bench_init(&bench, path);
	check_session(bench.store, "abc", row, "editor");
	assert_false(store_session(bench.store, "ab", &none));
	assert_false(store_session(bench.store, "", &none));
	strcpy(session.role, "viewer");
	uint64_t row3 = store_add_session(bench.store, &session);
	assert_true(row3 > row && row3 > row2);
	wait_for(&bench, store_turn(bench.store));
	check_session(bench.store, "abc", row3, "viewer");
	bench_fini(&bench);
}

static void a_session_has_the_role_of_now_and_may_end(void **state)
{
	struct store_session ada = {.id = "secret-1", .user = 1, .role = "editor"},
			     ben = {.id = "secret-2", .user = 2, .role = "editor"}, is;
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	ada.row = store_add_session(bench.store, &ada);
	ben.row = store_add_session(bench.store, &ben);
	store_terms(bench.store,
		&(struct store_session){
			.row = ada.row, .role = "viewer", .token = "token-1", .granted = "editor"});
	wait_for(&bench, store_turn(bench.store));
	assert_true(store_session(bench.store, ben.id, &is));
	store_end_session(bench.store, ben.row);
	assert_false(store_session(bench.store, ben.id, &is)); /* at once */
	wait_for(&bench, store_turn(bench.store));
	bench_fini(&bench);

	bench_init(&bench, path);
	assert_false(store_session(bench.store, ben.id, &is));
	assert_true(store_session(bench.store, ada.id, &is));
	assert_string_equal(is.role, "viewer");
	assert_string_equal(is.token, "token-1");
	assert_string_equal(is.granted, "editor");
	assert_int_equal(is.user, 1);
	bench_fini(&bench);
}

static void a_damaged_session_is_nobodys(void **state)
{
	struct store_session ada = {.id = "secret-1", .user = 1, .role = "viewer"}, is;
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	store_add_session(bench.store, &ada);
	bench_fini(&bench);
	sql("UPDATE session SET role = 'owner'");
	bench_init(&bench, path);
	assert_false(store_session(bench.store, ada.id, &is));
	store_seen(bench.store, 1); /* does not heal it */
	bench_fini(&bench);
	bench_init(&bench, path);
	assert_false(store_session(bench.store, ada.id, &is));
	bench_fini(&bench);
}

/* The newest stays, however old: its number in edits must not become somebody else's. */
static void sessions_not_seen_for_long_are_forgotten(void **state)
{
	const struct store_session kept = {
		.id = "secret", .user = 7, .name = "Ada", .role = "editor"};
	struct store_session out;
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	for (uint64_t row = 1; row <= 3; row++)
		assert_int_equal(store_add_session(bench.store, &kept), row);
	store_forget_sessions(bench.store, 1700000000000);
	wait_for(&bench, store_turn(bench.store));
	assert_sql("SELECT row FROM session ORDER BY row", "1 2 3");
	sql("UPDATE session SET at = 1, sum = reseal(sum, 7, at, 1)");
	store_seen(bench.store, 2);
	store_forget_sessions(bench.store, 1700000000000);
	wait_for(&bench, store_turn(bench.store));
	assert_sql("SELECT row FROM session ORDER BY row", "2 3");
	bench_fini(&bench);
	bench_init(&bench, path);
	assert_true(store_session(bench.store, "secret", &out));
	assert_int_equal(store_add_session(bench.store, &kept), 4);
	bench_fini(&bench);
}

static void the_newest_seq_of_a_session_is_known(void **state)
{
	struct model m = {.salt = 3};
	struct text *empty = text_create();
	uint64_t newest[3] = {0};
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	uint64_t doc = store_add_document(bench.store, "a", empty);
	while (m.rev < 50) {
		put_edit(bench.store, &m, doc);
		newest[m.rev % 3] = model_edit(&m, doc).seq;
	}
	wait_for(&bench, store_turn(bench.store));
	for (uint64_t session = 0; session < 3; session++)
		assert_true(store_session_seq(bench.store, doc, session) == newest[session]);
	assert_int_equal(store_session_seq(bench.store, doc, 3), 0);
	assert_int_equal(store_session_seq(bench.store, doc + 1, 1), 0);
	bench_fini(&bench);
	text_destroy(empty);
}

struct heard {
	uint64_t next;
	size_t count;
};

static void hear(void *ctx, const struct msg_said *said)
{
	struct heard *heard = ctx;
	char words[32];

	snprintf(words, sizeof(words), "%s%d", said->id % 4 ? "w\xc3\xb6rd " : "", (int)said->id);
	assert_int_equal(said->id, heard->next++);
	assert_int_equal(said->user, said->id % 3);
	assert_int_equal(said->at, 1000 * said->id);
	assert_true(str_is(said->name, names[said->id % 4]));
	assert_true(str_is(said->text, said->id == 9 ? "" : words));
	heard->count++;
}

static void check_chat(struct store *store, size_t count, uint64_t first, size_t expected)
{
	struct heard heard = {.next = first};

	assert_true(store_chat_recent(store, count, hear, &heard));
	assert_int_equal(heard.count, expected);
}

static void chat_comes_back_oldest_first(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	check_chat(bench.store, 10, 0, 0);
	for (uint64_t id = 1; id <= 20; id++) {
		char words[32];
		snprintf(words, sizeof(words), "%s%d", id % 4 ? "w\xc3\xb6rd " : "", (int)id);
		store_chat(bench.store, &(struct msg_said){.id = id,
						.user = id % 3,
						.name = str(names[id % 4]),
						.at = 1000 * id,
						.text = str(id == 9 ? "" : words)});
	}
	bench_fini(&bench);
	bench_init(&bench, path);
	check_chat(bench.store, 5, 16, 5);
	check_chat(bench.store, 20, 1, 20);
	check_chat(bench.store, 1000, 1, 20);
	check_chat(bench.store, 0, 0, 0);
	bench_fini(&bench);
}

static void few_snapshots_and_the_first_are_kept(void **state)
{
	struct model m = {.salt = 4};
	struct text *empty = text_create();
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	uint64_t doc = store_add_document(bench.store, "a", empty);
	uint64_t other = store_add_document(bench.store, "b", empty);
	while (m.rev < 90) {
		put_edit_alone(bench.store, &m, doc);
		if (m.rev % 10 == 0)
			put_snapshot(bench.store, &m, doc);
	}
	put_snapshot(bench.store, &m, doc);
	put_snapshot(bench.store, &m, other);
	bench_fini(&bench);
	assert_sql("SELECT rev FROM snapshot WHERE doc = 1 ORDER BY rev", "0 70 80 90");
	assert_sql("SELECT rev FROM snapshot WHERE doc = 2 ORDER BY rev", "0 90");
	assert_sql("SELECT count(*) FROM edit", "90");
	text_destroy(empty);
}

/* ---- batches ---- */

static void batches_are_counted(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	uint64_t none = store_turn(bench.store);
	assert_int_equal(store_turn(bench.store), none);
	assert_int_equal(store_committed(bench.store), none);
	store_put(bench.store, "a", "1");
	uint64_t first = store_turn(bench.store);
	assert_true(first > none);
	assert_int_equal(store_turn(bench.store), first);
	store_put(bench.store, "a", "2");
	store_put(bench.store, "b", "2");
	uint64_t second = store_turn(bench.store);
	assert_true(second > first);
	/* not before the loop ran, however long that takes */
	assert_int_equal(store_committed(bench.store), none);
	wait_for(&bench, second);
	assert_int_equal(store_committed(bench.store), second);
	assert_int_equal(store_turn(bench.store), second);
	assert_int_equal(bench.failures, 0);
	bench_fini(&bench);
}

static void closing_commits_what_was_not_handed_over(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	store_put(bench.store, "a", "1");
	store_turn(bench.store);
	store_put(bench.store, "a", "2");
	bench_fini(&bench);
	assert_int_equal(bench.committed, 0);
	assert_sql("SELECT value FROM meta WHERE name = 'a'", "2");
	assert_true(store_close(NULL));
}

static void large_texts_and_ops_fit(void **state)
{
	struct store_edit edit = {.doc = 1, .rev = 1};
	struct buf bytes = {0};
	struct text *text, *is;
	struct bench bench;

	(void)state;
	for (unsigned i = 0; bytes.len < (size_t)5 << 20; i++)
		buf_printf(&bytes, "%u \xe2\x82\xac\n", i);
	assert_int_equal(text_load(&text, bytes.at, bytes.len), ERR_NONE);
	bench_init(&bench, path);
	edit.doc = store_add_document(bench.store, "a", text);
	op_insert(&edit.op, bytes.at, bytes.len);
	store_edit(bench.store, &edit);
	op_fini(&edit.op);
	wait_for(&bench, store_turn(bench.store));
	is = store_text_at(bench.store, edit.doc, 0);
	assert_true(text_equal(is, text));
	text_destroy(is);
	is = store_text_at(bench.store, edit.doc, 1);
	assert_int_equal(text_insert(text, 0, bytes.at, bytes.len), ERR_NONE);
	assert_true(text_equal(is, text));
	text_destroy(is);
	bench_fini(&bench);
	text_destroy(text);
	buf_fini(&bytes);
}

/* ---- files that are not ours, or not whole ---- */

static void assert_not_opened(const char *at, const char *words)
{
	struct loop *loop = loop_create();
	struct bench bench = {0};
	char *why = NULL;

	assert_null(store_open(loop, at, STORE_DISK, &handler, &bench, &why));
	assert_non_null(why);
	if (!strstr(why, words) || !strstr(why, at))
		fail_msg("\"%s\" does not say \"%s\" of %s", why, words, at);
	free(why);
	loop_destroy(loop);
}

static void foreign_files_are_refused(void **state)
{
	struct bench bench;
	char *missing = report_sentence("%s/none/room.db", dir);

	(void)state;
	assert_not_opened(missing, strerror(ENOENT));
	assert_not_opened(dir, strerror(EISDIR));
	bench_init(&bench, path);
	bench_fini(&bench);
	sql("PRAGMA user_version = 6");
	assert_not_opened(
		path, "was written by a newer codecollab (its format is 6, this one knows 5)");
	assert_int_equal(unlink(path), 0);
	sql("CREATE TABLE songs (title TEXT)");
	assert_not_opened(path, "is a database, but not a codecollab history");
	assert_sql("SELECT name FROM sqlite_schema", "songs");
	scratch_write(
		path, "Dear diary, this is no database, however long one reads on in it.", 65);
	assert_not_opened(path, "file is not a database");
	free(missing);
}

/* As a crash of an older version left it. */
static void an_empty_file_becomes_a_history(void **state)
{
	struct bench bench;
	char *fault;

	(void)state;
	scratch_write(path, "", 0);
	bench_init(&bench, path);
	store_put(bench.store, "a", "1");
	wait_for(&bench, store_turn(bench.store));
	fault = store_fault(bench.store);
	assert_null(fault);
	assert_sql("PRAGMA auto_vacuum", "2");
	assert_sql("PRAGMA journal_mode", "wal");
	bench_fini(&bench);
}

static void the_file_is_private(void **state)
{
	char *wal = report_sentence("%s-wal", path);
	mode_t mask = umask(0);
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	store_put(bench.store, "a", "1");
	wait_for(&bench, store_turn(bench.store));
	assert_int_equal(scratch_mode(path), 0600);
	assert_int_equal(scratch_mode(wal), 0600);
	bench_fini(&bench);
	assert_int_equal(chmod(path, 0644), 0);
	bench_init(&bench, path);
	assert_int_equal(scratch_mode(path), 0600);
	bench_fini(&bench);
	umask(mask);
	free(wal);
}

static bool count_edit(void *ctx, const struct store_edit *edit)
{
	uint64_t *left = ctx;

	(void)edit;
	return --*left > 0;
}

static bool all_edits(struct store *store, uint64_t doc, uint64_t from, uint64_t to)
{
	uint64_t left = UINT64_MAX;

	return store_edits(store, doc, from, to, count_edit, &left);
}

static uint64_t write_and_close(uint64_t salt, uint64_t revs)
{
	struct model m = {.salt = salt};
	struct text *empty = text_create();
	struct bench bench;

	bench_init(&bench, path);
	uint64_t doc = store_add_document(bench.store, "a", empty);
	while (m.rev < revs) {
		put_edit_alone(bench.store, &m, doc);
		if (m.rev % 10 == 0)
			put_snapshot(bench.store, &m, doc);
	}
	bench_fini(&bench);
	text_destroy(empty);
	return doc;
}

static void gaps_and_broken_edits_are_found(void **state)
{
	uint64_t doc = write_and_close(5, 40), left = 3, never = 100;
	struct bench bench;

	(void)state;
	sql("DELETE FROM edit WHERE rev = 15;"
	    "UPDATE edit SET op = x'ff', sum = reseal(sum, 8, op, x'ff') WHERE rev = 25;"
	    "UPDATE edit SET at = at + 1 WHERE rev = 35"); /* not as it was written */
	bench_init(&bench, path);
	assert_true(all_edits(bench.store, doc, 0, 14));
	assert_false(all_edits(bench.store, doc, 0, 15));
	assert_false(all_edits(bench.store, doc, 0, 24));
	assert_true(all_edits(bench.store, doc, 15, 24));
	assert_false(all_edits(bench.store, doc, 15, 25));
	assert_false(all_edits(bench.store, doc, 35, 41));
	assert_true(store_edits(bench.store, doc, 0, 40, count_edit, &left));
	assert_int_equal(left, 0);
	assert_false(store_edits(bench.store, doc, 0, 20, count_edit, &never));
	assert_int_equal(never, 100 - 14); /* what is behind the gap is not shown */
	check_text(bench.store, doc, 5, 14);
	assert_null(store_text_at(bench.store, doc, 15));
	assert_null(store_text_at(bench.store, doc, 19));
	check_text(bench.store, doc, 5, 20);
	check_text(bench.store, doc, 5, 24);
	assert_null(store_text_at(bench.store, doc, 25));
	check_text(bench.store, doc, 5, 30);
	assert_null(store_text_at(bench.store, doc, 35));
	check_text(bench.store, doc, 5, 40);
	assert_null(store_text_at(bench.store, doc, 41));
	assert_null(store_text_at(bench.store, doc + 1, 0));
	bench_fini(&bench);
}

static void the_edits_of_a_turn_share_a_row(void **state)
{
	struct model m = {.salt = 17};
	struct text *empty = text_create();
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	uint64_t doc = store_add_document(bench.store, "a", empty);
	while (m.rev < 20)
		put_edit(bench.store, &m, doc);
	put_snapshot(bench.store, &m, doc);
	while (m.rev < 30)
		put_edit(bench.store, &m, doc);
	wait_for(&bench, store_turn(bench.store));
	assert_sql("SELECT rev, edits FROM edit ORDER BY rev", "20 20 30 10");
	for (uint64_t from = 0; from <= 30; from++)
		for (uint64_t to = from; to <= 30; to++)
			check_edits(bench.store, doc, 17, from, to);
	assert_false(all_edits(bench.store, doc, 0, 31));
	bench_fini(&bench);
	text_destroy(empty);
}

static void a_row_that_is_not_what_it_says_is_broken(void **state)
{
	static const char *const damages[] = {
		"UPDATE edit SET before = substr(before, 1, length(before) - 1) WHERE rev = 20",
		"UPDATE edit SET before = CAST(before || x'0a' AS BLOB) WHERE rev = 20",
		"UPDATE edit SET before = x'' WHERE rev = 20",
		"UPDATE edit SET edits = 18 WHERE rev = 20",
		"UPDATE edit SET edits = 20 WHERE rev = 20",
		"UPDATE edit SET edits = 0 WHERE rev = 20",
		"UPDATE edit SET edits = -1 WHERE rev = 20",
	};
	struct model m = {.salt = 18};
	struct text *empty = text_create();
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	uint64_t doc = store_add_document(bench.store, "a", empty);
	put_edit_alone(bench.store, &m, doc);
	while (m.rev < 20)
		put_edit(bench.store, &m, doc);
	wait_for(&bench, store_turn(bench.store));
	sql("CREATE TABLE kept AS SELECT * FROM edit");
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		assert_true(all_edits(bench.store, doc, 0, 20));
		sql(damages[i]);
		sql("UPDATE edit SET sum = seal(doc, rev, user, name, session, seq, at, op,"
		    " edits, before)");
		assert_true(all_edits(bench.store, doc, 0, 1));
		assert_false(all_edits(bench.store, doc, 0, 20));
		sql("DELETE FROM edit; INSERT INTO edit SELECT * FROM kept");
	}
	bench_fini(&bench);
	text_destroy(empty);
}

static void a_broken_snapshot_is_passed_over(void **state)
{
	uint64_t doc = write_and_close(6, 40);
	struct store_document is;
	struct bench bench;

	(void)state;
	/* not UTF-8; not packed; a frame whose header promises 2^60 bytes (RFC 8878, 3.1.1.1) */
	sql("UPDATE snapshot SET packed = 0, text = x'61ff' WHERE rev = 30;"
	    "UPDATE snapshot SET text = CASE rev WHEN 40 THEN x'61'"
	    " ELSE x'28b52ffde00000000000000010010000' END WHERE rev IN (0, 40);"
	    "UPDATE snapshot SET sum = seal(doc, rev, packed, text)");
	bench_init(&bench, path);
	check_text(bench.store, doc, 6, 35);
	check_text(bench.store, doc, 6, 40);
	assert_true(store_document(bench.store, "a", &is));
	assert_int_equal(is.rev, 20);
	assert_int_equal(is.newest, 40);
	store_document_fini(&is);
	bench_fini(&bench);
	sql("UPDATE snapshot SET packed = 0, text = x'61' WHERE rev = 20"); /* not as it was written */
	bench_init(&bench, path);
	assert_null(store_text_at(bench.store, doc, 20));
	bench_fini(&bench);
	sql("DELETE FROM snapshot");
	bench_init(&bench, path);
	assert_true(store_document(bench.store, "a", &is));
	assert_null(is.text);
	store_document_fini(&is);
	bench_fini(&bench);
}

/* ---- older formats, and looking on ---- */

/* Format 1 as it was: snapshots as plain text. */
static const char format_1[] =
	"PRAGMA journal_mode = WAL;"
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE document (doc INTEGER PRIMARY KEY, path TEXT NOT NULL,"
	"  saved_rev INTEGER NOT NULL, saved_hash INTEGER NOT NULL) STRICT;"
	"CREATE INDEX document_path ON document (path, doc);"
	"CREATE TABLE edit (doc INTEGER, rev INTEGER, user INTEGER NOT NULL, name TEXT NOT NULL,"
	"  session INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, op BLOB NOT NULL,"
	"  PRIMARY KEY (doc, rev)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX edit_session ON edit (session, doc, rev, seq);"
	"CREATE TABLE snapshot (doc INTEGER NOT NULL, rev INTEGER NOT NULL, text TEXT NOT NULL,"
	"  PRIMARY KEY (doc, rev)) STRICT;"
	"CREATE TABLE session (row INTEGER PRIMARY KEY, id TEXT NOT NULL, user INTEGER NOT NULL,"
	"  name TEXT NOT NULL, color TEXT NOT NULL, role TEXT NOT NULL, at INTEGER NOT NULL) STRICT;"
	"CREATE INDEX session_id ON session (id, row);"
	"CREATE TABLE chat (id INTEGER PRIMARY KEY, user INTEGER NOT NULL, name TEXT NOT NULL,"
	"  at INTEGER NOT NULL, text TEXT NOT NULL) STRICT;"
	"PRAGMA user_version = 1;"
	"INSERT INTO meta VALUES ('epoch', 'of before');"
	"INSERT INTO document VALUES (1, 'a', 1, 5);"
	"INSERT INTO session VALUES (1, 'x', 1, 'Ada', '#ff8800', 'editor', 1000);"
	"INSERT INTO snapshot VALUES (1, 0, 'h\xc3\xa9llo'), (1, 1, '');"
	"INSERT INTO edit VALUES (1, 1, 1, 'Ada', 1, 1, 1000, x'0115'), (1, 2, 1, 'Ada', 1, 2, 1000, x'01066f');";

static void check_at(struct store *store, uint64_t rev, const char *want)
{
	struct text *is = store_text_at(store, 1, rev);

	assert_non_null(is);
	char *words = text_slice(is, 0, text_size(is).points, NULL);
	assert_string_equal(words, want);
	free(words);
	text_destroy(is);
}

static void check_format_1(struct store *store)
{
	check_at(store, 0, "h\xc3\xa9llo");
	check_at(store, 1, "");
	check_at(store, 2, "o");
	char *epoch = store_get(store, "epoch");
	assert_string_equal(epoch, "of before");
	free(epoch);
}

static void an_older_format_is_brought_up_to_date(void **state)
{
	struct bench bench;
	struct text *text = text_create();
	char *why;

	(void)state;
	sql(format_1);
	struct store *look = store_look(path, &why);
	assert_non_null(look);
	check_format_1(look);
	assert_true(store_close(look));
	assert_sql("PRAGMA user_version", "1");
	bench_init(&bench, path);
	check_format_1(bench.store);
	assert_int_equal(store_session_seq(bench.store, 1, 1), 2);
	store_snapshot(bench.store, 1, 2, text);
	bench_fini(&bench);
	assert_sql("PRAGMA user_version", "5");
	assert_sql("SELECT count(*) FROM session WHERE token = ''", "1");
	assert_sql("SELECT rev, packed FROM snapshot ORDER BY rev", "0 0 1 0 2 1");
	assert_sql("PRAGMA integrity_check", "ok");
	bench_init(&bench, path);
	check_at(bench.store, 1, "");
	check_at(bench.store, 2, "");
	bench_fini(&bench);
	text_destroy(text);
}

/* What is written now, as format 4 had it: a row for each edit. */
static void make_format_4(void)
{
	sql("CREATE TABLE edit_4 (doc INTEGER, rev INTEGER, user INTEGER NOT NULL,"
	    "  name TEXT NOT NULL, session INTEGER NOT NULL, seq INTEGER NOT NULL,"
	    "  at INTEGER NOT NULL, op BLOB NOT NULL, sum INTEGER NOT NULL,"
	    "  PRIMARY KEY (doc, rev)) STRICT, WITHOUT ROWID;"
	    "INSERT INTO edit_4 SELECT doc, rev, user, name, session, seq, at, op,"
	    "  seal(doc, rev, user, name, session, seq, at, op) FROM edit;"
	    "DROP TABLE edit;"
	    "ALTER TABLE edit_4 RENAME TO edit;"
	    "CREATE INDEX edit_session ON edit (session, doc, rev, seq);"
	    "DROP TABLE counted;"
	    "PRAGMA user_version = 4");
}

static void check_format_4(struct store *store, uint64_t doc)
{
	struct store_document is;

	check_edits(store, doc, 19, 0, 26);
	assert_false(all_edits(store, doc, 0, 27));
	check_edits(store, doc, 19, 27, 40);
	check_text(store, doc, 19, 26);
	check_text(store, doc, 19, 40);
	assert_true(store_document(store, "a", &is));
	assert_int_equal(is.oldest, 0);
	assert_int_equal(is.newest, 40);
	store_document_fini(&is);
}

static void edits_that_had_a_row_each_are_read(void **state)
{
	uint64_t doc = write_and_close(19, 40);
	struct bench bench;
	char *why;

	(void)state;
	make_format_4();
	sql("UPDATE edit SET at = at + 1 WHERE rev = 27"); /* damaged, and stays so */
	struct store *look = store_look(path, &why);
	assert_non_null(look);
	check_format_4(look, doc);
	assert_true(store_close(look));
	assert_sql("PRAGMA user_version", "4");
	bench_init(&bench, path);
	check_format_4(bench.store, doc);
	for (uint64_t rev = 38; rev <= 40; rev++) {
		struct store_edit edit = model_edit(&(struct model){.salt = 19, .rev = rev}, doc);
		assert_true(store_session_seq(bench.store, doc, edit.session) == edit.seq);
	}
	bench_fini(&bench);
	assert_sql("PRAGMA user_version", "5");
	assert_sql("PRAGMA integrity_check", "ok");
}

static void an_upgrade_that_fails_leaves_all_as_it_was(void **state)
{
	struct loop *loop = loop_create();
	struct bench bench;
	char *why;

	(void)state;
	sql(format_1);
	sql("CREATE TABLE snapshot_2 (obstacle)");
	assert_null(store_open(loop, path, STORE_DISK, &handler, &bench, &why));
	assert_non_null(strstr(why, "upgrade"));
	free(why);
	sql("DROP TABLE snapshot_2");
	assert_sql("PRAGMA user_version", "1");
	bench_init(&bench, path);
	check_format_1(bench.store);
	bench_fini(&bench);
	loop_destroy(loop);
}

static void snapshots_are_packed(void **state)
{
	struct buf bytes = {0};
	struct text *text, *is;
	struct bench bench;

	(void)state;
	while (bytes.len < 1000000)
		buf_add_str(&bytes, "the same line again and again\n");
	assert_int_equal(text_load(&text, bytes.at, bytes.len), ERR_NONE);
	bench_init(&bench, path);
	uint64_t doc = store_add_document(bench.store, "a", text);
	bench_fini(&bench);
	assert_sql("SELECT length(text) < 10000 FROM snapshot", "1");
	bench_init(&bench, path);
	is = store_snapshot_text(bench.store, doc, 0);
	assert_true(text_equal(is, text));
	text_destroy(is);
	assert_null(store_snapshot_text(bench.store, doc, 1));
	bench_fini(&bench);
	text_destroy(text);
	buf_fini(&bytes);
}

static void who_looks_on_changes_nothing(void **state)
{
	struct model m = {.salt = 12};
	struct text *empty = text_create();
	struct bench bench;
	char *why;

	(void)state;
	bench_init(&bench, path);
	uint64_t doc = store_add_document(bench.store, "a", empty);
	put_edit(bench.store, &m, doc);
	wait_for(&bench, store_turn(bench.store));
	struct store *look = store_look(path, &why);
	assert_non_null(look);
	assert_null(store_fault(look));
	check_edits(look, doc, 12, 0, 1);
	put_edit(bench.store, &m, doc);
	wait_for(&bench, store_turn(bench.store)); /* the server goes on meanwhile */
	check_edits(look, doc, 12, 0, 1);
	assert_true(store_close(look));
	look = store_look(path, &why);
	check_edits(look, doc, 12, 0, 2);
	store_close(look);
	bench_fini(&bench);
	text_destroy(empty);
}

/* ---- old edits ---- */

#define DAY_MS UINT64_C(86400000)

/* 100 edits, a snapshot every 10, of which 0, 80, 90 and 100 stay. */
static uint64_t hundred(struct bench *bench, uint64_t salt)
{
	struct model m = {.salt = salt};
	struct text *empty = text_create();

	bench_init(bench, path);
	uint64_t doc = store_add_document(bench->store, "a", empty);
	while (m.rev < 100) {
		put_edit_alone(bench->store, &m, doc);
		if (m.rev % 10 == 0)
			put_snapshot(bench->store, &m, doc);
	}
	wait_for(bench, store_turn(bench->store));
	text_destroy(empty);
	return doc;
}

static uint64_t time_of(uint64_t rev)
{
	return model_edit(&(struct model){.rev = rev}, 1).at_ms;
}

/* What is left when edits of a day before `now` may go, and no one needs more than what is behind `needed`. */
static uint64_t drop(
	struct bench *bench, uint64_t doc, struct store_keep keep, uint64_t needed, uint64_t now)
{
	struct store_document is;
	uint64_t oldest;

	while (store_drop_old(bench->store, doc, &keep, needed, now, &oldest))
		wait_for(bench, store_turn(bench->store));
	wait_for(bench, store_turn(bench->store));
	assert_true(store_document(bench->store, "a", &is));
	assert_int_equal(is.oldest, oldest);
	assert_int_equal(is.newest, 100);
	store_document_fini(&is);
	return oldest;
}

static void old_edits_go_and_never_more(void **state)
{
	struct bench bench;
	uint64_t doc = hundred(&bench, 13), now = time_of(95) + DAY_MS;

	(void)state;
	assert_int_equal(drop(&bench, doc, (struct store_keep){0}, 100, UINT64_MAX), 0);
	assert_int_equal(drop(&bench, doc, (struct store_keep){.days = 2}, 100, now), 0);
	assert_int_equal(drop(&bench, doc, (struct store_keep){.days = 1}, 79, now), 0);
	check_edits(bench.store, doc, 13, 0, 100);
	assert_int_equal(drop(&bench, doc, (struct store_keep){.days = 1}, 89, now), 80);
	assert_int_equal(drop(&bench, doc, (struct store_keep){.days = 1}, 100, now), 90);
	assert_false(all_edits(bench.store, doc, 89, 100));
	check_edits(bench.store, doc, 13, 90, 100);
	for (uint64_t rev = 90; rev <= 100; rev++)
		check_text(bench.store, doc, 13, rev);
	assert_null(store_text_at(bench.store, doc, 89));
	/* all of them: then the newest snapshot alone says which revision it is */
	assert_int_equal(drop(&bench, doc, (struct store_keep){.days = 1}, 200, now + DAY_MS), 100);
	assert_sql("SELECT count(*) FROM edit", "0");
	check_text(bench.store, doc, 13, 100);
	bench_fini(&bench);
}

static void edits_beyond_a_size_go(void **state)
{
	struct bench bench;
	uint64_t doc = hundred(&bench, 14);

	(void)state;
	sql("CREATE TABLE size AS SELECT sum(length(op)) AS bytes FROM edit WHERE rev > 90");
	sqlite3 *db;
	struct buf words = {0};
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db, "SELECT bytes FROM size", take_word, &words, NULL), SQLITE_OK);
	sqlite3_close(db);
	char *number = buf_take(&words);
	uint64_t newest_ten = strtoull(number, NULL, 10);
	free(number);
	struct store_keep keep = {.bytes = newest_ten + 1};
	assert_int_equal(drop(&bench, doc, keep, 100, 0), 80);
	keep.bytes = newest_ten;
	assert_int_equal(drop(&bench, doc, keep, 100, 0), 90);
	check_edits(bench.store, doc, 14, 90, 100);
	bench_fini(&bench);
}

static off_t size_of_file(void)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

#define MUCH ((size_t)12 << 20)

static void put_and_free_much(struct bench *bench)
{
	char *value = mem_alloc(MUCH + 1);

	memset(value, 'x', MUCH);
	store_put(bench->store, "much", value);
	wait_for(bench, store_turn(bench->store));
	store_put(bench->store, "much", "");
	wait_for(bench, store_turn(bench->store));
	free(value);
}

/* In slices, and until only what is soon needed again is spare. */
static void free_space_goes_back_to_the_disk(void **state)
{
	struct bench bench;
	int slices = 0;

	(void)state;
	bench_init(&bench, path);
	assert_false(store_shrink(bench.store));
	put_and_free_much(&bench);
	bench_fini(&bench);
	assert_true(size_of_file() > (off_t)MUCH);
	bench_init(&bench, path);
	for (; store_shrink(bench.store); slices++)
		wait_for(&bench, store_turn(bench.store));
	bench_fini(&bench);
	assert_true(slices > 1);
	assert_true(size_of_file() < (off_t)MUCH / 8);
	assert_sql("PRAGMA integrity_check", "ok");
}

/* One that was made before files could shrink learns it when it is opened. */
static void an_older_file_can_shrink_too(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	bench_fini(&bench);
	sql("PRAGMA journal_mode = DELETE");
	sql("PRAGMA auto_vacuum = NONE; VACUUM");
	assert_sql("PRAGMA auto_vacuum", "0");
	bench_init(&bench, path);
	assert_sql("PRAGMA auto_vacuum", "2");
	put_and_free_much(&bench);
	assert_true(store_shrink(bench.store));
	bench_fini(&bench);
}

static void many_old_edits_go_in_slices(void **state)
{
	struct model m = {.salt = 15};
	struct text *empty = text_create();
	struct bench bench;
	uint64_t oldest, before = 0;

	(void)state;
	bench_init(&bench, path);
	uint64_t doc = store_add_document(bench.store, "a", empty);
	while (m.rev < 5000)
		put_edit(bench.store, &m, doc);
	put_snapshot(bench.store, &m, doc);
	wait_for(&bench, store_turn(bench.store));
	struct store_keep keep = {.days = 1};
	while (store_drop_old(bench.store, doc, &keep, 5000, UINT64_MAX, &oldest)) {
		wait_for(&bench, store_turn(bench.store));
		assert_true(oldest > before && oldest < 5000);
		check_edits(bench.store, doc, 15, oldest, 5000);
		check_text(bench.store, doc, 15, 5000);
		before = oldest;
	}
	assert_true(before > 0);
	assert_int_equal(oldest, 5000);
	bench_fini(&bench);
	text_destroy(empty);
}

/* ---- a full disk ---- */

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void unlimit_files(void)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void stop_loop(void *ctx)
{
	struct bench *bench = ctx;

	loop_stop(bench->loop);
}

/* Long enough for two more tries: a slow machine makes this see less, never something else. */
static void let_it_try_again(struct bench *bench)
{
	struct timer *timer = timer_make(bench->loop, stop_loop, bench);

	timer_set(timer, 2300, 0);
	loop_run(bench->loop);
	timer_destroy(timer);
}

/* More than any file may have: the batch fails half way. */
static uint64_t put_much(struct bench *bench, struct model *m, uint64_t doc)
{
	for (int i = 0; i < 200; i++) {
		put_edit(bench->store, m, doc);
		put_snapshot(bench->store, m, doc);
	}
	return store_turn(bench->store);
}

static void failures_are_told_once_and_nothing_is_lost(void **state)
{
	struct model m = {.salt = 7};
	struct text *empty = text_create();
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	uint64_t doc = store_add_document(bench.store, "a", empty);
	wait_for(&bench, store_turn(bench.store));
	for (int run = 1; run <= 2; run++) {
		uint64_t before = bench.committed, revs = m.rev;
		limit_files(4096);
		put_much(&bench, &m, doc);
		wait_for_failure(&bench);
		assert_int_equal(bench.failures, run);
		assert_int_equal(bench.committed, before);
		assert_non_null(strstr(bench.sentence, path));
		assert_non_null(strstr(bench.sentence, "disk I/O error"));
		if (run == 1)
			let_it_try_again(&bench);
		assert_int_equal(bench.failures, run);
		assert_true(all_edits(bench.store, doc, 0, revs));
		assert_false(all_edits(bench.store, doc, 0, revs + 1));
		put_edit(bench.store, &m, doc);
		store_turn(bench.store);
		put_edit(bench.store, &m, doc);
		uint64_t last = store_turn(bench.store);
		unlimit_files();
		wait_for(&bench, last);
		assert_int_equal(bench.failures, run);
		check_edits(bench.store, doc, 7, 0, m.rev);
		check_text(bench.store, doc, 7, m.rev);
	}
	bench_fini(&bench);
	text_destroy(empty);
}

/* ---- two rooms ---- */

/* They have a loop, and threads, in common. */
static void bench_beside(struct bench *bench, struct loop *loop, enum store_durability durability)
{
	char *why, *at = report_sentence("%s/other.db", dir);

	*bench = (struct bench){.loop = loop, .report = -1};
	bench->store = store_open(loop, at, durability, &handler, bench, &why);
	assert_non_null(bench->store);
	free(at);
}

static sqlite3 *lock_file(void)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static void one_room_does_not_wait_for_another(enum store_durability durability)
{
	struct bench locked, free_one;
	sqlite3 *db;
	uint64_t batch;

	bench_init_as(&locked, path, durability);
	bench_beside(&free_one, locked.loop, durability);
	db = lock_file();
	store_put(locked.store, "a", "1");
	batch = store_turn(locked.store);
	for (int i = 0; i < 20; i++) {
		store_put(free_one.store, "a", i % 2 ? "odd" : "even");
		wait_for(&free_one, store_turn(free_one.store));
	}
	assert_int_equal(locked.committed, 0);
	assert_int_equal(locked.failures, 0);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	wait_for(&locked, batch);
	assert_int_equal(locked.failures, 0);
	assert_true(store_close(free_one.store));
	bench_fini(&locked);
	assert_sql("SELECT value FROM meta WHERE name = 'a'", "1");
}

static void a_locked_room_holds_up_no_other_on_disk(void **state)
{
	(void)state;
	one_room_does_not_wait_for_another(STORE_DISK);
}

static void a_locked_room_holds_up_no_other_in_the_kernel(void **state)
{
	(void)state;
	one_room_does_not_wait_for_another(STORE_PROCESS);
}

/* Of those, one that fails. */
static void a_failing_room_holds_up_no_other(void **state)
{
	struct bench failing, other;
	uint64_t batch;

	(void)state;
	bench_init(&failing, path);
	sql("CREATE TRIGGER broken BEFORE INSERT ON meta BEGIN SELECT RAISE(FAIL, 'no'); END");
	bench_beside(&other, failing.loop, STORE_DISK);
	store_put(failing.store, "a", "1");
	batch = store_turn(failing.store);
	wait_for_failure(&failing);
	for (int i = 0; i < 20; i++) {
		store_put(other.store, "a", i % 2 ? "odd" : "even");
		wait_for(&other, store_turn(other.store));
	}
	assert_int_equal(failing.failures, 1);
	sql("DROP TRIGGER broken");
	wait_for(&failing, batch);
	assert_int_equal(other.failures, 0);
	assert_true(store_close(other.store));
	bench_fini(&failing);
}

/* That nothing can pack. */
static struct text *noise(size_t len)
{
	struct buf bytes = {0};
	struct text *text;
	uint64_t seed = 1;

	for (size_t i = 0; i < len; i++)
		buf_add_byte(&bytes, (unsigned char)(' ' + scratch_choose(&seed, 64)));
	assert_int_equal(text_load(&text, bytes.at, bytes.len), ERR_NONE);
	buf_fini(&bytes);
	return text;
}

/* The log is copied into the file, and its place used again, however much is written, and though the next batch always waits. */
static void the_log_does_not_grow_for_ever(void **state)
{
	char *log = report_sentence("%s-wal", path);
	struct bench bench;
	struct text *text;
	struct stat st;

	(void)state;
	bench_init_as(&bench, path, STORE_PROCESS);
	text = noise(100000);
	uint64_t doc = store_add_document(bench.store, "a", text);
	for (uint64_t rev = 1; rev <= 200; rev++) {
		store_snapshot(bench.store, doc, rev, text);
		wait_for(&bench, store_turn(bench.store) - 1);
	}
	assert_int_equal(stat(log, &st), 0);
	assert_true(st.st_size < 3 * 1000 * 4096);
	text_destroy(text);
	bench_fini(&bench);
	free(log);
}

static void a_batch_is_stored_whole_or_not_at_all(void **state)
{
	struct model m = {.salt = 11};
	struct text *empty = text_create();
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	uint64_t doc = store_add_document(bench.store, "a", empty);
	wait_for(&bench, store_turn(bench.store));
	sql("CREATE TRIGGER obstacle BEFORE INSERT ON edit WHEN new.rev = 3"
	    " BEGIN SELECT raise(ABORT, 'an obstacle'); END");
	while (m.rev < 5) {
		put_edit(bench.store, &m, doc);
		put_snapshot(bench.store, &m, doc);
	}
	uint64_t last = store_turn(bench.store);
	wait_for_failure(&bench);
	assert_non_null(strstr(bench.sentence, "an obstacle"));
	assert_false(all_edits(bench.store, doc, 0, 1));
	sql("DROP TRIGGER obstacle");
	wait_for(&bench, last);
	check_edits(bench.store, doc, 11, 0, 5);
	bench_fini(&bench);
	text_destroy(empty);
}

static void closing_gives_up_in_the_end(void **state)
{
	struct model m = {.salt = 8};
	struct text *empty = text_create();
	struct bench bench;

	(void)state;
	bench_init(&bench, path);
	uint64_t doc = store_add_document(bench.store, "a", empty);
	put_edit(bench.store, &m, doc);
	wait_for(&bench, store_turn(bench.store));
	limit_files(4096);
	put_much(&bench, &m, doc);
	assert_false(store_close(bench.store));
	unlimit_files();
	loop_destroy(bench.loop);
	free(bench.sentence);
	assert_int_equal(bench.failures, 0);
	bench_init(&bench, path);
	check_edits(bench.store, doc, 8, 0, 1);
	assert_false(all_edits(bench.store, doc, 0, 2));
	bench_fini(&bench);
	text_destroy(empty);
}

/* A disk of one mebibyte, in a mount namespace of our own so that it goes with us. */
static bool small_disk(const char *at)
{
	return !mkdir(at, 0700) && !unshare(CLONE_NEWNS) &&
	       !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("tmpfs", at, "tmpfs", 0, "size=1m");
}

static void fill_disk(const char *ballast)
{
	static const char zeros[4096];
	int fd = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	while (write(fd, zeros, sizeof(zeros)) > 0)
		;
	assert_int_equal(errno, ENOSPC);
	close(fd);
}

static void a_full_disk_is_waited_out(void **state)
{
	char *disk = report_sentence("%s/disk", dir), *db = report_sentence("%s/disk/room.db", dir);
	char *ballast = report_sentence("%s/disk/ballast", dir);
	struct model m = {.salt = 9};
	struct text *empty = text_create();
	struct bench bench;
	bool mounted = small_disk(disk);

	(void)state;
	if (mounted) {
		bench_init(&bench, db);
		uint64_t doc = store_add_document(bench.store, "a", empty);
		wait_for(&bench, store_turn(bench.store));
		fill_disk(ballast);
		for (int i = 0; i < 100; i++)
			put_edit(bench.store, &m, doc);
		uint64_t last = store_turn(bench.store);
		wait_for_failure(&bench);
		assert_non_null(strstr(bench.sentence, "full"));
		assert_true(bench.committed < last);
		assert_int_equal(unlink(ballast), 0);
		wait_for(&bench, last);
		assert_int_equal(bench.failures, 1);
		check_edits(bench.store, doc, 9, 0, 100);
		bench_fini(&bench);
		assert_int_equal(umount(disk), 0);
	}
	text_destroy(empty);
	free(disk);
	free(db);
	free(ballast);
	if (!mounted)
		skip();
}

/* ---- kill -9 ---- */

#define ROUNDS    10
#define IN_FLIGHT 3
#define KILL_SALT 10

struct victim {
	struct bench bench; /* first: the handler's context */
	struct model model;
	uint64_t doc;
	uint64_t rev_of[64]; /* the newest revision in a batch, by its number modulo 64 */
};

static void victim_write(struct victim *v)
{
	uint64_t seed = v->model.rev;

	for (int turns = IN_FLIGHT; turns; turns--) {
		if (store_turn(v->bench.store) >= v->bench.committed + IN_FLIGHT)
			return;
		for (size_t n = 1 + scratch_choose(&seed, 30); n; n--)
			put_edit(v->bench.store, &v->model, v->doc);
		if (!scratch_choose(&seed, 4))
			put_snapshot(v->bench.store, &v->model, v->doc);
		v->rev_of[store_turn(v->bench.store) % 64] = v->model.rev;
	}
}

static void victim_committed(void *ctx, uint64_t batch)
{
	struct victim *v = ctx;
	uint64_t rev = v->rev_of[batch % 64];

	if (write(v->bench.report, &rev, sizeof(rev)) != (ssize_t)sizeof(rev))
		_exit(2);
	v->bench.committed = batch;
	victim_write(v);
}

static void victim_failed(void *ctx, const char *sentence)
{
	(void)ctx;
	fprintf(stderr, "%s\n", sentence);
	_exit(3);
}

/* In the child: edits for ever, each committed revision told through the pipe. */
static void victim_main(int report, enum store_durability durability)
{
	static const struct store_handler deadly = {victim_committed, victim_failed};
	struct victim v = {.bench = {.loop = loop_create(), .report = report}};
	struct store_document document;
	char *why;

	v.bench.store = store_open(v.bench.loop, path, durability, &deadly, &v, &why);
	if (!v.bench.store || !store_document(v.bench.store, "a", &document))
		_exit(4);
	v.doc = document.doc;
	v.model = model_at(KILL_SALT, document.newest);
	victim_write(&v);
	loop_run(v.bench.loop);
	_exit(5);
}

/* Kills a child after `reports` commits and some: the newest revision it said was committed. */
static uint64_t run_and_kill(size_t reports, useconds_t more, enum store_durability durability)
{
	uint64_t rev = 0, last = 0;
	int pipe_ends[2], status;

	assert_int_equal(pipe(pipe_ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (!child)
		victim_main(pipe_ends[1], durability);
	close(pipe_ends[1]);
	for (; reports && read(pipe_ends[0], &rev, sizeof(rev)) == (ssize_t)sizeof(rev); reports--)
		last = rev;
	usleep(more); /* only so that it dies in another place each time */
	kill(child, SIGKILL);
	while (read(pipe_ends[0], &rev, sizeof(rev)) == (ssize_t)sizeof(rev))
		last = rev;
	close(pipe_ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(reports, 0);
	return last;
}

static void assert_people_known(bool known)
{
	struct store_session session;
	struct bench bench;

	bench_init(&bench, path);
	char *epoch = store_get(bench.store, "epoch");
	assert_int_equal(epoch != NULL, known);
	assert_int_equal(store_session(bench.store, "s", &session), known);
	assert_int_equal(store_add_session(bench.store, &(struct store_session){.id = "t"}), 2);
	free(epoch);
	bench_fini(&bench);
	sql("DELETE FROM session WHERE row = 2");
}

/* Each time after at most that many commits. */
static void survive_kills(enum store_durability durability, size_t commits)
{
	uint64_t seed = scratch_seed(), newest = 0;
	struct text *empty = text_create();
	struct bench bench;

	bench_init(&bench, path);
	uint64_t doc = store_add_document(bench.store, "a", empty);
	store_put(bench.store, "epoch", "one");
	store_add_session(bench.store, &(struct store_session){.id = "s"});
	bench_fini(&bench);
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t told = run_and_kill(1 + scratch_choose(&seed, commits),
			(useconds_t)scratch_choose(&seed, 8000), durability);
		struct store_document is;
		assert_true(told > newest);
		bench_init(&bench, path);
		assert_true(store_document(bench.store, "a", &is));
		newest = is.newest;
		assert_true(newest >= told);
		store_document_fini(&is);
		check_edits(bench.store, doc, KILL_SALT, 0, newest);
		check_text(bench.store, doc, KILL_SALT, newest);
		check_text(bench.store, doc, KILL_SALT, scratch_choose(&seed, newest));
		bench_fini(&bench);
		assert_sql("PRAGMA integrity_check", "ok");
	}
	text_destroy(empty);
	assert_people_known(durability != STORE_MEMORY);
}

static void what_was_committed_survives_a_kill(void **state)
{
	(void)state;
	survive_kills(STORE_DISK, 12);
}

static void the_kernel_keeps_what_was_committed(void **state)
{
	(void)state;
	survive_kills(STORE_PROCESS, 12);
}

/* What was told of as committed is there here too; but people were shown more than that. */
static void memory_is_not_trusted_after_a_kill(void **state)
{
	(void)state;
	survive_kills(STORE_MEMORY, 3); /* half a second each */
}

static void a_power_cut_under_process_is_noticed(void **state)
{
	struct bench bench;

	(void)state;
	bench_init_as(&bench, path, STORE_PROCESS);
	store_put(bench.store, "epoch", "one");
	store_add_session(bench.store, &(struct store_session){.id = "s"});
	bench_fini(&bench);
	assert_people_known(true); /* closed in peace */
	sql("INSERT INTO meta SELECT *, seal('unsafe', note) FROM"
	    " (SELECT 'unsafe', 'process 01234567-another-boot' AS note)");
	bench_init(&bench, path);
	bench_fini(&bench);
	assert_people_known(false);
	assert_sql("SELECT count(*) FROM meta WHERE name = 'unsafe'", "0");
}

static void memory_is_shown_before_it_is_committed(void **state)
{
	struct bench bench;

	(void)state;
	bench_init_as(&bench, path, STORE_MEMORY);
	store_put(bench.store, "a", "1");
	assert_true(store_unstored(bench.store) > 0);
	uint64_t batch = store_turn(bench.store);
	assert_int_equal(store_shown(bench.store), batch);
	assert_true(store_committed(bench.store) < batch);
	wait_for(&bench, batch);
	assert_int_equal(store_unstored(bench.store), 0);
	bench_fini(&bench);
	bench_init_as(&bench, path, STORE_PROCESS);
	store_put(bench.store, "a", "2");
	batch = store_turn(bench.store);
	assert_true(store_shown(bench.store) < batch);
	wait_for(&bench, batch);
	assert_int_equal(store_shown(bench.store), batch);
	bench_fini(&bench);
}

/* Of a turn each, by three sessions; what is shown at once shares a commit and a row until its rest is over. */
static uint64_t write_turns(struct bench *bench, struct model *m, uint64_t doc, uint64_t until)
{
	uint64_t batch = 0, is;

	for (; m->rev < until; batch = is) {
		put_edit(bench->store, m, doc);
		is = store_turn(bench->store);
		assert_true(!batch || batch == is);
		assert_int_equal(store_shown(bench->store), is);
	}
	return batch;
}

static void turns_of_memory_share_rows(void **state)
{
	struct model m = {.salt = 7};
	struct text *empty = text_create();
	struct bench bench;

	(void)state;
	bench_init_as(&bench, path, STORE_MEMORY);
	uint64_t doc = store_add_document(bench.store, "a", empty);
	wait_for(&bench, write_turns(&bench, &m, doc, 30));
	assert_sql("SELECT rev, edits FROM edit ORDER BY rev", "30 30");
	wait_for(&bench, write_turns(&bench, &m, doc, 50));
	assert_sql("SELECT rev, edits FROM edit ORDER BY rev", "30 30 50 20");
	check_edits(bench.store, doc, 7, 0, 50);
	for (uint64_t rev = 48; rev <= 50; rev++) {
		struct store_edit edit = model_edit(&(struct model){.salt = 7, .rev = rev}, doc);
		assert_true(store_session_seq(bench.store, doc, edit.session) == edit.seq);
	}
	write_turns(&bench, &m, doc, 60); /* closing waits for no rest */
	bench_fini(&bench);
	assert_sql("SELECT rev, edits FROM edit ORDER BY rev", "30 30 50 20 60 10");
	text_destroy(empty);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(history_comes_back),
		TEST(a_document_begins_with_its_text),
		TEST(the_last_document_of_a_path_counts),
		TEST(named_values_come_back),
		TEST(sessions_come_back_and_their_secrets_do_not),
		TEST(a_session_has_the_role_of_now_and_may_end),
		TEST(a_damaged_session_is_nobodys),
		TEST(sessions_not_seen_for_long_are_forgotten),
		TEST(the_newest_seq_of_a_session_is_known),
		TEST(chat_comes_back_oldest_first),
		TEST(few_snapshots_and_the_first_are_kept),
		TEST(batches_are_counted),
		TEST(closing_commits_what_was_not_handed_over),
		TEST(large_texts_and_ops_fit),
		TEST(foreign_files_are_refused),
		TEST(an_empty_file_becomes_a_history),
		TEST(the_file_is_private),
		TEST(gaps_and_broken_edits_are_found),
		TEST(the_edits_of_a_turn_share_a_row),
		TEST(a_row_that_is_not_what_it_says_is_broken),
		TEST(a_broken_snapshot_is_passed_over),
		TEST(an_older_format_is_brought_up_to_date),
		TEST(edits_that_had_a_row_each_are_read),
		TEST(an_upgrade_that_fails_leaves_all_as_it_was),
		TEST(snapshots_are_packed),
		TEST(who_looks_on_changes_nothing),
		TEST(old_edits_go_and_never_more),
		TEST(edits_beyond_a_size_go),
		TEST(many_old_edits_go_in_slices),
		TEST(free_space_goes_back_to_the_disk),
		TEST(an_older_file_can_shrink_too),
		TEST(failures_are_told_once_and_nothing_is_lost),
		TEST(a_batch_is_stored_whole_or_not_at_all),
		TEST(closing_gives_up_in_the_end),
		TEST(a_full_disk_is_waited_out),
		TEST(a_locked_room_holds_up_no_other_on_disk),
		TEST(a_locked_room_holds_up_no_other_in_the_kernel),
		TEST(a_failing_room_holds_up_no_other),
		TEST(the_log_does_not_grow_for_ever),
		TEST(what_was_committed_survives_a_kill),
		TEST(the_kernel_keeps_what_was_committed),
		TEST(memory_is_not_trusted_after_a_kill),
		TEST(a_power_cut_under_process_is_noticed),
		TEST(memory_is_shown_before_it_is_committed),
		TEST(turns_of_memory_share_rows),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
