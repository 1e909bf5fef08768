#include "tests/unit/src/scratch.h"

#include <sqlite3.h>

#include "net/loop.h"
#include "ot/mem.h"
#include "src/server/doctor.h"
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

/* Revision n holds n times "a". */
static void write_history(struct store *store)
{
	struct text *text = text_create();
	uint64_t doc = store_add_document(store, "notes", text);

	for (uint64_t rev = 1; rev <= 30; rev++) {
		struct store_edit edit = {.doc = doc, .rev = rev, .user = 1, .seq = rev};
		op_retain(&edit.op, rev - 1);
		op_insert(&edit.op, "a", 1);
		assert_int_equal(text_insert(text, rev - 1, "a", 1), ERR_NONE);
		store_edit(store, &edit);
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
	if (!state_open(&state, dir, &why) || !state_remember(&state, "/a/notes", &listed, &why) ||
		!(room = state_lock_room(&state, listed.name, &lock, &why)))
		fail_msg("%s", why);
	db = report_sentence("%s/room.db", room);
	struct store *store = open_store(loop);
	write_history(store);
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
			"revision 27 is missing or cannot be read", 1},
		/* retain 100, insert "b" */
		{"UPDATE edit SET op = x'0290030662' WHERE rev = 12",
			"UPDATE edit SET op = (SELECT op FROM kept WHERE rev = 12) WHERE rev = 12",
			"the edit that made revision 12 does not fit", 1},
		/* insert "b": everything from there on is another text, seen at each snapshot and the saved revision */
		{"UPDATE edit SET op = x'010662' WHERE rev = 22",
			"UPDATE edit SET op = (SELECT op FROM kept WHERE rev = 22) WHERE rev = 22",
			"the snapshot of revision 30 is not what the edits before it make", 2},
		{"UPDATE document SET saved_hash = saved_hash + 1",
			"UPDATE document SET saved_hash = saved_hash - 1",
			"the file was saved at revision 25", 1},
		{"CREATE TABLE whole AS SELECT * FROM snapshot;"
		 "UPDATE snapshot SET text = substr(text, 1, 8) WHERE rev = 20",
			"UPDATE snapshot SET text = (SELECT text FROM whole WHERE rev = 20)"
			" WHERE rev = 20",
			"the snapshot of revision 20 is damaged", 1},
		{"UPDATE snapshot SET packed = 0, text = x'616161' WHERE rev = 10",
			"DELETE FROM snapshot WHERE rev = 10",
			"the snapshot of revision 10 is not what", 1},
		{"DELETE FROM snapshot", "INSERT INTO snapshot SELECT * FROM whole",
			"there is no snapshot that can be read", 1},
		{"PRAGMA user_version = 9", "PRAGMA user_version = 2", "newer codecollab", 1},
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
	assert_true(state_open(&state, dir, &why));
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
	sql(index, "INSERT INTO room VALUES ('/b', 'gone-away', 0)");
	expect(2, "The room gone-away of /b is in the list of rooms");
	sql(index, "DELETE FROM room");
	expect(1, "Room quiet-otter belongs to no file any more");
	assert_int_equal(unlink(index), 0);
	expect(2, "index.db is missing");
	free(secret);
	free(key);
	free(index);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(what_is_sound_is_called_so),
		TEST(damage_is_named),
		TEST(old_edits_may_be_gone),
		TEST(what_is_served_may_be_looked_at),
		TEST(keys_and_lists_are_looked_at),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
