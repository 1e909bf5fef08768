/*
 * unsent.h: a remote's edits that the server has not acknowledged: written down (journal.h), and taken up again.
 */
#ifndef CLIENT_UNSENT_H
#define CLIENT_UNSENT_H

#include "src/client/remote_state.h"

#define UNSENT_KEEP_MS 200 /* a killed client has written down what is older than this */

/* Soon after something is unacknowledged, and again as long as it is: at most every UNSENT_KEEP_MS, so seldom while all is well. */
void unsent_keep_soon(struct remote *remote);
void unsent_keep_now(void *remote); /* a loop_fn */

#endif
