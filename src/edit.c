#include "src/edit_state.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ot/mem.h"
#include "ot/utf8.h"
#include "src/piped.h"
#include "src/report.h"

#define NAMELESS "(no name)"
#define LOOK_MS  2000 /* how often the file is looked at for others' changes */

void edit_end(struct edit *edit, enum edit_outcome outcome)
{
	edit->outcome = outcome;
	loop_stop(edit->loop);
}

void edit_say(struct edit *edit, const char *text)
{
	if (edit->console)
		editor_notice(edit->editor, loop_now_ms(edit->loop), text);
}

void edit_ask(struct edit *edit, enum question about, const char *question, const char *letters)
{
	edit->asked = about;
	editor_ask(edit->editor, question, letters);
}

const struct text *edit_text(const struct edit *edit)
{
	return replica_text(edit->replica);
}

/* ---- what is shown ---- */

/* In its folder; paths of files are absolute. */
static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static void show_document(struct edit *edit)
{
	struct editor_document document = {.path = edit->shown, .read_only = edit->read_only};

	editor_turn(edit->editor, edit->shown);
	editor_open(edit->editor, edit->replica, &document);
	edit->style = style_of(edit->file.path);
	console_style(edit->console, &edit->style);
	form_show(edit);
}

void edit_call(struct edit *edit, const char *name)
{
	char *copy = mem_dup(name, strlen(name));

	free(edit->shown);
	edit->shown = copy;
}

void edit_renamed(struct edit *edit)
{
	edit_call(edit, name_of(edit->file.path));
	edit->read_only = false;
	edit->style = style_of(edit->file.path);
	if (!edit->console) /* it was left meanwhile */
		return;
	editor_rename(edit->editor, edit->shown);
	editor_set_read_only(edit->editor, false);
	console_style(edit->console, &edit->style);
	form_show(edit);
}

/* ---- other files ---- */

void edit_list_files(struct edit *edit)
{
	const char *path = edit->file.path;
	char *folder = mem_dup(path, (size_t)(name_of(path) - path));
	DIR *dir = opendir(folder);
	size_t bad;

	free(folder);
	for (const struct dirent *entry; dir && (entry = readdir(dir));)
		if (*entry->d_name != '.' && entry->d_type != DT_DIR &&
			utf8_check(entry->d_name, strlen(entry->d_name), &bad))
			editor_file_here(edit->editor, entry->d_name);
	if (dir)
		closedir(dir);
	editor_files_listed(edit->editor);
}

/* While this one is being saved it stays on the screen; keys wait. */
static void go_to_file(struct edit *edit)
{
	if (!edit->saving && editor_take_open(edit->editor, &edit->wish))
		edit_end(edit, EDIT_OPEN);
	if (editor_catch_up(edit->editor, loop_now_ms(edit->loop)))
		loop_again(edit->loop);
}

const struct editor_going *edit_wish(const struct edit *edit)
{
	return &edit->wish;
}

void edit_stay(struct edit *edit, const char *why)
{
	edit->outcome = EDIT_GOES_ON;
	editor_stayed(edit->editor);
	edit_say(edit, why);
}

/* ---- leaving ---- */

void edit_give_up(struct edit *edit)
{
	keep_settled(edit, edit_text(edit));
	edit->changes = UINT64_MAX; /* nothing more is written down */
	edit_end(edit, EDIT_ENDED);
}

void edit_quit(struct edit *edit)
{
	if (!disk_unsaved(edit))
		edit_end(edit, EDIT_ENDED);
	else if (edit->saving &&
		 replica_all_sent(edit->replica)) /* all of it is on its way to the disk */
		edit->ends = true;
	else if (disk_holds_it(edit))
		edit_give_up(edit);
	else
		edit_ask(edit, ASKED_QUIT,
			"Not saved. y: save and leave  n: leave without  Esc: stay", "yn");
}

/* ---- once a turn ---- */

static void on_turn(void *ctx)
{
	struct edit *edit = ctx;
	const struct sel *sels;

	if (edit->outcome != EDIT_GOES_ON)
		return;
	obey_person(edit);
	if (edit->kept)
		go_to_file(edit);
	if (edit->renamed)
		keep_elsewhere(edit);
	keep_changes(edit);
	editor_take_sels(edit->editor, &sels); /* nobody else to tell */
	console_draw(edit->console, 0);
	/* After the first drawing, for a person looks at the text meanwhile; keys wait for it. */
	if (!edit->kept)
		keep_begin(edit);
}

/* ---- for its owner ---- */

static void on_gone(void *ctx)
{
	edit_end(ctx, EDIT_ENDED);
}

static bool may_write(const struct workspace_file *file)
{
	return !file->exists || access(file->path, W_OK) == 0;
}

/* The text of it; or an empty one without a name, and what is piped as the first edit of that. */
static bool open_text(struct edit *edit, const char *path, struct text **text, char **why)
{
	bool piped = path && strcmp(path, PIPED) == 0;

	if (path && !piped)
		return workspace_open_any(path, &edit->file, text, why);
	if (!name_folder(&edit->file, why))
		return false;
	if (piped && !piped_read(&edit->piped, &edit->file.form, why)) {
		workspace_fini(&edit->file);
		return false;
	}
	*text = text_create();
	return true;
}

struct edit *edit_open(struct loop *loop, const char *path, char **why)
{
	struct edit *edit = mem_alloc(sizeof(*edit));
	struct text *text;

	if (!open_text(edit, path, &text, why)) {
		free(edit);
		return NULL;
	}
	edit_call(edit, name_missing(edit) ? NAMELESS : name_of(edit->file.path));
	edit->loop = loop;
	edit->read_only = edit->file.form.charset == CHARSET_BINARY || !may_write(&edit->file);
	edit->replica = replica_create(text, 0, EDIT_SELF);
	replica_set_window(edit->replica, SIZE_MAX);
	edit->look = timer_make(loop, disk_look, edit);
	return edit;
}

void edit_enter(struct edit *edit, struct console *takes)
{
	edit->console = takes;
	edit->editor = console_editor(takes);
	edit->outcome = EDIT_GOES_ON;
	console_serve(takes, on_gone, edit);
	console_hold(takes, !edit->kept);
	show_document(edit);
	editor_edit(edit->editor, &edit->piped);
	edit->piped = (struct op){0};
	edit->changes = editor_changes(edit->editor);
	editor_status(edit->editor, &(struct editor_status){.link = EDITOR_ALONE});
	loop_on_turn(edit->loop, on_turn, edit);
	timer_set(edit->look, LOOK_MS, LOOK_MS);
}

struct console *edit_leave(struct edit *edit)
{
	struct console *console = edit->console;

	loop_off_turn(edit->loop, on_turn, edit);
	timer_stop(edit->look);
	edit->console = NULL;
	return console;
}

bool edit_start(struct edit *edit, char **why)
{
	struct console *console = console_create(edit->loop, on_gone, edit);
	const char *refused;

	if (!console_open(console, &refused)) {
		*why = report_sentence("%s", refused);
		console_destroy(console);
		return false;
	}
	edit_enter(edit, console);
	return true;
}

void edit_close(struct edit *edit)
{
	if (!edit)
		return;
	loop_off_turn(edit->loop, on_turn, edit);
	timer_stop(edit->look);
	edit_part(edit);
	console_destroy(edit->console); /* is not kept from its owner by a disk that hangs */
	edit->console = NULL;
	disk_end(edit);
	replica_destroy(edit->replica);
	recovery_left_fini(&edit->left);
	timer_destroy(edit->look);
	workspace_fini(&edit->file);
	workspace_fini(&edit->next);
	workspace_fini(&edit->was);
	op_fini(&edit->piped);
	free(edit->shown);
	free(edit);
}

enum edit_outcome edit_outcome(const struct edit *edit)
{
	return edit->outcome;
}

bool edit_is_unsaved(const struct edit *edit)
{
	return disk_unsaved(edit);
}

const char *edit_shown(const struct edit *edit)
{
	return edit->shown;
}

const char *edit_path(const struct edit *edit)
{
	return edit->file.path;
}

struct editor *edit_editor(struct edit *edit)
{
	return edit->editor;
}

void edit_share(struct edit *edit, struct console **console, struct replica **replica)
{
	*console = edit_leave(edit);
	*replica = edit->replica;
	edit->replica = NULL;
}

void edit_share_failed(struct edit *edit, const char *why)
{
	edit_say(edit, why);
	edit->outcome = EDIT_GOES_ON;
}

void edit_part(struct edit *edit)
{
	keep_end(edit);
}

void edit_settled(struct edit *edit, const struct text *text)
{
	keep_settled(edit, text);
}
