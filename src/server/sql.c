#include "src/server/sql.h"

static int bind_bytes(sqlite3_stmt *stmt, int i, char kind, struct str bytes)
{
	const char *at = bytes.at ? bytes.at : "";

	if (kind == 't')
		return sqlite3_bind_text64(stmt, i, at, bytes.len, SQLITE_STATIC, SQLITE_UTF8);
	return sqlite3_bind_blob64(stmt, i, at, bytes.len, SQLITE_STATIC);
}

bool sql_bind(sqlite3_stmt *stmt, const char *shape, const union sql_value *values)
{
	int e = SQLITE_OK;

	for (int i = 0; shape[i] && e == SQLITE_OK; i++)
		e = shape[i] == 'i' ? sqlite3_bind_int64(stmt, i + 1, (int64_t)values[i].number)
				    : bind_bytes(stmt, i + 1, shape[i], values[i].bytes);
	return e == SQLITE_OK;
}

sqlite3_stmt *sql_ask(sqlite3 *db, const struct sql *sql, const union sql_value *values)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(db, sql->text, -1, &stmt, NULL) != SQLITE_OK)
		return NULL;
	if (sql_bind(stmt, sql->shape, values))
		return stmt;
	sqlite3_finalize(stmt);
	return NULL;
}

bool sql_next(sqlite3_stmt *stmt)
{
	return stmt && sqlite3_step(stmt) == SQLITE_ROW;
}

bool sql_ask_number(
	sqlite3 *db, const struct sql *sql, const union sql_value *values, uint64_t *out)
{
	sqlite3_stmt *row = sql_ask(db, sql, values);
	bool found = sql_next(row);

	*out = found ? sql_number(row, 0) : 0;
	sqlite3_finalize(row);
	return found;
}

uint64_t sql_number(sqlite3_stmt *row, int column)
{
	return (uint64_t)sqlite3_column_int64(row, column);
}

struct str sql_bytes(sqlite3_stmt *row, int column)
{
	const char *at = sqlite3_column_blob(row, column);

	return (struct str){at ? at : "", (size_t)sqlite3_column_bytes(row, column)};
}
