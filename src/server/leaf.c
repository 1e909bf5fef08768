#include "src/server/leaf.h"

#include <stdlib.h>
#include <string.h>

#include "ot/diff.h"
#include "ot/mem.h"
#include "src/report.h"
#include "src/server/doc.h"
#include "src/server/manner.h"

struct leaf *leaf_create(struct scribe *scribe, uint64_t doc)
{
	struct leaf *leaf = mem_alloc(sizeof(*leaf));

	leaf->scribe = scribe;
	leaf->doc = doc;
	leaf->since_ms = leaf->last_ms = loop_now_ms(scribe->loop);
	return leaf;
}

static void close_leaf(struct leaf *leaf)
{
	workspace_fini(&leaf->file);
	text_destroy(leaf->seen);
	leaf->seen = NULL;
	leaf->open = leaf->failed = false;
	leaf->merging_ms = leaf->held = 0;
}

void leaf_destroy(struct leaf *leaf)
{
	leaf_take_back(leaf);
	close_leaf(leaf);
	free(leaf->trouble);
	free(leaf);
}

/* ---- what is wrong ---- */

static void complain(struct leaf *leaf, const char *what)
{
	if (leaf->trouble && strcmp(leaf->trouble, what) == 0)
		return;
	free(leaf->trouble);
	leaf->trouble = mem_dup(what, strlen(what));
	report_info("%s", what);
	relay_warn(leaf->relay, what);
}

static void no_complaint(struct leaf *leaf)
{
	free(leaf->trouble);
	leaf->trouble = NULL;
}

static void complain_unread(struct leaf *leaf, const char *why)
{
	char *what = report_sentence(
		"%s. Nothing is saved to it until it can be read as text again; what is typed here"
		" is kept in the history",
		why);

	complain(leaf, what);
	free(what);
}

void leaf_wanted(struct leaf *leaf)
{
	leaf->wanted = true;
	no_complaint(leaf);
}

/* ---- looking ---- */

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
	complain(leaf, told);
	leaf->failed = why != NULL; /* then what is there stays */
	free(aside.path);
	free(why);
	free(told);
}

void leaf_see(struct leaf *leaf, const struct doc *doc)
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
	leaf->file.form.crlf = doc->crlf;
	if (!leaf->file.exists)
		return;
	if (text_equal(text, log_text(doc->log)))
		leaf_see(leaf, doc);
	else if (relay_knows(leaf->relay, leaf->doc, text_hash(text)))
		leaf->held = text_hash(text);
	else
		put_aside(leaf, text);
}

static void open_leaf(struct leaf *leaf, const struct doc *doc)
{
	char *path = scribe_path(leaf->scribe, doc), *why = NULL;
	struct text *text = NULL;

	leaf->failed_ms = loop_now_ms(leaf->scribe->loop);
	if (*path && workspace_open(path, false, &leaf->file, &text, &why))
		look_at_file(leaf, doc, text);
	if (why)
		complain_unread(leaf, why);
	leaf->failed |= !leaf->open;
	leaf->open &= !leaf->failed;
	text_destroy(text);
	free(why);
	free(path);
}

/* ---- writing ---- */

static void on_saved(void *ctx, const char *why)
{
	struct leaf *leaf = ctx;

	text_destroy(leaf->seen);
	leaf->seen = leaf->writing;
	leaf->seen_rev = leaf->writing_rev;
	leaf->writing = NULL;
	if (!why) {
		no_complaint(leaf);
		leaf->held = leaf->writing_hash;
		relay_saved(leaf->relay, leaf->doc, leaf->seen_rev, leaf->held);
		return;
	}
	if (leaf->held)
		relay_files(leaf->relay, leaf->doc, leaf->held); /* it is as it was */
	complain(leaf, why);
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

void leaf_take_back(struct leaf *leaf)
{
	if (!leaf->announced_ms)
		return;
	stop_waiting(leaf);
	text_destroy(leaf->writing);
	leaf->writing = NULL;
	leaf->since_ms = leaf->last_ms = loop_now_ms(leaf->scribe->loop);
}

/* What somebody wrote meanwhile is merged first. */
void leaf_write(struct leaf *leaf)
{
	if (!relay_knows(leaf->relay, leaf->doc, leaf->writing_hash))
		return;
	if (leaf->seen && workspace_changed(&leaf->file)) {
		leaf_take_back(leaf);
		return;
	}
	stop_waiting(leaf);
	workspace_save(&leaf->file, leaf->scribe->loop, leaf->writing, on_saved, leaf);
}

/* Another program wrote the file. Nothing is written to it until the difference has been through the order. */
static void merge(struct leaf *leaf, const struct doc *doc)
{
	struct text *disk = NULL;
	char *why = NULL;

	if (!leaf->seen || leaf->seen_rev + 1 < log_first(doc->log) ||
		!workspace_read_again(&leaf->file, &disk, &why) || !leaf->file.exists) {
		if (why)
			complain_unread(leaf, why);
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

/* What could not be opened may be in order by now. */
static bool is_to_be_opened(const struct leaf *leaf, uint64_t now)
{
	return !leaf->failed || leaf->wanted || now - leaf->failed_ms >= SCRIBE_LATEST_MS;
}

static void open_again(struct leaf *leaf, const struct doc *doc)
{
	close_leaf(leaf);
	open_leaf(leaf, doc);
}

void leaf_tend(struct leaf *leaf, struct doc *doc)
{
	uint64_t now = loop_now_ms(leaf->scribe->loop);

	if (leaf->announced_ms && now - leaf->announced_ms > SCRIBE_LATEST_MS)
		leaf_take_back(leaf); /* the order may have forgotten it */
	if (leaf->writing || (!doc->log && (!needs_text(leaf) || !relay_wake(leaf->relay, doc))))
		return;
	if (!leaf->open && is_to_be_opened(leaf, now))
		open_again(leaf, doc);
	if (!leaf->open) {
		leaf->wanted = false; /* who asked was told */
		return;
	}
	if (leaf->seen && !leaf->merging_ms && workspace_changed(&leaf->file))
		merge(leaf, doc);
	if (is_due(leaf, now))
		save(leaf, doc);
}

void leaf_rest(struct leaf *leaf)
{
	leaf_take_back(leaf);
	if (leaf->writing || !leaf->open)
		return;
	close_leaf(leaf);
	leaf->since_ms = leaf->last_ms = loop_now_ms(leaf->scribe->loop);
}

/* With the last words of this server. */
static char *write_now(struct leaf *leaf, const struct doc *doc)
{
	const struct text *text = log_text(doc->log);
	char *why;

	manner_form(doc, &leaf->file, text);
	why = workspace_save_now(&leaf->file, text);
	if (!why)
		relay_saved(leaf->relay, leaf->doc, log_rev(doc->log), text_hash(text));
	return why;
}

void leaf_finish(struct leaf *leaf, struct doc *doc)
{
	char *why = NULL;

	leaf_take_back(leaf);
	if (!leaf->since_ms || leaf->writing || !relay_wake(leaf->relay, doc))
		return;
	if (leaf->open && workspace_changed(&leaf->file))
		close_leaf(leaf); /* too late to merge */
	if (!leaf->open && !leaf->failed)
		open_leaf(leaf, doc);
	if (leaf->open && leaf->since_ms)
		why = write_now(leaf, doc);
	if (why)
		report_error("%s", why);
	leaf->since_ms = 0;
	free(why);
}
