#include "src/server/state_part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <sqlite3.h>

#include "ot/mem.h"
#include "src/places.h"
#include "src/report.h"
#include "src/server/schema.h"
#include "src/server/seal.h"
#include "src/server/words.h"

#define BUSY_MS 5000

/* ---- folders ---- */

char *state_file(const struct state *state, const char *name)
{
	return report_sentence("%s/%s", state->dir, name);
}

bool state_refuse(char **why, const char *what, const char *path, int e)
{
	*why = report_sentence("cannot %s %s: %s", what, path, strerror(e));
	return false;
}

static bool open_dir(struct state *state, const char *dir, char **why)
{
	char *fault = NULL;

	state->dir = places_state(dir, &fault);
	if (!state->dir)
		*why = report_sentence("%s. Choose another with --state DIR", fault);
	free(fault);
	return state->dir != NULL;
}

/* ---- the index ---- */

static char *index_fault(sqlite3 *db, const char *path)
{
	return report_sentence("cannot use the list of rooms %s: %s", path,
		db ? sqlite3_errmsg(db) : "out of memory");
}

static bool open_index(struct state *state, char **why)
{
	char *path = state_file(state, "index.db");
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	sqlite3 *db = NULL;

	if (fd < 0 || fchmod(fd, 0600))
		state_refuse(why, "open the list of rooms", path, errno);
	if (fd >= 0)
		close(fd);
	if (!*why && sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		*why = index_fault(db, path);
	state->index = db;
	if (!*why) {
		sqlite3_busy_timeout(db, BUSY_MS);
		seal_install(db);
		sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
		schema_make(&schema_index, db, path, why);
	}
	free(path);
	return !*why;
}

/* Its parameters are texts, NULL ends them. */
static sqlite3_stmt *index_query(
	const struct state *state, const char *sql, const char *first, const char *second)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(state->index, sql, -1, &stmt, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_text(stmt, 1, first, -1, SQLITE_STATIC);
	if (second)
		sqlite3_bind_text(stmt, 2, second, -1, SQLITE_STATIC);
	return stmt;
}

static bool found_row(sqlite3_stmt *stmt)
{
	return stmt && sqlite3_step(stmt) == SQLITE_ROW;
}

/* ---- what the header promises ---- */

int state_lock_dir(const struct state *state)
{
	int fd = open(state->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		flock(fd, LOCK_EX);
	return fd;
}

bool state_open(struct state *state, const char *dir, const struct state_files *files, char **why)
{
	*state = (struct state){0};
	*why = NULL;
	if (!open_dir(state, dir, why))
		return false;
	int lock = state_lock_dir(state);
	bool opened = open_index(state, why);
	if (opened) {
		state_take_files(state, files);
		opened = state_open_keys(state, why) && (!files || state_note_files(state, why));
	}
	if (lock >= 0)
		close(lock);
	if (!opened)
		state_close(state);
	return opened;
}

void state_close(struct state *state)
{
	sqlite3_close(state->index);
	tls_identity_fini(&state->identity);
	OPENSSL_cleanse(&state->secret, sizeof(state->secret));
	OPENSSL_cleanse(state->old, sizeof(state->old));
	free(state->dir);
	free(state->token_key);
	free(state->cert);
	free(state->key);
	*state = (struct state){0};
}

/* ---- rooms ---- */

static bool take_room(sqlite3_stmt *row, struct state_room *out)
{
	const char *name = found_row(row) ? (const char *)sqlite3_column_text(row, 0) : NULL;
	bool found = name && room_name_valid(name, strlen(name));

	*out = (struct state_room){0};
	if (found) {
		snprintf(out->name, sizeof(out->name), "%s", name);
		out->port = (unsigned)sqlite3_column_int(row, 1) & 0xffff;
	}
	sqlite3_finalize(row);
	return found;
}

bool state_find(struct state *state, const char *path, struct state_room *out)
{
	return take_room(
		index_query(state, "SELECT name, port FROM room WHERE path = ?", path, NULL), out);
}

bool state_find_name(struct state *state, const char *name, struct state_room *out)
{
	return take_room(
		index_query(state, "SELECT name, port FROM room WHERE name = ?", name, NULL), out);
}

void state_rooms(
	struct state *state, void (*fn)(void *ctx, const char *name, unsigned port), void *ctx)
{
	sqlite3_stmt *row = NULL;

	sqlite3_prepare_v2(
		state->index, "SELECT name, port FROM room ORDER BY name", -1, &row, NULL);
	while (found_row(row)) {
		const char *name = (const char *)sqlite3_column_text(row, 0);
		if (name && room_name_valid(name, strlen(name)))
			fn(ctx, name, (unsigned)sqlite3_column_int(row, 1) & 0xffff);
	}
	sqlite3_finalize(row);
}

bool state_name_taken(struct state *state, const char *name, const char *path)
{
	sqlite3_stmt *row =
		index_query(state, "SELECT 1 FROM room WHERE name = ? AND path <> ?", name, path);
	bool taken = found_row(row);

	sqlite3_finalize(row);
	return taken;
}

bool state_remember(
	struct state *state, const char *path, const struct state_room *room, char **why)
{
	sqlite3_stmt *stmt = index_query(state,
		"INSERT INTO room VALUES (?1, ?2, ?3, seal(?1, ?2, ?3)) ON CONFLICT (path)"
		" DO UPDATE SET name = excluded.name, port = excluded.port, sum = excluded.sum",
		path, room->name);
	int e = stmt ? sqlite3_bind_int(stmt, 3, (int)room->port) : SQLITE_ERROR;

	*why = NULL;
	if (e == SQLITE_OK && (e = sqlite3_step(stmt)) == SQLITE_CONSTRAINT)
		*why = report_sentence("the room %s belongs to another file", room->name);
	else if (e != SQLITE_DONE)
		*why = report_sentence("cannot remember the room %s: %s", room->name,
			sqlite3_errmsg(state->index));
	sqlite3_finalize(stmt);
	return !*why;
}

bool state_list(struct state *state, const char *path, const struct state_room *room, char **why)
{
	sqlite3_exec(state->index, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
	bool listed = state_remember(state, path, room, why);
	sqlite3_exec(state->index, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
	return listed;
}

static bool name_used(struct state *state, const char *name)
{
	char *folder = report_sentence("%s/rooms/%s", state->dir, name);
	struct stat st;
	bool used = !lstat(folder, &st) || state_name_taken(state, name, "");

	free(folder);
	return used;
}

void state_new_name(struct state *state, char out[ROOM_NAME_BYTES])
{
	do {
		unsigned char random[3];
		if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
			abort();
		snprintf(out, ROOM_NAME_BYTES, "%s-%s-%s", words_how[random[0] % WORDS],
			words_who[random[1] % WORDS], words_does[random[2] % WORDS]);
	} while (name_used(state, out));
}

static char *served_already(const char *name, int fd)
{
	char pid[16] = "";
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	pid[n < 0 ? 0 : strspn(pid, "0123456789")] = '\0';
	if (!*pid)
		return report_sentence(
			"the room %s is already being served by another codecollab", name);
	return report_sentence(
		"the room %s is already being served by another codecollab (process %s)", name,
		pid);
}

/* The file is never removed: two servers could then lock two files of one name. */
static int lock_file(const char *name, const char *path, char **why)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0) {
		state_refuse(why, "open", path, errno);
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK)
			*why = served_already(name, fd);
		else
			state_refuse(why, "lock", path, errno);
		close(fd);
		return -1;
	}
	if (ftruncate(fd, 0) == 0) /* who it is is only told, the lock does not depend on it */
		dprintf(fd, "%ld\n", (long)getpid());
	return fd;
}

bool state_room_served(const struct state *state, const char *name)
{
	char *path = report_sentence("%s/rooms/%s/lock", state->dir, name);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool served = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	free(path);
	return served;
}

char *state_lock_room(struct state *state, const char *name, int *lock, char **why)
{
	*why = NULL;
	*lock = -1;
	if (!room_name_valid(name, strlen(name))) {
		*why = report_sentence(
			"\"%s\" cannot be a room's name: it takes a-z, 0-9 and \"-\", at"
			" most %d, not \"-\" first",
			name, ROOM_NAME_BYTES - 1);
		return NULL;
	}
	char *folder = report_sentence("%s/rooms/%s", state->dir, name);
	char *file = report_sentence("%s/lock", folder);
	int e = places_make(folder);
	if (e)
		state_refuse(why, "make the folder", folder, e);
	else
		*lock = lock_file(name, file, why);
	free(file);
	if (*lock >= 0)
		return folder;
	free(folder);
	return NULL;
}

void state_unlock_room(int lock)
{
	if (lock >= 0)
		close(lock);
}
