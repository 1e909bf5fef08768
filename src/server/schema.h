/*
 * schema.h: the tables in SQLite of a room's history and of the list of rooms, in every version there ever was.
 *
 *	schema_make(&schema_room, db, "rooms/quiet-otter/room.db", &why)
 *
 *	room.db
 *	  meta      name, value                   epoch, next user, lock, what a crash may take back (crash.h)
 *	  document  doc, path, saved_rev, _hash   saved: what the file held last
 *	  edit      doc, rev, user, name, session, seq, at, op, edits, before
 *	                                          a row is `edits` of them: the newest in its columns, the earlier ones in
 *	                                          `before`, packed by stretch.h
 *	  counted   session, doc, seq             the newest edit of a session
 *	  snapshot  doc, rev, packed, text        packed: text is a frame of pack.h
 *	  session   row, id, user, name, color, role, at, token, granted
 *	                                          id: SHA-256 of the secret, hex; at: last seen; role: that of now;
 *	                                          token: the id of the one they came with last, granted: its role
 *	  chat      id, user, name, at, text
 *	index.db
 *	  room      path, name, port              path: "" for a room without a file
 *	  invite    id, room, role, name, kid, issued, expires, revoked
 *	  note      key, value
 *
 * Each has one more column, sum, the row's seal (seal.h); a connection needs seal_install before it writes or upgrades.
 *
 * The version is user_version. A file of a newer one is refused; an older one is brought up to date a version at a time, each step
 * whole or not at all.
 */
#ifndef SERVER_SCHEMA_H
#define SERVER_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

/* A table whose rows have seals. */
struct sealed {
	const char *table;
	const char *row;     /* SQL for what people would call one: "document 1, revision 27" */
	const char *columns; /* all but the seal */
};

struct schema {
	const char *what; /* as people know it */
	unsigned version;
	unsigned sealed_since; /* version */
	const char *newest;          /* SQL that makes the tables */
	const char *const *upgrades; /* SQL from the version that is its index to the next */
	const char *const *views; /* SQL that shows tables of that version as of the newest, for who only looks; NULL: none needs it */
	const struct sealed *sealed; /* ends with one whose table is NULL */
};

extern const struct schema schema_room, schema_index;

/* Makes the tables of an empty file, upgrades older ones, refuses those of somebody else. On false *why (owned) is a sentence. */
bool schema_make(const struct schema *schema, sqlite3 *db, const char *path, char **why);
/* The same for a file that is only looked at: an older version is fine, and seen as the newest as far as there are views. */
bool schema_check(const struct schema *schema, sqlite3 *db, const char *path, uint64_t *version, char **why);
/*
 * The tables with rows that are not what was written: how many, and the first of them. Of a version that had no seals yet, none.
 * false: a table cannot be read.
 */
bool schema_damage(const struct schema *schema, sqlite3 *db, uint64_t version,
	void (*fn)(void *ctx, const char *table, uint64_t rows, const char *first), void *ctx);

#endif
