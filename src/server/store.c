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
#include "src/server/pack.h"
#include "src/server/replace.h"

#define SCHEMA_VERSION 2
#define BUSY_MS        5000
#define RETRY_SECONDS  1
#define CLOSE_TRIES    3 /* of a commit that fails, once the store is being closed */
#define KEPT_SNAPSHOTS 3 /* besides the one of revision 0, which stays */
#define KEPT_BYTES     ((size_t)1 << 20) /* of a batch's memory, for the next one */
#define DROP_SLICE     2000 /* old edits that go in one batch: others' edits wait for them */

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
	"CREATE TABLE snapshot (doc INTEGER NOT NULL, rev INTEGER NOT NULL,"
	"  packed INTEGER NOT NULL, text BLOB NOT NULL, PRIMARY KEY (doc, rev)) STRICT;"
	"CREATE TABLE session (row INTEGER PRIMARY KEY, id TEXT NOT NULL, user INTEGER NOT NULL,"
	"  name TEXT NOT NULL, color TEXT NOT NULL, role TEXT NOT NULL, at INTEGER NOT NULL) STRICT;"
	"CREATE INDEX session_id ON session (id, row);"
	"CREATE TABLE chat (id INTEGER PRIMARY KEY, user INTEGER NOT NULL, name TEXT NOT NULL,"
	"  at INTEGER NOT NULL, text TEXT NOT NULL) STRICT;"
	"PRAGMA user_version = 2;"
	"COMMIT;";

/* From the version that is its index to the next one. */
static const char *const upgrades[SCHEMA_VERSION] = {
	[1] = "BEGIN IMMEDIATE;"
	      "CREATE TABLE snapshot_2 (doc INTEGER NOT NULL, rev INTEGER NOT NULL,"
	      "  packed INTEGER NOT NULL, text BLOB NOT NULL, PRIMARY KEY (doc, rev)) STRICT;"
	      "INSERT INTO snapshot_2 SELECT doc, rev, 0, CAST(text AS BLOB) FROM snapshot;"
	      "DROP TABLE snapshot;"
	      "ALTER TABLE snapshot_2 RENAME TO snapshot;"
	      "PRAGMA user_version = 2;"
	      "COMMIT;",
};

/* shape: one letter a parameter: i a number, t text, b bytes, z bytes that the writer packs. */
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
	WRITE_DROP_SNAPSHOTS,
	WRITE_DROP_EDITS,
	WRITES,
};

static const struct statement writes[WRITES] = {
	[WRITE_BEGIN] = {"", "BEGIN IMMEDIATE"},
	[WRITE_COMMIT] = {"", "COMMIT"},
	[WRITE_ROLLBACK] = {"", "ROLLBACK"},
	[WRITE_META] = {"tt", "INSERT OR REPLACE INTO meta VALUES (?, ?)"},
	[WRITE_DOCUMENT] = {"iti", "INSERT INTO document VALUES (?, ?, 0, ?)"},
	[WRITE_EDIT] = {"iiitiiib", "INSERT INTO edit VALUES (?, ?, ?, ?, ?, ?, ?, ?)"},
	[WRITE_SNAPSHOT] = {"iiz", "INSERT OR REPLACE INTO snapshot VALUES (?, ?, 1, ?)"},
	[WRITE_THIN] = {"ii",
		"DELETE FROM snapshot WHERE doc = ?1 AND rev > 0 AND rev NOT IN"
		" (SELECT rev FROM snapshot WHERE doc = ?1 ORDER BY rev DESC LIMIT ?2)"},
	[WRITE_SAVED] = {"iii",
		"UPDATE document SET saved_rev = ?2, saved_hash = ?3 WHERE doc = ?1"},
	[WRITE_SESSION] = {"itittt",
		"INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, 1000 * strftime('%s', 'now'))"},
	[WRITE_CHAT] = {"iitit", "INSERT INTO chat VALUES (?, ?, ?, ?, ?)"},
	[WRITE_DROP_SNAPSHOTS] = {"ii", "DELETE FROM snapshot WHERE doc = ? AND rev < ?"},
	[WRITE_DROP_EDITS] = {"ii", "DELETE FROM edit WHERE doc = ? AND rev <= ?"},
};

enum read {
	READ_VERSION,
	READ_TABLES,
	READ_LAST_DOC,
	READ_LAST_SESSION,
	READ_META,
	READ_DOCUMENT,
	READ_DOCUMENTS,
	READ_OLDEST,
	READ_NEWEST,
	READ_EDITS,
	READ_SNAPSHOTS,
	READ_SNAPSHOTS_1,
	READ_NEXT_SNAPSHOT,
	READ_SNAPSHOT_REVS,
	READ_EDIT_TIME,
	READ_BYTES_AFTER,
	READ_SESSION,
	READ_SEQ,
	READ_CHAT,
	READ_FAULT,
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
	[READ_DOCUMENTS] = {"",
		"SELECT doc, saved_rev, saved_hash, path FROM document ORDER BY doc"},
	[READ_OLDEST] = {"i", "SELECT coalesce((SELECT min(rev) FROM edit WHERE doc = ?1) - 1,"
			      " (SELECT max(rev) FROM snapshot WHERE doc = ?1), 0)"},
	[READ_NEWEST] = {"i", "SELECT max(coalesce((SELECT max(rev) FROM edit WHERE doc = ?1), 0),"
			      " coalesce((SELECT max(rev) FROM snapshot WHERE doc = ?1), 0))"},
	[READ_EDITS] = {"iii", "SELECT rev, user, name, session, seq, at, op FROM edit"
			       " WHERE doc = ? AND rev > ? AND rev <= ? ORDER BY rev"},
	[READ_SNAPSHOTS] = {"ii",
		"SELECT rev, packed, text FROM snapshot WHERE doc = ? AND rev <= ? ORDER BY rev DESC"},
	[READ_SNAPSHOTS_1] = {"ii",
		"SELECT rev, 0, text FROM snapshot WHERE doc = ? AND rev <= ? ORDER BY rev DESC"},
	[READ_NEXT_SNAPSHOT] = {"ii",
		"SELECT rev FROM snapshot WHERE doc = ? AND rev >= ? ORDER BY rev LIMIT 1"},
	[READ_SNAPSHOT_REVS] = {"ii",
		"SELECT rev FROM snapshot WHERE doc = ? AND rev <= ? ORDER BY rev DESC"},
	[READ_EDIT_TIME] = {"ii", "SELECT at FROM edit WHERE doc = ? AND rev = ?"},
	[READ_BYTES_AFTER] = {"ii",
		"SELECT coalesce(sum(length(op)), 0) FROM edit WHERE doc = ? AND rev > ?"},
	[READ_SESSION] = {"t", "SELECT row, user, name, color, role FROM session WHERE id = ?"
			       " ORDER BY row DESC LIMIT 1"},
	[READ_SEQ] = {"ii",
		"SELECT seq FROM edit WHERE session = ? AND doc = ? ORDER BY rev DESC LIMIT 1"},
	[READ_CHAT] = {"i",
		"SELECT * FROM (SELECT id, user, name, at, text FROM chat ORDER BY id DESC LIMIT ?)"
		" ORDER BY id"},
	[READ_FAULT] = {"", "PRAGMA integrity_check(1)"},
};

struct store {
	/* of the loop's thread */
	struct store_handler handler;
	void *ctx;
	char *path;
	enum store_durability durability;
	uint64_t version; /* of the schema */
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
	size_t batch_bytes; /* of what the writer has taken and not committed */
	char *trouble;      /* of a failure the handler was not told of yet */
	bool in_trouble;
	bool closing;

	/* of the writer's thread */
	pthread_t thread;
	sqlite3 *writer;
	sqlite3_stmt *statements[WRITES];
	struct buf batch;  /* being committed */
	struct buf packed; /* the snapshot in it that is being written */
	uint64_t batch_turn;
	bool failing;
	bool unsynced;           /* something was committed that is not on the disk for sure */
	struct timespec sync_at; /* when it should be */
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

static struct str packed(struct store *store, struct str bytes)
{
	buf_clear(&store->packed);
	pack(bytes, &store->packed);
	return (struct str){store->packed.at, store->packed.len};
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
		if (writes[what].shape[i] == 'z')
			values[i].bytes = packed(store, values[i].bytes);
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

static void forget_bytes(struct buf *bytes)
{
	if (bytes->cap > KEPT_BYTES)
		buf_fini(bytes);
	buf_clear(bytes);
}

static struct timespec in_ms(long ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += ms % 1000 * 1000000;
	at.tv_sec += at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	return at;
}

static bool is_past(const struct timespec *at)
{
	struct timespec now = in_ms(0);

	return now.tv_sec > at->tv_sec || (now.tv_sec == at->tv_sec && now.tv_nsec >= at->tv_nsec);
}

static void note_unsynced(struct store *store)
{
	if (store->durability == STORE_DISK || store->unsynced)
		return;
	store->unsynced = true;
	store->sync_at = in_ms(STORE_SYNC_MS);
}

/* NULL when it is committed, else a sentence. */
static char *commit_batch(struct store *store)
{
	char *why = NULL;

	if (!store->batch.len)
		return NULL;
	if (!run_batch(store)) {
		why = trouble_of(store);
		if (!sqlite3_get_autocommit(store->writer))
			run(store, WRITE_ROLLBACK, NULL);
	}
	forget_bytes(&store->packed);
	if (why)
		return why;
	forget_bytes(&store->batch);
	note_unsynced(store);
	return NULL;
}

/* SQLite leaves the log to the kernel until it is copied into the file; this does not. */
static bool sync_log(struct store *store)
{
	sqlite3_file *log = NULL;

	if (sqlite3_file_control(store->writer, NULL, SQLITE_FCNTL_JOURNAL_POINTER, &log))
		return false;
	return !log || !log->pMethods || log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) == SQLITE_OK;
}

/* NULL when all is on the disk that should be by now, else a sentence. */
static char *sync_when_due(struct store *store, bool closing)
{
	if (!store->unsynced || (!closing && !is_past(&store->sync_at)))
		return NULL;
	if (!sync_log(store))
		return report_sentence(
			"cannot bring %s to the disk; tried again every second", store->path);
	store->unsynced = false;
	return NULL;
}

static void wait_before_retry(struct store *store)
{
	bool was_closing = store->closing;
	struct timespec until = in_ms(RETRY_SECONDS * 1000);

	while (store->closing == was_closing &&
		pthread_cond_timedwait(&store->news, &store->lock, &until) != ETIMEDOUT)
		;
}

static void take_handed(struct store *store)
{
	struct buf empty = store->batch;

	if (store->batch.len) {
		buf_add(&store->batch, store->handed.at, store->handed.len);
		forget_bytes(&store->handed);
	} else {
		store->batch = store->handed;
		store->handed = empty;
	}
	store->batch_turn = store->handed_turn;
	store->batch_bytes = store->batch.len;
}

/* Until something is handed over, the store is being closed, or the log is due. */
static void wait_for_news(struct store *store)
{
	while (!store->batch.len && !store->handed.len && !store->closing)
		if (!store->unsynced)
			pthread_cond_wait(&store->news, &store->lock);
		else if (pthread_cond_timedwait(&store->news, &store->lock, &store->sync_at) ==
			 ETIMEDOUT)
			break;
}

/* Waits for something to do, and takes all that came meanwhile. false: closing, nothing left. */
static bool gather(struct store *store, bool *closing)
{
	pthread_mutex_lock(&store->lock);
	if (store->failing)
		wait_before_retry(store);
	wait_for_news(store);
	take_handed(store);
	*closing = store->closing;
	pthread_mutex_unlock(&store->lock);
	return store->batch.len || store->unsynced;
}

/* Takes why. Notes what is committed, and the first failure of a run. Is there something new for the loop? */
static bool tell(struct store *store, char *why)
{
	bool first = why && !store->failing, news = first || (store->failing && !why);

	pthread_mutex_lock(&store->lock);
	store->batch_bytes = store->batch.len;
	store->in_trouble = why != NULL;
	if (!store->batch.len && store->committed != store->batch_turn) {
		store->committed = store->batch_turn;
		news = true;
	}
	if (first && !store->trouble) {
		store->trouble = why;
		why = NULL;
	}
	pthread_mutex_unlock(&store->lock);
	free(why);
	return news;
}

static void *writer_main(void *arg)
{
	struct store *store = arg;
	unsigned tries = 0;
	bool closing;

	while (tries < CLOSE_TRIES && gather(store, &closing)) {
		char *why = commit_batch(store);
		if (!why)
			why = sync_when_due(store, closing);
		bool failed = why != NULL;
		if (tell(store, why))
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

static sqlite3 *connect_to(const char *path, int access, const char *pragmas, char **why)
{
	sqlite3 *db = NULL;
	int flags = access | SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(path, &db, flags, NULL) == SQLITE_OK &&
		sqlite3_busy_timeout(db, BUSY_MS) == SQLITE_OK &&
		sqlite3_exec(db, pragmas, NULL, NULL, NULL) == SQLITE_OK)
		return db;
	*why = report_sentence(
		"cannot open the history %s: %s", path, db ? sqlite3_errmsg(db) : "out of memory");
	sqlite3_close(db);
	return NULL;
}

/* May a file of this version, with so many tables, be read as a history? */
static bool check_version(const char *path, uint64_t version, uint64_t tables, char **why)
{
	if (version > SCHEMA_VERSION)
		*why = report_sentence(
			"the history %s was written by a newer codecollab (its format is"
			" %llu, this one knows %d): use that one, or move the file away",
			path, (unsigned long long)version, SCHEMA_VERSION);
	else if (!version && tables)
		*why = report_sentence("%s is a database, but not a codecollab history", path);
	return !*why;
}

static bool read_version(
	sqlite3 *db, const char *path, uint64_t *version, uint64_t *tables, char **why)
{
	if (ask_number(db, READ_VERSION, NULL, version) &&
		ask_number(db, READ_TABLES, NULL, tables))
		return check_version(path, *version, *tables, why);
	*why = report_sentence("cannot read the history %s: %s", path, sqlite3_errmsg(db));
	return false;
}

static bool run_step(sqlite3 *db, const char *path, const char *what, const char *sql, char **why)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	*why = report_sentence("cannot %s the history %s: %s", what, path, sqlite3_errmsg(db));
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

/* Makes the tables of an empty file, brings older ones up to date, refuses those of somebody else. */
static bool check_schema(sqlite3 *db, const char *path, char **why)
{
	uint64_t version, tables;

	if (!read_version(db, path, &version, &tables, why))
		return false;
	if (!version)
		return run_step(db, path, "make", schema, why);
	for (; version < SCHEMA_VERSION; version++)
		if (!run_step(db, path, "upgrade", upgrades[version], why))
			return false;
	return true;
}

/* ---- what a crash may have taken back ---- */

/* Is the machine still up that this was noted on? */
static void read_boot(char out[40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, 36);

	out[n < 0 ? 0 : n] = '\0';
	if (fd >= 0)
		close(fd);
}

/* What meta's "unsafe" says while a store is open whose commits may be lost; empty: none may. */
static void unsafe_note(enum store_durability durability, char out[64])
{
	char boot[40];

	out[0] = '\0';
	read_boot(boot);
	if (durability == STORE_MEMORY)
		snprintf(out, 64, "memory");
	else if (durability == STORE_PROCESS)
		snprintf(out, 64, "process %s", boot);
}

/* Did the last one to write here end in a way that lost what it had told people? */
static bool may_have_lost(const char *note)
{
	char same_boot[64];

	unsafe_note(STORE_PROCESS, same_boot);
	return note && strcmp(note, same_boot) != 0;
}

static bool put_unsafe(sqlite3 *db, const char *note)
{
	char *sql = sqlite3_mprintf(*note ? "INSERT OR REPLACE INTO meta VALUES ('unsafe', %Q)"
					  : "DELETE FROM meta WHERE name = 'unsafe'",
		note);
	bool done = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;

	sqlite3_free(sql);
	return done;
}

/* A session's row stays for its number's sake; nobody has the empty secret. */
static bool forget_people(sqlite3 *db)
{
	return sqlite3_exec(db, "DELETE FROM meta WHERE name = 'epoch'; UPDATE session SET id = ''",
		       NULL, NULL, NULL) == SQLITE_OK;
}

static bool note_durability(struct store *store, char **why)
{
	char note[64], *before = NULL;
	sqlite3_stmt *row = ask_of(store->writer, READ_META, VALUES(BYTES(str("unsafe"))));

	if (next_row(row))
		before = mem_dup((const char *)sqlite3_column_text(row, 0),
			(size_t)sqlite3_column_bytes(row, 0));
	sqlite3_finalize(row);
	unsafe_note(store->durability, note);
	if ((before || *note) &&
		(sqlite3_exec(store->writer, "BEGIN IMMEDIATE", NULL, NULL, NULL) ||
			(may_have_lost(before) && !forget_people(store->writer)) ||
			!put_unsafe(store->writer, note) ||
			sqlite3_exec(store->writer, "COMMIT", NULL, NULL, NULL)))
		*why = report_sentence("cannot write to the history %s: %s", store->path,
			sqlite3_errmsg(store->writer));
	free(before);
	if (!*why && *note)
		sqlite3_exec(store->writer, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
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
	store->writer = connect_to(store->path, SQLITE_OPEN_READWRITE,
		"PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216", why);
	store->version = SCHEMA_VERSION;
	return store->writer && check_wal(store->writer, store->path, why) &&
	       check_schema(store->writer, store->path, why) && note_durability(store, why) &&
	       prepare_writes(store, why);
}

static bool open_reader(struct store *store, char **why)
{
	store->reader =
		connect_to(store->path, SQLITE_OPEN_READWRITE, "PRAGMA query_only = ON", why);
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
	buf_fini(&store->packed);
	free(store->trouble);
	free(store->path);
	free(store);
}

struct store *store_open(struct loop *loop, const char *path, enum store_durability durability,
	const struct store_handler *handler, void *ctx, char **why)
{
	struct store *store = mem_alloc(sizeof(*store));

	*why = NULL;
	store->handler = *handler;
	store->ctx = ctx;
	store->path = mem_dup(path, strlen(path));
	store->durability = durability;
	if (!open_writer(store, why) || !open_reader(store, why)) {
		store_free(store);
		return NULL;
	}
	store->wake = wake_create(loop, on_wake, store);
	if (!writer_start(store))
		abort();
	return store;
}

struct store *store_look(const char *path, char **why)
{
	struct store *store = mem_alloc(sizeof(*store));
	uint64_t tables;

	*why = NULL;
	store->path = mem_dup(path, strlen(path));
	store->reader = connect_to(path, SQLITE_OPEN_READONLY, "BEGIN", why);
	if (store->reader && read_version(store->reader, path, &store->version, &tables, why))
		return store;
	store_free(store);
	return NULL;
}

bool store_close(struct store *store)
{
	if (!store)
		return true;
	if (!store->writer) {
		store_free(store);
		return true;
	}
	store_turn(store);
	pthread_mutex_lock(&store->lock);
	store->closing = true;
	pthread_cond_signal(&store->news);
	pthread_mutex_unlock(&store->lock);
	pthread_join(store->thread, NULL);
	bool all = store->committed == store->turn && !store->unsynced;
	if (all && store->durability !=
			   STORE_DISK) /* if this fails, the next one is only too careful */
		put_unsafe(store->writer, "");
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

static struct text *load(struct str bytes)
{
	struct text *text = NULL;

	return text_load(&text, bytes.at, bytes.len) ? NULL : text;
}

/* Of a row of rev, packed, text. */
static struct text *text_of(sqlite3_stmt *row)
{
	struct buf bytes = {0};
	struct text *text = NULL;

	if (!number_at(row, 1))
		return load(bytes_at(row, 2));
	if (unpack(bytes_at(row, 2), STORE_SNAPSHOT_BYTES, &bytes))
		text = load((struct str){bytes.at, bytes.len});
	buf_fini(&bytes);
	return text;
}

/* Newest first, from `to` down. */
static sqlite3_stmt *ask_snapshots(struct store *store, uint64_t doc, uint64_t to)
{
	return ask(store, store->version == 1 ? READ_SNAPSHOTS_1 : READ_SNAPSHOTS,
		VALUES(NUMBER(doc), NUMBER(to)));
}

static void read_text(struct store *store, struct store_document *out)
{
	sqlite3_stmt *row = ask_snapshots(store, out->doc, INT64_MAX);

	while (!out->text && next_row(row)) {
		out->rev = number_at(row, 0);
		out->text = text_of(row);
	}
	sqlite3_finalize(row);
}

/* Of a row of doc, saved_rev, saved_hash. */
static void read_document(struct store *store, sqlite3_stmt *row, struct store_document *out)
{
	*out = (struct store_document){
		.doc = number_at(row, 0),
		.saved_rev = number_at(row, 1),
		.saved_hash = number_at(row, 2),
	};
	ask_number(store->reader, READ_OLDEST, VALUES(NUMBER(out->doc)), &out->oldest);
	ask_number(store->reader, READ_NEWEST, VALUES(NUMBER(out->doc)), &out->newest);
}

bool store_document(struct store *store, const char *path, struct store_document *out)
{
	sqlite3_stmt *row = ask(store, READ_DOCUMENT, VALUES(BYTES(str(path))));
	bool found = next_row(row);

	*out = (struct store_document){0};
	if (found) {
		read_document(store, row, out);
		out->path = mem_dup(path, strlen(path));
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

bool store_documents(struct store *store,
	void (*fn)(void *ctx, const struct store_document *document), void *ctx)
{
	sqlite3_stmt *row = ask(store, READ_DOCUMENTS, NULL);
	int e = SQLITE_ERROR;

	while (row && (e = sqlite3_step(row)) == SQLITE_ROW) {
		struct store_document document;
		read_document(store, row, &document);
		document.path = copy_of(bytes_at(row, 3));
		fn(ctx, &document);
		store_document_fini(&document);
	}
	sqlite3_finalize(row);
	return e == SQLITE_DONE;
}

bool store_next_snapshot(struct store *store, uint64_t doc, uint64_t from, uint64_t *rev)
{
	return ask_number(
		store->reader, READ_NEXT_SNAPSHOT, VALUES(NUMBER(doc), NUMBER(from)), rev);
}

struct text *store_snapshot_text(struct store *store, uint64_t doc, uint64_t rev)
{
	sqlite3_stmt *row = ask_snapshots(store, doc, rev);
	struct text *text = next_row(row) && number_at(row, 0) == rev ? text_of(row) : NULL;

	sqlite3_finalize(row);
	return text;
}

char *store_fault(struct store *store)
{
	sqlite3_stmt *row = ask(store, READ_FAULT, NULL);
	char *fault = NULL;

	if (!next_row(row))
		fault = report_sentence("%s", sqlite3_errmsg(store->reader));
	else if (!str_is(bytes_at(row, 0), "ok"))
		fault = copy_of(bytes_at(row, 0));
	sqlite3_finalize(row);
	return fault;
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
	sqlite3_stmt *row = ask_snapshots(store, doc, rev);
	struct replay replay = {0};

	while (!replay.text && next_row(row)) {
		replay = (struct replay){.text = text_of(row)};
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

	if (len <= STORE_SNAPSHOT_BYTES) {
		add(store, WRITE_SNAPSHOT,
			VALUES(NUMBER(doc), NUMBER(rev), BYTES(((struct str){bytes, len}))));
		add(store, WRITE_THIN, VALUES(NUMBER(doc), NUMBER(KEPT_SNAPSHOTS)));
	}
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

/* Are edits up to this revision, that of a snapshot, older or more than is to be kept? */
static bool may_drop(struct store *store, uint64_t doc, const struct store_keep *keep, uint64_t rev,
	uint64_t now_ms)
{
	uint64_t at, bytes;

	if (keep->days &&
		ask_number(store->reader, READ_EDIT_TIME, VALUES(NUMBER(doc), NUMBER(rev)), &at) &&
		at + keep->days * UINT64_C(86400000) <= now_ms)
		return true;
	return keep->bytes &&
	       ask_number(
		       store->reader, READ_BYTES_AFTER, VALUES(NUMBER(doc), NUMBER(rev)), &bytes) &&
	       bytes >= keep->bytes;
}

/* The newest snapshot that is all one needs of what was before it; 0: none. */
static uint64_t droppable(struct store *store, uint64_t doc, const struct store_keep *keep,
	uint64_t needed, uint64_t now_ms)
{
	sqlite3_stmt *row = ask(store, READ_SNAPSHOT_REVS, VALUES(NUMBER(doc), NUMBER(needed)));
	uint64_t rev = 0;

	while (!rev && next_row(row))
		if (may_drop(store, doc, keep, number_at(row, 0), now_ms))
			rev = number_at(row, 0);
	sqlite3_finalize(row);
	return rev;
}

bool store_drop_old(struct store *store, uint64_t doc, const struct store_keep *keep,
	uint64_t needed, uint64_t now_ms, uint64_t *oldest)
{
	uint64_t until = droppable(store, doc, keep, needed, now_ms), slice;

	ask_number(store->reader, READ_OLDEST, VALUES(NUMBER(doc)), oldest);
	if (until <= *oldest)
		return false;
	slice = until - *oldest > DROP_SLICE ? *oldest + DROP_SLICE : until;
	add(store, WRITE_DROP_SNAPSHOTS, VALUES(NUMBER(doc), NUMBER(until)));
	add(store, WRITE_DROP_EDITS, VALUES(NUMBER(doc), NUMBER(slice)));
	*oldest = slice;
	return slice < until;
}

/* Both are byte strings: what the writer has not taken yet simply grows. */
static void hand_over(struct store *store)
{
	struct buf empty = store->handed;

	if (store->handed.len) {
		buf_add(&store->handed, store->gathering.at, store->gathering.len);
		forget_bytes(&store->gathering);
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

uint64_t store_shown(const struct store *store)
{
	return store->durability == STORE_MEMORY ? store->turn : store->told;
}

bool store_failing(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	bool failing = store->in_trouble;
	pthread_mutex_unlock(&store->lock);
	return failing;
}

size_t store_unstored(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	size_t bytes = store->gathering.len + store->handed.len + store->batch_bytes;
	pthread_mutex_unlock(&store->lock);
	return bytes;
}
