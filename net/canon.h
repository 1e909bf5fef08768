/*
 * canon.h: an op from outside, component by component, taken only in the canonical form of the protocol.
 *
 *	struct canon canon = {.op = &op};
 *	err = canon_add(&canon, OP_RETAIN, 5, NULL);
 *	err = canon_end(&canon);
 *
 * op.h's builders would quietly mend what a sender got wrong, and two ends could then disagree about what was sent; so here
 * it is refused: ERR_FORM for an empty component, two neighbours of one kind, an insert behind a delete, a retain at the
 * end; ERR_LIMIT beyond OP_MAX_POINTS; ERR_UTF8. After an error the op holds the part before it, for the caller to finish.
 */
#ifndef NET_CANON_H
#define NET_CANON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/err.h"
#include "ot/op.h"

struct canon {
	struct op *op;
	size_t base; /* code points retained and deleted so far */
	enum op_kind last;
	bool begun;
};

/* n counts code points, of an insert the bytes at text. */
enum err canon_add(struct canon *canon, enum op_kind kind, uint64_t n, const char *text);
enum err canon_end(const struct canon *canon);

#endif
