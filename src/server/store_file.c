#include "src/server/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/report.h"
#include "src/server/crash.h"
#include "src/server/replace.h"
#include "src/server/schema.h"
#include "src/server/seal.h"
#include "src/server/sql.h"

#define BUSY_MS 5000

/* SQLite's file format, 1.3: both are 2 where there is a write-ahead log, which a database in memory cannot have. */
#define AT_WRITE_VERSION 18
#define AT_READ_VERSION  19
#define VERSION_WAL      2

static const struct sql ask_mode = {"", "PRAGMA auto_vacuum"};

sqlite3 *store_file_connect(const char *path, int access, const char *pragmas, char **why)
{
	sqlite3 *db = NULL;
	int flags = access | SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(path, &db, flags, NULL) == SQLITE_OK &&
		sqlite3_busy_timeout(db, BUSY_MS) == SQLITE_OK && seal_install(db) &&
		sqlite3_exec(db, pragmas, NULL, NULL, NULL) == SQLITE_OK)
		return db;
	*why = report_sentence(
		"cannot open the history %s: %s", path, db ? sqlite3_errmsg(db) : "out of memory");
	sqlite3_close(db);
	return NULL;
}

/* ---- a new one ---- */

static bool is_missing(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? errno == ENOENT : S_ISREG(st.st_mode) && st.st_size == 0;
}

static bool note_durability(
	sqlite3 *db, const char *path, enum store_durability durability, char **why)
{
	if (crash_note(db, durability))
		return true;
	*why = report_sentence("cannot write to the history %s: %s", path, sqlite3_errmsg(db));
	return false;
}

/* To be freed by sqlite3_free(); NULL: *why. */
static unsigned char *draw_up(
	const char *path, enum store_durability durability, size_t *len, char **why)
{
	sqlite3 *db = store_file_connect(
		":memory:", SQLITE_OPEN_READWRITE, "PRAGMA auto_vacuum = INCREMENTAL", why);
	unsigned char *bytes = NULL;
	sqlite3_int64 count = 0;

	if (db && schema_make(&schema_room, db, path, why) &&
		note_durability(db, path, durability, why) &&
		!(bytes = sqlite3_serialize(db, "main", &count, 0)))
		*why = report_sentence("cannot make the history %s: out of memory", path);
	sqlite3_close(db);
	if (bytes)
		bytes[AT_WRITE_VERSION] = bytes[AT_READ_VERSION] = VERSION_WAL;
	*len = (size_t)count;
	return bytes;
}

/* The log of a history that was taken away would be read into the new one. */
static void put_orphan_aside(const char *path)
{
	char *log = report_sentence("%s-wal", path), *aside = report_sentence("%s-wal.lost", path);

	if (rename(log, aside) == 0)
		report_info("%s belongs to a history that is not there any more: it is %s now", log,
			aside);
	free(log);
	free(aside);
}

static bool make(const char *path, enum store_durability durability, char **why)
{
	size_t len;
	unsigned char *bytes = draw_up(path, durability, &len, why);
	if (bytes)
		put_orphan_aside(path);
	int e = bytes ? replace_file(path, (const char *)bytes, len, 0600, NULL, NULL) : 0;

	if (e)
		*why = report_sentence("cannot make the history %s: %s", path, strerror(e));
	sqlite3_free(bytes);
	return bytes && !e;
}

/* ---- one that is there ---- */

/* SQLite makes its other files with the mode of this one. */
static bool keep_private(const char *path, char **why)
{
	int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC), e = fd < 0 ? errno : 0;
	struct stat st;

	if (!e && (fstat(fd, &st) || ((st.st_mode & 0777) != 0600 && fchmod(fd, 0600))))
		e = errno;
	if (fd >= 0)
		close(fd);
	if (e)
		*why = report_sentence("cannot open the history %s: %s", path, strerror(e));
	return !e;
}

static bool check_wal(sqlite3 *db, const char *path, char **why)
{
	sqlite3_stmt *row = NULL;
	bool wal =
		sqlite3_prepare_v2(db, "PRAGMA journal_mode = WAL", -1, &row, NULL) == SQLITE_OK &&
		sql_next(row) && str_is(sql_bytes(row, 0), "wal");

	sqlite3_finalize(row);
	if (!wal)
		*why = report_sentence(
			"cannot keep a history at %s: its file system has no shared memory"
			" between readers and a writer; use a folder on a local disk",
			path);
	return wal;
}

/* A file that was made before it could shrink: once, and if there is no room for that, another time. */
static void let_shrink(sqlite3 *db)
{
	uint64_t mode;

	if (sql_ask_number(db, &ask_mode, NULL, &mode) && !mode)
		sqlite3_exec(db, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM", NULL, NULL, NULL);
}

/* The limit keeps one large snapshot from leaving a log of its size for ever. */
static const char pragmas[] = "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216";

sqlite3 *store_file_open(const char *path, enum store_durability durability, char **why)
{
	bool makes = is_missing(path);
	sqlite3 *db = (!makes || make(path, durability, why)) && keep_private(path, why)
			      ? store_file_connect(path, SQLITE_OPEN_READWRITE, pragmas, why)
			      : NULL;

	if (!db)
		return NULL;
	if (!check_wal(db, path, why) || !schema_make(&schema_room, db, path, why) ||
		(!makes && !note_durability(db, path, durability, why))) {
		sqlite3_close(db);
		return NULL;
	}
	if (durability != STORE_DISK)
		sqlite3_exec(db, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
	let_shrink(db);
	return db;
}
