#include "src/edit_state.h"

#include <stdlib.h>

#include "src/later.h"
#include "src/report.h"

#define DRAIN_MS 5000

static struct recovery *open_recovery(struct edit *edit, char **unkept)
{
	struct recovery *recovery = NULL;
	char *why = NULL;

	if (later_load(&why))
		recovery = recovery_open(edit->file.path, edit->loop, &why);
	if (!recovery)
		*unkept = report_sentence("Unsaved edits are not kept: %s", why);
	free(why);
	return recovery;
}

void keep_begin(struct edit *edit)
{
	char *unkept = NULL;

	edit->kept = true;
	console_hold(edit->console, false);
	edit->recovery = open_recovery(edit, &unkept);
	if (unkept)
		edit_say(edit, unkept);
	free(unkept);
	form_is_no_text(edit);
	left_offer(edit);
	if (disk_unsaved(edit) && edit->asked != ASKED_LEFT)
		disk_keep_on(edit);
	loop_again(edit->loop);
}

void keep_changes(struct edit *edit)
{
	char *failed;

	if (edit->changes >= editor_changes(edit->editor))
		return;
	edit->changes = editor_changes(edit->editor);
	if (!disk_unsaved(edit)) /* undone: what is in the file is here again */
		disk_acknowledge(edit);
	else if (edit->recovery)
		recovery_edited(edit->recovery, edit->replica);
	failed = edit->recovery ? recovery_failed(edit->recovery) : NULL;
	if (failed)
		edit_say(edit, failed);
	free(failed);
}

void keep_elsewhere(struct edit *edit)
{
	if (edit->recovery && recovery_busy(edit->recovery))
		return;
	edit->renamed = edit->kept = false;
	keep_settled(edit, edit_text(edit));
	recovery_close(edit->recovery);
	edit->recovery = NULL;
	console_hold(edit->console, true);
}

void keep_settled(struct edit *edit, const struct text *text)
{
	if (edit->recovery)
		recovery_base(edit->recovery, text);
}

static bool busy(void *ctx)
{
	struct edit *edit = ctx;

	return edit->saving || (edit->recovery && recovery_busy(edit->recovery));
}

void keep_end(struct edit *edit)
{
	loop_drain(edit->loop, busy, edit, DRAIN_MS);
	recovery_close(edit->recovery);
	edit->recovery = NULL;
}
