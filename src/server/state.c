#include "src/server/state.h"

#include <dirent.h>
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
#include <openssl/sha.h>
#include <sqlite3.h>

#include "ot/mem.h"
#include "src/places.h"
#include "src/report.h"
#include "src/server/replace.h"
#include "src/server/schema.h"
#include "src/server/seal.h"
#include "src/server/words.h"

#define BUSY_MS        5000
#define MAX_FILE_BYTES 65536 /* of secret, key and certificate */

/* ---- folders ---- */

static char *in_dir(const struct state *state, const char *name)
{
	return report_sentence("%s/%s", state->dir, name);
}

static bool refuse(char **why, const char *what, const char *path, int e)
{
	*why = report_sentence("cannot %s %s: %s", what, path, strerror(e));
	return false;
}

static bool open_dir(struct state *state, const char *dir, char **why)
{
	state->dir = places_state(dir, why);
	return state->dir != NULL;
}

/* ---- secret and key ---- */

/* false: it cannot be read, *why says why; or it is not there, and *why stays NULL. */
static bool read_private(const char *path, struct buf *out, char **why)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? false : refuse(why, "read", path, errno);
	fchmod(fd, 0600); /* best effort: the folder is closed to others already */
	n = read(fd, buf_room(out, MAX_FILE_BYTES), MAX_FILE_BYTES - 1);
	if (n < 0)
		refuse(why, "read", path, errno);
	else
		out->len = (size_t)n;
	close(fd);
	if (n >= 0)
		out->at[n] = '\0';
	return n >= 0;
}

static bool write_private(const char *path, const void *at, size_t len, char **why)
{
	int e = replace_file(path, at, len, 0600, NULL, NULL);

	return e ? refuse(why, "write", path, e) : true;
}

static void wipe(struct buf *b)
{
	if (b->at)
		OPENSSL_cleanse(b->at, b->cap);
	buf_fini(b);
}

/* The file holds the bytes only: the key's name follows from them, so it is the same tomorrow. */
static void name_key(struct token_key *key)
{
	static const char domain[] = "codecollab kid";
	unsigned char bytes[sizeof(domain) + TOKEN_KEY_BYTES], digest[SHA256_DIGEST_LENGTH];

	memcpy(bytes, domain, sizeof(domain));
	memcpy(bytes + sizeof(domain), key->bytes, TOKEN_KEY_BYTES);
	SHA256(bytes, sizeof(bytes), digest);
	for (size_t i = 0; i < (sizeof(key->kid) - 1) / 2; i++)
		snprintf(key->kid + 2 * i, 3, "%02x", digest[i]);
	OPENSSL_cleanse(bytes, sizeof(bytes));
}

static bool take_secret(
	struct token_key *out, const char *path, const struct buf *bytes, char **why)
{
	if (bytes->len != TOKEN_KEY_BYTES) {
		*why = report_sentence("the secret %s is damaged: it has %zu bytes, not %d. Move it"
				       " away for a new one; invitations given so far end with it",
			path, bytes->len, TOKEN_KEY_BYTES);
		return false;
	}
	memcpy(out->bytes, bytes->at, TOKEN_KEY_BYTES);
	name_key(out);
	return true;
}

/* false: it is not there, or *why. */
static bool read_secret(const char *path, struct token_key *out, char **why)
{
	struct buf bytes = {0};
	bool there = read_private(path, &bytes, why) && take_secret(out, path, &bytes, why);

	wipe(&bytes);
	return there;
}

static char *old_path(const struct state *state, const char *kid)
{
	return report_sentence("%s/secrets/%s", state->dir, kid);
}

/* One that vanishes meanwhile was dropped by another process. */
static void read_old(struct state *state, const char *kid, char **why)
{
	struct state_old_secret *old = &state->old[state->old_count];
	char *path = old_path(state, kid);
	struct stat st;

	if (read_secret(path, &old->key, why) && lstat(path, &st) == 0) {
		old->since = st.st_mtim.tv_sec;
		state->old_count++;
		if (strcmp(old->key.kid, kid) != 0)
			*why = report_sentence(
				"the old secret %s is damaged: its name does not fit. Move it away;"
				" invitations that were given with it end",
				path);
	}
	free(path);
}

static bool is_kid(const char *name)
{
	return strlen(name) == sizeof(((struct token_key *)NULL)->kid) - 1 &&
	       strspn(name, "0123456789abcdef") == strlen(name);
}

static bool read_olds(struct state *state, char **why)
{
	char *folder = in_dir(state, "secrets");
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	if (!dir && errno != ENOENT)
		refuse(why, "read", folder, errno);
	while (dir && !*why && state->old_count < STATE_OLD_SECRETS && (entry = readdir(dir)))
		if (is_kid(entry->d_name))
			read_old(state, entry->d_name, why);
	if (dir)
		closedir(dir);
	free(folder);
	return !*why;
}

static bool open_secret(struct state *state, char **why)
{
	char *path = in_dir(state, "secret");

	if (!read_secret(path, &state->secret, why) && !*why) {
		token_key_make(&state->secret);
		name_key(&state->secret);
		write_private(path, state->secret.bytes, TOKEN_KEY_BYTES, why);
	}
	free(path);
	return !*why && read_olds(state, why);
}

/* The key first: without a certificate nobody was served with it yet, and both are made anew. */
static bool make_identity(struct state *state, const char *key, const char *cert, char **why)
{
	const struct tls_identity *id = &state->identity;

	if (!tls_identity_make(&state->identity)) {
		*why = report_sentence("cannot make a TLS key: the system's OpenSSL refuses");
		return false;
	}
	return write_private(key, id->key_pem.at, id->key_pem.len, why) &&
	       write_private(cert, id->cert_pem.at, id->cert_pem.len, why);
}

static bool read_identity(struct state *state, const char *key, const char *cert, char **why)
{
	struct buf key_pem = {0}, cert_pem = {0};
	bool there = read_private(key, &key_pem, why) && read_private(cert, &cert_pem, why);

	if (there && !tls_identity_read(&state->identity, cert_pem.at, key_pem.at))
		*why = report_sentence(
			"%s and %s do not belong together, or one is damaged. Move both"
			" away for new ones; join URLs given so far end with them",
			key, cert);
	wipe(&key_pem);
	wipe(&cert_pem);
	return there;
}

static bool open_identity(struct state *state, char **why)
{
	char *key = in_dir(state, "key.pem"), *cert = in_dir(state, "cert.pem");

	if (!read_identity(state, key, cert, why) && !*why)
		make_identity(state, key, cert, why);
	free(key);
	free(cert);
	return !*why;
}

/* ---- the index ---- */

static char *index_fault(sqlite3 *db, const char *path)
{
	return report_sentence("cannot use the list of rooms %s: %s", path,
		db ? sqlite3_errmsg(db) : "out of memory");
}

static bool open_index(struct state *state, char **why)
{
	char *path = in_dir(state, "index.db");
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	sqlite3 *db = NULL;

	if (fd < 0 || fchmod(fd, 0600))
		refuse(why, "open the list of rooms", path, errno);
	if (fd >= 0)
		close(fd);
	if (!*why && sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		*why = index_fault(db, path);
	state->index = db;
	if (!*why) {
		sqlite3_busy_timeout(db, BUSY_MS);
		seal_install(db);
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

/* Two servers that start at once must not both make a secret. */
static int lock_dir(const struct state *state)
{
	int fd = open(state->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		flock(fd, LOCK_EX);
	return fd;
}

bool state_open(struct state *state, const char *dir, char **why)
{
	*state = (struct state){0};
	*why = NULL;
	if (!open_dir(state, dir, why))
		return false;
	int lock = lock_dir(state);
	bool opened =
		open_secret(state, why) && open_identity(state, why) && open_index(state, why);
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
	*state = (struct state){0};
}

/* ---- other secrets ---- */

bool state_read_secrets(struct state *state, char **why)
{
	struct state fresh = {.dir = state->dir};

	*why = NULL;
	if (open_secret(&fresh, why)) {
		state->secret = fresh.secret;
		memcpy(state->old, fresh.old, sizeof(state->old));
		state->old_count = fresh.old_count;
	}
	OPENSSL_cleanse(&fresh, sizeof(fresh));
	return !*why;
}

/* Aside first: a crash between leaves the one of now in both places, which loses nothing. */
static bool put_aside(struct state *state, char **why)
{
	char *folder = in_dir(state, "secrets"), *path = old_path(state, state->secret.kid);
	int e = places_make(folder);

	if (e)
		refuse(why, "make the folder", folder, e);
	else if (write_private(path, state->secret.bytes, TOKEN_KEY_BYTES, why))
		replace_flush_folder(folder);
	free(path);
	free(folder);
	return !*why;
}

static bool replace_secret(struct state *state, char **why)
{
	char *path = in_dir(state, "secret");
	struct token_key fresh;

	token_key_make(&fresh);
	write_private(path, fresh.bytes, TOKEN_KEY_BYTES, why);
	OPENSSL_cleanse(&fresh, sizeof(fresh));
	free(path);
	return !*why;
}

static bool rotate(struct state *state, char **why)
{
	if (!state_read_secrets(state, why))
		return false;
	if (state->old_count == STATE_OLD_SECRETS) {
		*why = report_sentence("%d old secrets still have invitations that live: wait until"
				       " some have expired, or revoke them",
			STATE_OLD_SECRETS);
		return false;
	}
	return put_aside(state, why) && replace_secret(state, why) &&
	       state_read_secrets(state, why);
}

bool state_rotate(struct state *state, char **why)
{
	int lock = lock_dir(state);
	bool rotated = rotate(state, why);

	if (lock >= 0)
		close(lock);
	return rotated;
}

bool state_drop_secret(struct state *state, const char *kid, char **why)
{
	char *path = old_path(state, kid);

	*why = NULL;
	if (unlink(path) && errno != ENOENT)
		refuse(why, "delete", path, errno);
	free(path);
	return !*why && state_read_secrets(state, why);
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

bool state_read_identity(struct state *state, char **why)
{
	struct state fresh = {.dir = state->dir};
	char *key = in_dir(state, "key.pem"), *cert = in_dir(state, "cert.pem");

	*why = NULL;
	if (!read_identity(&fresh, key, cert, why) && !*why)
		*why = report_sentence("%s or %s is missing", key, cert);
	if (!*why) {
		tls_identity_fini(&state->identity);
		state->identity = fresh.identity;
	}
	free(key);
	free(cert);
	return !*why;
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
		refuse(why, "open", path, errno);
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK)
			*why = served_already(name, fd);
		else
			refuse(why, "lock", path, errno);
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

/* Whose history has begun was flushed before that. */
static void flush_new(const char *folder)
{
	char *history = report_sentence("%s/room.db", folder);

	if (access(history, F_OK))
		replace_flush_folder(folder);
	free(history);
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
		refuse(why, "make the folder", folder, e);
	else
		*lock = lock_file(name, file, why);
	free(file);
	if (*lock >= 0) {
		flush_new(folder);
		return folder;
	}
	free(folder);
	return NULL;
}

void state_unlock_room(int lock)
{
	if (lock >= 0)
		close(lock);
}
