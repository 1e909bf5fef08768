/*
 * backtrack.h: own edits that may be undone, in words, to choose how far back to go.
 *
 *	backtrack_name(ed, 2, name, sizeof(name))	-- "undo to before deleting \"total\", 3 min ago"
 *	backtrack_go(ed, 2, now_ms)			-- that edit is undone, and the two after it
 *
 * Others' edits stay, as they do with undo (ot/undo.h).
 */
#ifndef TUI_BACKTRACK_H
#define TUI_BACKTRACK_H

#include "tui/editor.h"

#define BACKTRACK_STEPS 50 /* the newest that are offered */

/* false: there are not so many, or nothing may be written here. */
bool backtrack_name(const struct editor *ed, size_t step, char *out, size_t cap);
void backtrack_go(struct editor *ed, size_t step, uint64_t now_ms);

#endif
