/*
 * extent.h: the stretch of a text that an op changes, from its first change to its last: for what is remembered of other stretches.
 *
 * Units: code points, of the text before the op.
 */
#ifndef TUI_EXTENT_H
#define TUI_EXTENT_H

#include <stddef.h>

#include "ot/op.h"

struct extent {
	size_t first, end; /* SIZE_MAX, 0: nothing is changed */
	ptrdiff_t growth;
};

struct extent extent_of(const struct op *op);

#endif
