#include "src/server/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/sha.h>

#include "net/codec.h"
#include "ot/buf.h"
#include "ot/mem.h"
#include "src/report.h"
#include "src/server/crash.h"
#include "src/server/gather.h"
#include "src/server/past.h"
#include "src/server/schema.h"
#include "src/server/seal.h"
#include "src/server/sql.h"
#include "src/server/store_file.h"
#include "src/server/store_writes.h"
#include "src/server/writer.h"

#define MEMORY_SYNC_MS 5000
#define KEPT_SNAPSHOTS 3    /* besides the one of revision 0, which stays */
#define DROP_SLICE     2000 /* old edits that go in one batch: others' edits wait for them */
#define SPARE_PAGES    256  /* that are free and not given back: what is written next needs some */
#define SPARE_PART     8    /* of all pages, the same */

static const struct sql ask_last_doc = {"", "SELECT max(doc) FROM document"};
static const struct sql ask_last_session = {"", "SELECT max(row) FROM session"};
static const struct sql ask_meta = {"t", "SELECT value FROM meta WHERE name = ?"};
static const struct sql ask_session = {"t",
	"SELECT row, user, name, color, role, token, granted FROM session WHERE id = ? AND"
	" sum = seal(row, id, user, name, color, role, at, token, granted)"
	" ORDER BY row DESC LIMIT 1"};
static const struct sql ask_seq = {"ii", "SELECT seq FROM counted WHERE session = ? AND doc = ?"};
static const struct sql ask_row = {
	"ii", "SELECT rev FROM edit WHERE doc = ? AND rev <= ? ORDER BY rev DESC LIMIT 1"};
static const struct sql ask_chat = {"i",
	"SELECT * FROM (SELECT id, user, name, at, text FROM chat ORDER BY id DESC LIMIT ?)"
	" ORDER BY id"};
static const struct sql ask_fault = {"", "PRAGMA integrity_check(1)"};
static const struct sql ask_mode = {"", "PRAGMA auto_vacuum"};
static const struct sql ask_pages = {"", "PRAGMA page_count"};
static const struct sql ask_spare = {"", "PRAGMA freelist_count"};

struct store {
	char *path;
	enum store_durability durability;
	struct past past;
	struct writer *writer; /* NULL: it is only looked at */
	struct gather gather;
	uint64_t docs, sessions;
	uint64_t *ended; /* sessions, since it was opened */
	size_t ended_count, ended_cap;
	bool shrinks;
	bool finished;
};

/* ---- opening and closing ---- */

static const struct writer_pace paces[] = {
	[STORE_DISK] = {.awaited = true},
	[STORE_PROCESS] = {.awaited = true, .sync_ms = STORE_SYNC_MS, .beat_ms = GATHER_BEAT_MS},
	[STORE_MEMORY] = {.sync_ms = MEMORY_SYNC_MS, .beat_ms = GATHER_BEAT_MS},
};

static bool start_writer(struct store *store, struct loop *loop, sqlite3 *db,
	const struct store_handler *handler, void *ctx, char **why)
{
	store->writer = writer_create(loop, db, store->path, store_writes, WRITES,
		&paces[store->durability], handler, ctx);
	if (store->writer) {
		gather_init(&store->gather, loop, store->writer, paces[store->durability].awaited);
		return true;
	}
	*why = report_sentence(
		"the history %s lacks what is needed: %s", store->path, sqlite3_errmsg(db));
	sqlite3_close(db);
	return false;
}

static bool open_reader(struct store *store, char **why)
{
	sqlite3 *db = store_file_connect(
		store->path, SQLITE_OPEN_READWRITE, "PRAGMA query_only = ON", why);
	uint64_t mode;

	store->past = (struct past){.db = db, .version = schema_room.version};
	if (!db)
		return false;
	store->shrinks = sql_ask_number(db, &ask_mode, NULL, &mode) && mode;
	if (sql_ask_number(db, &ask_last_doc, NULL, &store->docs) &&
		sql_ask_number(db, &ask_last_session, NULL, &store->sessions))
		return true;
	*why = report_sentence("cannot read the history %s: %s", store->path, sqlite3_errmsg(db));
	return false;
}

/* The writer's connection last: it tidies the log away. */
static void store_free(struct store *store)
{
	sqlite3_close(store->past.db);
	if (store->writer)
		writer_destroy(store->writer);
	gather_fini(&store->gather);
	free(store->ended);
	free(store->path);
	free(store);
}

static struct store *new_store(const char *path)
{
	struct store *store = mem_alloc(sizeof(*store));

	store->path = mem_dup(path, strlen(path));
	return store;
}

struct store *store_open(struct loop *loop, const char *path, enum store_durability durability,
	const struct store_handler *handler, void *ctx, char **why)
{
	sqlite3 *db;

	*why = NULL;
	db = store_file_open(path, durability, why);
	return db ? store_begin(loop, path, db, durability, handler, ctx, why) : NULL;
}

struct store *store_begin(struct loop *loop, const char *path, sqlite3 *db,
	enum store_durability durability, const struct store_handler *handler, void *ctx,
	char **why)
{
	struct store *store = new_store(path);

	*why = NULL;
	store->durability = durability;
	if (start_writer(store, loop, db, handler, ctx, why) && open_reader(store, why))
		return store;
	if (store->writer)
		writer_finish(store->writer);
	store_free(store);
	return NULL;
}

struct store *store_look(const char *path, char **why)
{
	struct store *store = new_store(path);

	*why = NULL;
	store->past.db = store_file_connect(path, SQLITE_OPEN_READONLY, "BEGIN", why);
	if (store->past.db &&
		schema_check(&schema_room, store->past.db, path, &store->past.version, why))
		return store;
	store_free(store);
	return NULL;
}

bool store_finish(struct store *store)
{
	gather_hand_over(&store->gather);
	bool all = writer_finish(store->writer);
	if (all && store->durability != STORE_DISK)
		crash_clear(writer_db(store->writer));
	sqlite3_close(store->past.db);
	store->past.db = NULL;
	writer_close(store->writer);
	store->finished = true;
	return all;
}

bool store_close(struct store *store)
{
	bool all = !store || !store->writer || store->finished || store_finish(store);

	if (store)
		store_free(store);
	return all;
}

/* ---- reading ---- */

bool store_document(struct store *store, const char *path, struct store_document *out)
{
	return past_document(&store->past, path, out);
}

void store_document_fini(struct store_document *document)
{
	free(document->path);
	text_destroy(document->text);
	*document = (struct store_document){0};
}

bool store_documents(struct store *store,
	void (*fn)(void *ctx, const struct store_document *document), void *ctx)
{
	return past_documents(&store->past, fn, ctx);
}

bool store_edits(struct store *store, uint64_t doc, uint64_t from, uint64_t to,
	bool (*fn)(void *ctx, const struct store_edit *edit), void *ctx)
{
	return past_edits(&store->past, doc, from, to, fn, ctx);
}

struct text *store_text_at(struct store *store, uint64_t doc, uint64_t rev)
{
	return past_text_at(&store->past, doc, rev);
}

bool store_next_snapshot(struct store *store, uint64_t doc, uint64_t from, uint64_t *rev)
{
	return past_next_snapshot(&store->past, doc, from, rev);
}

struct text *store_snapshot_text(struct store *store, uint64_t doc, uint64_t rev)
{
	return past_snapshot_text(&store->past, doc, rev);
}

static char *copy_of(struct str s)
{
	return mem_dup(s.at, s.len);
}

bool store_damage(struct store *store,
	void (*fn)(void *ctx, const char *table, uint64_t rows, const char *first), void *ctx)
{
	return schema_damage(&schema_room, store->past.db, store->past.version, fn, ctx);
}

char *store_get(struct store *store, const char *name)
{
	sqlite3_stmt *row = sql_ask(store->past.db, &ask_meta, SQL_VALUES(SQL_BYTES(str(name))));
	char *value = sql_next(row) ? copy_of(sql_bytes(row, 0)) : NULL;

	sqlite3_finalize(row);
	return value;
}

char *store_fault(struct store *store)
{
	sqlite3_stmt *row = sql_ask(store->past.db, &ask_fault, NULL);
	char *fault = NULL;

	if (!sql_next(row))
		fault = report_sentence("%s", sqlite3_errmsg(store->past.db));
	else if (!str_is(sql_bytes(row, 0), "ok"))
		fault = copy_of(sql_bytes(row, 0));
	sqlite3_finalize(row);
	return fault;
}

#define HASH_BYTES (2 * SHA256_DIGEST_LENGTH + 1)

/* What the table knows of a session's secret, so that who reads the table cannot take it over. */
static void hash_of(const char *id, char out[HASH_BYTES])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	SHA256((const unsigned char *)id, strlen(id), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static void fill_chars(char *out, size_t size, struct str s)
{
	snprintf(out, size, "%.*s", (int)s.len, s.at ? s.at : "");
}

/* Before it is committed too: whoever was sent away may be back sooner. */
static bool is_ended(const struct store *store, uint64_t session_row)
{
	for (size_t i = 0; i < store->ended_count; i++)
		if (store->ended[i] == session_row)
			return true;
	return false;
}

bool store_session(struct store *store, const char *id, struct store_session *out)
{
	char hash[HASH_BYTES];

	hash_of(id, hash);
	sqlite3_stmt *row = sql_ask(store->past.db, &ask_session, SQL_VALUES(SQL_BYTES(str(hash))));
	bool found = sql_next(row);
	if (found) {
		*out = (struct store_session){
			.row = sql_number(row, 0), .user = sql_number(row, 1)};
		fill_chars(out->id, sizeof(out->id), str(id));
		fill_chars(out->name, sizeof(out->name), sql_bytes(row, 2));
		fill_chars(out->color, sizeof(out->color), sql_bytes(row, 3));
		fill_chars(out->role, sizeof(out->role), sql_bytes(row, 4));
		fill_chars(out->token, sizeof(out->token), sql_bytes(row, 5));
		fill_chars(out->granted, sizeof(out->granted), sql_bytes(row, 6));
	}
	sqlite3_finalize(row);
	return found && !is_ended(store, out->row);
}

uint64_t store_session_seq(struct store *store, uint64_t doc, uint64_t session_row)
{
	uint64_t seq;

	sql_ask_number(store->past.db, &ask_seq,
		SQL_VALUES(SQL_NUMBER(session_row), SQL_NUMBER(doc)), &seq);
	return seq;
}

bool store_chat_recent(struct store *store, size_t count,
	void (*fn)(void *ctx, const struct msg_said *said), void *ctx)
{
	sqlite3_stmt *row = sql_ask(store->past.db, &ask_chat, SQL_VALUES(SQL_NUMBER(count)));
	int e = SQLITE_ERROR;

	while (row && (e = sqlite3_step(row)) == SQLITE_ROW)
		fn(ctx, &(struct msg_said){
				.id = sql_number(row, 0),
				.user = sql_number(row, 1),
				.name = sql_bytes(row, 2),
				.at = sql_number(row, 3),
				.text = sql_bytes(row, 4),
			});
	sqlite3_finalize(row);
	return e == SQLITE_DONE;
}

/* ---- writing ---- */

void store_put(struct store *store, const char *name, const char *value)
{
	writer_add(
		store->writer, WRITE_META, SQL_VALUES(SQL_BYTES(str(name)), SQL_BYTES(str(value))));
}

uint64_t store_add_document(struct store *store, const char *path, const struct text *text)
{
	uint64_t doc = ++store->docs;

	writer_add(store->writer, WRITE_DOCUMENT,
		SQL_VALUES(SQL_NUMBER(doc), SQL_BYTES(str(path)), SQL_NUMBER(text_hash(text))));
	store_snapshot(store, doc, 0, text);
	return doc;
}

void store_edit(struct store *store, const struct store_edit *edit)
{
	gather_edit(&store->gather, edit);
}

/* Edits are dropped by rows, up to a snapshot: so none goes across one. */
void store_snapshot(struct store *store, uint64_t doc, uint64_t rev, const struct text *text)
{
	size_t len;
	char *bytes = text_slice(text, 0, text_size(text).points, &len);

	gather_end_row(&store->gather);
	if (len <= STORE_SNAPSHOT_BYTES) {
		writer_add(store->writer, WRITE_SNAPSHOT,
			SQL_VALUES(SQL_NUMBER(doc), SQL_NUMBER(rev),
				SQL_BYTES(((struct str){bytes, len}))));
		writer_add(store->writer, WRITE_THIN,
			SQL_VALUES(SQL_NUMBER(doc), SQL_NUMBER(KEPT_SNAPSHOTS)));
	}
	free(bytes);
}

void store_saved(struct store *store, uint64_t doc, uint64_t rev, uint64_t hash)
{
	writer_add(store->writer, WRITE_SAVED,
		SQL_VALUES(SQL_NUMBER(doc), SQL_NUMBER(rev), SQL_NUMBER(hash)));
}

static uint64_t unix_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t store_add_session(struct store *store, const struct store_session *session)
{
	uint64_t row = ++store->sessions;
	char hash[HASH_BYTES];

	hash_of(session->id, hash);
	writer_add(store->writer, WRITE_SESSION,
		SQL_VALUES(SQL_NUMBER(row), SQL_BYTES(str(hash)), SQL_NUMBER(session->user),
			SQL_BYTES(str(session->name)), SQL_BYTES(str(session->color)),
			SQL_BYTES(str(session->role)), SQL_NUMBER(unix_ms()),
			SQL_BYTES(str(session->token)), SQL_BYTES(str(session->granted))));
	return row;
}

void store_terms(struct store *store, const struct store_session *session)
{
	writer_add(store->writer, WRITE_TERMS,
		SQL_VALUES(SQL_NUMBER(session->row), SQL_BYTES(str(session->role)),
			SQL_BYTES(str(session->token)), SQL_BYTES(str(session->granted))));
}

void store_end_session(struct store *store, uint64_t session_row)
{
	store->ended = mem_grow(
		store->ended, &store->ended_cap, store->ended_count + 1, sizeof(*store->ended));
	store->ended[store->ended_count++] = session_row;
	writer_add(store->writer, WRITE_END, SQL_VALUES(SQL_NUMBER(session_row)));
}

void store_seen(struct store *store, uint64_t session_row)
{
	writer_add(store->writer, WRITE_SEEN,
		SQL_VALUES(SQL_NUMBER(session_row), SQL_NUMBER(unix_ms())));
}

void store_forget_sessions(struct store *store, uint64_t before_ms)
{
	writer_add(store->writer, WRITE_FORGET, SQL_VALUES(SQL_NUMBER(before_ms)));
	writer_add(store->writer, WRITE_FORGET_COUNTED, NULL);
}

void store_chat(struct store *store, const struct msg_said *said)
{
	writer_add(store->writer, WRITE_CHAT,
		SQL_VALUES(SQL_NUMBER(said->id), SQL_NUMBER(said->user), SQL_BYTES(said->name),
			SQL_NUMBER(said->at), SQL_BYTES(said->text)));
}

bool store_drop_old(struct store *store, uint64_t doc, const struct store_keep *keep,
	uint64_t needed, uint64_t now_ms, uint64_t *oldest)
{
	uint64_t until = past_droppable(&store->past, doc, keep, needed, now_ms, oldest), slice;

	if (until <= *oldest)
		return false;
	slice = until - *oldest > DROP_SLICE ? *oldest + DROP_SLICE : until;
	if (!sql_ask_number(store->past.db, &ask_row,
		    SQL_VALUES(SQL_NUMBER(doc), SQL_NUMBER(slice)), &slice))
		return false;
	writer_add(store->writer, WRITE_DROP_SNAPSHOTS,
		SQL_VALUES(SQL_NUMBER(doc), SQL_NUMBER(until)));
	writer_add(store->writer, WRITE_DROP_EDITS, SQL_VALUES(SQL_NUMBER(doc), SQL_NUMBER(slice)));
	*oldest = slice;
	return slice < until;
}

bool store_shrink(struct store *store)
{
	uint64_t pages, spare;

	if (!store->shrinks || !sql_ask_number(store->past.db, &ask_pages, NULL, &pages) ||
		!sql_ask_number(store->past.db, &ask_spare, NULL, &spare) || spare <= SPARE_PAGES ||
		spare <= pages / SPARE_PART)
		return false;
	writer_add(store->writer, WRITE_SHRINK, NULL);
	return true;
}

uint64_t store_turn(struct store *store)
{
	return gather_turn(&store->gather);
}

uint64_t store_committed(const struct store *store)
{
	return writer_committed(store->writer);
}

uint64_t store_shown(const struct store *store)
{
	return store->durability == STORE_MEMORY ? gather_newest(&store->gather)
						 : writer_committed(store->writer);
}

bool store_failing(struct store *store)
{
	return writer_failing(store->writer);
}

size_t store_unstored(struct store *store)
{
	return writer_bytes(store->writer) + gather_bytes(&store->gather);
}
