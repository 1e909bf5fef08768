/*
 * store_file.h: the file that a room's history is in, for SQLite.
 *
 * A new one is put together in memory, with its tables, and takes its place whole: two fsyncs where SQLite, asked to make it step by step,
 * has a dozen, each of which the loop would wait for. It can give space back (incremental vacuum), has a write-ahead log, and is its
 * owner's alone (0600). One of an older version is brought up to date.
 */
#ifndef SERVER_STORE_FILE_H
#define SERVER_STORE_FILE_H

#include <sqlite3.h>

#include "src/server/store.h"

/* For the writer: made if it is not there, with the durability noted (crash.h). NULL: *why (owned) is a sentence. */
sqlite3 *store_file_open(const char *path, enum store_durability durability, char **why);
/* One that is there; access: a flag of sqlite3_open_v2. NULL: *why. */
sqlite3 *store_file_connect(const char *path, int access, const char *pragmas, char **why);

#endif
