/*
 * aside.h: documents that were left, with their carets and their undo, for when one comes back.
 *
 *	aside_swap(&aside, &doc, "b.c")		-- doc is put there under its path; doc is b.c's now, or an empty one
 *
 * Memory:  owns what lies there; a document still borrows its replica, whose owner says aside_drop() before it goes.
 */
#ifndef TUI_ASIDE_H
#define TUI_ASIDE_H

#include <stddef.h>

#include "tui/document.h"

struct aside {
	struct document *at;
	size_t count, cap;
};

void aside_swap(struct aside *aside, struct document *doc, const char *path);
void aside_drop(struct aside *aside, const char *path); /* fine when it is not there */
void aside_fini(struct aside *aside);

#endif
