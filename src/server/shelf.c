#include "src/server/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ot/mem.h"
#include "ot/utf8.h"
#include "src/report.h"
#include "src/server/archive.h"
#include "src/server/doc.h"
#include "src/server/mirror.h"

void shelf_init(struct shelf *shelf, struct loop *loop, struct store *store, struct room *room,
	bool autosave)
{
	*shelf = (struct shelf){.loop = loop, .store = store, .room = room, .autosave = autosave};
}

void shelf_fini(struct shelf *shelf)
{
	for (size_t i = 0; shelf->room && i < shelf->room->document_count; i++)
		mirror_destroy(shelf->room->documents[i]->mirror);
	free(shelf->folder);
	*shelf = (struct shelf){0};
}

/* ---- names ---- */

/* Such as change how a list of names looks, or hide in it. */
static bool is_visible(struct str name)
{
	for (size_t i = 0, width; i < name.len; i += width)
		if (limits_invisible(utf8_decode(name.at + i, &width)))
			return false;
	return true;
}

bool shelf_name_valid(struct str name)
{
	size_t bad;

	return name.len && name.len <= LIMIT_FILE_NAME_BYTES && name.at[0] != '.' &&
	       name.at[0] != ' ' && name.at[name.len - 1] != ' ' &&
	       !memchr(name.at, '/', name.len) && utf8_check(name.at, name.len, &bad) &&
	       is_visible(name);
}

static char *path_of(const struct shelf *shelf, const char *name)
{
	return report_sentence("%s/%s", shelf->folder, name);
}

/* ---- into memory ---- */

static void mirror(struct shelf *shelf, struct doc *doc, struct workspace_file *file,
	struct text **text, uint64_t saved_rev)
{
	doc->crlf = file->form.crlf;
	if (!file->path)
		return;
	doc->mirror = mirror_start(shelf->loop, shelf->store, shelf->room, doc, file, *text,
		saved_rev, shelf->autosave);
	*text = NULL;
}

/* A file is made with a document that is new; of what has a history it is brought back from that. */
static bool fill(struct shelf *shelf, struct doc *doc, struct workspace_file *file,
	struct text **text, char **why)
{
	struct archive_file held = {.there = file->path != NULL, .text = *text};

	if (!archive_load(shelf->store, doc, &held)) {
		*why = report_sentence(
			"the stored history of %s has a gap or is damaged: codecollab doctor"
			" says where. To begin a new one with the file as it is, move the"
			" folder rooms/%s of the state directory away",
			doc->path, shelf->room->name);
		return false;
	}
	*text = held.text;
	if (file->path && !held.text && !workspace_make(file, why))
		return false;
	mirror(shelf, doc, file, text, held.saved_rev);
	return true;
}

bool shelf_share(struct shelf *shelf, const char *name, struct workspace_file *file,
	struct text **text, char **why)
{
	return fill(shelf, room_add_document(shelf->room, 0, name, NULL), file, text, why);
}

/* Nothing but a regular file, or nothing yet: a link could lead anywhere. */
static bool is_ours(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? errno == ENOENT : S_ISREG(st.st_mode);
}

static bool read_file(
	struct shelf *shelf, const char *path, struct workspace_file *file, struct text **text)
{
	char *why = NULL;

	if (!is_ours(path))
		why = report_sentence("%s is not a file: it is not shared", path);
	else if (workspace_open(path, false, file, text, &why) &&
		 text_size(*text).bytes > shelf->room->limits.document_bytes)
		why = report_sentence("%s is larger than --max-document allows", path);
	if (why)
		report_info("%s", why);
	bool sound = !why;
	free(why);
	return sound;
}

static bool load(struct shelf *shelf, struct doc *doc)
{
	struct workspace_file file = {0};
	struct text *text = NULL;
	char *path = path_of(shelf, doc->path), *why = NULL;
	bool loaded = read_file(shelf, path, &file, &text) && fill(shelf, doc, &file, &text, &why);

	if (why)
		report_info("%s", why);
	if (!loaded && doc->log)
		doc_forget(doc);
	workspace_fini(&file);
	text_destroy(text);
	free(path);
	free(why);
	return loaded;
}

bool shelf_load(struct shelf *shelf, struct doc *doc)
{
	uint64_t now = loop_now_ms(shelf->loop);

	if (doc->failed_ms && now - doc->failed_ms < SHELF_RETRY_MS)
		return false;
	bool loaded = load(shelf, doc);
	doc->used_ms = now;
	doc->failed_ms = loaded ? 0 : now;
	return loaded;
}

/* ---- what there is ---- */

static void list(struct shelf *shelf, const char *name, size_t bytes)
{
	struct doc *doc = room_document(shelf->room, str(name));

	if (!doc && shelf->room->document_count == shelf->room->limits.files)
		return;
	if (!doc)
		doc = room_add_document(shelf->room, 0, name, NULL);
	doc->bytes = bytes;
}

static void list_stored(void *ctx, const struct store_document *kept)
{
	if (shelf_name_valid(str(kept->path)))
		list(ctx, kept->path, 0);
}

static void list_file(struct shelf *shelf, int dir, const char *name)
{
	struct stat st;

	if (shelf_name_valid(str(name)) && !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) &&
		S_ISREG(st.st_mode))
		list(shelf, name, (size_t)st.st_size);
}

static int by_name(const void *a, const void *b)
{
	const struct doc *const *left = a, *const *right = b;

	return strcmp((*left)->path, (*right)->path);
}

/* The time is of before: what is put there meanwhile is found by the next look. */
static bool list_folder(struct shelf *shelf)
{
	DIR *dir = opendir(shelf->folder);
	const struct dirent *entry;
	struct stat st;

	if (!dir)
		return false;
	if (fstat(dirfd(dir), &st) == 0)
		shelf->folder_at = st.st_mtim;
	while ((entry = readdir(dir)))
		list_file(shelf, dirfd(dir), entry->d_name);
	closedir(dir);
	return true;
}

bool shelf_fill(struct shelf *shelf, const char *folder, char **why)
{
	shelf->folder = mem_dup(folder, strlen(folder));
	if (!store_documents(shelf->store, list_stored, shelf))
		*why = report_sentence("the history of the room of %s is damaged", folder);
	else if (!list_folder(shelf))
		*why = report_sentence(
			"cannot read the room's folder %s: %s", folder, strerror(errno));
	if (shelf->room->document_count)
		qsort(shelf->room->documents, shelf->room->document_count,
			sizeof(*shelf->room->documents), by_name);
	return !*why;
}

static bool is_taken(const struct shelf *shelf, const char *name)
{
	char *path = path_of(shelf, name);
	bool taken = !is_ours(path);

	free(path);
	return taken;
}

static struct doc *make(struct shelf *shelf, const char *name, const char **code, const char **text)
{
	struct doc *doc = room_add_document(shelf->room, 0, name, NULL);

	if (shelf_load(shelf, doc))
		return doc;
	room_drop_document(shelf->room, doc);
	*code = "internal";
	*text = "the server cannot make this file";
	return NULL;
}

bool shelf_may_create(
	const struct room *room, struct str name, const char **code, const char **text)
{
	if (!shelf_name_valid(name)) {
		*code = "bad-path";
		*text = "a file's name has no slash, no dot or blank first, nothing"
			" invisible, and 200 bytes at most";
		return false;
	}
	if (room->document_count >= room->limits.files) {
		*code = "too-large";
		*text = "the room has as many files as it may have";
		return false;
	}
	return true;
}

struct doc *shelf_create(struct shelf *shelf, struct str name, const char **code, const char **text)
{
	char flat[LIMIT_FILE_NAME_BYTES + 1];

	if (!shelf->folder || !shelf_may_create(shelf->room, name, code, text))
		return NULL;
	memcpy(flat, name.at, name.len);
	flat[name.len] = '\0';
	if (is_taken(shelf, flat)) {
		*code = "exists";
		*text = "the room's folder has a folder or a link of that name";
		return NULL;
	}
	return make(shelf, flat, code, text);
}

/* ---- the rhythm ---- */

void shelf_asks(const struct doc *doc, struct asks *out)
{
	if (doc->mirror)
		*out = asks_of(mirror_path(doc->mirror));
}

void shelf_save(struct doc *doc)
{
	if (doc->mirror)
		mirror_save(doc->mirror);
}

void shelf_edited(struct shelf *shelf, struct doc *doc, bool snapshots)
{
	uint64_t rev = log_rev(doc->log);

	if (rev % STORE_SNAPSHOT_EVERY == 0 && snapshots)
		store_snapshot(shelf->store, doc->doc, rev, log_text(doc->log));
	if (doc->mirror)
		mirror_edited(doc->mirror);
}

uint64_t shelf_saved_rev(const struct doc *doc)
{
	return doc->mirror ? mirror_saved_rev(doc->mirror) : UINT64_MAX;
}

void shelf_turn(struct shelf *shelf, uint64_t batch, uint64_t stored)
{
	for (size_t i = 0; i < shelf->room->document_count; i++) {
		struct doc *doc = shelf->room->documents[i];
		if (doc->log && stored == batch)
			doc->stored_rev = log_rev(doc->log);
		if (doc->mirror)
			mirror_turn(doc->mirror, batch, stored);
	}
}

static bool may_leave(const struct shelf *shelf, const struct doc *doc, uint64_t before_ms)
{
	return shelf->folder && doc->log && doc->used_ms <= before_ms &&
	       mirror_settled(doc->mirror) && !store_unstored(shelf->store);
}

static void put_away(struct doc *doc)
{
	mirror_destroy(doc->mirror);
	doc->mirror = NULL;
	doc_forget(doc);
}

static bool has_changed(const struct shelf *shelf)
{
	struct stat st;

	return stat(shelf->folder, &st) == 0 &&
	       (st.st_mtim.tv_sec != shelf->folder_at.tv_sec ||
		       st.st_mtim.tv_nsec != shelf->folder_at.tv_nsec);
}

/* What somebody put into the folder. Our own saves change its time, too: hence not all the time. */
static void look_for_new(struct shelf *shelf, uint64_t now)
{
	size_t known = shelf->room->document_count;

	if (!shelf->folder || now - shelf->looked_ms < SHELF_LOOK_MS)
		return;
	shelf->looked_ms = now;
	if (has_changed(shelf))
		list_folder(shelf);
	for (; known < shelf->room->document_count; known++)
		room_created(shelf->room, shelf->room->documents[known], 0);
}

void shelf_tick(struct shelf *shelf, uint64_t idle_ms)
{
	uint64_t now = loop_now_ms(shelf->loop);

	look_for_new(shelf, now);
	doc_note_use(shelf->room, now);
	for (size_t i = 0; i < shelf->room->document_count; i++) {
		struct doc *doc = shelf->room->documents[i];
		if (now > idle_ms && may_leave(shelf, doc, now - idle_ms))
			put_away(doc);
		else if (doc->mirror)
			mirror_tick(doc->mirror);
	}
}

/* ---- all of them ---- */

bool shelf_settled(const struct shelf *shelf)
{
	for (size_t i = 0; i < shelf->room->document_count; i++)
		if (shelf->room->documents[i]->mirror &&
			!mirror_settled(shelf->room->documents[i]->mirror))
			return false;
	return true;
}

bool shelf_busy(const struct shelf *shelf)
{
	for (size_t i = 0; i < shelf->room->document_count; i++)
		if (shelf->room->documents[i]->mirror &&
			mirror_busy(shelf->room->documents[i]->mirror))
			return true;
	return false;
}

void shelf_finish(struct shelf *shelf)
{
	for (size_t i = 0; i < shelf->room->document_count; i++)
		if (shelf->room->documents[i]->mirror)
			mirror_finish(shelf->room->documents[i]->mirror);
}

void shelf_wait(struct shelf *shelf)
{
	for (size_t i = 0; i < shelf->room->document_count; i++)
		if (shelf->room->documents[i]->mirror)
			mirror_wait(shelf->room->documents[i]->mirror);
}

void shelf_finish_now(struct shelf *shelf)
{
	for (size_t i = 0; i < shelf->room->document_count; i++) {
		struct mirror *file = shelf->room->documents[i]->mirror;
		char *why = file ? mirror_finish_now(file) : NULL;
		if (why)
			report_error("%s", why);
		free(why);
	}
}
