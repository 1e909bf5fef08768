/*
 * way.h: which room `codecollab join` is to open, and how it is reached.
 *
 *	way_find(loop, &(struct way_options){.wanted = "ssh://ada@example.org/quiet-otter"}, &way, &why)
 *	join_start(loop, &(struct join_options){.url = way.url, .tunnel = way.tunnel, ...})
 *	way_fini(&way)
 *
 * A join URL, a URL of ssh, the name of a room on this machine, or nothing, when there is only one.
 */
#ifndef SRC_WAY_H
#define SRC_WAY_H

#include <stdbool.h>

#include "net/loop.h"
#include "net/url.h"
#include "src/client/tunnel.h"

struct way_options {
	char *wanted;              /* NULL: the only room here. Made unreadable for who lists processes */
	const char *fingerprint;   /* of a server whose URL names none; NULL */
	const char *dir;           /* of local sockets; NULL: everywhere */
	const char *ssh, *program; /* of tunnel_options */
};

struct way {
	struct url url;
	struct tunnel *tunnel; /* NULL: none is needed */
	char note[120];        /* what to show there first; "": nothing */
};

/* May ask whether to trust a key. false: *why (owned) is a sentence. */
bool way_find(struct loop *loop, const struct way_options *options, struct way *out, char **why);
void way_fini(struct way *way);

#endif
