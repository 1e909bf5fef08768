/*
 * What keeping does by itself, about once a second, to a real store.
 */
#include "tests/unit/src/scratch.h"

#include <sqlite3.h>

#include "net/loop.h"
#include "ot/log.h"
#include "ot/mem.h"
#include "src/server/keeping.h"

struct world {
	char *dir, *path;
	struct loop *loop;
	struct store *store;
	struct room *room;
	struct doc *doc;
	struct keeping keeping;
	uint64_t until;
};

static void on_committed(void *ctx, uint64_t batch)
{
	struct world *w = ctx;

	if (batch >= w->until)
		loop_stop(w->loop);
}

static void on_failed(void *ctx, const char *sentence)
{
	(void)ctx;
	fail_msg("%s", sentence);
}

static const struct store_handler handler = {.committed = on_committed, .failed = on_failed};

static void commit(struct world *w)
{
	w->until = store_turn(w->store);
	if (store_committed(w->store) < w->until)
		loop_run(w->loop);
}

static uint64_t ask(struct world *w, const char *question)
{
	sqlite3_stmt *row;
	sqlite3 *db;
	uint64_t answer;

	assert_int_equal(sqlite3_open(w->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_busy_timeout(db, 5000), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, question, -1, &row, NULL), SQLITE_OK);
	answer = sqlite3_step(row) == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(row, 0) : 0;
	sqlite3_finalize(row);
	sqlite3_close(db);
	return answer;
}

static uint64_t saved_to; /* the file holds that revision */

static uint64_t saved(const struct doc *doc)
{
	(void)doc;
	return saved_to;
}

static struct world *world_create(void)
{
	static const struct room_handler nobody;
	struct world *w = mem_alloc(sizeof(*w));
	char *why;

	w->dir = scratch_make();
	w->path = report_sentence("%s/room.db", w->dir);
	w->loop = loop_create();
	w->store = store_open(w->loop, w->path, STORE_DISK, &handler, w, &why);
	assert_non_null(w->store);
	w->room = room_create("r", "e", 1, &nobody, w);
	w->doc = room_add_document(w->room, 1, "a.txt", log_create(text_create(), 0));
	keeping_init(&w->keeping, w->loop, w->store, &(struct store_keep){0});
	w->keeping.room = w->room;
	w->keeping.sweep_ms = 0; /* it is time */
	return w;
}

static void world_destroy(struct world *w)
{
	room_destroy(w->room);
	assert_true(store_close(w->store));
	loop_destroy(w->loop);
	scratch_remove(w->dir);
	free(w->path);
	free(w);
}

/* Of three sessions of long ago one is of somebody who is here, and one is the newest. */
static void sessions_of_people_who_stay_away_are_forgotten(void **state)
{
	const struct store_session kept = {
		.id = "secret", .user = 7, .name = "Ada", .role = "editor"};
	struct person ada = {.session_row = 2}, *people[] = {&ada};
	struct world *w = world_create();

	(void)state;
	for (int i = 0; i < 3; i++)
		store_add_session(w->store, &kept);
	commit(w);
	ask(w, "UPDATE session SET at = 1");
	w->room->people = people;
	w->room->people_count = 1;
	keeping_tick(&w->keeping, saved);
	commit(w);
	assert_int_equal(ask(w, "SELECT count(*) FROM session"), 2);
	assert_int_equal(ask(w, "SELECT count(*) FROM session WHERE row = 2 AND at > 1"), 1);
	w->room->people = NULL;
	w->room->people_count = 0;
	world_destroy(w);
}

/* Tick by tick, with no edits to drop. */
static void free_space_goes_back(void **state)
{
	struct world *w = world_create();
	size_t much = (size_t)8 << 20;
	char *value = mem_alloc(much + 1);

	(void)state;
	memset(value, 'x', much);
	store_put(w->store, "much", value);
	commit(w);
	store_put(w->store, "much", "");
	commit(w);
	assert_true(ask(w, "PRAGMA freelist_count") > 1500);
	while (w->keeping.sweep_ms == 0) {
		keeping_tick(&w->keeping, saved);
		commit(w);
	}
	assert_true(ask(w, "PRAGMA freelist_count") < 500);
	free(value);
	world_destroy(w);
}

/* ---- old edits ---- */

/* A hundred edits of long ago, each of one letter; snapshots of revisions 0, 80, 90 and 100. */
static struct world *hundred_edits(void)
{
	struct world *w = world_create();
	struct text *text = text_create();
	uint64_t doc = store_add_document(w->store, "a.txt", text);
	struct op op = {0};

	op_insert(&op, "x", 1);
	for (uint64_t rev = 1; rev <= 100; rev++) {
		store_edit(w->store, &(struct store_edit){.doc = doc,
					     .rev = rev,
					     .user = 1,
					     .name = str("Ada"),
					     .at_ms = 1,
					     .op = op});
		store_turn(w->store); /* a row each */
		assert_int_equal(op_apply(&op, text), ERR_NONE);
		if (rev >= 80 && rev % 10 == 0)
			store_snapshot(w->store, doc, rev, text);
	}
	commit(w);
	op_fini(&op);
	assert_int_equal(doc, w->doc->doc);
	log_destroy(w->doc->log);
	w->doc->log = log_create(text, 100);
	w->keeping.keep.days = 1;
	return w;
}

static uint64_t oldest_after(struct world *w, uint64_t saved_rev)
{
	saved_to = saved_rev;
	do {
		w->keeping.sweep_ms = 0;
		keeping_tick(&w->keeping, saved);
		commit(w);
	} while (w->keeping.sweep_ms == 0);
	if (w->doc->oldest_rev < 100)
		assert_int_equal(ask(w, "SELECT min(rev) FROM edit"), w->doc->oldest_rev + 1);
	return w->doc->oldest_rev;
}

static void what_somebody_may_resume_from_is_kept(void **state)
{
	struct world *w = hundred_edits();
	struct seat seats[2] = {
		{.doc = w->doc, .peer.covered = 79}, {.doc = w->doc, .peer.covered = 100}};
	struct person ada = {.seats = &seats[0], .seat_count = 1},
		      ben = {.seats = &seats[1], .seat_count = 1}, *people[] = {&ben, &ada};

	(void)state;
	w->room->people = people;
	w->room->people_count = 2;
	assert_int_equal(oldest_after(w, 100), 0);
	seats[0].peer.covered = 89;
	assert_int_equal(oldest_after(w, 100), 80);
	seats[0].peer.covered = 90;
	assert_int_equal(oldest_after(w, 89), 80); /* the file is further behind */
	assert_int_equal(oldest_after(w, 100), 90);
	w->room->people_count = 1;
	assert_int_equal(oldest_after(w, 100), 100);
	w->room->people = NULL;
	w->room->people_count = 0;
	world_destroy(w);
}

static void without_the_options_all_is_kept(void **state)
{
	struct world *w = hundred_edits();

	(void)state;
	w->keeping.keep.days = 0;
	assert_int_equal(oldest_after(w, 100), 0);
	assert_int_equal(ask(w, "SELECT count(*) FROM edit"), 100);
	world_destroy(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_of_people_who_stay_away_are_forgotten),
		cmocka_unit_test(free_space_goes_back),
		cmocka_unit_test(what_somebody_may_resume_from_is_kept),
		cmocka_unit_test(without_the_options_all_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
