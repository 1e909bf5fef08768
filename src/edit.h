/*
 * edit.h: a file under one person's hands: read, edited, saved; no server.
 *
 *	edit = edit_open(loop, "main.c", &why)
 *	if (edit_start(edit, &why)) loop_run(loop)	-- until edit_outcome() is something
 *	edit_close(edit)
 *
 * The text is a replica as in a room, with the disk for a server: what the file holds is its newest revision, and what is not saved are
 * its unacknowledged edits. So a change of the file by another program is merged like anybody's edit, and a file that is shared
 * goes on as it is, with its undo and its carets: edit_share() gives replica and console to the room.
 *
 * Of several files (desk.h) one is on the screen: edit_leave() and edit_enter() hand the console on.
 */
#ifndef SRC_EDIT_H
#define SRC_EDIT_H

#include <stdbool.h>

#include "net/loop.h"
#include "ot/replica.h"
#include "src/client/console.h"

struct edit;

enum edit_outcome { EDIT_GOES_ON, EDIT_ENDED, EDIT_SHARE, EDIT_OPEN /* another file is wanted: edit_wish */ };

/*
 * path NULL: an empty text, that is asked for a name when it is saved; PIPED (piped.h): the same with what comes in. NULL: *why (owned)
 * is a sentence.
 */
struct edit *edit_open(struct loop *loop, const char *path, char **why);
void edit_close(struct edit *edit); /* what is not saved is written down for recovery, unless it was given up */
bool edit_start(struct edit *edit, char **why); /* takes the terminal */
enum edit_outcome edit_outcome(const struct edit *edit); /* why the loop was stopped */

void edit_call(struct edit *edit, const char *name); /* the name that is shown, not the file's last part */
const char *edit_shown(const struct edit *edit);
bool edit_is_unsaved(const struct edit *edit);
void edit_quit(struct edit *edit); /* as ^Q does: asks, if something is unsaved */

/* What is wanted: a name of the list of files, or as it was typed. Borrows until edit_enter or edit_stay. */
const struct editor_going *edit_wish(const struct edit *edit);
void edit_stay(struct edit *edit, const char *why); /* it came to nothing */
struct console *edit_leave(struct edit *edit);
void edit_enter(struct edit *edit, struct console *takes);

struct editor *edit_editor(struct edit *edit); /* of who is on the screen, or was last */
const char *edit_path(const struct edit *edit); /* absolute; its folder's, with a '/' behind, while it has no name */
/* A room goes on with them: the console and the replica are not edit's any more. */
void edit_share(struct edit *edit, struct console **console, struct replica **replica);
/* It could not be shared: go on alone. */
void edit_share_failed(struct edit *edit, const char *why);
/* Before the room gives up the replica: what it has not acknowledged is written down. */
void edit_part(struct edit *edit);
/* The room has everything: there is nothing to recover. */
void edit_settled(struct edit *edit, const struct text *text);

#endif
