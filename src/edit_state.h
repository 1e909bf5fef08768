/*
 * edit_state.h: what an edit (edit.h) is made of, for its modules:
 *
 *	edit.c		what is shown, and the way of a turn
 *	edit_obey.c	what the person wants, and answers
 *	edit_disk.c	the file as the replica's newest revision: saving, and what others make of it
 *	edit_form.c	the form of its bytes: charset, line ends
 *	edit_keep.c	what is unsaved is written down meanwhile, for a killed editor
 *	edit_left.c	what a killed editor left
 *	edit_name.c	a name for it, or another
 */
#ifndef SRC_EDIT_STATE_H
#define SRC_EDIT_STATE_H

#include "src/edit.h"
#include "src/recovery.h"
#include "src/server/workspace.h"
#include "src/style.h"

#define EDIT_DISK 0 /* the user of edits that came from the file; ours stand behind in a tie */
#define EDIT_SELF 1

/* What was asked, and so what the letter that answers it means. */
enum question { ASKED_NOTHING, ASKED_QUIT, ASKED_CHANGED, ASKED_LEFT, ASKED_OVERWRITE };

struct edit {
	struct loop *loop;
	struct console *console; /* NULL: another file is shown there */
	struct editor *editor;   /* the console's */
	struct workspace_file file;
	struct workspace_file next; /* to be saved as that, if the person says so */
	struct workspace_file was;  /* it is being saved under another name: what it was */
	bool renaming, renamed;
	char *shown; /* the name that is shown */
	struct replica *replica;
	struct recovery *recovery; /* NULL: there is no place for it */
	bool kept;                 /* it was looked for one */
	struct recovery_left left;
	enum question asked;
	struct style style;
	struct op piped; /* not shown yet */
	bool read_only;
	uint64_t changes;   /* seen */
	bool saving, again; /* a save is under way; what came after it is to be saved too */
	bool ends;          /* with the save */
	uint64_t saved_seq; /* the newest own edit that it writes */
	uint64_t file_hash; /* of the text that the file holds, or will when it is saved; known once it was */
	uint64_t acked_seq; /* that is in the file */
	bool warned;        /* of a change on disk that waits for the next save */
	struct timer *look;
	struct editor_going wish;
	enum edit_outcome outcome;
};

void edit_say(struct edit *edit, const char *text);
void edit_ask(struct edit *edit, enum question about, const char *question, const char *letters);
void edit_end(struct edit *edit, enum edit_outcome outcome);
void edit_give_up(struct edit *edit); /* ends, and keeps nothing of what is unsaved */
const struct text *edit_text(const struct edit *edit);
void edit_list_files(struct edit *edit); /* those beside this one, but for hidden ones and folders */
void edit_renamed(struct edit *edit); /* edit->file is another: show it, and what it asks for */

/* ---- edit_obey.c ---- */

void obey_person(struct edit *edit); /* once a turn: what was wanted, answered or entered since the last */

/* ---- edit_form.c ---- */

void form_show(struct edit *edit); /* how its bytes differ from what is usual */
bool form_is_no_text(struct edit *edit); /* what a text may become it may not: that is said */
/* With the next save. */
void form_to_utf8(struct edit *edit);
void form_to_lf(struct edit *edit);
void form_to_crlf(struct edit *edit);

/* ---- edit_disk.c ---- */

bool disk_unsaved(const struct edit *edit);
/* Though there are edits: they came to nothing. Of a large file that is not found out. */
bool disk_holds_it(const struct edit *edit);
void disk_acknowledge(struct edit *edit); /* the file holds what is here */
void disk_keep_on(struct edit *edit); /* what is unsaved belongs to what the file holds now: it is to be written down so */
void disk_save(struct edit *edit);
void disk_save_now(struct edit *edit);
void disk_merge(struct edit *edit); /* what the file holds by now, and save */
void disk_reload(struct edit *edit);
void disk_end(struct edit *edit); /* waits for the save that is under way, however long */
void disk_look(void *edit); /* every now and then: has another program changed it? */

/* ---- edit_keep.c ---- */

/* Before the first key is taken: so all that is edited is kept as edits of the text that the file holds. */
void keep_begin(struct edit *edit);
void keep_changes(struct edit *edit); /* once a turn: those since the last are to be written down */
void keep_elsewhere(struct edit *edit); /* under the name that the file has now; when that can be, edit->renamed is over */
void keep_settled(struct edit *edit, const struct text *text); /* this is safe: what is unsaved is so on top of it */
void keep_end(struct edit *edit); /* once what is being written is, nothing more is kept */

/* ---- edit_name.c ---- */

/* Until it has a name a file's path is its folder's, with a '/' at the end. */
bool name_folder(struct workspace_file *file, char **why); /* such a one, where the program was started */
bool name_missing(const struct edit *edit);
/* To save under a name: the question for it, what was typed then ("" to leave it), and yes to the next question, of edit->next. */
void name_ask(struct edit *edit);
void name_typed(struct edit *edit, const char *path);
void name_take(struct edit *edit);
void name_settle(struct edit *edit, bool worked); /* it was saved under that name, or not */
void name_complete(struct edit *edit); /* Tab in that question */

/* ---- edit_left.c ---- */

void left_offer(struct edit *edit);
void left_answer(struct edit *edit, char letter);

#endif
