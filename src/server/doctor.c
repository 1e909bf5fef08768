#include "src/server/doctor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <sqlite3.h>

#include "net/tls.h"
#include "net/token.h"
#include "ot/buf.h"
#include "src/report.h"
#include "src/server/schema.h"
#include "src/server/seal.h"
#include "src/server/state_part.h"
#include "src/server/store.h"
#include "src/server/walk.h"

#define MAX_FILE_BYTES 65536 /* of key and certificate */

struct doctor {
	const char *dir;
	doctor_say_fn *say;
	void *ctx;
	size_t faults;
	sqlite3 *index; /* NULL: there is none that can be read */
};

__attribute__((format(printf, 3, 4))) static void say(
	struct doctor *d, bool fault, const char *format, ...)
{
	char *sentence;
	va_list args;

	va_start(args, format);
	if (vasprintf(&sentence, format, args) < 0)
		abort();
	va_end(args);
	report_plain(sentence);
	d->faults += fault;
	d->say(d->ctx, fault, sentence);
	free(sentence);
}

/* ---- files ---- */

/* Ours, and closed to others? false: it is not there at all. */
static bool check_private(struct doctor *d, const char *path)
{
	struct stat st;

	if (lstat(path, &st)) {
		if (errno != ENOENT)
			say(d, true, "%s cannot be looked at: %s.", path, strerror(errno));
		return false;
	}
	if (st.st_uid != geteuid())
		say(d, true, "%s belongs to another user.", path);
	else if (st.st_mode & 077)
		say(d, true, "%s is open to others: chmod %s '%s' closes it.", path,
			S_ISDIR(st.st_mode) ? "700" : "600", path);
	return true;
}

static bool read_file(struct doctor *d, const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf_room(out, MAX_FILE_BYTES), MAX_FILE_BYTES - 1);

	if (n < 0)
		say(d, true, "%s cannot be read: %s.", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return false;
	out->len = (size_t)n;
	out->at[n] = '\0';
	return true;
}

static void wipe(struct buf *b)
{
	if (b->at)
		OPENSSL_cleanse(b->at, b->cap);
	buf_fini(b);
}

static bool check_secret(struct doctor *d, const char *path)
{
	struct buf bytes = {0};
	bool there = check_private(d, path);

	if (there && read_file(d, path, &bytes) && bytes.len != TOKEN_KEY_BYTES)
		say(d, true, "%s is damaged: it has %zu bytes, not %d.", path, bytes.len,
			TOKEN_KEY_BYTES);
	wipe(&bytes);
	return there;
}

typedef void entry_fn(struct doctor *d, const char *folder, const char *name);

/* Each thing in a folder, but those that begin with a dot. */
static void each_entry(struct doctor *d, const char *folder, entry_fn *fn)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;

	while (entries && (entry = readdir(entries)))
		if (entry->d_name[0] != '.')
			fn(d, folder, entry->d_name);
	if (entries)
		closedir(entries);
}

static void check_old_secret(struct doctor *d, const char *folder, const char *name)
{
	char *path = report_sentence("%s/%s", folder, name);

	check_secret(d, path);
	free(path);
}

static void check_secrets(struct doctor *d)
{
	char *secret = report_sentence("%s/secret", d->dir);
	char *old = report_sentence("%s/secrets", d->dir);

	if (!check_secret(d, secret))
		say(d, true,
			"%s is missing: the next host makes a new one, and invitations given so far end.",
			secret);
	if (check_private(d, old))
		each_entry(d, old, check_old_secret);
	free(secret);
	free(old);
}

static void check_pair(struct doctor *d, const char *key, const char *cert)
{
	struct buf key_pem = {0}, cert_pem = {0};
	struct tls_identity identity = {0};

	if (read_file(d, key, &key_pem) && read_file(d, cert, &cert_pem) &&
		!tls_identity_read(&identity, cert_pem.at, key_pem.at))
		say(d, true, "%s and %s do not belong together, or one is damaged.", key, cert);
	tls_identity_fini(&identity);
	wipe(&key_pem);
	wipe(&cert_pem);
}

static void check_identity(struct doctor *d)
{
	char *key = report_sentence("%s/key.pem", d->dir);
	char *cert = report_sentence("%s/cert.pem", d->dir);

	if (check_private(d, key))
		check_pair(d, key, cert);
	else
		say(d, true,
			"%s is missing: the next host makes a new one, and join URLs given so far end.",
			key);
	free(key);
	free(cert);
}

/* ---- the list of rooms ---- */

static sqlite3_stmt *query(struct doctor *d, const char *sql)
{
	sqlite3_stmt *row = NULL;

	if (sqlite3_prepare_v2(d->index, sql, -1, &row, NULL) != SQLITE_OK)
		say(d, true, "The list of rooms cannot be read: %s.", sqlite3_errmsg(d->index));
	return row;
}

static const char *text_at(sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text ? text : "";
}

static void check_listed(struct doctor *d, const char *path, const char *name)
{
	char *folder = report_sentence("%s/rooms/%s", d->dir, name);
	struct stat st;

	if (!room_name_valid(name, strlen(name)))
		say(d, true, "The list of rooms gives %s a name that no room can have.", path);
	else if (lstat(folder, &st))
		say(d, true, "The room %s of %s is in the list of rooms, but %s is not there.",
			name, *path ? path : "no file", folder);
	free(folder);
}

static void say_listed(void *ctx, const char *table, uint64_t rows, const char *first)
{
	say(ctx, true,
		"The list of rooms is damaged: in its table %s %" PRIu64
		" row%s not what was written, the first is that of %s.",
		table, rows, rows == 1 ? " is" : "s are", first);
}

static void check_list_rows(struct doctor *d)
{
	uint64_t version;
	char *why = NULL;

	if (!seal_install(d->index) ||
		!schema_check(&schema_index, d->index, "index.db", &version, &why))
		say(d, true, "%s.", why ? why : "The list of rooms cannot be read");
	else
		schema_damage(&schema_index, d->index, version, say_listed, d);
	free(why);
}

static void check_list(struct doctor *d)
{
	sqlite3_stmt *row = query(d, "PRAGMA integrity_check(1)");

	if (row && (sqlite3_step(row) != SQLITE_ROW || strcmp(text_at(row, 0), "ok") != 0))
		say(d, true, "The list of rooms is damaged: %s.",
			sqlite3_data_count(row) ? text_at(row, 0) : sqlite3_errmsg(d->index));
	sqlite3_finalize(row);
	check_list_rows(d);
	row = query(d, "SELECT path, name FROM room ORDER BY name");
	while (row && sqlite3_step(row) == SQLITE_ROW)
		check_listed(d, text_at(row, 0), text_at(row, 1));
	sqlite3_finalize(row);
}

static void open_list(struct doctor *d)
{
	char *path = report_sentence("%s/index.db", d->dir);

	if (!check_private(d, path)) {
		say(d, true, "%s is missing: which file is which room is not known any more.",
			path);
	} else if (sqlite3_open_v2(path, &d->index, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(d->index, 5000);
		check_list(d);
	} else {
		say(d, true, "%s cannot be opened: %s.", path, sqlite3_errmsg(d->index));
		sqlite3_close(d->index);
		d->index = NULL;
	}
	free(path);
}

static bool is_listed(struct doctor *d, const char *name)
{
	sqlite3_stmt *row = d->index ? query(d, "SELECT 1 FROM room WHERE name = ?") : NULL;
	bool listed = row && sqlite3_bind_text(row, 1, name, -1, SQLITE_STATIC) == SQLITE_OK &&
		      sqlite3_step(row) == SQLITE_ROW;

	sqlite3_finalize(row);
	return listed || !d->index;
}

/* ---- a room's history ---- */

struct room_check {
	struct doctor *d;
	struct store *store;
	const char *name;
	size_t documents;
	uint64_t revisions;
};

/* With the room, the document and, but for the first, the revision. */
static const char *const walk_words[] = {
	[WALK_NO_SNAPSHOT] = "Room %s, %s: there is no snapshot that can be read.",
	[WALK_SNAPSHOT_DAMAGED] = "Room %s, %s: the snapshot of revision %" PRIu64 " is damaged.",
	[WALK_SNAPSHOT_DIFFERS] = "Room %s, %s: the snapshot of revision %" PRIu64
				  " is not what the edits before it make.",
	[WALK_MISSING] = "Room %s, %s: revision %" PRIu64 " is missing or cannot be read.",
	[WALK_UNFIT] = "Room %s, %s: the edit that made revision %" PRIu64
		       " does not fit the text before it.",
	[WALK_SAVED_DIFFERS] = "Room %s, %s: the file was saved at revision %" PRIu64
			       ", with a text that this revision does not have.",
};

static void say_walked(
	void *ctx, const struct store_document *document, enum walk_fault fault, uint64_t rev)
{
	const struct room_check *room = ctx;

	say(room->d, true, walk_words[fault], room->name, document->path, rev);
}

static void check_document(void *ctx, const struct store_document *document)
{
	struct room_check *room = ctx;

	room->documents++;
	room->revisions += document->newest;
	walk_document(room->store, document, say_walked, room);
}

static void say_damage(void *ctx, const char *table, uint64_t rows, const char *first)
{
	struct room_check *room = ctx;

	say(room->d, true,
		"Room %s: in the table %s of its history %" PRIu64
		" row%s not what was written, the first is that of %s.",
		room->name, table, rows, rows == 1 ? " is" : "s are", first);
}

static void check_history(struct room_check *room)
{
	char *fault = store_fault(room->store);

	if (fault)
		say(room->d, true, "Room %s: its history is damaged: %s.", room->name, fault);
	free(fault);
	if (!store_damage(room->store, say_damage, room))
		say(room->d, true, "Room %s: a table of its history cannot be read.", room->name);
	if (!store_documents(room->store, check_document, room))
		say(room->d, true, "Room %s: its documents cannot be read.", room->name);
}

/* ---- rooms ---- */

/* Who serves it, or served it last: the lock is the kernel's, the number in it only tells. */
static void say_served(struct doctor *d, const char *folder, const char *name)
{
	char *path = report_sentence("%s/lock", folder);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char pid[16] = "";
	ssize_t n = fd < 0 ? 0 : pread(fd, pid, sizeof(pid) - 1, 0);

	pid[n < 0 ? 0 : strspn(pid, "0123456789")] = '\0';
	if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK)
		say(d, false, "Room %s is being served by process %s.", name, pid);
	else if (*pid)
		say(d, false, "Room %s is not being served; process %s was the last to.", name,
			pid);
	if (fd >= 0)
		close(fd);
	free(path);
}

static void check_room_files(struct doctor *d, const char *folder)
{
	static const char *const names[] = {"room.db", "room.db-wal", "room.db-shm", "lock"};

	check_private(d, folder);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = report_sentence("%s/%s", folder, names[i]);
		check_private(d, path);
		free(path);
	}
}

static void check_store(struct doctor *d, const char *path, const char *name)
{
	struct room_check room = {.d = d, .name = name};
	size_t before = d->faults;
	char *why;

	room.store = store_look(path, &why);
	if (!room.store) {
		say(d, true, "Room %s: %s.", name, why);
		free(why);
		return;
	}
	check_history(&room);
	store_close(room.store);
	if (d->faults == before)
		say(d, false, "Room %s is sound: %zu document%s, %" PRIu64 " revisions.", name,
			room.documents, room.documents == 1 ? "" : "s", room.revisions);
}

static void check_room(struct doctor *d, const char *rooms, const char *name)
{
	char *folder = report_sentence("%s/%s", rooms, name);
	char *path = report_sentence("%s/room.db", folder);

	say_served(d, folder, name);
	check_room_files(d, folder);
	if (!is_listed(d, name))
		say(d, false, "Room %s belongs to no file any more.", name);
	if (access(path, F_OK) == 0)
		check_store(d, path, name);
	else
		say(d, false, "Room %s has no history yet.", name);
	free(path);
	free(folder);
}

static void check_shared(
	struct doctor *d, struct state *shared, bool (*read)(struct state *state, char **why))
{
	char *why = NULL;

	if (!read(shared, &why))
		say(d, true, "%s.", why);
	free(why);
}

/* Those that several servers share are not in the folder. Nothing is made of what is missing there. */
static void check_keys(struct doctor *d)
{
	struct state shared = {.dir = (char *)d->dir, .index = d->index};

	if (d->index)
		state_take_files(&shared, NULL);
	if (shared.token_key)
		check_shared(d, &shared, state_read_secrets);
	else
		check_secrets(d);
	if (shared.key)
		check_shared(d, &shared, state_read_identity);
	else
		check_identity(d);
	shared.dir = NULL;
	shared.index = NULL;
	state_close(&shared);
}

bool doctor_check(const char *dir, doctor_say_fn *fn, void *ctx)
{
	struct doctor d = {.dir = dir, .say = fn, .ctx = ctx};
	char *rooms = report_sentence("%s/rooms", dir);

	check_private(&d, dir);
	open_list(&d);
	check_keys(&d);
	if (!d.faults)
		say(&d, false, "Secret, TLS key, certificate and the list of rooms are sound.");
	each_entry(&d, rooms, check_room);
	sqlite3_close(d.index);
	free(rooms);
	return !d.faults;
}
