/*
 * walk.h: along a document's history from its first snapshot to its newest revision, with the text that its edits make.
 *
 *	walk_document(store, &document, fn, ctx)	-- fn(ctx, &document, WALK_MISSING, 15)
 *
 * What cannot be read or applied is told, and the walk goes on from the next snapshot behind it: so one fault hides no other.
 */
#ifndef SERVER_WALK_H
#define SERVER_WALK_H

#include <stdint.h>

#include "src/server/store.h"

enum walk_fault {
	WALK_NO_SNAPSHOT,      /* that can be read */
	WALK_SNAPSHOT_DAMAGED,
	WALK_SNAPSHOT_DIFFERS, /* from what the edits before it make */
	WALK_MISSING,          /* a revision, or it cannot be read */
	WALK_UNFIT,            /* its edit runs past the text before it */
	WALK_SAVED_DIFFERS,    /* the file was saved at this revision, with another text */
};

typedef void walk_fn(void *ctx, const struct store_document *document, enum walk_fault fault, uint64_t rev);

void walk_document(struct store *store, const struct store_document *document, walk_fn *fn, void *ctx);

#endif
