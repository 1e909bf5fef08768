#include "src/server/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/sha.h>
#include <sqlite3.h>

#include "net/codec.h"
#include "ot/buf.h"
#include "ot/mem.h"
#include "src/report.h"
#include "src/server/replace.h"

#define SCHEMA_VERSION 1
#define BUSY_MS        5000
#define RETRY_SECONDS  1
#define CLOSE_TRIES    3 /* of a commit that fails, once the store is being closed */
#define KEPT_SNAPSHOTS 3 /* besides the one of revision 0, which stays */
#define KEPT_BYTES     ((size_t)1 << 20) /* of a batch's memory, for the next one */

static const char schema[] =
	"BEGIN IMMEDIATE;"
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
	"COMMIT;";

/* shape: one letter a parameter: i a number, t text, b bytes. */
struct statement {
	const char *shape, *sql;
};

union value {
	uint64_t number;
	struct str bytes;
};

#define MAX_VALUES 8
#define NUMBER(n)                                                                                  \
	{                                                                                          \
		.number = (n)                                                                      \
	}
#define BYTES(s)                                                                                   \
	{                                                                                          \
		.bytes = (s)                                                                       \
	}
#define VALUES(...) ((const union value[MAX_VALUES]){__VA_ARGS__})

enum write {
	WRITE_BEGIN,
	WRITE_COMMIT,
	WRITE_ROLLBACK,
	WRITE_META,
	WRITE_DOCUMENT,
	WRITE_EDIT,
	WRITE_SNAPSHOT,
	WRITE_THIN,
	WRITE_SAVED,
	WRITE_SESSION,
	WRITE_CHAT,
	WRITES,
};

static const struct statement writes[WRITES] = {
	[WRITE_BEGIN] = {"", "BEGIN IMMEDIATE"},
	[WRITE_COMMIT] = {"", "COMMIT"},
	[WRITE_ROLLBACK] = {"", "ROLLBACK"},
	[WRITE_META] = {"tt", "INSERT OR REPLACE INTO meta VALUES (?, ?)"},
	[WRITE_DOCUMENT] = {"iti", "INSERT INTO document VALUES (?, ?, 0, ?)"},
	[WRITE_EDIT] = {"iiitiiib", "INSERT INTO edit VALUES (?, ?, ?, ?, ?, ?, ?, ?)"},
	[WRITE_SNAPSHOT] = {"iit", "INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?)"},
	[WRITE_THIN] = {"ii",
		"DELETE FROM snapshot WHERE doc = ?1 AND rev > 0 AND rev NOT IN"
		" (SELECT rev FROM snapshot WHERE doc = ?1 ORDER BY rev DESC LIMIT ?2)"},
	[WRITE_SAVED] = {"iii",
		"UPDATE document SET saved_rev = ?2, saved_hash = ?3 WHERE doc = ?1"},
	[WRITE_SESSION] = {"itittt",
		"INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, 1000 * strftime('%s', 'now'))"},
	[WRITE_CHAT] = {"iitit", "INSERT INTO chat VALUES (?, ?, ?, ?, ?)"},
};

enum read {
	READ_VERSION,
	READ_TABLES,
	READ_LAST_DOC,
	READ_LAST_SESSION,
	READ_META,
	READ_DOCUMENT,
	READ_NEWEST,
	READ_EDITS,
	READ_SNAPSHOTS,
	READ_SESSION,
	READ_SEQ,
	READ_CHAT,
	READS,
};

static const struct statement reads[READS] = {
	[READ_VERSION] = {"", "PRAGMA user_version"},
	[READ_TABLES] = {"", "SELECT count(*) FROM sqlite_schema"},
	[READ_LAST_DOC] = {"", "SELECT max(doc) FROM document"},
	[READ_LAST_SESSION] = {"", "SELECT max(row) FROM session"},
	[READ_META] = {"t", "SELECT value FROM meta WHERE name = ?"},
	[READ_DOCUMENT] = {"t", "SELECT doc, saved_rev, saved_hash FROM document WHERE path = ?"
				" ORDER BY doc DESC LIMIT 1"},
	[READ_NEWEST] = {"i", "SELECT max(rev) FROM edit WHERE doc = ?"},
	[READ_EDITS] = {"iii", "SELECT rev, user, name, session, seq, at, op FROM edit"
			       " WHERE doc = ? AND rev > ? AND rev <= ? ORDER BY rev"},
	[READ_SNAPSHOTS] = {"ii",
		"SELECT rev, text FROM snapshot WHERE doc = ? AND rev <= ? ORDER BY rev DESC"},
	[READ_SESSION] = {"t", "SELECT row, user, name, color, role FROM session WHERE id = ?"
			       " ORDER BY row DESC LIMIT 1"},
	[READ_SEQ] = {"ii",
		"SELECT seq FROM edit WHERE session = ? AND doc = ? ORDER BY rev DESC LIMIT 1"},
	[READ_CHAT] = {"i",
		"SELECT * FROM (SELECT id, user, name, at, text FROM chat ORDER BY id DESC LIMIT ?)"
		" ORDER BY id"},
};

struct store {
	/* of the loop's thread */
	struct store_handler handler;
	void *ctx;
	char *path;
	struct wake *wake;
	sqlite3 *reader;
	struct buf gathering; /* this turn's writes: see add() */
	uint64_t turn;        /* the newest batch handed over */
	uint64_t told;        /* the newest batch the handler knows of */
	uint64_t docs, sessions;

	/* between the two, under the lock */
	pthread_mutex_t lock;
	pthread_cond_t news;
	struct buf handed; /* batches up to handed_turn that the writer has not taken */
	uint64_t handed_turn;
	uint64_t committed;
	char *trouble; /* of a failure the handler was not told of yet */
	bool closing;

	/* of the writer's thread */
	pthread_t thread;
	sqlite3 *writer;
	sqlite3_stmt *statements[WRITES];
	struct buf batch; /* being committed */
	uint64_t batch_turn;
	bool failing;
};

/* ---- statements ---- */

static int bind_bytes(sqlite3_stmt *stmt, int i, char kind, struct str bytes)
{
	const char *at = bytes.at ? bytes.at : "";

	if (kind == 't')
		return sqlite3_bind_text64(stmt, i, at, bytes.len, SQLITE_STATIC, SQLITE_UTF8);
	return sqlite3_bind_blob64(stmt, i, at, bytes.len, SQLITE_STATIC);
}

static bool bind(sqlite3_stmt *stmt, const char *shape, const union value *values)
{
	int e = SQLITE_OK;

	for (int i = 0; shape[i] && e == SQLITE_OK; i++)
		e = shape[i] == 'i' ? sqlite3_bind_int64(stmt, i + 1, (int64_t)values[i].number)
				    : bind_bytes(stmt, i + 1, shape[i], values[i].bytes);
	return e == SQLITE_OK;
}

static uint64_t number_at(sqlite3_stmt *row, int column)
{
	return (uint64_t)sqlite3_column_int64(row, column);
}

static struct str bytes_at(sqlite3_stmt *row, int column)
{
	const char *at = sqlite3_column_blob(row, column);

	return (struct str){at ? at : "", (size_t)sqlite3_column_bytes(row, column)};
}

/* Prepared anew each time: one reading function may be called from another's callback. */
static sqlite3_stmt *ask_of(sqlite3 *db, enum read what, const union value *values)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(db, reads[what].sql, -1, &stmt, NULL) != SQLITE_OK)
		return NULL;
	if (bind(stmt, reads[what].shape, values))
		return stmt;
	sqlite3_finalize(stmt);
	return NULL;
}

static sqlite3_stmt *ask(struct store *store, enum read what, const union value *values)
{
	return ask_of(store->reader, what, values);
}

static bool next_row(sqlite3_stmt *stmt)
{
	return stmt && sqlite3_step(stmt) == SQLITE_ROW;
}

/* The one number that a query answers; false when it cannot be asked. */
static bool ask_number(sqlite3 *db, enum read what, const union value *values, uint64_t *out)
{
	sqlite3_stmt *row = ask_of(db, what, values);
	bool found = next_row(row);

	*out = found ? number_at(row, 0) : 0;
	sqlite3_finalize(row);
	return found;
}

/* ---- the writer's thread ---- */

static bool run(struct store *store, enum write what, const union value *values)
{
	sqlite3_stmt *stmt = store->statements[what];
	bool done = bind(stmt, writes[what].shape, values) && sqlite3_step(stmt) == SQLITE_DONE;

	sqlite3_reset(stmt);
	return done;
}

static uint64_t take_number(const char **at)
{
	uint64_t number;

	memcpy(&number, *at, sizeof(number));
	*at += sizeof(number);
	return number;
}

/* One write of a batch, as add() put it there; moves behind it. */
static bool run_next(struct store *store, const char **at)
{
	enum write what = (enum write)(unsigned char)*(*at)++;
	union value values[MAX_VALUES];

	for (size_t i = 0; writes[what].shape[i]; i++) {
		uint64_t number = take_number(at);
		if (writes[what].shape[i] == 'i') {
			values[i].number = number;
			continue;
		}
		values[i].bytes = (struct str){*at, (size_t)number};
		*at += number;
	}
	return run(store, what, values);
}

static bool run_batch(struct store *store)
{
	const char *at = store->batch.at, *end = at + store->batch.len;

	if (!run(store, WRITE_BEGIN, NULL))
		return false;
	while (at < end)
		if (!run_next(store, &at))
			return false;
	return run(store, WRITE_COMMIT, NULL);
}

static char *trouble_of(struct store *store)
{
	return report_sentence("cannot write to %s: %s; nothing is lost, it is held in memory and"
			       " tried again every second",
		store->path, sqlite3_errmsg(store->writer));
}

/* NULL when it is on the disk, else a sentence. */
static char *commit_batch(struct store *store)
{
	char *why;

	if (run_batch(store))
		return NULL;
	why = trouble_of(store);
	if (!sqlite3_get_autocommit(store->writer))
		run(store, WRITE_ROLLBACK, NULL);
	return why;
}

static void forget_batch(struct buf *batch)
{
	if (batch->cap > KEPT_BYTES)
		buf_fini(batch);
	buf_clear(batch);
}

static void wait_before_retry(struct store *store)
{
	bool was_closing = store->closing;
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += RETRY_SECONDS;
	while (store->closing == was_closing &&
		pthread_cond_timedwait(&store->news, &store->lock, &until) != ETIMEDOUT)
		;
}

static void take_handed(struct store *store)
{
	struct buf empty = store->batch;

	if (store->batch.len) {
		buf_add(&store->batch, store->handed.at, store->handed.len);
		forget_batch(&store->handed);
	} else {
		store->batch = store->handed;
		store->handed = empty;
	}
	store->batch_turn = store->handed_turn;
}

/* Waits for something to commit, all that came meanwhile. false: closing, nothing left. */
static bool gather(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	if (store->failing)
		wait_before_retry(store);
	while (!store->batch.len && !store->handed.len && !store->closing)
		pthread_cond_wait(&store->news, &store->lock);
	take_handed(store);
	pthread_mutex_unlock(&store->lock);
	return store->batch.len > 0;
}

/* Takes why. Notes a commit, or the first failure of a run. Is the store being closed? */
static bool tell(struct store *store, char *why)
{
	bool first = why && !store->failing, closing;

	pthread_mutex_lock(&store->lock);
	if (!why)
		store->committed = store->batch_turn;
	if (first && !store->trouble) {
		store->trouble = why;
		why = NULL;
	}
	closing = store->closing;
	pthread_mutex_unlock(&store->lock);
	free(why);
	return closing;
}

static void *writer_main(void *arg)
{
	struct store *store = arg;
	unsigned tries = 0;

	while (tries < CLOSE_TRIES && gather(store)) {
		char *why = commit_batch(store);
		bool failed = why != NULL;
		bool closing = tell(store, why);
		if (!failed)
			forget_batch(&store->batch);
		if (!failed || !store->failing)
			wake_send(store->wake);
		store->failing = failed;
		tries = failed && closing ? tries + 1 : 0;
	}
	return NULL;
}

static bool writer_start(struct store *store)
{
	sigset_t all, before;
	pthread_condattr_t attr;

	pthread_mutex_init(&store->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&store->news, &attr);
	pthread_condattr_destroy(&attr);
	sigfillset(&all); /* signals are the loop's business */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int e = pthread_create(&store->thread, NULL, writer_main, store);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return !e;
}

/* ---- opening and closing ---- */

/* In the loop's thread, some time after tell(). */
static void on_wake(void *ctx)
{
	struct store *store = ctx;

	pthread_mutex_lock(&store->lock);
	char *trouble = store->trouble;
	uint64_t committed = store->committed;
	store->trouble = NULL;
	pthread_mutex_unlock(&store->lock);
	bool news = committed > store->told;
	store->told = committed;
	if (trouble)
		store->handler.failed(store->ctx, trouble);
	free(trouble);
	if (news)
		store->handler.committed(store->ctx, committed);
}

/* SQLite makes its other files with the mode of this one. */
static int make_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int e = 0;

	if (fd < 0)
		return errno;
	if (fchmod(fd, 0600))
		e = errno;
	close(fd);
	return e ? e : replace_flush_folder(path);
}

static sqlite3 *connect_to(const char *path, const char *pragmas, char **why)
{
	sqlite3 *db = NULL;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(path, &db, flags, NULL) == SQLITE_OK &&
		sqlite3_busy_timeout(db, BUSY_MS) == SQLITE_OK &&
		sqlite3_exec(db, pragmas, NULL, NULL, NULL) == SQLITE_OK)
		return db;
	*why = report_sentence(
		"cannot open the history %s: %s", path, db ? sqlite3_errmsg(db) : "out of memory");
	sqlite3_close(db);
	return NULL;
}

/* Makes the tables of an empty file, refuses those of somebody else. */
static bool check_schema(sqlite3 *db, const char *path, char **why)
{
	uint64_t version, tables;

	if (!ask_number(db, READ_VERSION, NULL, &version) ||
		!ask_number(db, READ_TABLES, NULL, &tables))
		*why = report_sentence("cannot read the history %s: %s", path, sqlite3_errmsg(db));
	else if (version > SCHEMA_VERSION)
		*why = report_sentence(
			"the history %s was written by a newer codecollab (its format is"
			" %llu, this one knows %d): use that one, or move the file away",
			path, (unsigned long long)version, SCHEMA_VERSION);
	else if (!version && tables)
		*why = report_sentence("%s is a database, but not a codecollab history", path);
	else if (!version && sqlite3_exec(db, schema, NULL, NULL, NULL) != SQLITE_OK)
		*why = report_sentence("cannot make the history %s: %s", path, sqlite3_errmsg(db));
	return !*why;
}

static bool check_wal(sqlite3 *db, const char *path, char **why)
{
	sqlite3_stmt *row = NULL;
	bool wal =
		sqlite3_prepare_v2(db, "PRAGMA journal_mode = WAL", -1, &row, NULL) == SQLITE_OK &&
		next_row(row) && str_is(bytes_at(row, 0), "wal");

	sqlite3_finalize(row);
	if (!wal)
		*why = report_sentence(
			"cannot keep a history at %s: its file system has no shared memory"
			" between readers and a writer; use a folder on a local disk",
			path);
	return wal;
}

static bool prepare_writes(struct store *store, char **why)
{
	for (int i = 0; i < WRITES; i++) {
		if (sqlite3_prepare_v3(store->writer, writes[i].sql, -1, SQLITE_PREPARE_PERSISTENT,
			    &store->statements[i], NULL) == SQLITE_OK)
			continue;
		*why = report_sentence("the history %s lacks what is needed: %s", store->path,
			sqlite3_errmsg(store->writer));
		return false;
	}
	return true;
}

static bool open_writer(struct store *store, char **why)
{
	int e = make_private(store->path);

	if (e) {
		*why = report_sentence("cannot make the history %s: %s", store->path, strerror(e));
		return false;
	}
	/* The limit keeps one large snapshot from leaving a log of its size for ever. */
	store->writer = connect_to(store->path,
		"PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216", why);
	return store->writer && check_wal(store->writer, store->path, why) &&
	       check_schema(store->writer, store->path, why) && prepare_writes(store, why);
}

static bool open_reader(struct store *store, char **why)
{
	store->reader = connect_to(store->path, "PRAGMA query_only = ON", why);
	if (!store->reader)
		return false;
	if (ask_number(store->reader, READ_LAST_DOC, NULL, &store->docs) &&
		ask_number(store->reader, READ_LAST_SESSION, NULL, &store->sessions))
		return true;
	*why = report_sentence(
		"cannot read the history %s: %s", store->path, sqlite3_errmsg(store->reader));
	return false;
}

static void store_free(struct store *store)
{
	sqlite3_close(
		store->reader); /* before the writer, which tidies the log away as the last one */
	for (int i = 0; i < WRITES; i++)
		sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->writer);
	buf_fini(&store->gathering);
	buf_fini(&store->handed);
	buf_fini(&store->batch);
	free(store->trouble);
	free(store->path);
	free(store);
}

struct store *store_open(struct loop *loop, const char *path, const struct store_handler *handler,
	void *ctx, char **why)
{
	struct store *store = mem_alloc(sizeof(*store));

	*why = NULL;
	store->handler = *handler;
	store->ctx = ctx;
	store->path = mem_dup(path, strlen(path));
	if (!open_writer(store, why) || !open_reader(store, why)) {
		store_free(store);
		return NULL;
	}
	store->wake = wake_create(loop, on_wake, store);
	if (!writer_start(store))
		abort();
	return store;
}

bool store_close(struct store *store)
{
	if (!store)
		return true;
	store_turn(store);
	pthread_mutex_lock(&store->lock);
	store->closing = true;
	pthread_cond_signal(&store->news);
	pthread_mutex_unlock(&store->lock);
	pthread_join(store->thread, NULL);
	bool all = store->committed == store->turn;
	wake_destroy(store->wake);
	pthread_cond_destroy(&store->news);
	pthread_mutex_destroy(&store->lock);
	store_free(store);
	return all;
}

/* ---- reading ---- */

static char *copy_of(struct str s)
{
	return mem_dup(s.at, s.len);
}

char *store_get(struct store *store, const char *name)
{
	sqlite3_stmt *row = ask(store, READ_META, VALUES(BYTES(str(name))));
	char *value = next_row(row) ? copy_of(bytes_at(row, 0)) : NULL;

	sqlite3_finalize(row);
	return value;
}

static struct text *text_of(sqlite3_stmt *row, int column)
{
	struct str s = bytes_at(row, column);
	struct text *text = NULL;

	return text_load(&text, s.at, s.len) ? NULL : text;
}

static void read_text(struct store *store, struct store_document *out)
{
	sqlite3_stmt *row = ask(store, READ_SNAPSHOTS, VALUES(NUMBER(out->doc), NUMBER(INT64_MAX)));

	while (!out->text && next_row(row)) {
		out->rev = number_at(row, 0);
		out->text = text_of(row, 1);
	}
	sqlite3_finalize(row);
}

bool store_document(struct store *store, const char *path, struct store_document *out)
{
	sqlite3_stmt *row = ask(store, READ_DOCUMENT, VALUES(BYTES(str(path))));
	bool found = next_row(row);

	*out = (struct store_document){0};
	if (found) {
		out->doc = number_at(row, 0);
		out->saved_rev = number_at(row, 1);
		out->saved_hash = number_at(row, 2);
		out->path = mem_dup(path, strlen(path));
		ask_number(store->reader, READ_NEWEST, VALUES(NUMBER(out->doc)), &out->newest);
		read_text(store, out);
	}
	sqlite3_finalize(row);
	return found;
}

void store_document_fini(struct store_document *document)
{
	free(document->path);
	text_destroy(document->text);
	*document = (struct store_document){0};
}

static bool edit_of(sqlite3_stmt *row, uint64_t doc, struct store_edit *out)
{
	struct str op = bytes_at(row, 6);

	*out = (struct store_edit){
		.doc = doc,
		.rev = number_at(row, 0),
		.user = number_at(row, 1),
		.name = bytes_at(row, 2),
		.session = number_at(row, 3),
		.seq = number_at(row, 4),
		.at_ms = number_at(row, 5),
	};
	return !codec_get_op(op.at, op.len, &out->op);
}

bool store_edits(struct store *store, uint64_t doc, uint64_t from, uint64_t to,
	bool (*fn)(void *ctx, const struct store_edit *edit), void *ctx)
{
	sqlite3_stmt *row = ask(store, READ_EDITS, VALUES(NUMBER(doc), NUMBER(from), NUMBER(to)));
	bool going = true, sound = true;
	uint64_t rev = from;

	while (going && sound && next_row(row)) {
		struct store_edit edit;
		sound = edit_of(row, doc, &edit);
		if (!sound)
			break;
		sound = edit.rev == ++rev;
		going = sound && fn(ctx, &edit);
		op_fini(&edit.op);
	}
	sqlite3_finalize(row);
	return sound && (!going || rev >= to);
}

struct replay {
	struct text *text;
	bool broken;
};

static bool replay_edit(void *ctx, const struct store_edit *edit)
{
	struct replay *replay = ctx;

	replay->broken = op_apply(&edit->op, replay->text) != ERR_NONE;
	return !replay->broken;
}

struct text *store_text_at(struct store *store, uint64_t doc, uint64_t rev)
{
	sqlite3_stmt *row = ask(store, READ_SNAPSHOTS, VALUES(NUMBER(doc), NUMBER(rev)));
	struct replay replay = {0};

	while (!replay.text && next_row(row)) {
		replay = (struct replay){.text = text_of(row, 1)};
		if (!replay.text)
			continue;
		if (store_edits(store, doc, number_at(row, 0), rev, replay_edit, &replay) &&
			!replay.broken)
			break;
		text_destroy(replay.text);
		replay.text = NULL;
	}
	sqlite3_finalize(row);
	return replay.text;
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

bool store_session(struct store *store, const char *id, struct store_session *out)
{
	char hash[HASH_BYTES];

	hash_of(id, hash);
	sqlite3_stmt *row = ask(store, READ_SESSION, VALUES(BYTES(str(hash))));
	bool found = next_row(row);
	if (found) {
		*out = (struct store_session){.row = number_at(row, 0), .user = number_at(row, 1)};
		fill_chars(out->id, sizeof(out->id), str(id));
		fill_chars(out->name, sizeof(out->name), bytes_at(row, 2));
		fill_chars(out->color, sizeof(out->color), bytes_at(row, 3));
		fill_chars(out->role, sizeof(out->role), bytes_at(row, 4));
	}
	sqlite3_finalize(row);
	return found;
}

uint64_t store_session_seq(struct store *store, uint64_t doc, uint64_t session_row)
{
	uint64_t seq;

	ask_number(store->reader, READ_SEQ, VALUES(NUMBER(session_row), NUMBER(doc)), &seq);
	return seq;
}

bool store_chat_recent(struct store *store, size_t count,
	void (*fn)(void *ctx, const struct msg_said *said), void *ctx)
{
	sqlite3_stmt *row = ask(store, READ_CHAT, VALUES(NUMBER(count)));
	int e = SQLITE_ERROR;

	while (row && (e = sqlite3_step(row)) == SQLITE_ROW)
		fn(ctx, &(struct msg_said){
				.id = number_at(row, 0),
				.user = number_at(row, 1),
				.name = bytes_at(row, 2),
				.at = number_at(row, 3),
				.text = bytes_at(row, 4),
			});
	sqlite3_finalize(row);
	return e == SQLITE_DONE;
}

/* ---- writing ---- */

static void add_number(struct store *store, uint64_t number)
{
	buf_add(&store->gathering, &number, sizeof(number));
}

/* A write is the statement's number, then its values; bytes stand behind their length. */
static void add(struct store *store, enum write what, const union value *values)
{
	const char *shape = writes[what].shape;

	buf_add_byte(&store->gathering, (unsigned char)what);
	for (size_t i = 0; shape[i]; i++) {
		if (shape[i] == 'i') {
			add_number(store, values[i].number);
			continue;
		}
		add_number(store, values[i].bytes.len);
		buf_add(&store->gathering, values[i].bytes.at, values[i].bytes.len);
	}
}

void store_put(struct store *store, const char *name, const char *value)
{
	add(store, WRITE_META, VALUES(BYTES(str(name)), BYTES(str(value))));
}

uint64_t store_add_document(struct store *store, const char *path, const struct text *text)
{
	uint64_t doc = ++store->docs;

	add(store, WRITE_DOCUMENT, VALUES(NUMBER(doc), BYTES(str(path)), NUMBER(text_hash(text))));
	store_snapshot(store, doc, 0, text);
	return doc;
}

void store_edit(struct store *store, const struct store_edit *edit)
{
	struct buf op = {0};

	codec_put_op(&op, &edit->op);
	add(store, WRITE_EDIT,
		VALUES(NUMBER(edit->doc), NUMBER(edit->rev), NUMBER(edit->user), BYTES(edit->name),
			NUMBER(edit->session), NUMBER(edit->seq), NUMBER(edit->at_ms),
			BYTES(((struct str){op.at, op.len}))));
	buf_fini(&op);
}

void store_snapshot(struct store *store, uint64_t doc, uint64_t rev, const struct text *text)
{
	size_t len;
	char *bytes = text_slice(text, 0, text_size(text).points, &len);

	add(store, WRITE_SNAPSHOT,
		VALUES(NUMBER(doc), NUMBER(rev), BYTES(((struct str){bytes, len}))));
	add(store, WRITE_THIN, VALUES(NUMBER(doc), NUMBER(KEPT_SNAPSHOTS)));
	free(bytes);
}

void store_saved(struct store *store, uint64_t doc, uint64_t rev, uint64_t hash)
{
	add(store, WRITE_SAVED, VALUES(NUMBER(doc), NUMBER(rev), NUMBER(hash)));
}

uint64_t store_add_session(struct store *store, const struct store_session *session)
{
	uint64_t row = ++store->sessions;
	char hash[HASH_BYTES];

	hash_of(session->id, hash);
	add(store, WRITE_SESSION,
		VALUES(NUMBER(row), BYTES(str(hash)), NUMBER(session->user),
			BYTES(str(session->name)), BYTES(str(session->color)),
			BYTES(str(session->role))));
	return row;
}

void store_chat(struct store *store, const struct msg_said *said)
{
	add(store, WRITE_CHAT,
		VALUES(NUMBER(said->id), NUMBER(said->user), BYTES(said->name), NUMBER(said->at),
			BYTES(said->text)));
}

/* Both are byte strings: what the writer has not taken yet simply grows. */
static void hand_over(struct store *store)
{
	struct buf empty = store->handed;

	if (store->handed.len) {
		buf_add(&store->handed, store->gathering.at, store->gathering.len);
		forget_batch(&store->gathering);
		return;
	}
	store->handed = store->gathering;
	store->gathering = empty;
}

uint64_t store_turn(struct store *store)
{
	if (!store->gathering.len)
		return store->turn;
	pthread_mutex_lock(&store->lock);
	hand_over(store);
	store->handed_turn = ++store->turn;
	pthread_cond_signal(&store->news);
	pthread_mutex_unlock(&store->lock);
	return store->turn;
}

uint64_t store_committed(const struct store *store)
{
	return store->told;
}
