/*
 * history.h: all that was ever done to a document, small enough to keep.
 *
 *	struct history h = {0};
 *	history_add(&h, &op);			-- each stands on the text that the ones before give
 *	history_save(&h, &out);			-- bytes; compressing them is the caller's
 *	history_replay(bytes, len, text);	-- does it all to a text, the one it began with
 *	history_fini(&h);
 *
 * People type and delete in runs, and go on near where they left off. So an edit that continues the one before lengthens its
 * run, and a run is two small numbers: how much of what, and how far from the end of the last run. Replayed, a run is done at
 * once: the texts between its keystrokes are not seen again, all else is.
 *
 * Shape:    uint bytes of runs, uint bytes of places, runs, places, inserted text. A run: uint points << 2 | kind (0 insertion,
 *           1 deletion, 2 deletion backwards). Its place: the code points from where the last run left the caret, zigzag. Numbers
 *           are LEB128.
 * Memory:   a history owns its bytes. A zeroed struct is an empty history.
 * Errors:   ERR_FORM for what history_save never wrote, ERR_UTF8, ERR_RANGE for another text, ERR_LIMIT. The text may then
 *           have some of it.
 */
#ifndef OT_HISTORY_H
#define OT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/buf.h"
#include "ot/err.h"
#include "ot/op.h"
#include "ot/text.h"

struct history {
	struct buf runs, places, text;
	size_t caret;       /* where the last finished run left off */
	size_t low, points; /* the run that may still grow: where it is, how long */
	bool deletes;
};

void history_fini(struct history *h);
void history_add(struct history *h, const struct op *op);
void history_save(
	struct history *h, struct buf *out); /* appends to out; more may be added afterwards */
enum err history_replay(const char *at, size_t bytes, struct text *text);

#endif
