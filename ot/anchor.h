/*
 * anchor.h: positions that move with the text.
 *
 * A selection is an anchor, where it began, and a head, where the caret is; equal ones are a plain caret. Everybody shifts
 * the selections they know by every edit they apply. An insertion exactly at a caret moves it if its author's user id is not
 * above the caret owner's, and leaves it otherwise: together with op.h's tie rule this keeps each person's letters together.
 */
#ifndef OT_ANCHOR_H
#define OT_ANCHOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/op.h"

struct sel {
	size_t anchor, head;
};

/* sel after an edit by `author`; `owner` is whose selection it is. */
void anchor_shift(struct sel *sel, const struct op *op, uint64_t author, uint64_t owner);

size_t anchor_start(struct sel sel); /* the lesser end */
size_t anchor_end(struct sel sel);

#endif
