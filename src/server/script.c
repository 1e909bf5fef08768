#include "src/server/script.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/server/pack.h"

#define KEPT_BYTES ((size_t)1 << 20) /* of a packed value's memory, for the next one */

static const char *const frames[SCRIPT_FRAMES] = {"BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"};

/* ---- beginning and end ---- */

static bool prepare(sqlite3 *db, const char *text, sqlite3_stmt **out)
{
	return sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) == SQLITE_OK;
}

bool script_init(struct script *s, sqlite3 *db, const struct sql *sql, size_t count)
{
	bool fits = true;

	*s = (struct script){.db = db, .sql = sql, .count = count};
	s->statements = mem_alloc(count * sizeof(*s->statements));
	for (size_t i = 0; fits && i < count; i++)
		fits = prepare(db, sql[i].text, &s->statements[i]);
	for (size_t i = 0; fits && i < SCRIPT_FRAMES; i++)
		fits = prepare(db, frames[i], &s->frames[i]);
	return fits;
}

void script_fini(struct script *s)
{
	for (size_t i = 0; i < s->count; i++)
		sqlite3_finalize(s->statements[i]);
	for (size_t i = 0; i < SCRIPT_FRAMES; i++)
		sqlite3_finalize(s->frames[i]);
	free(s->statements);
	buf_fini(&s->packed);
	*s = (struct script){0};
}

/* ---- putting together ---- */

static void add_number(struct buf *out, uint64_t number)
{
	buf_add(out, &number, sizeof(number));
}

void script_add(
	struct buf *out, const struct sql *sql, unsigned what, const union sql_value *values)
{
	const char *shape = sql[what].shape;

	buf_add_byte(out, (unsigned char)what);
	for (size_t i = 0; shape[i]; i++) {
		if (shape[i] == 'i') {
			add_number(out, values[i].number);
			continue;
		}
		add_number(out, values[i].bytes.len);
		buf_add(out, values[i].bytes.at, values[i].bytes.len);
	}
}

/* ---- running ---- */

static bool step(sqlite3_stmt *stmt)
{
	int e = SQLITE_ROW;

	while (e == SQLITE_ROW)
		e = sqlite3_step(stmt);
	sqlite3_reset(stmt);
	return e == SQLITE_DONE;
}

static uint64_t take_number(const char **at)
{
	uint64_t number;

	memcpy(&number, *at, sizeof(number));
	*at += sizeof(number);
	return number;
}

static struct str packed(struct script *s, struct str bytes)
{
	buf_clear(&s->packed);
	pack(bytes, &s->packed);
	return (struct str){s->packed.at, s->packed.len};
}

/* The next value; moves behind it. */
static union sql_value take_value(struct script *s, char shape, const char **at)
{
	uint64_t number = take_number(at);

	if (shape == 'i')
		return (union sql_value){.number = number};
	struct str bytes = {*at, (size_t)number};
	*at += number;
	return (union sql_value){.bytes = shape == 'z' ? packed(s, bytes) : bytes};
}

/* The next write, as script_add put it there; moves behind it. */
static bool run_next(struct script *s, const char **at)
{
	unsigned what = (unsigned char)*(*at)++;
	const char *shape = s->sql[what].shape;
	union sql_value values[SQL_MOST_VALUES];

	for (size_t i = 0; shape[i]; i++)
		values[i] = take_value(s, shape[i], at);
	return sql_bind(s->statements[what], shape, values) && step(s->statements[what]);
}

static bool run_all(struct script *s, const char *at, const char *end)
{
	if (!step(s->frames[SCRIPT_BEGIN]))
		return false;
	while (at < end)
		if (!run_next(s, &at))
			return false;
	return step(s->frames[SCRIPT_COMMIT]);
}

bool script_run(struct script *s, const char *at, size_t len)
{
	bool done = run_all(s, at, at + len);

	if (s->packed.cap > KEPT_BYTES)
		buf_fini(&s->packed);
	return done;
}

void script_undo(struct script *s)
{
	if (!sqlite3_get_autocommit(s->db))
		step(s->frames[SCRIPT_ROLLBACK]);
}
