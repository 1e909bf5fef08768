/*
 * spool.h: what is drawn with curses, taken frame by frame: curses writes to a file, which is one in memory.
 *
 *	FILE *out = spool_open(&spool);
 *	newterm(NULL, out, in); ... refresh();
 *	const struct buf *frame = spool_take(&spool);
 *
 * Memory: spool_fini() gives all back, and closes the file. {0} is fine, too.
 */
#ifndef TUI_SPOOL_H
#define TUI_SPOOL_H

#include <stdio.h>
#include <sys/types.h>

#include "ot/buf.h"

struct spool {
	FILE *out;
	off_t taken; /* bytes of it that were */
	struct buf frame;
};

FILE *spool_open(struct spool *spool); /* NULL: out of descriptors */
const struct buf *spool_take(struct spool *spool); /* what was written since the last call; borrows until the next */
void spool_fini(struct spool *spool);

#endif
