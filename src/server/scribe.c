#include "src/server/scribe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ot/mem.h"
#include "src/report.h"
#include "src/server/doc.h"
#include "src/server/leaf.h"
#include "src/server/replace.h"
#include "src/server/shelf.h"

void scribe_init(struct scribe *scribe, struct loop *loop, bool autosave)
{
	*scribe = (struct scribe){.loop = loop, .autosave = autosave};
}

void scribe_fini(struct scribe *scribe)
{
	for (size_t i = 0; i < scribe->count; i++)
		leaf_destroy(scribe->leaves[i]);
	free(scribe->leaves);
	workspace_fini(&scribe->file);
	text_destroy(scribe->text);
	free(scribe->folder);
	free(scribe->name);
	*scribe = (struct scribe){0};
}

void scribe_folder(struct scribe *scribe, const char *folder)
{
	scribe->folder = mem_dup(folder, strlen(folder));
}

void scribe_file(
	struct scribe *scribe, const char *name, struct workspace_file *file, struct text **text)
{
	scribe->name = mem_dup(name, strlen(name));
	scribe->file = *file;
	scribe->text = *text;
	*file = (struct workspace_file){0};
	*text = NULL;
}

/* ---- what a room begins with ---- */

static void add(struct relay *relay, const char *name, struct text *takes, bool crlf)
{
	struct room *room = relay_room(relay);
	struct doc *doc = room_add_document(
		room, room->document_count + 1, name, log_create(takes ? takes : text_create(), 0));

	doc->crlf = crlf;
	relay_note(relay, doc->doc, text_hash(log_text(doc->log)));
}

/* Nothing but regular files: a link could lead anywhere. What is no text stays where it is. */
static void add_file(struct scribe *scribe, struct relay *relay, const char *name)
{
	char *path = report_sentence("%s/%s", scribe->folder, name), *why = NULL;
	struct workspace_file file = {0};
	struct text *text = NULL;
	struct stat st;
	const struct limits *limits = &relay_room(relay)->limits;

	if (shelf_name_valid(str(name)) && lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
		(size_t)st.st_size <= limits->document_bytes &&
		relay_room(relay)->document_count < limits->files &&
		workspace_open(path, false, &file, &text, &why))
		add(relay, name, text, file.form.crlf);
	if (why)
		report_info("%s", why);
	workspace_fini(&file);
	free(why);
	free(path);
}

static bool add_folder(struct scribe *scribe, struct relay *relay, char **why)
{
	struct dirent **names;
	int count = scandir(scribe->folder, &names, NULL, alphasort);

	if (count < 0) {
		*why = report_sentence(
			"cannot read the room's folder %s: %s", scribe->folder, strerror(errno));
		return false;
	}
	for (int i = 0; i < count; i++) {
		add_file(scribe, relay, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return true;
}

bool scribe_has_place(const struct scribe *scribe)
{
	struct stat st;

	return !scribe->folder || (lstat(scribe->folder, &st) == 0 && S_ISDIR(st.st_mode));
}

bool scribe_begin(struct scribe *scribe, struct relay *relay, char **why)
{
	if (scribe->folder)
		return add_folder(scribe, relay, why);
	add(relay, scribe->name, scribe->text ? text_copy(scribe->text) : NULL,
		scribe->file.form.crlf);
	return true;
}

void scribe_begun(struct scribe *scribe)
{
	text_destroy(scribe->text);
	scribe->text = NULL;
	if (scribe->folder && mkdir(scribe->folder, 0777) == 0)
		replace_flush_folder(scribe->folder);
}

/* ---- its documents ---- */

char *scribe_path(const struct scribe *scribe, const struct doc *doc)
{
	const char *single = scribe->file.path;

	return scribe->folder ? report_sentence("%s/%s", scribe->folder, doc->path)
			      : mem_dup(single ? single : "", single ? strlen(single) : 0);
}

static struct leaf *leaf_of(struct scribe *scribe, uint64_t doc)
{
	struct leaf *leaf;

	for (size_t i = 0; i < scribe->count; i++)
		if (scribe->leaves[i]->doc == doc)
			return scribe->leaves[i];
	leaf = leaf_create(scribe, doc);
	scribe->leaves =
		mem_grow(scribe->leaves, &scribe->cap, scribe->count + 1, sizeof(struct leaf *));
	return scribe->leaves[scribe->count++] = leaf;
}

/* ---- what is not in the room any more ---- */

static int is_file(const struct dirent *entry)
{
	return shelf_name_valid(str(entry->d_name));
}

bool scribe_expects(const struct scribe *scribe)
{
	struct dirent **names = NULL;
	int count = scribe->folder ? scandir(scribe->folder, &names, is_file, NULL) : 0;

	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return count > 0;
}

/* Made, and ours: another server may be doing the same. Owned; NULL: there are so many already that nobody looks at, or it cannot be. */
static char *free_path(const char *path)
{
	for (int i = 1; i <= SCRIBE_LOST_MOST; i++) {
		char *lost = i == 1 ? report_sentence("%s" SCRIBE_LOST, path)
				    : report_sentence("%s" SCRIBE_LOST "%d", path, i);
		int fd = open(lost, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd >= 0) {
			close(fd);
			return lost;
		}
		free(lost);
		if (errno != EEXIST)
			return NULL;
	}
	return NULL;
}

char *scribe_save_lost(struct scribe *scribe, const struct doc *doc)
{
	char *path = scribe_path(scribe, doc), *why = NULL, *told;
	struct workspace_file file = {.form.crlf = doc->crlf};

	if (*path)
		file.path = free_path(path);
	if (file.path)
		why = workspace_save_now(&file, log_text(doc->log));
	if (!file.path || why)
		told = report_sentence(
			"The room has lost edits of %s that this server held, and they"
			" cannot be kept: %s",
			doc->path, why ? why : "there is no place for them");
	else
		told = report_sentence(
			"The room has lost edits of %s that this server held: its text"
			" is in %s now",
			doc->path, file.path);
	if (why)
		unlink(file.path);
	free(file.path);
	free(path);
	free(why);
	return told;
}

/* What is being written goes on, as the file of no document. */
void scribe_forget(struct scribe *scribe)
{
	size_t kept = 0;

	for (size_t i = 0; i < scribe->count; i++) {
		struct leaf *leaf = scribe->leaves[i];
		leaf_take_back(leaf);
		if (leaf->writing) {
			leaf->doc = 0;
			scribe->leaves[kept++] = leaf;
			continue;
		}
		leaf_destroy(leaf);
	}
	scribe->count = kept;
}

/* ---- writing ---- */

void scribe_edited(struct scribe *scribe, const struct doc *doc)
{
	struct leaf *leaf = leaf_of(scribe, doc->doc);
	const struct log_entry *entry = log_entry(doc->log, log_rev(doc->log));

	leaf->last_ms = loop_now_ms(scribe->loop);
	if (!leaf->since_ms)
		leaf->since_ms = leaf->last_ms;
	if (entry && entry->user == 0)
		leaf->merging_ms = 0;
}

void scribe_save(struct scribe *scribe, const struct doc *doc)
{
	leaf_wanted(leaf_of(scribe, doc->doc));
}

void scribe_asks(const struct scribe *scribe, const struct doc *doc, struct asks *out)
{
	char *path = scribe_path(scribe, doc);

	if (*path)
		*out = asks_of(path);
	free(path);
}

void scribe_turn(struct scribe *scribe)
{
	for (size_t i = 0; scribe->announced && i < scribe->count; i++)
		if (scribe->leaves[i]->announced_ms)
			leaf_write(scribe->leaves[i]);
}

void scribe_tick(struct scribe *scribe, struct relay *relay, bool writes)
{
	const struct room *room = relay_room(relay);

	for (size_t i = 0; i < room->document_count; i++) {
		struct leaf *leaf = leaf_of(scribe, room->documents[i]->doc);
		leaf->relay = relay;
		if (writes)
			leaf_tend(leaf, room->documents[i]);
		else
			leaf_rest(leaf);
	}
}

void scribe_finish(struct scribe *scribe, struct relay *relay, bool writes)
{
	const struct room *room = relay_room(relay);

	for (size_t i = 0; writes && scribe->autosave && i < room->document_count; i++) {
		struct leaf *leaf = leaf_of(scribe, room->documents[i]->doc);
		leaf->relay = relay;
		leaf_finish(leaf, room->documents[i]);
	}
}

bool scribe_busy(const struct scribe *scribe)
{
	for (size_t i = 0; i < scribe->count; i++)
		if (scribe->leaves[i]->writing && !scribe->leaves[i]->announced_ms)
			return true;
	return false;
}

bool scribe_settled(const struct scribe *scribe)
{
	for (size_t i = 0; i < scribe->count; i++)
		if (scribe->leaves[i]->writing ||
			(scribe->leaves[i]->open && scribe->leaves[i]->since_ms))
			return false;
	return true;
}

/* ---- what leaves memory ---- */

bool scribe_lets_go(struct scribe *scribe, const struct doc *doc, bool writes)
{
	const struct leaf *leaf = leaf_of(scribe, doc->doc);

	return scribe->folder && !leaf->writing && !leaf->wanted && !leaf->merging_ms &&
	       (!writes || (leaf->open && !leaf->since_ms));
}

void scribe_rests(struct scribe *scribe, const struct doc *doc)
{
	struct leaf *leaf = leaf_of(scribe, doc->doc);

	text_destroy(leaf->seen);
	leaf->seen = NULL;
}

void scribe_woke(struct scribe *scribe, const struct doc *doc)
{
	struct leaf *leaf = leaf_of(scribe, doc->doc);

	if (leaf->open)
		leaf_see(leaf, doc);
}
