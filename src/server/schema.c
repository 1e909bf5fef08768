#include "src/server/schema.h"

#include "src/report.h"
#include "src/server/sql.h"

static const char newest[] =
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

static const struct sql ask_version = {"", "PRAGMA user_version"};
static const struct sql ask_tables = {"", "SELECT count(*) FROM sqlite_schema"};

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
	if (sql_ask_number(db, &ask_version, NULL, version) &&
		sql_ask_number(db, &ask_tables, NULL, tables))
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

bool schema_make(sqlite3 *db, const char *path, char **why)
{
	uint64_t version, tables;

	if (!read_version(db, path, &version, &tables, why))
		return false;
	if (!version)
		return run_step(db, path, "make", newest, why);
	for (; version < SCHEMA_VERSION; version++)
		if (!run_step(db, path, "upgrade", upgrades[version], why))
			return false;
	return true;
}

bool schema_check(sqlite3 *db, const char *path, uint64_t *version, char **why)
{
	uint64_t tables;

	return read_version(db, path, version, &tables, why);
}
