/*
 * mirror.h: keeps the file on disk and the text in the room the same.
 *
 * The text is written a second after the last edit, at the latest ten after the first, and whenever somebody saves. Only what is
 * in the store is written: the file is never ahead of the history, so after a crash it is some revision of it, and
 * mirror_start finds out which.
 *
 * What another program writes into the file is merged as an edit by user 0, the disk. Three texts meet there: `seen`, what the file
 * held when we last knew it; what it holds now; and the room's, which is `seen` with the edits `since`. The difference of the
 * first two (diff.h) is transformed past `since`, and `since` past the difference; then what the file holds now is what we have seen.
 *
 * A file that is gone says nothing about the text: it is made anew by the next save. One that cannot be read, or is not text, is neither
 * merged nor saved to until it can be.
 *
 * Errors go to the log and, as a notice, to everyone in the room: once, until the reason changes.
 */
#ifndef SERVER_MIRROR_H
#define SERVER_MIRROR_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"
#include "src/server/room.h"
#include "src/server/store.h"
#include "src/server/workspace.h"

#define MIRROR_SAVE_MS 1000 /* after the last edit */
#define MIRROR_LATEST_MS                                                                           \
	10000                /* after the first that is not in the file, however busy people are */
#define MIRROR_RETRY_MS 5000 /* after a save that failed */

/* Of one edit that carries what was changed outside: a larger change comes as several. */
#define MIRROR_EDIT_PARTS ((size_t)64 << 10)
#define MIRROR_EDIT_BYTES ((size_t)1 << 20)

struct mirror;

/*
 * Borrows all but the file's inside, which it takes. `disk` (taken) is what the file holds now, saved_rev the revision that it held when
 * that was last recorded: what was written to it since, by us or by others, is found out and merged.
 */
struct mirror *mirror_start(struct loop *loop, struct store *store, struct room *room,
	struct doc *doc, struct workspace_file *takes, struct text *disk, uint64_t saved_rev,
	bool autosave);
void mirror_destroy(struct mirror *mirror);

void mirror_edited(struct mirror *mirror); /* the text has a new revision */
void mirror_save(struct mirror *mirror);   /* somebody asks for it */
/* End of a turn: the store's batches, as for sessions_flush. */
void mirror_turn(struct mirror *mirror, uint64_t batch, uint64_t stored);
void mirror_tick(struct mirror *mirror); /* about once a second: has somebody else written the file? */

const char *mirror_path(const struct mirror *mirror); /* of the file */
uint64_t mirror_saved_rev(const struct mirror *mirror); /* history before it is not needed for the file */
bool mirror_busy(const struct mirror *mirror); /* a save is wanted or under way */
bool mirror_settled(const struct mirror *mirror); /* nothing is left to be written: it may be destroyed, and started again later */
void mirror_finish(struct mirror *mirror);     /* the end is near: save now what autosave would */
void mirror_wait(struct mirror *mirror); /* until no thread writes: before store and mirror may go */
/* After the store is closed: write what is still missing, at once. NULL: all is in the file; else a sentence (owned). */
char *mirror_finish_now(struct mirror *mirror);

#endif
