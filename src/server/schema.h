/*
 * schema.h: the tables of a room's history in SQLite, of every version there ever was.
 *
 *	meta      name, value                   epoch, next user, what a crash may take back (crash.h)
 *	document  doc, path, saved_rev, _hash   saved: what the file held last
 *	edit      doc, rev, user, name, session, seq, at, op
 *	snapshot  doc, rev, packed, text        packed: text is a frame of pack.h
 *	session   row, id, user, name, color, role, at     id: SHA-256 of the secret, hex
 *	chat      id, user, name, at, text
 *
 * The version is user_version. A file of a newer one is refused; an older one is brought up to date a version at a time, each step
 * whole or not at all.
 */
#ifndef SERVER_SCHEMA_H
#define SERVER_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#define SCHEMA_VERSION 2

/* Makes the tables of an empty file, upgrades older ones, refuses those of somebody else. On false *why (owned) is a sentence. */
bool schema_make(sqlite3 *db, const char *path, char **why);
/* The same for a file that is only looked at: an older version is fine. */
bool schema_check(sqlite3 *db, const char *path, uint64_t *version, char **why);

#endif
