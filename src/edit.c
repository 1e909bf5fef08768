#include "src/edit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ot/diff.h"
#include "ot/mem.h"
#include "src/charset.h"
#include "src/recovery.h"
#include "src/report.h"
#include "src/server/workspace.h"
#include "src/style.h"

#define DISK     0 /* the user of edits that came from the file; ours stand behind in a tie */
#define SELF     1
#define DRAIN_MS 5000
#define LOOK_MS  2000 /* how often the file is looked at for others' changes */

/* What was asked, and so what the letter that answers it means. */
enum question { ASKED_NOTHING, ASKED_QUIT, ASKED_CHANGED, ASKED_LEFT };

struct edit {
	struct loop *loop;
	struct console *console;
	struct editor *editor; /* the console's */
	struct workspace_file file;
	struct replica *replica;
	struct recovery *recovery; /* NULL: there is no place for it */
	bool kept;                 /* it was looked for one */
	struct recovery_left left;
	enum question asked;
	struct style style;
	bool read_only;
	uint64_t changes;   /* seen */
	bool saving, again; /* a save is under way; what came after it is to be saved too */
	bool ends;          /* with the save */
	uint64_t saved_seq; /* the newest own edit that it writes */
	uint64_t acked_seq; /* that is in the file */
	bool warned;        /* of a change on disk that waits for the next save */
	struct timer *look;
	enum edit_outcome outcome;
};

static void end(struct edit *edit, enum edit_outcome outcome)
{
	edit->outcome = outcome;
	loop_stop(edit->loop);
}

static void say(struct edit *edit, const char *text)
{
	editor_notice(edit->editor, loop_now_ms(edit->loop), text);
}

static bool unsaved(const struct edit *edit)
{
	return replica_unacked(edit->replica) > 0;
}

static const struct text *text_of(const struct edit *edit)
{
	return replica_text(edit->replica);
}

/* ---- the file's text is the replica's newest revision ---- */

/* All edits are on their way to the disk. */
static void send_all(struct edit *edit)
{
	const struct op *op;
	uint64_t rev, seq;

	while (replica_send(edit->replica, &rev, &seq, &op))
		;
	edit->saved_seq = replica_seq(edit->replica);
}

static void acknowledge(struct edit *edit)
{
	while (edit->acked_seq < edit->saved_seq)
		replica_ack(edit->replica, replica_rev(edit->replica) + 1, ++edit->acked_seq);
	if (edit->recovery && !unsaved(edit))
		recovery_base(edit->recovery, text_of(edit));
	editor_saved(edit->editor, replica_rev(edit->replica));
}

static void show_file(struct edit *edit)
{
	const struct workspace_file *file = &edit->file;
	const char *charset = file->charset == CHARSET_UTF8 ? NULL : charset_name(file->charset);

	editor_file(edit->editor, &(struct editor_file){charset, file->mixed, file->bom});
}

static void show_document(struct edit *edit)
{
	const char *slash = strrchr(edit->file.path, '/');
	struct editor_document document = {.path = slash ? slash + 1 : edit->file.path,
		.read_only = edit->read_only,
		.crlf = edit->file.crlf};

	editor_open(edit->editor, edit->replica, &document);
	edit->style = style_of(edit->file.path);
	editor_style(edit->editor, &edit->style.indent);
	show_file(edit);
}

/* ---- saving ---- */

static void saved(void *ctx, const char *why);

static void save_now(struct edit *edit)
{
	struct op tidy = style_tidy(&edit->style, text_of(edit));

	editor_edit(edit->editor, &tidy);
	edit->saving = true;
	send_all(edit);
	workspace_save(&edit->file, edit->loop, text_of(edit), saved, edit);
}

static void saved(void *ctx, const char *why)
{
	struct edit *edit = ctx;
	bool more = edit->again, ends = edit->ends;

	edit->saving = edit->again = edit->warned = false;
	if (why) {
		edit->ends = false;
		say(edit, why);
		return;
	}
	acknowledge(edit);
	if (unsaved(edit) && (more || ends))
		save_now(edit);
	else if (ends)
		end(edit, EDIT_ENDED);
}

static bool gone(const struct edit *edit)
{
	return access(edit->file.path, F_OK) && errno == ENOENT;
}

static void ask(struct edit *edit, enum question about, const char *question, const char *letters)
{
	edit->asked = about;
	editor_ask(edit->editor, question, letters);
}

static void save(struct edit *edit)
{
	if (edit->read_only)
		say(edit, "This file is read-only: it cannot be saved.");
	else if (edit->saving)
		edit->again = true;
	else if (workspace_changed(&edit->file) && !gone(edit))
		ask(edit, ASKED_CHANGED,
			"Another program changed it. m: merge  o: overwrite  r: reload, dropping yours",
			"mor");
	else
		save_now(edit);
}

/* ---- the file has another text ---- */

/* What is not saved is carried over to it. */
static bool take_disk(struct edit *edit)
{
	struct text *disk;
	struct op shown;
	char *why;

	if (!workspace_read_again(&edit->file, &disk, &why)) {
		say(edit, why);
		free(why);
		return false;
	}
	replica_restart(edit->replica, disk, replica_rev(edit->replica) + 1, SELF, &shown);
	edit->saved_seq = edit->acked_seq = replica_seq(edit->replica);
	editor_remote(edit->editor, DISK, &shown);
	op_fini(&shown);
	editor_saved(edit->editor, replica_rev(edit->replica));
	show_file(edit);
	return true;
}

static void merge(struct edit *edit)
{
	if (take_disk(edit))
		save_now(edit);
}

static void reload(struct edit *edit)
{
	send_all(edit);
	acknowledge(edit);
	take_disk(edit);
	acknowledge(edit);
}

static void look(void *ctx)
{
	struct edit *edit = ctx;

	if (edit->saving || edit->warned || !edit->replica || !edit->file.exists ||
		!workspace_changed(&edit->file))
		return;
	edit->warned = true;
	if (gone(edit))
		say(edit, "This file was deleted by another program. Saving makes it anew.");
	else if (unsaved(edit))
		say(edit, "Another program has changed this file: saving will ask.");
	else if (take_disk(edit)) {
		say(edit, "Another program has changed this file: this is what it holds now.");
		edit->warned = false;
		acknowledge(edit);
	}
}

/* ---- leaving ---- */

static void quit(struct edit *edit)
{
	if (!unsaved(edit))
		end(edit, EDIT_ENDED);
	else
		ask(edit, ASKED_QUIT, "Not saved. y: save and leave  n: leave without  Esc: stay",
			"yn");
}

static void give_up(struct edit *edit)
{
	if (edit->recovery)
		recovery_base(edit->recovery, text_of(edit));
	edit->changes = UINT64_MAX; /* nothing more is written down */
	end(edit, EDIT_ENDED);
}

static void share(struct edit *edit)
{
	if (edit->file.charset != CHARSET_UTF8)
		say(edit, "Only UTF-8 can be shared: let this file become UTF-8 first (to-utf8).");
	else if (edit->saving)
		say(edit, "This file is being saved just now: once more, please.");
	else
		end(edit, EDIT_SHARE);
}

static void to_utf8(struct edit *edit)
{
	edit->file.charset = CHARSET_UTF8;
	show_file(edit);
	say(edit, "The next save writes UTF-8.");
}

/* ---- what a killed editor left ---- */

static bool fits(const struct edit *edit)
{
	const struct recovery_left *left = &edit->left;

	return left->text || left->hash == text_hash(text_of(edit));
}

static void offer_left(struct edit *edit)
{
	char when[64], question[160];
	struct tm local;

	if (!edit->recovery || !recovery_left(edit->recovery, &edit->left)) {
		if (edit->recovery)
			recovery_base(edit->recovery, text_of(edit));
		return;
	}
	if (edit->left.text && text_equal(edit->left.text, text_of(edit))) {
		recovery_base(edit->recovery, text_of(edit)); /* saved after all */
		return;
	}
	if (!fits(edit)) {
		say(edit, "Unsaved edits are left, but of another state of this file: they are "
			  "kept.");
		recovery_leave(edit->recovery);
		recovery_base(edit->recovery, text_of(edit));
		return;
	}
	strftime(when, sizeof(when), "%a %H:%M", localtime_r(&edit->left.when, &local));
	snprintf(question, sizeof(question),
		"Unsaved edits of %s are left. y: take them up  n: drop them  Esc: later", when);
	ask(edit, ASKED_LEFT, question, "yn");
}

static void take_left(struct edit *edit)
{
	struct recovery_left *left = &edit->left;
	struct op op = left->text ? op_diff(text_of(edit), left->text) : op_copy(&left->op);

	editor_edit(edit->editor, &op);
}

static void answer_left(struct edit *edit, char letter)
{
	if (letter == 'y')
		take_left(edit);
	else if (letter == '\0')
		recovery_leave(edit->recovery);
	if (letter != 'y')
		recovery_base(edit->recovery, text_of(edit));
	recovery_left_fini(&edit->left);
}

/* ---- once a turn ---- */

static void answered(struct edit *edit, char letter)
{
	enum question asked = edit->asked;

	edit->asked = ASKED_NOTHING;
	if (asked == ASKED_LEFT)
		answer_left(edit, letter);
	else if (asked == ASKED_QUIT && letter == 'y') {
		edit->ends = true;
		save(edit);
	} else if (asked == ASKED_QUIT && letter == 'n')
		give_up(edit);
	else if (asked == ASKED_CHANGED && letter == 'm')
		merge(edit);
	else if (asked == ASKED_CHANGED && letter == 'o')
		save_now(edit);
	else if (asked == ASKED_CHANGED && letter == 'r')
		reload(edit);
	else
		edit->ends = false;
}

static void obey(struct edit *edit, unsigned wants)
{
	char letter;

	if (editor_answer(edit->editor, &letter))
		answered(edit, letter);
	if (wants & EDITOR_WANT_SUSPEND)
		console_suspend(edit->console);
	if (wants & EDITOR_WANT_CONFIG)
		console_configure(edit->console);
	if (wants & EDITOR_WANT_UTF8)
		to_utf8(edit);
	if (wants & EDITOR_WANT_SAVE)
		save(edit);
	if (wants & EDITOR_WANT_SHARE)
		share(edit);
	if (wants & EDITOR_WANT_QUIT)
		quit(edit);
}

static void note_changes(struct edit *edit)
{
	char *failed;

	if (edit->changes >= editor_changes(edit->editor))
		return;
	edit->changes = editor_changes(edit->editor);
	if (!unsaved(edit)) /* undone: what is in the file is here again */
		acknowledge(edit);
	else if (edit->recovery)
		recovery_edited(edit->recovery, edit->replica);
	failed = edit->recovery ? recovery_failed(edit->recovery) : NULL;
	if (failed)
		say(edit, failed);
	free(failed);
}

/* After the first drawing: a person looks at the text meanwhile. */
static void keep_unsaved(struct edit *edit)
{
	char *unkept = NULL;

	edit->kept = true;
	edit->recovery = recovery_open(edit->file.path, edit->loop, &unkept);
	if (unkept)
		say(edit, unkept);
	free(unkept);
	offer_left(edit);
	loop_again(edit->loop);
}

static void on_turn(void *ctx)
{
	struct edit *edit = ctx;
	const struct sel *sels;

	if (edit->outcome != EDIT_GOES_ON)
		return;
	obey(edit, editor_wants(edit->editor));
	note_changes(edit);
	editor_take_sels(edit->editor, &sels); /* nobody else to tell */
	console_draw(edit->console, 0);
	if (!edit->kept)
		keep_unsaved(edit);
}

/* ---- for its owner ---- */

static void on_gone(void *ctx)
{
	end(ctx, EDIT_ENDED);
}

static void on_signal(void *ctx, int signum)
{
	struct edit *edit = ctx;

	(void)signum;
	if (edit->outcome == EDIT_GOES_ON)
		end(edit, EDIT_ENDED);
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
	edit->loop = loop;
	edit->read_only = !may_write(&edit->file);
	edit->replica = replica_create(text, 0, SELF);
	replica_set_window(edit->replica, SIZE_MAX);
	edit->look = timer_make(loop, look, edit);
	return edit;
}

bool edit_start(struct edit *edit, char **why)
{
	struct editor_status status = {.link = EDITOR_ALONE};
	const char *refused;

	edit->console = console_create(edit->loop, on_gone, edit);
	edit->editor = console_editor(edit->console);
	if (!console_open(edit->console, &refused)) {
		*why = report_sentence("%s", refused);
		return false;
	}
	show_document(edit);
	editor_status(edit->editor, &status);
	loop_on_turn(edit->loop, on_turn, edit);
	loop_on_signal(edit->loop, SIGTERM, on_signal, edit);
	loop_on_signal(edit->loop, SIGHUP, on_signal, edit);
	loop_on_signal(edit->loop, SIGINT, on_signal, edit);
	timer_set(edit->look, LOOK_MS, LOOK_MS);
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
	free(edit);
}

enum edit_outcome edit_outcome(const struct edit *edit)
{
	return edit->outcome;
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
	loop_off_turn(edit->loop, on_turn, edit);
	timer_stop(edit->look);
	*console = edit->console;
	*replica = edit->replica;
	edit->console = NULL;
	edit->replica = NULL;
}

void edit_share_failed(struct edit *edit, const char *why)
{
	say(edit, why);
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
