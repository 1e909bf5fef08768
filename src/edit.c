#include "src/edit_state.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ot/mem.h"
#include "ot/utf8.h"
#include "src/later.h"
#include "src/report.h"

#define DRAIN_MS 5000
#define NO_TEXT  "This is no text, for NUL bytes are in it: it can only be looked at."
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

void edit_show_file(struct edit *edit)
{
	struct workspace_file *file = &edit->file;

	style_form(&edit->style, file);
	editor_file(edit->editor,
		&(struct editor_file){.charset = file->charset == CHARSET_UTF8
							 ? NULL
							 : charset_name(file->charset),
			.mixed = file->mixed,
			.bom = file->bom,
			.crlf = file->crlf});
}

static void show_document(struct edit *edit)
{
	struct editor_document document = {.path = edit->shown, .read_only = edit->read_only};

	editor_turn(edit->editor, edit->shown);
	editor_open(edit->editor, edit->replica, &document);
	edit->style = style_of(edit->file.path);
	console_style(edit->console, &edit->style);
	edit_show_file(edit);
}

void edit_call(struct edit *edit, const char *name)
{
	char *copy = mem_dup(name, strlen(name));

	free(edit->shown);
	edit->shown = copy;
}

void edit_renamed(struct edit *edit)
{
	const char *slash = strrchr(edit->file.path, '/');

	edit_call(edit, slash ? slash + 1 : edit->file.path);
	edit->read_only = false;
	editor_rename(edit->editor, edit->shown);
	editor_set_read_only(edit->editor, false);
	edit->style = style_of(edit->file.path);
	console_style(edit->console, &edit->style);
	edit_show_file(edit);
}

/* ---- other files ---- */

/* Those beside this one, but for hidden ones and folders. */
static void list_files(struct edit *edit)
{
	const char *slash = strrchr(edit->file.path, '/');
	char *folder = mem_dup(edit->file.path, slash ? (size_t)(slash - edit->file.path) + 1 : 0);
	DIR *dir = opendir(*folder ? folder : ".");
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
	editor_catch_up(edit->editor, loop_now_ms(edit->loop));
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

void edit_quit(struct edit *edit)
{
	if (!disk_unsaved(edit))
		edit_end(edit, EDIT_ENDED);
	else if (edit->saving &&
		 replica_all_sent(edit->replica)) /* all of it is on its way to the disk */
		edit->ends = true;
	else
		edit_ask(edit, ASKED_QUIT,
			"Not saved. y: save and leave  n: leave without  Esc: stay", "yn");
}

static void give_up(struct edit *edit)
{
	if (edit->recovery)
		recovery_base(edit->recovery, edit_text(edit));
	edit->changes = UINT64_MAX; /* nothing more is written down */
	edit_end(edit, EDIT_ENDED);
}

/* What a text may become and this may not. true: that was said. */
static bool is_no_text(struct edit *edit)
{
	bool is = edit->file.charset == CHARSET_BINARY;

	if (is)
		edit_say(edit, NO_TEXT);
	return is;
}

static void share(struct edit *edit)
{
	if (is_no_text(edit))
		return;
	if (edit->file.charset != CHARSET_UTF8)
		edit_say(edit,
			"Only UTF-8 can be shared: let this file become UTF-8 first (to-utf8).");
	else if (edit->saving)
		edit_say(edit, "This file is being saved just now: once more, please.");
	else
		edit_end(edit, EDIT_SHARE);
}

static void to_utf8(struct edit *edit)
{
	if (is_no_text(edit))
		return;
	edit->file.charset = CHARSET_UTF8;
	edit->style.has_charset = false;
	edit_show_file(edit);
	edit_say(edit, "The next save writes UTF-8.");
}

static void to_ends(struct edit *edit, enum style_ends ends)
{
	if (is_no_text(edit))
		return;
	edit->style.ends = ends;
	edit_show_file(edit);
	edit_say(edit,
		ends == STYLE_CRLF ? "The next save writes CRLF." : "The next save writes LF.");
}

static void to_lf(struct edit *edit)
{
	to_ends(edit, STYLE_LF);
}

static void to_crlf(struct edit *edit)
{
	to_ends(edit, STYLE_CRLF);
}

/* ---- once a turn ---- */

static void save_as(struct edit *edit)
{
	if (!is_no_text(edit))
		disk_ask_name(edit);
}

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
	{ASKED_QUIT, 'n', give_up},
	{ASKED_CHANGED, 'm', disk_merge},
	{ASKED_CHANGED, 'o', disk_save_now},
	{ASKED_CHANGED, 'r', disk_reload},
	{ASKED_OVERWRITE, 'y', disk_take_name},
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

static void obey(struct edit *edit, unsigned wants)
{
	static const struct {
		unsigned want;
		void (*then)(struct edit *edit);
	} rows[] = {
		{EDITOR_WANT_UTF8, to_utf8},
		{EDITOR_WANT_LF, to_lf},
		{EDITOR_WANT_CRLF, to_crlf},
		{EDITOR_WANT_SAVE, disk_save},
		{EDITOR_WANT_SAVE_AS, save_as},
		{EDITOR_WANT_FILES, list_files},
		{EDITOR_WANT_SHARE, share},
		{EDITOR_WANT_QUIT, edit_quit},
	};
	char letter;

	if (editor_answer(edit->editor, &letter))
		answered(edit, letter);
	if (wants & EDITOR_WANT_SUSPEND)
		console_suspend(edit->console);
	if (wants & EDITOR_WANT_CONFIG)
		console_configure(edit->console);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (wants & rows[i].want)
			rows[i].then(edit);
}

static void take_name(struct edit *edit)
{
	char *path = editor_take_path(edit->editor);

	if (path)
		disk_save_as(edit, path);
	free(path);
}

static void note_changes(struct edit *edit)
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

static struct recovery *open_recovery(struct edit *edit, char **unkept)
{
	char *why;

	if (later_load(&why))
		return recovery_open(edit->file.path, edit->loop, unkept);
	*unkept = report_sentence("Unsaved edits are not kept: %s", why);
	free(why);
	return NULL;
}

/*
 * After the first drawing, for a person looks at the text meanwhile; and before the first key: what was edited is then kept as
 * edits of the text that the file holds.
 */
static void keep_unsaved(struct edit *edit)
{
	char *unkept = NULL;

	edit->kept = true;
	console_hold(edit->console, false);
	edit->recovery = open_recovery(edit, &unkept);
	if (unkept)
		edit_say(edit, unkept);
	free(unkept);
	is_no_text(edit);
	left_offer(edit);
	if (disk_unsaved(edit) && edit->asked != ASKED_LEFT)
		disk_keep_on(edit);
	loop_again(edit->loop);
}

/* Under another name what is unsaved is kept in another place. */
static void keep_elsewhere(struct edit *edit)
{
	if (edit->recovery && recovery_busy(edit->recovery))
		return;
	edit->renamed = edit->kept = false;
	if (edit->recovery)
		recovery_base(edit->recovery, edit_text(edit));
	recovery_close(edit->recovery);
	edit->recovery = NULL;
	console_hold(edit->console, true);
}

static void on_turn(void *ctx)
{
	struct edit *edit = ctx;
	const struct sel *sels;

	if (edit->outcome != EDIT_GOES_ON)
		return;
	obey(edit, editor_wants(edit->editor));
	take_name(edit);
	if (edit->kept)
		go_to_file(edit);
	if (edit->renamed)
		keep_elsewhere(edit);
	note_changes(edit);
	editor_take_sels(edit->editor, &sels); /* nobody else to tell */
	console_draw(edit->console, 0);
	if (!edit->kept)
		keep_unsaved(edit);
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

struct edit *edit_open(struct loop *loop, const char *path, char **why)
{
	struct edit *edit = mem_alloc(sizeof(*edit));
	struct text *text;

	if (!workspace_open_any(path, &edit->file, &text, why)) {
		free(edit);
		return NULL;
	}
	const char *slash = strrchr(edit->file.path, '/');
	edit_call(edit, slash ? slash + 1 : edit->file.path);
	edit->loop = loop;
	edit->read_only = edit->file.charset == CHARSET_BINARY || !may_write(&edit->file);
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

static bool busy(void *ctx)
{
	struct edit *edit = ctx;

	return edit->saving || (edit->recovery && recovery_busy(edit->recovery));
}

void edit_close(struct edit *edit)
{
	if (!edit)
		return;
	loop_off_turn(edit->loop, on_turn, edit);
	timer_stop(edit->look);
	edit_part(edit);
	console_destroy(edit->console);
	replica_destroy(edit->replica);
	recovery_left_fini(&edit->left);
	timer_destroy(edit->look);
	workspace_fini(&edit->file);
	workspace_fini(&edit->next);
	workspace_fini(&edit->was);
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
	loop_drain(edit->loop, busy, edit, DRAIN_MS);
	recovery_close(edit->recovery);
	edit->recovery = NULL;
}

void edit_settled(struct edit *edit, const struct text *text)
{
	if (edit->recovery)
		recovery_base(edit->recovery, text);
}
