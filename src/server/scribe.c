#include "src/server/scribe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ot/diff.h"
#include "ot/mem.h"
#include "src/report.h"
#include "src/server/doc.h"
#include "src/server/manner.h"
#include "src/server/replace.h"
#include "src/server/shelf.h"

struct leaf {
	struct scribe *scribe;
	struct relay *relay;
	uint64_t doc;
	bool open, failed;
	struct workspace_file file;
	uint64_t since_ms, last_ms; /* of the edits that are not in the file; 0: all are */
	bool wanted;                /* somebody asked for a save */
	uint64_t
		merging_ms; /* since when what another program wrote is on its way into the room; 0: nothing is */
	struct text *seen; /* what the file holds, as far as we know: revision seen_rev */
	uint64_t seen_rev;
	struct text *writing; /* or to be written, once that is in the order */
	uint64_t writing_rev, writing_hash;
	uint64_t announced_ms; /* since when the order is waited for; 0: it is not */
	uint64_t held; /* the hash of what is in the file, as far as we know; 0: we do not */
};

void scribe_init(struct scribe *scribe, struct loop *loop, bool autosave)
{
	*scribe = (struct scribe){.loop = loop, .autosave = autosave};
}

static void close_leaf(struct leaf *leaf)
{
	workspace_fini(&leaf->file);
	text_destroy(leaf->seen);
	leaf->seen = NULL;
	leaf->open = leaf->failed = false;
	leaf->merging_ms = leaf->held = 0;
}

void scribe_fini(struct scribe *scribe)
{
	for (size_t i = 0; i < scribe->count; i++) {
		if (scribe->leaves[i]->announced_ms)
			text_destroy(scribe->leaves[i]->writing);
		close_leaf(scribe->leaves[i]);
		free(scribe->leaves[i]);
	}
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
		add(relay, name, text, file.crlf);
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
	add(relay, scribe->name, scribe->text ? text_copy(scribe->text) : NULL, scribe->file.crlf);
	return true;
}

void scribe_begun(struct scribe *scribe)
{
	text_destroy(scribe->text);
	scribe->text = NULL;
	if (scribe->folder && mkdir(scribe->folder, 0777) == 0)
		replace_flush_folder(scribe->folder);
}

/* ---- writing ---- */

static struct leaf *leaf_of(struct scribe *scribe, uint64_t doc)
{
	struct leaf *leaf;

	for (size_t i = 0; i < scribe->count; i++)
		if (scribe->leaves[i]->doc == doc)
			return scribe->leaves[i];
	leaf = mem_alloc(sizeof(*leaf));
	leaf->scribe = scribe;
	leaf->doc = doc;
	leaf->since_ms = leaf->last_ms = loop_now_ms(scribe->loop);
	scribe->leaves =
		mem_grow(scribe->leaves, &scribe->cap, scribe->count + 1, sizeof(struct leaf *));
	return scribe->leaves[scribe->count++] = leaf;
}

/* ---- what is not in the room any more ---- */

/* Owned; "": it has no file here. */
static char *path_of(const struct scribe *scribe, const struct doc *doc)
{
	const char *single = scribe->file.path;

	return scribe->folder ? report_sentence("%s/%s", scribe->folder, doc->path)
			      : mem_dup(single ? single : "", single ? strlen(single) : 0);
}

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
	char *path = path_of(scribe, doc), *why = NULL, *told;
	struct workspace_file file = {.crlf = doc->crlf};

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
		if (leaf->writing) {
			leaf->doc = 0;
			scribe->leaves[kept++] = leaf;
			continue;
		}
		close_leaf(leaf);
		free(leaf);
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
	leaf_of(scribe, doc->doc)->wanted = true;
}

/* What somebody wrote while no server looked is put aside: there is nothing to merge it by. */
static void put_aside(struct leaf *leaf, const struct text *text)
{
	struct workspace_file aside = leaf->file;
	char *why, *told;

	aside.path = report_sentence("%s" SCRIBE_ASIDE, leaf->file.path);
	why = workspace_save_now(&aside, text);
	told = why ? report_sentence("%s", why)
		   : report_sentence("%s was changed while no server served it: that is in %s now",
			     leaf->file.path, aside.path);
	report_info("%s", told);
	relay_warn(leaf->relay, told);
	leaf->failed = why != NULL; /* then what is there stays */
	free(aside.path);
	free(why);
	free(told);
}

/* What the file holds is what the room does. */
static void see(struct leaf *leaf, const struct doc *doc)
{
	leaf->held = text_hash(log_text(doc->log));
	text_destroy(leaf->seen);
	leaf->seen = text_copy(log_text(doc->log));
	leaf->seen_rev = log_rev(doc->log);
	leaf->since_ms = 0;
}

static void look_at_file(struct leaf *leaf, const struct doc *doc, const struct text *text)
{
	leaf->open = true;
	leaf->file.crlf = doc->crlf;
	if (!leaf->file.exists)
		return;
	if (text_equal(text, log_text(doc->log)))
		see(leaf, doc);
	else if (relay_knows(leaf->relay, leaf->doc, text_hash(text)))
		leaf->held = text_hash(text);
	else
		put_aside(leaf, text);
}

void scribe_asks(const struct scribe *scribe, const struct doc *doc, struct asks *out)
{
	char *path = path_of(scribe, doc);

	if (*path)
		*out = asks_of(path);
	free(path);
}

static void open_leaf(struct leaf *leaf, const struct doc *doc)
{
	char *path = path_of(leaf->scribe, doc), *why = NULL;
	struct text *text = NULL;

	if (*path && workspace_open(path, false, &leaf->file, &text, &why))
		look_at_file(leaf, doc, text);
	if (why)
		report_info("%s", why);
	leaf->failed |= !leaf->open;
	leaf->open &= !leaf->failed;
	text_destroy(text);
	free(why);
	free(path);
}

static void on_saved(void *ctx, const char *why)
{
	struct leaf *leaf = ctx;

	text_destroy(leaf->seen);
	leaf->seen = leaf->writing;
	leaf->seen_rev = leaf->writing_rev;
	leaf->writing = NULL;
	if (!why) {
		leaf->held = leaf->writing_hash;
		relay_saved(leaf->relay, leaf->doc, leaf->seen_rev, leaf->held);
		return;
	}
	if (leaf->held)
		relay_files(leaf->relay, leaf->doc, leaf->held); /* it is as it was */
	report_info("%s", why);
	relay_warn(leaf->relay, why);
	leaf->since_ms = leaf->last_ms = loop_now_ms(leaf->scribe->loop);
	close_leaf(leaf);
}

static void stop_waiting(struct leaf *leaf)
{
	leaf->scribe->announced -= leaf->announced_ms != 0;
	leaf->announced_ms = 0;
}

/* What is in the file then need not be found strange, should we be dead before anybody hears that it is. */
static void save(struct leaf *leaf, const struct doc *doc)
{
	leaf->writing = text_copy(log_text(doc->log));
	leaf->writing_rev = log_rev(doc->log);
	leaf->writing_hash = text_hash(leaf->writing);
	leaf->since_ms = 0;
	leaf->wanted = false;
	manner_form(doc, &leaf->file, leaf->writing);
	leaf->announced_ms = loop_now_ms(leaf->scribe->loop);
	leaf->scribe->announced++;
	relay_files(leaf->relay, leaf->doc, leaf->writing_hash);
}

/* Not now, but it is due. */
static void take_back(struct leaf *leaf)
{
	if (!leaf->announced_ms)
		return;
	stop_waiting(leaf);
	text_destroy(leaf->writing);
	leaf->writing = NULL;
	leaf->since_ms = leaf->last_ms = loop_now_ms(leaf->scribe->loop);
}

/* What somebody wrote meanwhile is merged first. */
static void write_if_known(struct leaf *leaf)
{
	if (!relay_knows(leaf->relay, leaf->doc, leaf->writing_hash))
		return;
	if (leaf->seen && workspace_changed(&leaf->file)) {
		take_back(leaf);
		return;
	}
	stop_waiting(leaf);
	workspace_save(&leaf->file, leaf->scribe->loop, leaf->writing, on_saved, leaf);
}

void scribe_turn(struct scribe *scribe)
{
	for (size_t i = 0; scribe->announced && i < scribe->count; i++)
		if (scribe->leaves[i]->announced_ms)
			write_if_known(scribe->leaves[i]);
}

/* Another program wrote the file. Nothing is written to it until the difference has been through the order. */
static void merge(struct leaf *leaf, const struct doc *doc)
{
	struct text *disk = NULL;
	char *why = NULL;

	if (!leaf->seen || leaf->seen_rev + 1 < log_first(doc->log) ||
		!workspace_read_again(&leaf->file, &disk, &why) || !leaf->file.exists) {
		if (why)
			report_info("%s", why);
		free(why);
		text_destroy(disk);
		return;
	}
	struct op change = op_diff(leaf->seen, disk);
	if (!op_is_identity(&change)) {
		report_info("%s was changed outside; the change is merged", leaf->file.path);
		relay_merge(leaf->relay, leaf->doc, leaf->seen_rev, &change);
		leaf->merging_ms = loop_now_ms(leaf->scribe->loop);
	}
	op_fini(&change);
	text_destroy(disk);
}

static bool is_due(const struct leaf *leaf, uint64_t now)
{
	bool due =
		leaf->since_ms && leaf->scribe->autosave &&
		(now - leaf->last_ms >= SCRIBE_SAVE_MS || now - leaf->since_ms >= SCRIBE_LATEST_MS);

	return (due || leaf->wanted) &&
	       (!leaf->merging_ms || now - leaf->merging_ms > SCRIBE_LATEST_MS);
}

/* What is to be done with the file needs the text. */
static bool needs_text(const struct leaf *leaf)
{
	return leaf->wanted || (leaf->open ? workspace_changed(&leaf->file) : !leaf->failed);
}

static void tend(struct leaf *leaf, struct doc *doc)
{
	uint64_t now = loop_now_ms(leaf->scribe->loop);

	if (leaf->announced_ms && now - leaf->announced_ms > SCRIBE_LATEST_MS)
		take_back(leaf); /* the order may have forgotten it */
	if (leaf->writing || (!doc->log && (!needs_text(leaf) || !relay_wake(leaf->relay, doc))))
		return;
	if (!leaf->open && !leaf->failed)
		open_leaf(leaf, doc);
	if (!leaf->open)
		return;
	if (leaf->seen && !leaf->merging_ms && workspace_changed(&leaf->file))
		merge(leaf, doc);
	if (is_due(leaf, now))
		save(leaf, doc);
}

/* Who does not write knows nothing of the files. */
static void rest(struct leaf *leaf)
{
	take_back(leaf);
	if (leaf->writing || !leaf->open)
		return;
	close_leaf(leaf);
	leaf->since_ms = leaf->last_ms = loop_now_ms(leaf->scribe->loop);
}

void scribe_tick(struct scribe *scribe, struct relay *relay, bool writes)
{
	const struct room *room = relay_room(relay);

	for (size_t i = 0; i < room->document_count; i++) {
		struct leaf *leaf = leaf_of(scribe, room->documents[i]->doc);
		leaf->relay = relay;
		if (writes)
			tend(leaf, room->documents[i]);
		else
			rest(leaf);
	}
}

void scribe_finish(struct scribe *scribe, struct relay *relay, bool writes)
{
	const struct room *room = relay_room(relay);

	for (size_t i = 0; writes && scribe->autosave && i < room->document_count; i++) {
		struct leaf *leaf = leaf_of(scribe, room->documents[i]->doc);
		leaf->relay = relay;
		take_back(leaf);
		if (!leaf->since_ms || leaf->writing || !relay_wake(relay, room->documents[i]))
			continue;
		if (leaf->open && workspace_changed(&leaf->file))
			close_leaf(leaf); /* too late to merge */
		if (!leaf->open && !leaf->failed)
			open_leaf(leaf, room->documents[i]);
		manner_form(room->documents[i], &leaf->file, log_text(room->documents[i]->log));
		char *why =
			leaf->open && leaf->since_ms
				? workspace_save_now(&leaf->file, log_text(room->documents[i]->log))
				: NULL;
		if (why)
			report_error("%s", why);
		else if (leaf->open)
			relay_saved(relay, leaf->doc, log_rev(room->documents[i]->log),
				text_hash(log_text(room->documents[i]->log)));
		leaf->since_ms = 0;
		free(why);
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
		see(leaf, doc);
}
