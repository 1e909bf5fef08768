#include "src/edit_state.h"

#include <stdlib.h>

static void share(struct edit *edit)
{
	if (form_is_no_text(edit))
		return;
	if (name_missing(edit))
		edit_say(edit, "To be shared it has to have a name: save it first.");
	else if (edit->file.form.charset != CHARSET_UTF8)
		edit_say(edit,
			"Only UTF-8 can be shared: let this file become UTF-8 first (to-utf8).");
	else if (edit->saving)
		edit_say(edit, "This file is being saved just now: once more, please.");
	else
		edit_end(edit, EDIT_SHARE);
}

static void save_as(struct edit *edit)
{
	if (!form_is_no_text(edit))
		name_ask(edit);
}

static void suspend(struct edit *edit)
{
	console_suspend(edit->console);
}

static void configure(struct edit *edit)
{
	console_configure(edit->console);
}

static const struct {
	unsigned want; /* enum editor_want */
	void (*then)(struct edit *edit);
} wanted[] = {
	{EDITOR_WANT_SUSPEND, suspend},
	{EDITOR_WANT_CONFIG, configure},
	{EDITOR_WANT_UTF8, form_to_utf8},
	{EDITOR_WANT_LF, form_to_lf},
	{EDITOR_WANT_CRLF, form_to_crlf},
	{EDITOR_WANT_SAVE, disk_save},
	{EDITOR_WANT_SAVE_AS, save_as},
	{EDITOR_WANT_FILES, edit_list_files},
	{EDITOR_WANT_SHARE, share},
	{EDITOR_WANT_QUIT, edit_quit},
	{EDITOR_WANT_COMPLETE, name_complete},
};

/* ---- answers ---- */

static void save_and_end(struct edit *edit)
{
	edit->ends = true;
	disk_save(edit);
}

static const struct {
	enum question asked;
	char letter;
	void (*then)(struct edit *edit);
} answers[] = {
	{ASKED_QUIT, 'y', save_and_end},
	{ASKED_QUIT, 'n', edit_give_up},
	{ASKED_CHANGED, 'm', disk_merge},
	{ASKED_CHANGED, 'o', disk_save_now},
	{ASKED_CHANGED, 'r', disk_reload},
	{ASKED_OVERWRITE, 'y', name_take},
};

static void answered(struct edit *edit, char letter)
{
	enum question asked = edit->asked;

	edit->asked = ASKED_NOTHING;
	if (asked == ASKED_LEFT) {
		left_answer(edit, letter);
		return;
	}
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (answers[i].asked == asked && answers[i].letter == letter) {
			answers[i].then(edit);
			return;
		}
	edit->ends = false;
}

/* ---- once a turn ---- */

static void name_entered(struct edit *edit)
{
	char *path = editor_take_path(edit->editor);

	if (path)
		name_typed(edit, path);
	free(path);
}

void obey_person(struct edit *edit)
{
	unsigned wants = editor_wants(edit->editor);
	char letter;

	if (editor_answer(edit->editor, &letter))
		answered(edit, letter);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (wants & wanted[i].want)
			wanted[i].then(edit);
	name_entered(edit);
}
