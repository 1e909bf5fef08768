/*
 * recovery.h: what was edited in a file and not saved, on disk, so that a killed editor loses nothing.
 *
 *	recovery = recovery_open("/home/ada/main.c", loop, &why)
 *	if (recovery_left(recovery, &left)) ...		-- what an editor that was killed left: offer it
 *	recovery_base(recovery, text)			-- the text and the file are the same now
 *	recovery_edited(recovery, replica)		-- they are not: soon it is written down
 *	recovery_moved(recovery, hash)			-- typed on while an earlier text was saved
 *
 * One file an editor in the state directory's folder `unsaved` (0600, in 0700), named after the edited file's path and locked while
 * its editor lives. A text of at most RECOVERY_TEXT_BYTES is kept whole, so it is there whatever became of its file; of a longer one
 * the edits are kept, and the hash of the text that they belong to. What does not prove right is never offered.
 *
 * Written by a worker thread, RECOVERY_MS after an edit and then as often while there are more: to a file beside, flushed to disk, renamed.
 */
#ifndef SRC_RECOVERY_H
#define SRC_RECOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "net/loop.h"
#include "ot/replica.h"
#include "ot/text.h"

#define RECOVERY_MS         500
#define RECOVERY_SLOTS      16                 /* editors of one file that keep something */
#define RECOVERY_TEXT_BYTES ((size_t)1 << 20)
#define RECOVERY_MAX_BYTES  ((size_t)512 << 20) /* of a file that is read */

struct recovery;

struct recovery_left {
	struct text *text; /* the whole of it; NULL: op, on a text of this hash */
	struct op op;
	uint64_t hash;
	time_t when;
};

struct recovery *recovery_open(const char *path, struct loop *loop, char **why); /* NULL: *why (owned) is a sentence */
bool recovery_busy(const struct recovery *recovery); /* a thread writes */
/*
 * Writes what waits; removes the file if nothing is unsaved; NULL is fine. While a thread writes, all that is done behind it, by the loop:
 * at loop_destroy() at the latest.
 */
void recovery_close(struct recovery *recovery);

bool recovery_left(struct recovery *recovery, struct recovery_left *out);
void recovery_left_fini(struct recovery_left *left);
void recovery_leave(struct recovery *recovery); /* what was left stays for another time; ours goes to another file */

void recovery_base(struct recovery *recovery, const struct text *text);
void recovery_moved(struct recovery *recovery, uint64_t hash); /* what is unsaved is so on another text now, of this hash */
void recovery_edited(struct recovery *recovery, struct replica *borrows); /* until the next call, or recovery_close */
/* Why the last write failed, once; NULL: it did not, or it was told. Owned. */
char *recovery_failed(struct recovery *recovery);

#endif
