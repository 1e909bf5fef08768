#include "src/edit_state.h"

#include <stdio.h>
#include <time.h>

#include "ot/diff.h"

static bool fits(const struct edit *edit)
{
	const struct recovery_left *left = &edit->left;

	return left->text || left->hash == text_hash(edit_text(edit));
}

static bool saved_after_all(const struct edit *edit)
{
	return edit->left.text && text_equal(edit->left.text, edit_text(edit));
}

static void ask(struct edit *edit)
{
	char when[64], question[160];
	struct tm local;

	strftime(when, sizeof(when), "%a %H:%M", localtime_r(&edit->left.when, &local));
	snprintf(question, sizeof(question),
		"Unsaved edits of %s are left. y: take them up  n: drop them  Esc: later", when);
	edit_ask(edit, ASKED_LEFT, question, "yn");
}

void left_offer(struct edit *edit)
{
	bool left = edit->recovery && recovery_left(edit->recovery, &edit->left) &&
		    !saved_after_all(edit);

	if (left && fits(edit)) {
		ask(edit);
		return;
	}
	if (left) {
		edit_say(edit,
			"Unsaved edits are left, but of another state of this file: they are "
			"kept.");
		recovery_leave(edit->recovery);
	}
	keep_settled(edit, edit_text(edit));
}

static void take_left(struct edit *edit)
{
	struct recovery_left *left = &edit->left;
	struct op op = left->text ? op_diff(edit_text(edit), left->text) : op_copy(&left->op);

	editor_edit(edit->editor, &op);
}

void left_answer(struct edit *edit, char letter)
{
	if (letter == 'y')
		take_left(edit);
	else if (letter == '\0')
		recovery_leave(edit->recovery);
	if (letter != 'y')
		recovery_base(edit->recovery, edit_text(edit));
	if (disk_unsaved(edit))
		edit->changes = 0; /* what was typed before it was asked */
	recovery_left_fini(&edit->left);
}
