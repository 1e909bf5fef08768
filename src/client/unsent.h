/*
 * unsent.h: a remote's edits that the server has not acknowledged: written down (journal.h), and taken up again.
 *
 * They are written down in the turn in which they are made: before they are drawn, so nobody who was killed misses what they saw;
 * and before they are sent, with the number that they are sent under, so the server can tell whether it has them. Only when they
 * are many, some wait: UNSENT_LARGE_BYTES and more are written every UNSENT_KEEP_MS at most, and what is new is sent after that.
 */
#ifndef CLIENT_UNSENT_H
#define CLIENT_UNSENT_H

#include "src/client/remote_state.h"

#define UNSENT_KEEP_MS     200
#define UNSENT_LARGE_BYTES ((size_t)64 << 10)

bool unsent_may_send(const struct remote *remote); /* would it be written down in this turn? */
void unsent_keep(struct remote *remote);           /* once a turn, after edits were said and before they leave */
void unsent_keep_now(struct remote *remote);       /* what there is, however much */
void unsent_keep_again(void *remote);              /* a loop_fn: UNSENT_KEEP_MS are over */

#endif
