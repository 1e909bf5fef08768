#include "src/edit_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ot/mem.h"
#include "src/report.h"

#define COMPARE_MAX ((size_t)8 << 20) /* bytes: so much is read in a moment */

/* ---- the file's text is the replica's newest revision ---- */

bool disk_unsaved(const struct edit *edit)
{
	return replica_unacked(edit->replica) > 0;
}

static bool same_form(const struct form *a, const struct form *b)
{
	return a->charset == b->charset && a->bom == b->bom && a->crlf == b->crlf;
}

bool disk_holds_it(const struct edit *edit)
{
	struct workspace_file file;
	struct text *text;
	char *why = NULL;

	/* What is being saved is not what was read last. */
	if (edit->saving || !edit->file.exists || workspace_changed(&edit->file) ||
		text_size(edit_text(edit)).bytes > COMPARE_MAX)
		return false;
	bool same = workspace_open_any(edit->file.path, &file, &text, &why);
	if (same) {
		same = text_equal(text, edit_text(edit)) && same_form(&file.form, &edit->file.form);
		text_destroy(text);
		workspace_fini(&file);
	}
	free(why);
	return same;
}

/* All edits are on their way to the disk. */
static void send_all(struct edit *edit)
{
	const struct op *op;
	uint64_t rev, seq;

	while (replica_send(edit->replica, &rev, &seq, &op))
		;
	edit->saved_seq = replica_seq(edit->replica);
}

void disk_acknowledge(struct edit *edit)
{
	while (edit->acked_seq < edit->saved_seq)
		replica_ack(edit->replica, replica_rev(edit->replica) + 1, ++edit->acked_seq);
	if (!disk_unsaved(edit))
		keep_settled(edit, edit_text(edit));
	if (edit->console)
		editor_saved(edit->editor, replica_rev(edit->replica));
}

void disk_keep_on(struct edit *edit)
{
	if (edit->recovery)
		recovery_moved(edit->recovery, edit->file_hash);
	edit->changes = 0;
}

/* ---- saving ---- */

static void saved(void *ctx, const char *why);

void disk_save_now(struct edit *edit)
{
	struct op tidy = style_tidy(&edit->style, edit_text(edit), NULL, 0);

	editor_edit(edit->editor, &tidy);
	edit->saving = true;
	send_all(edit);
	edit->file_hash = text_hash(edit_text(edit));
	workspace_save(&edit->file, edit->loop, edit_text(edit), saved, edit);
}

static void saved(void *ctx, const char *why)
{
	struct edit *edit = ctx;
	bool more = edit->again, ends = edit->ends;

	edit->saving = edit->again = edit->warned = false;
	if (edit->renaming)
		name_settle(edit, !why);
	if (why) {
		edit->ends = false;
		edit_say(edit, why);
		return;
	}
	disk_acknowledge(edit);
	if (disk_unsaved(edit))
		disk_keep_on(edit);
	if (!edit->console) /* it was left meanwhile */
		return;
	if (disk_unsaved(edit) && (more || ends))
		disk_save_now(edit);
	else if (ends)
		edit_end(edit, EDIT_ENDED);
}

static bool is_saving(void *ctx)
{
	return ((const struct edit *)ctx)->saving;
}

void disk_end(struct edit *edit)
{
	loop_drain(edit->loop, is_saving, edit, UINT64_MAX);
}

static bool gone(const struct edit *edit)
{
	return access(edit->file.path, F_OK) && errno == ENOENT;
}

void disk_save(struct edit *edit)
{
	if (name_missing(edit))
		name_ask(edit);
	else if (form_is_no_text(edit))
		;
	else if (edit->read_only)
		edit_say(edit, "This file is read-only: it cannot be saved.");
	else if (edit->saving)
		edit->again = true;
	else if (workspace_changed(&edit->file) && !gone(edit))
		edit_ask(edit, ASKED_CHANGED,
			"Another program changed it. m: merge  o: overwrite  r: reload, dropping yours",
			"mor");
	else
		disk_save_now(edit);
}

/* ---- the file has another text ---- */

/* NULL: that was said. */
static struct text *read_disk(struct edit *edit)
{
	struct text *disk;
	char *why;

	if (workspace_read_again(&edit->file, &disk, &why))
		return disk;
	edit_say(edit, why);
	free(why);
	return NULL;
}

/* What is not saved is carried over to it. */
static void show_disk(struct edit *edit, struct text *takes)
{
	struct op shown;

	edit->file_hash = text_hash(takes);
	replica_restart(edit->replica, takes, replica_rev(edit->replica) + 1, EDIT_SELF, &shown);
	edit->saved_seq = edit->acked_seq = replica_seq(edit->replica);
	editor_remote(edit->editor, EDIT_DISK, &shown);
	op_fini(&shown);
	editor_saved(edit->editor, replica_rev(edit->replica));
	form_show(edit);
	if (disk_unsaved(edit))
		disk_keep_on(edit);
}

void disk_merge(struct edit *edit)
{
	struct text *disk = read_disk(edit);

	if (!disk)
		return;
	show_disk(edit, disk);
	disk_save_now(edit);
}

/* What is unsaved is dropped only when there is another text to take its place. */
void disk_reload(struct edit *edit)
{
	struct text *disk = read_disk(edit);

	if (!disk)
		return;
	send_all(edit);
	disk_acknowledge(edit);
	show_disk(edit, disk);
	disk_acknowledge(edit);
}

/* Nothing is unsaved: it is simply shown. */
static void follow_disk(struct edit *edit)
{
	struct text *disk = read_disk(edit);

	if (!disk)
		return;
	show_disk(edit, disk);
	edit_say(edit, "Another program has changed this file: this is what it holds now.");
	edit->warned = false;
	disk_acknowledge(edit);
}

void disk_look(void *ctx)
{
	struct edit *edit = ctx;

	if (edit->saving || edit->warned || !edit->replica || !edit->file.exists ||
		!workspace_changed(&edit->file))
		return;
	edit->warned = true;
	if (gone(edit))
		edit_say(edit, "This file was deleted by another program. Saving makes it anew.");
	else if (disk_unsaved(edit))
		edit_say(edit, "Another program has changed this file: saving will ask.");
	else
		follow_disk(edit);
}
