#include "src/server/schema.h"

#include "src/report.h"
#include "src/server/sql.h"

#define ROOM_VERSION  3
#define INDEX_VERSION 2

static const char room_newest[] =
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
	"  name TEXT NOT NULL, color TEXT NOT NULL, role TEXT NOT NULL, at INTEGER NOT NULL,"
	"  token TEXT NOT NULL DEFAULT '') STRICT;"
	"CREATE INDEX session_id ON session (id, row);"
	"CREATE TABLE chat (id INTEGER PRIMARY KEY, user INTEGER NOT NULL, name TEXT NOT NULL,"
	"  at INTEGER NOT NULL, text TEXT NOT NULL) STRICT;"
	"PRAGMA user_version = 3;"
	"COMMIT;";

/* From the version that is its index to the next one. */
static const char *const room_upgrades[ROOM_VERSION] = {
	[1] = "BEGIN IMMEDIATE;"
	      "CREATE TABLE snapshot_2 (doc INTEGER NOT NULL, rev INTEGER NOT NULL,"
	      "  packed INTEGER NOT NULL, text BLOB NOT NULL, PRIMARY KEY (doc, rev)) STRICT;"
	      "INSERT INTO snapshot_2 SELECT doc, rev, 0, CAST(text AS BLOB) FROM snapshot;"
	      "DROP TABLE snapshot;"
	      "ALTER TABLE snapshot_2 RENAME TO snapshot;"
	      "PRAGMA user_version = 2;"
	      "COMMIT;",
	[2] = "BEGIN IMMEDIATE;"
	      "ALTER TABLE session ADD COLUMN token TEXT NOT NULL DEFAULT '';"
	      "PRAGMA user_version = 3;"
	      "COMMIT;",
};

const struct schema schema_room = {"history", ROOM_VERSION, room_newest, room_upgrades};

static const char index_newest[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE room (path TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	"  port INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE invite (id TEXT PRIMARY KEY, room TEXT NOT NULL,"
	"  role TEXT NOT NULL, name TEXT NOT NULL, kid TEXT NOT NULL, issued INTEGER NOT NULL,"
	"  expires INTEGER NOT NULL, revoked INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"PRAGMA user_version = 2;"
	"COMMIT;";

/* In version 1 invitations made their tables themselves, when there was the first. */
static const char *const index_upgrades[INDEX_VERSION] = {
	[1] = "BEGIN IMMEDIATE;"
	      "CREATE TABLE IF NOT EXISTS invite (id TEXT PRIMARY KEY, room TEXT NOT NULL,"
	      "  role TEXT NOT NULL, name TEXT NOT NULL, kid TEXT NOT NULL,"
	      "  issued INTEGER NOT NULL, expires INTEGER NOT NULL, revoked INTEGER NOT NULL)"
	      "  STRICT, WITHOUT ROWID;"
	      "CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
	      "  STRICT, WITHOUT ROWID;"
	      "PRAGMA user_version = 2;"
	      "COMMIT;",
};

const struct schema schema_index = {"list of rooms", INDEX_VERSION, index_newest, index_upgrades};

static const struct sql ask_version = {"", "PRAGMA user_version"};
static const struct sql ask_tables = {"", "SELECT count(*) FROM sqlite_schema"};

/* May a file of this version, with so many tables, be read? */
static bool check_version(const struct schema *schema, const char *path, uint64_t version,
	uint64_t tables, char **why)
{
	if (version > schema->version)
		*why = report_sentence(
			"the %s %s was written by a newer codecollab (its format is"
			" %llu, this one knows %u): use that one, or move the file away",
			schema->what, path, (unsigned long long)version, schema->version);
	else if (!version && tables)
		*why = report_sentence(
			"%s is a database, but not a codecollab %s", path, schema->what);
	return !*why;
}

static bool read_version(const struct schema *schema, sqlite3 *db, const char *path,
	uint64_t *version, uint64_t *tables, char **why)
{
	if (sql_ask_number(db, &ask_version, NULL, version) &&
		sql_ask_number(db, &ask_tables, NULL, tables))
		return check_version(schema, path, *version, *tables, why);
	*why = report_sentence("cannot read the %s %s: %s", schema->what, path, sqlite3_errmsg(db));
	return false;
}

static bool run_step(const struct schema *schema, sqlite3 *db, const char *path, const char *verb,
	const char *sql, char **why)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	*why = report_sentence(
		"cannot %s the %s %s: %s", verb, schema->what, path, sqlite3_errmsg(db));
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

bool schema_make(const struct schema *schema, sqlite3 *db, const char *path, char **why)
{
	uint64_t version, tables;

	if (!read_version(schema, db, path, &version, &tables, why))
		return false;
	if (!version)
		return run_step(schema, db, path, "make", schema->newest, why);
	for (; version < schema->version; version++)
		if (!run_step(schema, db, path, "upgrade", schema->upgrades[version], why))
			return false;
	return true;
}

bool schema_check(
	const struct schema *schema, sqlite3 *db, const char *path, uint64_t *version, char **why)
{
	uint64_t tables;

	return read_version(schema, db, path, version, &tables, why);
}
