/*
 * script.h: writes to a database as a string of bytes, made on one thread and run on another, as one transaction.
 *
 *	script_add(&bytes, store_writes, WRITE_CHAT, SQL_VALUES(...))	-- any number of times; strings may be joined
 *	if (!script_run(&script, bytes.at, bytes.len))
 *		... sqlite3_errmsg(db) ...; script_undo(&script)
 *
 * A write is its statement's number in the table, in one byte, then its values: a number in eight, bytes behind their count.
 *
 * Memory: values are copied into the string.
 */
#ifndef SERVER_SCRIPT_H
#define SERVER_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include <sqlite3.h>

#include "ot/buf.h"
#include "src/server/sql.h"

enum script_frame { SCRIPT_BEGIN, SCRIPT_COMMIT, SCRIPT_ROLLBACK, SCRIPT_FRAMES };

struct script {
	sqlite3 *db;
	const struct sql *sql;
	size_t count;
	sqlite3_stmt **statements, *frames[SCRIPT_FRAMES];
	struct buf packed; /* a value that is being written */
};

/* sql is a static table of `count` statements without results. false: one of them does not fit the database; script_fini. */
bool script_init(struct script *script, sqlite3 *db, const struct sql *sql, size_t count);
void script_fini(struct script *script); /* before the database is closed */

void script_add(struct buf *out, const struct sql *sql, unsigned what, const union sql_value *values);
/* What script_add put together of the same table. false: the database says why, until script_undo. */
bool script_run(struct script *script, const char *at, size_t len);
void script_undo(struct script *script); /* after one that was not run, nothing of it is there */

#endif
