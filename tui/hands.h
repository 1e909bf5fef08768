/*
 * hands.h: what keys do at every caret at once.
 *
 *	hands_move(ed, left)			-- each caret goes to left(ed, its selection)
 *	hands_change(ed, take_back, DOCUMENT_BACKSPACE, now)
 *
 * With Shift (ed->extend) a motion leaves the selection's other end where it is.
 */
#ifndef TUI_HANDS_H
#define TUI_HANDS_H

#include <stdint.h>

#include "ot/buf.h"
#include "tui/document.h"
#include "tui/editor.h"

/* Where the caret of this selection goes. */
typedef size_t hands_motion(struct editor *ed, struct sel sel);
void hands_move(struct editor *ed, hands_motion *motion);

/* What becomes of this selection, the nth of all: the stretch that is replaced; what it is replaced with is added to text. */
typedef struct sel hands_edit(struct editor *ed, struct sel sel, size_t n, struct buf *text);
/* One op, one step to undo. The carets stand behind what was written. Nothing where nothing would change. */
void hands_change(
	struct editor *ed, hands_edit *edit, enum document_kind kind, uint64_t now_ms);

size_t hands_count(const struct editor *ed); /* of carets */

#endif
