/*
 * outbox.h: what one connection is still to be sent, in order, and from when on it may be.
 *
 * A message is held until the batch of edits that was newest when it was written is on stable storage: that is what
 * "durable before visible" means here. Binary messages that may leave go together in one frame, JSON ones in a frame each.
 */
#ifndef SERVER_OUTBOX_H
#define SERVER_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/codec.h"
#include "net/stock.h"
#include "ot/buf.h"

#define OUTBOX_FRAME_BYTES                                                                         \
	((size_t)64                                                                                \
		<< 10) /* messages are gathered into a frame up to this; a longer one goes alone */

struct outbox_message {
	size_t end;     /* bytes up to the end of this message */
	uint64_t batch; /* may leave once this one is stored */
};

struct outbox {
	struct stock *stock; /* of its memory, borrowed; NULL: none */
	struct buf bytes;
	struct buf messages; /* struct outbox_message each */
	size_t count;
	size_t sent; /* bytes at the front that have left */
	size_t next; /* the first message that has not */
	size_t unmarked;
};

void outbox_fini(struct outbox *box); /* it is empty then, and its memory in the stock */
void outbox_add(struct outbox *box, const void *bytes, size_t len);
/* End of the turn: everything added since the last mark waits for this batch. */
void outbox_mark(struct outbox *box, uint64_t batch);
/* The next frame that may leave when all up to `stored` is: borrowed until the next call. NULL: none now. */
const char *outbox_frame(struct outbox *box, enum codec codec, uint64_t stored, size_t *len);
bool outbox_waits(const struct outbox *box, uint64_t stored); /* what is next waits to be stored, not to be sent */
size_t outbox_bytes(const struct outbox *box); /* not yet given out */

#endif
