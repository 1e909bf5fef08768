/*
 * whereabouts.h: where a server listens, and what its join URLs name: noted by it, for the commands beside it.
 *
 *	whereabouts_note(invites, "quiet-otter", &where, &why)	-- or INVITES_ROOMS, of a folder of rooms
 *	if (whereabouts_find(invites, "quiet-otter", &where)) ...
 *
 * Behind a load balancer or a port that is forwarded, others reach a server under another name; and where TLS ends before it, under a
 * key that is not its own: then there is no pin in the URLs, and a certificate authority vouches.
 */
#ifndef SERVER_WHEREABOUTS_H
#define SERVER_WHEREABOUTS_H

#include <stdbool.h>

#include "src/server/address.h"
#include "src/server/invites.h"

struct whereabouts {
	char address[ADDRESS_BYTES]; /* it listens on, numeric */
	unsigned port;               /* 0: not known */
	char host[ADDRESS_BYTES];    /* that URLs name; empty: an address of this machine that others reach */
	unsigned host_port;          /* and the port; 0: the one it listens on */
	bool no_pin;
};

bool whereabouts_note(struct invites *invites, const char *key, const struct whereabouts *where, char **why);
/* false: nothing is noted, and *out is empty. */
bool whereabouts_find(struct invites *invites, const char *key, struct whereabouts *out);
/* HOST, HOST:PORT or [HOST]:PORT: NULL, or what is wrong, a clause in static memory. Port 0: none was named. */
const char *whereabouts_parse(const char *text, char host[ADDRESS_BYTES], unsigned *port);
/* What a URL is to name. */
void whereabouts_public(const struct whereabouts *where, char host[ADDRESS_BYTES], unsigned *port);

#endif
