/*
 * sql.h: SQL statements with their parameters, by shape.
 *
 *	static const struct sql newest = {"i", "SELECT max(rev) FROM edit WHERE doc = ?"};
 *	sql_number(db, &newest, SQL_VALUES(SQL_NUMBER(7)), &rev)
 *
 * A shape has one letter a parameter: i a number, t text, b bytes, z bytes that are packed (pack.h) before they are bound.
 *
 * Memory:  what a row shows is borrowed until its next step. A statement that was asked ends with sqlite3_finalize.
 * Errors:  NULL or false; sqlite3_errmsg tells.
 */
#ifndef SERVER_SQL_H
#define SERVER_SQL_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "net/message.h"

struct sql {
	const char *shape, *text;
};

union sql_value {
	uint64_t number;
	struct str bytes;
};

#define SQL_MOST_VALUES 10
#define SQL_NUMBER(n)   {.number = (n)}
#define SQL_BYTES(s)    {.bytes = (s)}
#define SQL_VALUES(...) ((const union sql_value[SQL_MOST_VALUES]){__VA_ARGS__})

bool sql_bind(sqlite3_stmt *stmt, const char *shape, const union sql_value *values);
/* Prepared anew each time: one reading function may be called from another's callback. values may be NULL where the shape is "". */
sqlite3_stmt *sql_ask(sqlite3 *db, const struct sql *sql, const union sql_value *values);
bool sql_next(sqlite3_stmt *stmt); /* on to the next row; false, also for NULL: there is none */
/* The one number that a query answers, else 0 and false. */
bool sql_ask_number(sqlite3 *db, const struct sql *sql, const union sql_value *values, uint64_t *out);

uint64_t sql_number(sqlite3_stmt *row, int column);
struct str sql_bytes(sqlite3_stmt *row, int column); /* never NULL */

#endif
