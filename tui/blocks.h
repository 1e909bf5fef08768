/*
 * blocks.h: the lines in which there is a caret or part of a selection, and one op that goes over them from top to bottom.
 *
 *	static void drop(struct pen *pen, struct block block, const void *arg)
 *	{
 *		pen_to(pen, text_line_start(pen->text, block.first));
 *		pen_delete(pen, ...);
 *	}
 *	blocks_edit(ed, drop, NULL);
 *
 * Lines next to each other are one block. A selection that ends at a line's start does not reach into that line.
 *
 * Units:  lines from 0; what a pen is told is of the text as it was before.
 */
#ifndef TUI_BLOCKS_H
#define TUI_BLOCKS_H

#include <stddef.h>

#include "ot/anchor.h"
#include "ot/buf.h"
#include "ot/op.h"
#include "ot/text.h"
#include "tui/editor.h"

struct block {
	size_t first, last;
};

struct blocks {
	struct block *at; /* in order, owned */
	size_t count;     /* 1 at least */
};

struct block block_of(const struct text *t, struct sel sel);
struct blocks blocks_of(const struct editor *ed); /* of all selections */
void blocks_fini(struct blocks *blocks);

struct pen {
	const struct text *text;
	struct op op;
	size_t pos; /* as far as the op goes */
};

void pen_to(struct pen *pen, size_t pos); /* not back */
void pen_delete(struct pen *pen, size_t points);
void pen_insert(struct pen *pen, const struct buf *text);

typedef void block_fn(struct pen *pen, struct block block, const void *arg);
typedef void line_fn(struct pen *pen, size_t line, const void *arg);

/* What fn does to each of them, as one step to undo. */
void blocks_edit(struct editor *ed, block_fn *fn, const void *arg);
void blocks_edit_lines(struct editor *ed, line_fn *fn, const void *arg);

#endif
