/*
 * refusal.h: why a server could not be joined, in words: what, and what to do about it.
 */
#ifndef CLIENT_REFUSAL_H
#define CLIENT_REFUSAL_H

#include "net/url.h"
#include "net/ws_client.h"

/* How the first connection ended: as ws_client_handler.closed tells it, and the server's last `error`, or "". Owned. */
char *refusal_sentence(const struct url *url, enum ws_end end, unsigned code, const char *reason,
	const char *error);

/* NULL when a connection that ended like this is worth trying again; else what to tell somebody who had the text already. Owned. */
char *refusal_for_good(enum ws_end end, unsigned code, const char *reason);

#endif
