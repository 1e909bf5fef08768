/*
 * link.h: the connection of a remote to its server: made, lost, and made again.
 *
 *	link_make(remote)
 *	remote_connect(remote)		-- through the tunnel, if there is one; then `hello` leaves
 *	remote_receive(remote, ...)	-- each frame
 *	link_fini(remote)
 *
 * Before there is a text a lost connection is the end, told in one sentence. Later it is offline: tried again and again (backoff.h), or
 * as the server said, until it is refused for good.
 */
#ifndef CLIENT_LINK_H
#define CLIENT_LINK_H

#include "src/client/remote_state.h"

void link_make(struct remote *remote); /* its loop, url and handler are set */
void link_fini(struct remote *remote);

#endif
