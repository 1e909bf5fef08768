/*
 * backlog.h: what waits for one peer, and how much of it may.
 *
 *	if (backlog_add(&backlog, m->type, bytes, &limits)) ...		-- else it is not to be sent
 *	backlog_mark(&backlog, batch)					-- end of the turn (outbox.h)
 *	while ((frame = backlog_frame(&backlog, codec, stored, &len))) ...
 *	backlog_settle(&backlog)					-- then; true: nothing is left
 *
 * A peer that does not read costs at most limits.queue_bytes: from half of that on presence is dropped, and with all of it the backlog is
 * `full`, and whose it is has to go. Snapshots do not count, nor does what was missed during an absence, until all of that has left; but
 * who asks for more snapshots while BACKLOG_SNAPSHOT_BYTES wait, or lets BACKLOG_MISSED_BYTES wait, goes the same way. And while more than
 * limits.queues_bytes wait for all peers together, nobody gets a snapshot.
 *
 * Memory: as its outbox has it. `all` and the stock are borrowed.
 */
#ifndef SERVER_BACKLOG_H
#define SERVER_BACKLOG_H

#include "net/message.h"
#include "src/server/limits.h"
#include "src/server/outbox.h"

#define BACKLOG_SNAPSHOT_BYTES ((size_t)64 << 20)  /* waiting when one more snapshot may begin */
#define BACKLOG_MISSED_BYTES   ((size_t)256 << 20) /* waiting for one who resumed and has not caught up */

struct backlog {
	struct outbox outbox;
	size_t *all;      /* bytes that wait for any peer of the server; it keeps its own among them */
	size_t waiting;   /* these */
	size_t counted;   /* of them, but what has left of it is counted until all has */
	bool catching_up; /* what they missed is on its way: however much, until all of that has left */
	bool full;
};

void backlog_init(struct backlog *backlog, struct stock *stock, size_t *all);
void backlog_clear(struct backlog *backlog); /* nothing waits any more; also its end */
/* false: there is no room for it. Presence is only not sent; after anything else the backlog is full, and takes nothing. */
bool backlog_add(struct backlog *backlog, enum message_type type, const struct buf *bytes, const struct limits *limits);
void backlog_mark(struct backlog *backlog, uint64_t batch);
const char *backlog_frame(struct backlog *backlog, enum codec codec, uint64_t stored, size_t *len); /* see outbox_frame */
size_t backlog_bytes(const struct backlog *backlog); /* that wait, now */
bool backlog_is_held(const struct backlog *backlog, uint64_t stored); /* what is next waits to be stored, not to be sent */
bool backlog_settle(struct backlog *backlog);

#endif
