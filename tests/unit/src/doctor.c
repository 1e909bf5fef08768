#include "tests/unit/src/scratch.h"

#include <sqlite3.h>

#include "net/loop.h"
#include "ot/mem.h"
#include "src/server/doctor.h"
#include "src/server/invites.h"
#include "src/server/schema.h"
#include "src/server/seal.h"
#include "src/server/sql.h"
#include "src/server/state.h"
#include "src/server/store.h"

/* ---- a state folder with one room of one document: 30 edits, snapshots of revisions 0, 10, 20 and 30, saved at 25 ---- */

static char *dir, *room, *db;

static void on_committed(void *ctx, uint64_t batch)
{
	(void)ctx;
	(void)batch;
}

static void on_failed(void *ctx, const char *sentence)
{
	(void)ctx;
	fail_msg("%s", sentence);
}

static const struct store_handler handler = {on_committed, on_failed};

static void write_people(struct store *store)
{
	struct store_session ada = {.id = "a secret",
		.user = 1,
		.name = "Ada",
		.color = "#ff8700",
		.role = "editor",
		.token = "an id",
		.granted = "viewer"};
	struct msg_said said = {
		.id = 1, .user = 1, .name = str("Ada"), .at = 1700000000000, .text = str("hello")};

	store_add_session(store, &ada);
	store_chat(store, &said);
	store_put(store, "locked", "no");
}

static void write_invite(const struct state *state)
{
	struct invite given = {.id = "an id",
		.room = "quiet-otter",
		.role = ROLE_VIEWER,
		.name = "Ada",
		.kid = "0123456789abcdef",
		.issued = 1700000000,
		.expires = INT64_MAX};
	char *why;
	struct invites *invites = invites_open(state->dir, &why);

	assert_non_null(invites);
	assert_true(invites_add(invites, &given, &why));
	assert_true(invites_note(invites, "quiet-otter", "127.0.0.1", &why));
	invites_close(invites);
}

/* Revision n holds n times "a". */
static void write_history(struct store *store)
{
	struct text *text = text_create();
	uint64_t doc = store_add_document(store, "notes", text);

	for (uint64_t rev = 1; rev <= 30; rev++) {
		struct store_edit edit = {.doc = doc,
			.rev = rev,
			.user = 1,
			.name = str("Ada"),
			.session = 1,
			.seq = rev,
			.at_ms = 1700000000000 + rev};
		op_retain(&edit.op, rev - 1);
		op_insert(&edit.op, "a", 1);
		assert_int_equal(text_insert(text, rev - 1, "a", 1), ERR_NONE);
		store_edit(store, &edit);
		store_turn(store); /* a row each, to be damaged */
		op_fini(&edit.op);
		if (rev % 10 == 0)
			store_snapshot(store, doc, rev, text);
		if (rev == 25)
			store_saved(store, doc, rev, text_hash(text));
	}
	text_destroy(text);
}

static struct store *open_store(struct loop *loop)
{
	char *why;
	struct store *store = store_open(loop, db, STORE_DISK, &handler, NULL, &why);

	if (!store)
		fail_msg("%s", why);
	return store;
}

static int setup(void **unused)
{
	struct state_room listed = {.name = "quiet-otter", .port = 1};
	struct loop *loop = loop_create();
	struct state state;
	char *why;
	int lock = -1;

	(void)unused;
	dir = scratch_make();
	if (!state_open(&state, dir, NULL, &why) ||
		!state_remember(&state, "/a/notes", &listed, &why) ||
		!(room = state_lock_room(&state, listed.name, &lock, &why)))
		fail_msg("%s", why);
	db = report_sentence("%s/room.db", room);
	struct store *store = open_store(loop);
	write_history(store);
	write_people(store);
	write_invite(&state);
	assert_true(store_close(store));
	state_unlock_room(lock);
	state_close(&state);
	loop_destroy(loop);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	free(db);
	free(room);
	scratch_remove(dir);
	return 0;
}

/* ---- what the doctor says ---- */

struct said {
	struct buf words;
	size_t faults;
};

static void hear(void *ctx, bool fault, const char *sentence)
{
	struct said *said = ctx;

	said->faults += fault;
	buf_printf(&said->words, "%s%s\n", fault ? "!" : "", sentence);
}

/* All that is wrong, and only that, is `faults` sentences, one of which holds these words. */
static void expect(size_t faults, const char *words)
{
	struct said said = {0};
	bool sound = doctor_check(dir, hear, &said);
	char *all = buf_take(&said.words);

	if (said.faults != faults || !strstr(all, words))
		fail_msg("not %zu faults, with \"%s\":\n%s", faults, words, all);
	assert_int_equal(sound, faults == 0);
	free(all);
}

static void sql(const char *path, const char *statement)
{
	sqlite3 *it;
	char *fault = NULL;

	assert_int_equal(sqlite3_open(path, &it), SQLITE_OK);
	assert_true(seal_install(it));
	if (sqlite3_exec(it, statement, NULL, NULL, &fault) != SQLITE_OK)
		fail_msg("%s: %s", statement, fault);
	sqlite3_close(it);
}

static char *in_dir(const char *name)
{
	return report_sentence("%s/%s", dir, name);
}

static void what_is_sound_is_called_so(void **unused)
{
	(void)unused;
	expect(0, "Room quiet-otter is sound: 1 document, 30 revisions.");
	expect(0, "Room quiet-otter is not being served");
}

#define SEAL_EDITS                                                                                 \
	"UPDATE edit SET sum = seal(doc, rev, user, name, session, seq, at, op,"                   \
	" edits, before)"

static void damage_is_named(void **unused)
{
	static const struct {
		const char *damage, *mend, *words;
		size_t faults;
	} cases[] = {
		{"CREATE TABLE kept AS SELECT * FROM edit; DELETE FROM edit WHERE rev = 15",
			"INSERT INTO edit SELECT * FROM kept WHERE rev = 15",
			"revision 15 is missing or cannot be read", 1},
		{"UPDATE edit SET op = x'ff' WHERE rev = 27",
			"UPDATE edit SET op = (SELECT op FROM kept WHERE rev = 27) WHERE rev = 27",
			"revision 27 is missing or cannot be read", 2},
		{"UPDATE edit SET at = at + 1 WHERE rev > 27",
			"UPDATE edit SET at = at - 1 WHERE rev > 27",
			"in the table edit of its history 3 rows are not what was written, the first"
			" is that of document 1, revision 28",
			2},
		/* retain 100, insert "b" */
		{"UPDATE edit SET op = x'0290030662' WHERE rev = 12;" SEAL_EDITS,
			"UPDATE edit SET op = (SELECT op FROM kept WHERE rev = 12) WHERE rev = 12;" SEAL_EDITS,
			"the edit that made revision 12 does not fit", 1},
		/* insert "b": everything from there on is another text, seen at each snapshot and the saved revision */
		{"UPDATE edit SET op = x'010662' WHERE rev = 22;" SEAL_EDITS,
			"UPDATE edit SET op = (SELECT op FROM kept WHERE rev = 22) WHERE rev = 22;" SEAL_EDITS,
			"the snapshot of revision 30 is not what the edits before it make", 2},
		{"UPDATE document SET saved_hash = saved_hash + 1",
			"UPDATE document SET saved_hash = saved_hash - 1",
			"the file was saved at revision 25", 2},
		{"CREATE TABLE whole AS SELECT * FROM snapshot;"
		 "UPDATE snapshot SET text = substr(text, 1, 8) WHERE rev = 20",
			"UPDATE snapshot SET text = (SELECT text FROM whole WHERE rev = 20)"
			" WHERE rev = 20",
			"the snapshot of revision 20 is damaged", 2},
		{"UPDATE snapshot SET packed = 0, text = x'616161' WHERE rev = 10;"
		 "UPDATE snapshot SET sum = seal(doc, rev, packed, text) WHERE rev = 10",
			"DELETE FROM snapshot WHERE rev = 10",
			"the snapshot of revision 10 is not what", 1},
		{"DELETE FROM snapshot", "INSERT INTO snapshot SELECT * FROM whole",
			"there is no snapshot that can be read", 1},
		{"PRAGMA user_version = 9", "PRAGMA user_version = 5", "newer codecollab", 1},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sql(db, cases[i].damage);
		expect(cases[i].faults, cases[i].words);
		sql(db, cases[i].mend);
		expect(0, "is sound");
	}
}

static void old_edits_may_be_gone(void **unused)
{
	(void)unused;
	sql(db, "DELETE FROM edit WHERE rev <= 15; DELETE FROM snapshot WHERE rev < 20");
	expect(0, "is sound");
	sql(db, "DELETE FROM edit WHERE rev = 18");
	expect(1, "revision 18 is missing");
}

static void what_is_served_may_be_looked_at(void **unused)
{
	struct loop *loop = loop_create();
	struct state state;
	char *why, *served;
	int lock = -1;

	(void)unused;
	assert_true(state_open(&state, dir, NULL, &why));
	served = state_lock_room(&state, "quiet-otter", &lock, &why);
	assert_non_null(served);
	struct store *store = open_store(loop);
	store_put(store, "a", "1");
	store_turn(store);
	expect(0, "Room quiet-otter is being served by process");
	expect(0, "is sound");
	assert_true(store_close(store));
	state_unlock_room(lock);
	state_close(&state);
	loop_destroy(loop);
	free(served);
}

static void keys_and_lists_are_looked_at(void **unused)
{
	char *secret = in_dir("secret"), *key = in_dir("key.pem"), *index = in_dir("index.db");

	(void)unused;
	chmod(secret, 0644);
	expect(1, "is open to others: chmod 600");
	chmod(secret, 0600);
	scratch_write(secret, "short", 5);
	expect(1, "is damaged: it has 5 bytes, not 32");
	assert_int_equal(unlink(secret), 0);
	expect(1, "secret is missing");
	scratch_write(secret, "0123456789abcdef0123456789abcdef", 32);
	chmod(secret, 0600);
	expect(0, "are sound");
	scratch_write(key, "no key", 6);
	expect(1, "do not belong together");
	assert_int_equal(unlink(key), 0);
	expect(1, "key.pem is missing");
	sql(index, "INSERT INTO room VALUES ('/b', 'gone-away', 0, seal('/b', 'gone-away', 0))");
	expect(2, "The room gone-away of /b is in the list of rooms");
	sql(index, "DELETE FROM room");
	expect(1, "Room quiet-otter belongs to no file any more");
	assert_int_equal(unlink(index), 0);
	expect(2, "index.db is missing");
	free(secret);
	free(key);
	free(index);
}

/* ---- flipped bits ---- */

/* flip(value, bit) */
static void flip(sqlite3_context *out, int count, sqlite3_value **given)
{
	uint64_t bit = (uint64_t)sqlite3_value_int64(given[1]);
	int type = sqlite3_value_type(given[0]), len = sqlite3_value_bytes(given[0]);
	uint64_t number = (uint64_t)sqlite3_value_int64(given[0]);
	char *bytes;

	(void)count;
	if (type == SQLITE_INTEGER) {
		sqlite3_result_int64(out, (int64_t)(number ^ UINT64_C(1) << bit));
		return;
	}
	bytes = mem_dup(sqlite3_value_blob(given[0]), (size_t)len);
	bytes[bit / 8] ^= (char)(1 << bit % 8);
	if (type == SQLITE_TEXT)
		sqlite3_result_text(out, bytes, len, SQLITE_TRANSIENT);
	else
		sqlite3_result_blob(out, bytes, len, SQLITE_TRANSIENT);
	free(bytes);
}

static void count_rows(void *ctx, const char *table, uint64_t rows, const char *first)
{
	(void)table;
	(void)first;
	*(uint64_t *)ctx += rows;
}

static uint64_t number_of(sqlite3 *it, const char *question)
{
	uint64_t number;

	if (!sql_ask_number(it, &(struct sql){"", question}, NULL, &number))
		fail_msg("%s: %s", question, sqlite3_errmsg(it));
	return number;
}

/* false: the table does not take such a value, so it would not be one that it holds. */
static bool flip_one(
	sqlite3 *it, const struct sealed *sealed, const char *row, const char *column, uint64_t bit)
{
	char *update = sqlite3_mprintf("UPDATE %s SET %s = flip(%s, %llu) WHERE %s = %Q",
		sealed->table, column, column, (unsigned long long)bit, sealed->row, row);
	bool done = sqlite3_exec(it, update, NULL, NULL, NULL) == SQLITE_OK;

	assert_true(!done || sqlite3_changes(it) == 1);
	sqlite3_free(update);
	return done;
}

static void flip_column(sqlite3 *it, const struct schema *schema, const struct sealed *sealed,
	const char *row, const char *column)
{
	char *question = sqlite3_mprintf(
		"SELECT iif(typeof(%s) = 'integer', 64, 8 * length(CAST(%s AS BLOB)))"
		" FROM %s WHERE %s = %Q",
		column, column, sealed->table, sealed->row, row);
	uint64_t bits = number_of(it, question), found;

	sqlite3_free(question);
	for (uint64_t bit = 0; bit < bits; bit++) {
		assert_int_equal(sqlite3_exec(it, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
		found = 0;
		if (flip_one(it, sealed, row, column, bit)) {
			assert_true(schema_damage(schema, it, schema->version, count_rows, &found));
			if (found != 1)
				fail_msg("%s, %s: bit %u of %s is not found", sealed->table, row,
					(unsigned)bit, column);
		}
		assert_int_equal(sqlite3_exec(it, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	}
}

/* Of the first row of each table, every bit of every column, the seal among them. */
static void flip_all(const char *path, const struct schema *schema)
{
	sqlite3 *it;
	uint64_t found = 0;

	assert_int_equal(sqlite3_open(path, &it), SQLITE_OK);
	assert_true(seal_install(it));
	assert_int_equal(
		sqlite3_create_function(it, "flip", 2, SQLITE_UTF8, NULL, flip, NULL, NULL),
		SQLITE_OK);
	assert_true(schema_damage(schema, it, schema->version, count_rows, &found));
	assert_int_equal(found, 0);
	for (const struct sealed *sealed = schema->sealed; sealed->table; sealed++) {
		char *question =
			sqlite3_mprintf("SELECT %s, * FROM %s", sealed->row, sealed->table);
		sqlite3_stmt *row;
		assert_int_equal(sqlite3_prepare_v2(it, question, -1, &row, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(row), SQLITE_ROW);
		char *which = report_sentence("%s", (const char *)sqlite3_column_text(row, 0));
		sqlite3_reset(row);
		for (int i = 1; i < sqlite3_column_count(row); i++)
			flip_column(it, schema, sealed, which, sqlite3_column_name(row, i));
		sqlite3_finalize(row);
		sqlite3_free(question);
		free(which);
	}
	sqlite3_close(it);
}

static void every_bit_of_every_column_counts(void **unused)
{
	char *index = in_dir("index.db");

	(void)unused;
	flip_all(db, &schema_room);
	flip_all(index, &schema_index);
	free(index);
}

/* All that the tables hold; what cannot be read is left out. */
static struct buf contents(const char *path, const struct schema *schema)
{
	struct buf all = {0};
	sqlite3 *it;

	assert_int_equal(sqlite3_open_v2(path, &it, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	for (const struct sealed *sealed = schema->sealed; sealed->table; sealed++) {
		char *question =
			sqlite3_mprintf("SELECT quote(%s), * FROM %s", sealed->row, sealed->table);
		sqlite3_stmt *row = NULL;
		sqlite3_prepare_v2(it, question, -1, &row, NULL);
		while (row && sqlite3_step(row) == SQLITE_ROW)
			for (int i = 0; i < sqlite3_column_count(row); i++) {
				buf_add(&all, sqlite3_column_blob(row, i),
					(size_t)sqlite3_column_bytes(row, i));
				buf_add_byte(&all, '\n');
			}
		sqlite3_finalize(row);
		sqlite3_free(question);
	}
	sqlite3_close(it);
	return all;
}

static void ignore(void *ctx, bool fault, const char *sentence)
{
	(void)ctx;
	(void)fault;
	(void)sentence;
}

#define FLIPS 60 /* of a file */

/* Wherever it is in the file: the doctor finds it, or it is one that says nothing. */
static void flip_file(const char *path, const struct schema *schema, uint64_t *seed)
{
	struct buf file = scratch_read(path), good = contents(path, schema);
	size_t found = 0;

	for (int i = 0; i < FLIPS; i++) {
		size_t at = scratch_choose(seed, file.len);
		char bit = (char)(1 << scratch_choose(seed, 8));
		while (!file.at[at]) /* most of a file is nothing */
			at = (at + 1) % file.len;
		file.at[at] ^= bit;
		scratch_write(path, file.at, file.len);
		if (doctor_check(dir, ignore, NULL)) {
			struct buf is = contents(path, schema);
			if (is.len != good.len || memcmp(is.at, good.at, is.len) != 0)
				fail_msg("byte %zu of %s, bit %d: not found", at, path, bit);
			buf_fini(&is);
		} else
			found++;
		file.at[at] ^= bit;
	}
	scratch_write(path, file.at, file.len);
	print_message("    %zu of %d flipped bits were found, the others changed nothing\n", found,
		FLIPS);
	assert_true(found > FLIPS / 2);
	expect(0, "is sound");
	buf_fini(&file);
	buf_fini(&good);
}

static void no_flipped_bit_is_overlooked(void **unused)
{
	uint64_t seed = scratch_seed();
	char *index = in_dir("index.db");

	(void)unused;
	flip_file(db, &schema_room, &seed);
	flip_file(index, &schema_index, &seed);
	free(index);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(what_is_sound_is_called_so),
		TEST(damage_is_named),
		TEST(every_bit_of_every_column_counts),
		TEST(no_flipped_bit_is_overlooked),
		TEST(old_edits_may_be_gone),
		TEST(what_is_served_may_be_looked_at),
		TEST(keys_and_lists_are_looked_at),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
