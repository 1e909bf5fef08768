/*
 * clip.h: copy, cut and paste, at every caret, with the newest CLIP_RING copies kept.
 *
 * Without a selection the line is meant; pasted again it stands before the caret's line. Lines cut by one cut-line right after
 * another are one copy. What was copied from several carets is pasted piece by piece at as many. Copies also go to the terminal's
 * clipboard (OSC 52), and are never asked back from there.
 */
#ifndef TUI_CLIP_H
#define TUI_CLIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "tui/editor.h"

#define CLIP_RING 32

struct clip {
	struct buf text;
	size_t *pieces; /* where each but the first begins: behind the line end that parts them */
	size_t count;   /* of pieces; 0: one */
	bool line;      /* whole lines */
};

struct clips {
	struct clip ring[CLIP_RING];
	size_t newest, count;
	size_t back;      /* which was pasted last, counted from the newest */
	uint64_t changes; /* of the document, after that paste; 0: nothing came of it */
};

void clips_fini(struct clips *clips);
const struct clip *clip_newest(const struct editor *ed); /* NULL: nothing was copied */

void clip_put(struct editor *ed, const char *text, size_t bytes, uint64_t now_ms); /* not from the text: a link */
void clip_copy(struct editor *ed, uint64_t now_ms);
void clip_cut(struct editor *ed, uint64_t now_ms);
void clip_cut_line(struct editor *ed, uint64_t now_ms);
void clip_paste(struct editor *ed, uint64_t now_ms);
void clip_paste_older(struct editor *ed, uint64_t now_ms); /* what was copied before, in place of what was just pasted */

#endif
