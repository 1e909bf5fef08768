#include "src/edit_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/completion.h"
#include "src/report.h"

#define QUESTION "Save as:"

bool name_folder(struct workspace_file *file, char **why)
{
	char *here = getcwd(NULL, 0);

	*file = (struct workspace_file){.any = true, .was_text = true};
	if (here)
		file->path = report_sentence("%s%s", here, here[1] ? "/" : "");
	else
		*why = report_sentence("cannot tell which folder this is: %s", strerror(errno));
	free(here);
	return file->path;
}

bool name_missing(const struct edit *edit)
{
	const char *slash = strrchr(edit->file.path, '/');

	return slash && !slash[1];
}

void name_ask(struct edit *edit)
{
	editor_ask_path(edit->editor, QUESTION, name_missing(edit) ? "" : edit->file.path);
}

/* What was typed came to nothing: why, and it is there to be mended. */
static void ask_again(struct edit *edit, const char *why, const char *path)
{
	char *question = report_sentence("%s. " QUESTION, why);

	editor_ask_path(edit->editor, question, path);
	free(question);
}

void name_take(struct edit *edit)
{
	edit->next.form = edit->file.form;
	edit->was = edit->file;
	edit->file = edit->next;
	edit->next = (struct workspace_file){0};
	edit->renaming = true;
	disk_save_now(edit);
}

void name_settle(struct edit *edit, bool worked)
{
	struct workspace_file *over = worked ? &edit->was : &edit->file;

	edit->renaming = false;
	workspace_fini(over);
	if (!worked)
		edit->file = edit->was;
	edit->was = (struct workspace_file){0};
	edit->renamed |= worked;
	if (worked)
		edit_renamed(edit);
}

static void ask_over(struct edit *edit)
{
	char *question = report_sentence("%s is there already. y: write over it  Esc: do not",
		strrchr(edit->next.path, '/') + 1);

	edit_ask(edit, ASKED_OVERWRITE, question, "y");
	free(question);
}

static void consider(struct edit *edit)
{
	if (strcmp(edit->next.path, edit->file.path) == 0)
		disk_save(edit);
	else if (edit->next.exists)
		ask_over(edit);
	else
		name_take(edit);
}

static void open_next(struct edit *edit, const char *typed)
{
	char *path = completion_path(typed), *why = NULL;
	struct text *text;

	if (workspace_open_any(path, &edit->next, &text, &why)) {
		text_destroy(text);
		consider(edit);
	} else {
		ask_again(edit, why, typed);
	}
	free(path);
	free(why);
}

void name_typed(struct edit *edit, const char *typed)
{
	workspace_fini(&edit->next);
	edit->next = (struct workspace_file){0};
	if (!*typed)
		edit->ends = false;
	else if (edit->saving)
		edit_say(edit, "This file is being saved just now: once more, please.");
	else
		open_next(edit, typed);
}

void name_complete(struct edit *edit)
{
	char *typed = editor_path_typed(edit->editor);
	struct completion completion = completion_of(typed);

	editor_complete(edit->editor, completion.path, completion.others);
	completion_fini(&completion);
	free(typed);
}
