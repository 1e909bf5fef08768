/*
 * stretch.h: edits of one document that follow each other, as one row of the history.
 *
 * To write a row costs many times what an edit in it does, and the edits of a busy turn are many. So they share a row: the newest
 * stands in its columns, those before it in its bytes, the oldest first:
 *
 *	uint user, bytes name, uint session, uint seq, uint at, bytes op	-- uint: LEB128; bytes: uint count, then they
 *
 *	if (!stretch_takes(&s, &edit))
 *		... write it: s.newest and s.before, with the s.edits - 1 that are in it; then stretch_clear(&s)
 *	stretch_add(&s, &edit);
 *
 * Memory:  a stretch copies what it takes; a zeroed struct is an empty one.
 */
#ifndef SERVER_STRETCH_H
#define SERVER_STRETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "src/server/store.h"

#define STRETCH_BYTES    ((size_t)64 << 10) /* what has more takes no other */
#define STRETCH_SESSIONS 32
#define STRETCH_EDITS    1000

struct stretch_count { /* the newest edit of a session */
	uint64_t session, seq;
};

struct stretch {
	uint64_t edits;           /* 0: there is none */
	struct store_edit newest; /* without name and op: they are here */
	struct buf name, op, before;
	struct stretch_count counts[STRETCH_SESSIONS];
	size_t count; /* of counts */
};

/* Can it be the next one here? What is empty takes anything. */
bool stretch_takes(const struct stretch *stretch, const struct store_edit *edit);
void stretch_add(struct stretch *stretch, const struct store_edit *edit);
void stretch_clear(struct stretch *stretch); /* empty again; keeps its memory */
void stretch_fini(struct stretch *stretch);

/*
 * The first edit of what is left of a row's bytes; moves *at behind it. Its name is borrowed from them, its op is the caller's; doc
 * and rev are not in them. false: they are no edit, and there is nothing to finish.
 */
bool stretch_read(const char **at, const char *end, struct store_edit *out);

#endif
