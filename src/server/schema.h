/*
 * schema.h: the tables in SQLite of a room's history and of the list of rooms, in every version there ever was.
 *
 *	schema_make(&schema_room, db, "rooms/quiet-otter/room.db", &why)
 *
 *	room.db
 *	  meta      name, value                   epoch, next user, what a crash may take back (crash.h)
 *	  document  doc, path, saved_rev, _hash   saved: what the file held last
 *	  edit      doc, rev, user, name, session, seq, at, op
 *	  snapshot  doc, rev, packed, text        packed: text is a frame of pack.h
 *	  session   row, id, user, name, color, role, at     id: SHA-256 of the secret, hex; at: last seen
 *	  chat      id, user, name, at, text
 *	index.db
 *	  room      path, name, port              path: "" for a room without a file
 *	  invite    id, room, role, name, kid, issued, expires, revoked
 *	  note      key, value
 *
 * The version is user_version. A file of a newer one is refused; an older one is brought up to date a version at a time, each step
 * whole or not at all.
 */
#ifndef SERVER_SCHEMA_H
#define SERVER_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

struct schema {
	const char *what; /* as people know it */
	unsigned version;
	const char *newest;          /* SQL that makes the tables */
	const char *const *upgrades; /* SQL from the version that is its index to the next */
};

extern const struct schema schema_room, schema_index;

/* Makes the tables of an empty file, upgrades older ones, refuses those of somebody else. On false *why (owned) is a sentence. */
bool schema_make(const struct schema *schema, sqlite3 *db, const char *path, char **why);
/* The same for a file that is only looked at: an older version is fine. */
bool schema_check(const struct schema *schema, sqlite3 *db, const char *path, uint64_t *version, char **why);

#endif
