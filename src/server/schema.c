#include "src/server/schema.h"

#include <stdlib.h>

#include "src/report.h"
#include "src/server/sql.h"

#define ROOM_VERSION  5
#define INDEX_VERSION 3

static const char room_newest[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL,"
	"  sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE document (doc INTEGER PRIMARY KEY, path TEXT NOT NULL,"
	"  saved_rev INTEGER NOT NULL, saved_hash INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;"
	"CREATE INDEX document_path ON document (path, doc);"
	"CREATE TABLE edit (doc INTEGER, rev INTEGER, user INTEGER NOT NULL, name TEXT NOT NULL,"
	"  session INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, op BLOB NOT NULL,"
	"  sum INTEGER NOT NULL, edits INTEGER NOT NULL, before BLOB NOT NULL,"
	"  PRIMARY KEY (doc, rev)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE counted (session INTEGER, doc INTEGER, seq INTEGER NOT NULL,"
	"  sum INTEGER NOT NULL, PRIMARY KEY (session, doc)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE snapshot (doc INTEGER NOT NULL, rev INTEGER NOT NULL, packed INTEGER NOT NULL,"
	"  text BLOB NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (doc, rev)) STRICT;"
	"CREATE TABLE session (row INTEGER PRIMARY KEY, id TEXT NOT NULL, user INTEGER NOT NULL,"
	"  name TEXT NOT NULL, color TEXT NOT NULL, role TEXT NOT NULL, at INTEGER NOT NULL,"
	"  token TEXT NOT NULL, granted TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;"
	"CREATE INDEX session_id ON session (id, row);"
	"CREATE TABLE chat (id INTEGER PRIMARY KEY, user INTEGER NOT NULL, name TEXT NOT NULL,"
	"  at INTEGER NOT NULL, text TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;"
	"PRAGMA user_version = 5;"
	"COMMIT;";

#define META_COLUMNS     "name, value"
#define DOCUMENT_COLUMNS "doc, path, saved_rev, saved_hash"
#define EDIT_COLUMNS_4   "doc, rev, user, name, session, seq, at, op"
#define EDIT_COLUMNS     EDIT_COLUMNS_4 ", edits, before"
#define COUNTED_COLUMNS  "session, doc, seq"
#define SNAPSHOT_COLUMNS "doc, rev, packed, text"
#define SESSION_COLUMNS  "row, id, user, name, color, role, at, token, granted"
#define CHAT_COLUMNS     "id, user, name, at, text"

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
	[3] = /* what is there then is taken for what was written */
	"BEGIN IMMEDIATE;"
	"ALTER TABLE session ADD COLUMN granted TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE meta ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;"
	"UPDATE meta SET sum = seal(" META_COLUMNS ");"
	"ALTER TABLE document ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;"
	"UPDATE document SET sum = seal(" DOCUMENT_COLUMNS ");"
	"ALTER TABLE edit ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;"
	"UPDATE edit SET sum = seal(" EDIT_COLUMNS_4 ");"
	"ALTER TABLE snapshot ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;"
	"UPDATE snapshot SET sum = seal(" SNAPSHOT_COLUMNS ");"
	"ALTER TABLE session ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;"
	"UPDATE session SET sum = seal(" SESSION_COLUMNS ");"
	"ALTER TABLE chat ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;"
	"UPDATE chat SET sum = seal(" CHAT_COLUMNS ");"
	"PRAGMA user_version = 4;"
	"COMMIT;",
	[4] = /* what is damaged stays so */
	"BEGIN IMMEDIATE;"
	"ALTER TABLE edit ADD COLUMN edits INTEGER NOT NULL DEFAULT 1;"
	"ALTER TABLE edit ADD COLUMN before BLOB NOT NULL DEFAULT x'';"
	"UPDATE edit SET sum = iif(sum = seal(" EDIT_COLUMNS_4 "), seal(" EDIT_COLUMNS "), 0);"
	"CREATE TABLE counted (session INTEGER, doc INTEGER, seq INTEGER NOT NULL,"
	"  sum INTEGER NOT NULL, PRIMARY KEY (session, doc)) STRICT, WITHOUT ROWID;"
	"INSERT INTO counted SELECT session, doc, seq, seal(" COUNTED_COLUMNS ") FROM"
	"  (SELECT session, doc, seq, max(rev) FROM edit GROUP BY session, doc);"
	"DROP INDEX edit_session;"
	"PRAGMA user_version = 5;"
	"COMMIT;",
};

/* Before version 5 each edit had a row of its own. */
#define EDIT_VIEW(sum)                                                                             \
	"CREATE TEMP VIEW edit AS SELECT " EDIT_COLUMNS_4 ", " sum " AS sum, 1 AS edits,"          \
	" x'' AS before FROM main.edit;"

/* Tables of that version under the names and with the columns of the newest. */
static const char *const room_views[ROOM_VERSION] = {
	[1] = EDIT_VIEW("0"),
	[2] = EDIT_VIEW("0"),
	[3] = EDIT_VIEW("0"),
	[4] = EDIT_VIEW(
		"iif(sum = seal(" EDIT_COLUMNS_4 "), seal(" EDIT_COLUMNS_4
		", 1, x''), 0)") "CREATE TEMP VIEW counted AS SELECT 0 AS session, 0 AS doc, 0 AS seq, 0 AS sum WHERE 0;",
};

static const struct sealed room_sealed[] = {
	{"meta", "name", META_COLUMNS},
	{"document", "'document ' || doc", DOCUMENT_COLUMNS},
	{"edit", "'document ' || doc || ', revision ' || rev", EDIT_COLUMNS},
	{"counted", "'session ' || session || ', document ' || doc", COUNTED_COLUMNS},
	{"snapshot", "'document ' || doc || ', revision ' || rev", SNAPSHOT_COLUMNS},
	{"session", "'session ' || row", SESSION_COLUMNS},
	{"chat", "'message ' || id", CHAT_COLUMNS},
	{0},
};

const struct schema schema_room = {
	.what = "history",
	.version = ROOM_VERSION,
	.sealed_since = 4,
	.newest = room_newest,
	.upgrades = room_upgrades,
	.views = room_views,
	.sealed = room_sealed,
};

static const char index_newest[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE room (path TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	"  port INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE invite (id TEXT PRIMARY KEY, room TEXT NOT NULL,"
	"  role TEXT NOT NULL, name TEXT NOT NULL, kid TEXT NOT NULL, issued INTEGER NOT NULL,"
	"  expires INTEGER NOT NULL, revoked INTEGER NOT NULL, sum INTEGER NOT NULL)"
	"  STRICT, WITHOUT ROWID;"
	"CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL, sum INTEGER NOT NULL)"
	"  STRICT, WITHOUT ROWID;"
	"PRAGMA user_version = 3;"
	"COMMIT;";

#define ROOM_COLUMNS   "path, name, port"
#define INVITE_COLUMNS "id, room, role, name, kid, issued, expires, revoked"
#define NOTE_COLUMNS   "key, value"

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
	[2] = "BEGIN IMMEDIATE;"
	      "ALTER TABLE room ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;"
	      "UPDATE room SET sum = seal(" ROOM_COLUMNS ");"
	      "ALTER TABLE invite ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;"
	      "UPDATE invite SET sum = seal(" INVITE_COLUMNS ");"
	      "ALTER TABLE note ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;"
	      "UPDATE note SET sum = seal(" NOTE_COLUMNS ");"
	      "PRAGMA user_version = 3;"
	      "COMMIT;",
};

static const struct sealed index_sealed[] = {
	{"room", "path", ROOM_COLUMNS},
	{"invite", "id", INVITE_COLUMNS},
	{"note", "key", NOTE_COLUMNS},
	{0},
};

const struct schema schema_index = {
	.what = "list of rooms",
	.version = INDEX_VERSION,
	.sealed_since = 3,
	.newest = index_newest,
	.upgrades = index_upgrades,
	.sealed = index_sealed,
};

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

static bool show_as_newest(
	const struct schema *schema, sqlite3 *db, const char *path, uint64_t version, char **why)
{
	const char *views =
		schema->views && version < schema->version ? schema->views[version] : NULL;

	return !views || run_step(schema, db, path, "read", views, why);
}

bool schema_check(
	const struct schema *schema, sqlite3 *db, const char *path, uint64_t *version, char **why)
{
	uint64_t tables;

	return read_version(schema, db, path, version, &tables, why) &&
	       show_as_newest(schema, db, path, *version, why);
}

/* ---- damage ---- */

static sqlite3_stmt *ask_damaged(sqlite3 *db, const struct sealed *sealed)
{
	char *text = report_sentence("SELECT %s, count(*) OVER () FROM %s"
				     " WHERE sum IS NOT seal(%s) LIMIT 1",
		sealed->row, sealed->table, sealed->columns);
	sqlite3_stmt *row = sql_ask(db, &(struct sql){"", text}, NULL);

	free(text);
	return row;
}

static bool look_at(sqlite3 *db, const struct sealed *sealed,
	void (*fn)(void *ctx, const char *table, uint64_t rows, const char *first), void *ctx)
{
	sqlite3_stmt *row = ask_damaged(db, sealed);
	int e = row ? sqlite3_step(row) : SQLITE_ERROR;

	if (e == SQLITE_ROW) {
		const char *first = (const char *)sqlite3_column_text(row, 0);
		fn(ctx, sealed->table, sql_number(row, 1), first ? first : "");
	}
	sqlite3_finalize(row);
	return e == SQLITE_ROW || e == SQLITE_DONE;
}

bool schema_damage(const struct schema *schema, sqlite3 *db, uint64_t version,
	void (*fn)(void *ctx, const char *table, uint64_t rows, const char *first), void *ctx)
{
	const struct sealed *sealed = schema->sealed;
	bool read = true;

	while (version >= schema->sealed_since && sealed->table)
		read = look_at(db, sealed++, fn, ctx) && read;
	return read;
}
