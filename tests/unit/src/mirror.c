/*
 * A room, its store and its file, with real disks and no people: whatever happens to the file, the text has it once.
 */
#include "tests/unit/src/scratch.h"

#include "net/loop.h"
#include "ot/mem.h"
#include "src/server/mirror.h"
#include "src/server/room.h"

struct world {
	char *dir, *path, *db;
	struct loop *loop;
	struct timer *deadline;
	struct store *store;
	struct room *room;
	struct doc *doc;
	struct mirror *mirror;
	bool (*until)(struct world *w);
	uint64_t batch;
	const char *expected;
};

static void keep_edit(void *ctx, const struct store_edit *edit)
{
	store_edit(((struct world *)ctx)->store, edit);
}

static uint64_t unix_ms(void *ctx)
{
	(void)ctx;
	return 1;
}

static void edited(void *ctx, struct doc *doc)
{
	struct world *w = ctx;

	(void)doc;
	if (w->mirror)
		mirror_edited(w->mirror);
}

static const struct room_handler handler = {
	.keep_edit = keep_edit, .unix_ms = unix_ms, .edited = edited};

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

static const struct store_handler store_handler = {.committed = on_committed, .failed = on_failed};

static void on_turn(void *ctx)
{
	struct world *w = ctx;

	w->batch = store_turn(w->store);
	if (w->mirror)
		mirror_turn(w->mirror, w->batch, store_committed(w->store));
	if (w->until && w->until(w))
		loop_stop(w->loop);
}

static void on_deadline(void *ctx)
{
	(void)ctx;
	fail_msg("what was waited for did not come");
}

static void run_until(struct world *w, bool (*until)(struct world *))
{
	w->until = until;
	timer_set(w->deadline, 30000, 0);
	if (!until(w))
		loop_run(w->loop);
	w->until = NULL;
	timer_stop(w->deadline);
	assert_true(until(w));
}

static bool stored(struct world *w)
{
	return store_turn(w->store) == store_committed(w->store);
}

static bool file_is_expected(struct world *w)
{
	struct buf is = access(w->path, F_OK) == 0 ? scratch_read(w->path) : (struct buf){0};
	bool same = is.len == strlen(w->expected) &&
		    memcmp(is.at ? is.at : "", w->expected, is.len) == 0;

	buf_fini(&is);
	return same && !mirror_busy(w->mirror) && stored(w);
}

static void wait_for_file(struct world *w, const char *expected)
{
	w->expected = expected;
	run_until(w, file_is_expected);
}

static void assert_text(struct world *w, const char *expected)
{
	char *is = text_slice(log_text(w->doc->log), 0, SIZE_MAX / 2, NULL);

	assert_string_equal(is, expected);
	free(is);
}

static void write_file(struct world *w, const char *text)
{
	scratch_write(w->path, text, strlen(text));
}

/* Somebody replaces `drop` characters at `at`. */
static void edit(struct world *w, size_t at, size_t drop, const char *text)
{
	struct op op = {0};

	op_retain(&op, at);
	op_insert(&op, text, strlen(text));
	op_delete(&op, drop);
	assert_int_equal(room_merge(w->room, w->doc, log_rev(w->doc->log), &op), ERR_NONE);
	op_fini(&op);
}

static struct world *world_create(void)
{
	struct world *w = mem_alloc(sizeof(*w));

	w->dir = scratch_make();
	w->path = report_sentence("%s/a.txt", w->dir);
	w->db = report_sentence("%s/room.db", w->dir);
	report_quiet(true);
	return w;
}

static bool replay(void *ctx, const struct store_edit *e)
{
	struct op op = op_copy(&e->op);

	return log_replay(ctx, e->user, e->seq, &op) == ERR_NONE;
}

/* What a server does when it starts. */
static void start(struct world *w)
{
	struct workspace_file file;
	struct text *disk;
	struct store_document kept;
	uint64_t doc, saved_rev = 0;
	struct log *log;
	char *why = NULL;

	w->loop = loop_create();
	w->deadline = timer_make(w->loop, on_deadline, w);
	w->store = store_open(w->loop, w->db, STORE_DISK, &store_handler, w, &why);
	assert_non_null(w->store);
	assert_true(workspace_open(w->path, false, &file, &disk, &why));
	w->room = room_create("r", "e", 1, &handler, w);
	if (store_document(w->store, "a.txt", &kept)) {
		doc = kept.doc;
		saved_rev = kept.saved_rev;
		log = log_create(store_text_at(w->store, doc, saved_rev), saved_rev);
		assert_true(store_edits(w->store, doc, saved_rev, kept.newest, replay, log));
		store_document_fini(&kept);
	} else {
		assert_true(workspace_make(&file, &why));
		doc = store_add_document(w->store, "a.txt", disk);
		log = log_create(disk, 0);
		disk = NULL;
	}
	w->doc = room_add_document(w->room, doc, "a.txt", log);
	w->mirror = mirror_start(w->loop, w->store, w->room, w->doc, &file, disk, saved_rev, true);
	loop_on_turn(w->loop, on_turn, w);
	run_until(w, stored);
}

/* A server that dies: what is stored stays, nothing is written any more. */
static void stop(struct world *w)
{
	mirror_wait(w->mirror);
	loop_off_turn(w->loop, on_turn, w);
	timer_destroy(w->deadline);
	assert_true(store_close(w->store));
	mirror_destroy(w->mirror);
	w->mirror = NULL;
	room_destroy(w->room);
	loop_destroy(w->loop);
}

static void world_destroy(struct world *w)
{
	scratch_remove(w->dir);
	free(w->path);
	free(w->db);
	free(w);
}

/* ---- cases ---- */

static void edits_reach_the_file(void **state)
{
	struct world *w = world_create();

	(void)state;
	write_file(w, "one\r\ntwo");
	start(w);
	edit(w, 7, 0, "!");
	wait_for_file(w, "one\r\ntwo!");
	stop(w);
	start(w);
	assert_text(w, "one\ntwo!");
	assert_int_equal(log_rev(w->doc->log), 1); /* nothing was merged */
	stop(w);
	world_destroy(w);
}

static void changes_outside_are_merged_once_each(void **state)
{
	struct world *w = world_create();

	(void)state;
	write_file(w, "abc");
	start(w);
	edit(w, 3, 0, "X"); /* not in the file yet */
	run_until(w, stored);
	write_file(w, "1abc");
	mirror_tick(w->mirror);
	assert_text(w, "1abcX");
	edit(w, 5, 0, "Y");
	run_until(w, stored);
	write_file(w, "12abc"); /* again, before we wrote anything */
	mirror_tick(w->mirror);
	assert_text(w, "12abcXY");
	mirror_tick(w->mirror);
	assert_text(w, "12abcXY");
	wait_for_file(w, "12abcXY");
	stop(w);
	world_destroy(w);
}

static void a_save_never_overwrites_what_others_wrote(void **state)
{
	struct world *w = world_create();

	(void)state;
	write_file(w, "abc\n");
	start(w);
	edit(w, 0, 0, "X");
	run_until(w, stored);
	write_file(w, "abc\nnew\n");
	mirror_save(w->mirror);
	wait_for_file(w, "Xabc\nnew\n");
	stop(w);
	world_destroy(w);
}

static void changes_while_nobody_served_are_merged(void **state)
{
	struct world *w = world_create();

	(void)state;
	write_file(w, "abc");
	start(w);
	edit(w, 0, 0, "X");
	run_until(w, stored);
	stop(w); /* before the file was written */
	write_file(w, "abc2");
	start(w);
	assert_text(w, "Xabc2");
	wait_for_file(w, "Xabc2");
	stop(w);
	world_destroy(w);
}

static void a_save_that_was_not_recorded_is_recognised(void **state)
{
	struct world *w = world_create();

	(void)state;
	write_file(w, "abc");
	start(w);
	edit(w, 0, 0, "X");
	edit(w, 0, 0, "Y");
	edit(w, 0, 0, "Z");
	run_until(w, stored);
	stop(w);
	write_file(w,
		"YXabc"); /* as of revision 2, written by the server that died before it could say so */
	start(w);
	assert_text(w, "ZYXabc");
	wait_for_file(w, "ZYXabc");
	stop(w);
	world_destroy(w);
}

static void a_file_taken_away_is_made_anew(void **state)
{
	struct world *w = world_create();

	(void)state;
	write_file(w, "abc");
	start(w);
	unlink(w->path);
	mirror_tick(w->mirror);
	assert_text(w, "abc");
	edit(w, 0, 0, "X");
	wait_for_file(w, "Xabc");
	stop(w);
	world_destroy(w);
}

static void a_file_taken_away_is_not_made_anew_by_the_end(void **state)
{
	struct world *w = world_create();

	(void)state;
	write_file(w, "abc");
	start(w);
	unlink(w->path);
	mirror_tick(w->mirror);
	mirror_finish(w->mirror);
	assert_false(mirror_busy(w->mirror));
	assert_null(mirror_finish_now(w->mirror));
	assert_int_not_equal(access(w->path, F_OK), 0);
	stop(w);
	world_destroy(w);
}

static void what_is_not_text_is_not_overwritten(void **state)
{
	struct world *w = world_create();

	(void)state;
	write_file(w, "abc");
	start(w);
	edit(w, 0, 0, "X");
	run_until(w, stored);
	write_file(w, "\xff\xfe");
	mirror_save(w->mirror);
	assert_false(mirror_busy(w->mirror));
	assert_text(w, "Xabc");
	w->expected = "\xff\xfe";
	assert_true(file_is_expected(w));
	write_file(w, "abcd");
	mirror_save(w->mirror);
	wait_for_file(w, "Xabcd");
	stop(w);
	world_destroy(w);
}

/* What is between the places that changed outside is not disturbed, nor what is typed there. */
static void several_places_changed_outside(void **state)
{
	struct world *w = world_create();

	(void)state;
	write_file(w, "one\ntwo\nthree\nfour\nfive\n");
	start(w);
	edit(w, 7, 0, "!");  /* two! */
	edit(w, 10, 1, "H"); /* tHree */
	run_until(w, stored);
	write_file(w, "ONE\ntwo\nthree\nfour\nfive\nsix\n");
	mirror_tick(w->mirror);
	assert_text(w, "ONE\ntwo!\ntHree\nfour\nfive\nsix\n");
	edit(w, 8, 0, "!");
	write_file(w, "zero\nONE\ntwo\nthree\nfive\nSIX\n"); /* before any of it was saved */
	mirror_tick(w->mirror);
	assert_text(w, "zero\nONE\ntwo!!\ntHree\nfive\nSIX\n");
	wait_for_file(w, "zero\nONE\ntwo!!\ntHree\nfive\nSIX\n");
	stop(w);
	world_destroy(w);
}

static void several_places_changed_while_nobody_served(void **state)
{
	struct world *w = world_create();

	(void)state;
	write_file(w, "one\ntwo\nthree\n");
	start(w);
	edit(w, 7, 0, "!");
	run_until(w, stored);
	stop(w);
	write_file(w, "ONE\ntwo\nTHREE\n");
	start(w);
	assert_text(w, "ONE\ntwo!\nTHREE\n");
	wait_for_file(w, "ONE\ntwo!\nTHREE\n");
	stop(w);
	world_destroy(w);
}

static bool is_small(void *ctx, const struct store_edit *e)
{
	(void)ctx;
	assert_true(op_bytes(&e->op) <= MIRROR_EDIT_BYTES);
	assert_int_equal(e->user, 0);
	assert_string_equal(e->name.at, "disk");
	return true;
}

/* No message of the server's may be longer than a client takes. */
static void a_large_change_comes_as_several_edits(void **state)
{
	struct world *w = world_create();
	size_t len = 5 * MIRROR_EDIT_BYTES / 2;
	char *bytes = mem_alloc(len + 1);

	(void)state;
	for (size_t i = 0; i < len; i++)
		bytes[i] = i % 64 == 63 ? '\n' : (char)('a' + i * i % 26);
	write_file(w, "abc\n");
	start(w);
	write_file(w, bytes);
	mirror_tick(w->mirror);
	assert_text(w, bytes);
	run_until(w, stored);
	assert_true(log_rev(w->doc->log) >= 3);
	assert_true(store_edits(w->store, w->doc->doc, 0, log_rev(w->doc->log), is_small, NULL));
	free(bytes);
	stop(w);
	world_destroy(w);
}

/* As vim and git do it: a new file under the old name. */
static void a_file_renamed_over_it_is_merged(void **state)
{
	struct world *w = world_create();
	char *other = report_sentence("%s/.a.txt.swp", w->dir);

	(void)state;
	write_file(w, "one\ntwo\n");
	start(w);
	edit(w, 0, 0, "X");
	run_until(w, stored);
	scratch_write(other, "one\ntwo\nthree\n", 14);
	assert_int_equal(rename(other, w->path), 0);
	mirror_tick(w->mirror);
	assert_text(w, "Xone\ntwo\nthree\n");
	wait_for_file(w, "Xone\ntwo\nthree\n");
	free(other);
	stop(w);
	world_destroy(w);
}

/* Moved away first, written after: between the two the text is not thought empty. */
static void a_file_taken_away_and_made_again_is_merged(void **state)
{
	struct world *w = world_create();

	(void)state;
	write_file(w, "one\ntwo\n");
	start(w);
	edit(w, 3, 0, "!");
	run_until(w, stored);
	unlink(w->path);
	mirror_tick(w->mirror);
	assert_text(w, "one!\ntwo\n");
	write_file(w, "one\ntwo\nthree\n");
	mirror_tick(w->mirror);
	assert_text(w, "one!\ntwo\nthree\n");
	wait_for_file(w, "one!\ntwo\nthree\n");
	stop(w);
	world_destroy(w);
}

/* While nobody served: an empty file is what somebody made of it, a missing one says nothing. */
static void a_file_taken_away_while_nobody_served(void **state)
{
	struct world *w = world_create();

	(void)state;
	write_file(w, "one\n");
	start(w);
	edit(w, 3, 0, "!");
	run_until(w, stored);
	stop(w);
	unlink(w->path);
	start(w);
	assert_text(w, "one!\n");
	wait_for_file(w, "one!\n");
	stop(w);
	world_destroy(w);
}

static void a_folder_in_its_place_stops_saving_only(void **state)
{
	struct world *w = world_create();

	(void)state;
	write_file(w, "abc");
	start(w);
	unlink(w->path);
	assert_int_equal(mkdir(w->path, 0700), 0);
	mirror_tick(w->mirror);
	edit(w, 0, 0, "X");
	mirror_save(w->mirror);
	run_until(w, stored);
	assert_text(w, "Xabc");
	assert_int_equal(scratch_mode(w->path), 0700);
	assert_int_equal(rmdir(w->path), 0);
	mirror_save(w->mirror);
	wait_for_file(w, "Xabc");
	stop(w);
	world_destroy(w);
}

/* Line ends are the file's business: a file that becomes CRLF has the same text, and stays CRLF. */
static void line_ends_may_change_outside(void **state)
{
	struct world *w = world_create();

	(void)state;
	write_file(w, "one\ntwo\n");
	start(w);
	edit(w, 3, 0, "!");
	run_until(w, stored);
	write_file(w, "one\r\ntwo\r\nthree\r\n");
	mirror_tick(w->mirror);
	assert_text(w, "one!\ntwo\nthree\n");
	wait_for_file(w, "one!\r\ntwo\r\nthree\r\n");
	stop(w);
	world_destroy(w);
}

/* root may read everything: so as somebody else. */
static void what_may_not_be_read_is_not_overwritten(void **state)
{
	struct world *w = world_create();
	uid_t root = geteuid();

	(void)state;
	if (!root) {
		assert_int_equal(chown(w->dir, 65534, 65534), 0);
		assert_int_equal(seteuid(65534), 0);
	}
	write_file(w, "abc");
	start(w);
	unlink(w->path);
	write_file(w, "abcd");
	assert_int_equal(chmod(w->path, 0), 0);
	edit(w, 0, 0, "X");
	mirror_save(w->mirror);
	assert_false(mirror_busy(w->mirror));
	run_until(w, stored);
	assert_text(w, "Xabc");
	assert_int_equal(chmod(w->path, 0600), 0);
	mirror_tick(w->mirror);
	assert_text(w, "Xabcd");
	wait_for_file(w, "Xabcd");
	stop(w);
	assert_int_equal(seteuid(root), 0);
	world_destroy(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_reach_the_file),
		cmocka_unit_test(changes_outside_are_merged_once_each),
		cmocka_unit_test(a_save_never_overwrites_what_others_wrote),
		cmocka_unit_test(changes_while_nobody_served_are_merged),
		cmocka_unit_test(a_save_that_was_not_recorded_is_recognised),
		cmocka_unit_test(a_file_taken_away_is_made_anew),
		cmocka_unit_test(a_file_taken_away_is_not_made_anew_by_the_end),
		cmocka_unit_test(what_is_not_text_is_not_overwritten),
		cmocka_unit_test(several_places_changed_outside),
		cmocka_unit_test(several_places_changed_while_nobody_served),
		cmocka_unit_test(a_large_change_comes_as_several_edits),
		cmocka_unit_test(a_file_renamed_over_it_is_merged),
		cmocka_unit_test(a_file_taken_away_and_made_again_is_merged),
		cmocka_unit_test(a_file_taken_away_while_nobody_served),
		cmocka_unit_test(a_folder_in_its_place_stops_saving_only),
		cmocka_unit_test(line_ends_may_change_outside),
		cmocka_unit_test(what_may_not_be_read_is_not_overwritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
