#include "src/server/invites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "ot/mem.h"
#include "src/report.h"
#include "src/server/seal.h"

#define BUSY_MS      1000 /* the server's loop may wait here: others hold the file for one commit */
#define KEEP_SECONDS ((int64_t)24 * 3600)

struct invites {
	sqlite3 *db;
	int64_t version;                 /* of the file, as this connection sees it */
	char (*revoked)[TOKEN_ID_BYTES]; /* sorted */
	size_t revoked_count, revoked_cap;
};

/* ---- SQLite ---- */

static bool failed(struct invites *invites, char **why)
{
	*why = report_sentence("cannot use the list of invitations: %s",
		invites->db ? sqlite3_errmsg(invites->db) : "out of memory");
	return false;
}

/* NULL: sqlite3_errmsg() says why. */
static sqlite3_stmt *prepare(struct invites *invites, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	sqlite3_prepare_v2(invites->db, sql, -1, &stmt, NULL);
	return stmt;
}

static void bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
	sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
}

/* Steps a statement that gives no rows, and ends it. */
static bool run(struct invites *invites, sqlite3_stmt *stmt, char **why)
{
	bool done = stmt && sqlite3_step(stmt) == SQLITE_DONE;

	if (!done)
		failed(invites, why);
	sqlite3_finalize(stmt);
	return done;
}

static void take_text(sqlite3_stmt *row, int column, char *out, size_t cap)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	snprintf(out, cap, "%s", text ? text : "");
}

/* ---- what is revoked ---- */

static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

bool invites_revoked(const struct invites *invites, const char *id)
{
	return invites->revoked_count && bsearch(id, invites->revoked, invites->revoked_count,
						 sizeof(*invites->revoked), compare_ids);
}

static void remember_revoked(struct invites *invites, const char *id)
{
	size_t at = invites->revoked_count;

	if (invites_revoked(invites, id))
		return;
	invites->revoked = mem_grow(
		invites->revoked, &invites->revoked_cap, at + 1, sizeof(*invites->revoked));
	while (at && strcmp(invites->revoked[at - 1], id) > 0)
		at--;
	memmove(invites->revoked + at + 1, invites->revoked + at,
		(invites->revoked_count++ - at) * sizeof(*invites->revoked));
	snprintf(invites->revoked[at], TOKEN_ID_BYTES, "%s", id);
}

/* A damaged row may have been one of a revoked token. */
static void load_revoked(struct invites *invites)
{
	sqlite3_stmt *row =
		prepare(invites, "SELECT id FROM invite WHERE revoked <> 0 OR sum <> seal(id, room,"
				 " role, name, kid, issued, expires, revoked) ORDER BY id");

	while (row && sqlite3_step(row) == SQLITE_ROW) {
		char id[TOKEN_ID_BYTES];
		take_text(row, 0, id, sizeof(id));
		remember_revoked(invites, id);
	}
	sqlite3_finalize(row);
}

/* -1: not now. */
static int64_t file_version(struct invites *invites)
{
	sqlite3_stmt *row = prepare(invites, "PRAGMA data_version");
	int64_t version =
		row && sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int64(row, 0) : -1;

	sqlite3_finalize(row);
	return version;
}

bool invites_changed(struct invites *invites)
{
	int64_t version = file_version(invites);

	if (version < 0 || version == invites->version)
		return false;
	invites->version = version;
	load_revoked(invites);
	return true;
}

/* ---- opening ---- */

struct invites *invites_open(const char *state_dir, char **why)
{
	struct invites *invites = mem_alloc(sizeof(*invites));
	char *path = report_sentence("%s/index.db", state_dir);

	*why = NULL;
	if (sqlite3_open_v2(path, &invites->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW,
		    NULL) != SQLITE_OK)
		failed(invites, why);
	else if (!seal_install(invites->db))
		failed(invites, why);
	else
		sqlite3_busy_timeout(invites->db, BUSY_MS);
	free(path);
	if (*why) {
		invites_close(invites);
		return NULL;
	}
	invites_changed(invites);
	return invites;
}

void invites_close(struct invites *invites)
{
	if (!invites)
		return;
	sqlite3_close(invites->db);
	free(invites->revoked);
	free(invites);
}

/* ---- writing ---- */

/* A newer row takes an older one's place, but what is revoked stays so. */
static bool write_invite(struct invites *invites, const struct invite *invite, char **why)
{
	sqlite3_stmt *stmt = prepare(invites,
		"INSERT INTO invite VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
		" seal(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)) ON CONFLICT (id) DO UPDATE SET"
		" revoked = max(revoked, excluded.revoked),"
		" sum = reseal(sum, 8, revoked, max(revoked, excluded.revoked))");

	*why = NULL;
	if (!stmt)
		return failed(invites, why);
	bind_text(stmt, 1, invite->id);
	bind_text(stmt, 2, invite->room);
	bind_text(stmt, 3, role_name[invite->role]);
	bind_text(stmt, 4, invite->name);
	bind_text(stmt, 5, invite->kid);
	sqlite3_bind_int64(stmt, 6, invite->issued);
	sqlite3_bind_int64(stmt, 7, invite->expires);
	sqlite3_bind_int64(stmt, 8, invite->revoked);
	return run(invites, stmt, why);
}

/* That it fails is of no consequence. */
static void drop_expired(struct invites *invites, int64_t now)
{
	sqlite3_stmt *stmt = prepare(invites, "DELETE FROM invite WHERE expires <= ?");

	if (stmt && sqlite3_bind_int64(stmt, 1, now - KEEP_SECONDS) == SQLITE_OK)
		sqlite3_step(stmt);
	sqlite3_finalize(stmt);
}

bool invites_add(struct invites *invites, const struct invite *invite, char **why)
{
	drop_expired(invites, invite->issued);
	return write_invite(invites, invite, why);
}

bool invites_revoke(struct invites *invites, const char *id, int64_t now, char **why)
{
	sqlite3_stmt *stmt = prepare(invites,
		"UPDATE invite SET revoked = iif(revoked, revoked, ?1),"
		" sum = reseal(sum, 8, revoked, iif(revoked, revoked, ?1)) WHERE id = ?2");

	*why = NULL;
	if (!stmt)
		return failed(invites, why);
	sqlite3_bind_int64(stmt, 1, now);
	bind_text(stmt, 2, id);
	if (!run(invites, stmt, why))
		return false;
	if (sqlite3_changes(invites->db) == 0) {
		*why = report_sentence("no invitation has the id %s", id);
		return false;
	}
	remember_revoked(invites, id);
	return true;
}

bool invites_ban(struct invites *invites, const struct invite *held, int64_t now, char **why)
{
	struct invite row = *held;

	row.revoked = now;
	remember_revoked(invites, row.id);
	return write_invite(invites, &row, why);
}

/* ---- reading ---- */

static void take_invite(sqlite3_stmt *row, struct invite *out)
{
	*out = (struct invite){0};
	take_text(row, 0, out->id, sizeof(out->id));
	take_text(row, 1, out->room, sizeof(out->room));
	role_parse(str((const char *)sqlite3_column_text(row, 2)), &out->role);
	take_text(row, 3, out->name, sizeof(out->name));
	take_text(row, 4, out->kid, sizeof(out->kid));
	out->issued = sqlite3_column_int64(row, 5);
	out->expires = sqlite3_column_int64(row, 6);
	out->revoked = sqlite3_column_int64(row, 7);
}

bool invites_each(struct invites *invites, const char *room, int64_t now,
	void (*fn)(void *ctx, const struct invite *invite), void *ctx, char **why)
{
	sqlite3_stmt *row = prepare(invites,
		"SELECT * FROM invite WHERE expires > ?1 AND (?2 IS NULL OR room = ?2)"
		" ORDER BY issued, id");
	int e = SQLITE_ERROR;

	*why = NULL;
	if (!row)
		return failed(invites, why);
	sqlite3_bind_int64(row, 1, now);
	bind_text(row, 2, room);
	while ((e = sqlite3_step(row)) == SQLITE_ROW) {
		struct invite invite;
		take_invite(row, &invite);
		fn(ctx, &invite);
	}
	if (e != SQLITE_DONE)
		failed(invites, why);
	sqlite3_finalize(row);
	return !*why;
}

int64_t invites_last(struct invites *invites, const char *kid)
{
	sqlite3_stmt *row =
		prepare(invites, "SELECT max(expires) FROM invite WHERE kid = ? AND revoked = 0");
	int64_t last = INT64_MAX; /* who cannot know must not drop */

	if (row)
		bind_text(row, 1, kid);
	if (row && sqlite3_step(row) == SQLITE_ROW)
		last = sqlite3_column_int64(row, 0);
	sqlite3_finalize(row);
	return last;
}

bool invites_note(struct invites *invites, const char *key, const char *value, char **why)
{
	sqlite3_stmt *stmt =
		prepare(invites, "INSERT OR REPLACE INTO note VALUES (?1, ?2, seal(?1, ?2))");

	*why = NULL;
	if (!stmt)
		return failed(invites, why);
	bind_text(stmt, 1, key);
	bind_text(stmt, 2, value);
	return run(invites, stmt, why);
}

char *invites_noted(struct invites *invites, const char *key)
{
	sqlite3_stmt *row = prepare(invites, "SELECT value FROM note WHERE key = ?");
	char *value = NULL;

	if (row)
		bind_text(row, 1, key);
	if (row && sqlite3_step(row) == SQLITE_ROW)
		value = report_sentence("%s", (const char *)sqlite3_column_text(row, 0));
	sqlite3_finalize(row);
	return value;
}
