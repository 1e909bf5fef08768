/*
 * proxy.h: a bad network between clients and one server on 127.0.0.1, on the loop of a test.
 *
 *	proxy = proxy_create(loop, server_port, seed);
 *	... clients connect to proxy_port(proxy) ...
 *	proxy_calm(proxy);			-- from now on all bytes pass, and come
 *	proxy_cruel(proxy);
 *
 * What becomes of a link is drawn from the seed, the number of the link and how often it became cruel, and nothing else: how late its bytes are, whether
 * they come one at a time, and after how many bytes in which direction it meets which fate. Bytes are never reordered,
 * changed or left out in the middle: TCP would not.
 *
 * proxy_line() is another bad network: every byte comes late_ms late, and each direction of all links together carries no more than
 * so many bytes a second.
 *
 * Fates: both ends are reset or closed; one end is reset and the other hears nothing any more; nobody hears anything any more. Who
 * hears nothing has a connection all the same (the proxy swallows what it says), until proxy_calm(), which resets it.
 */
#ifndef FAULTS_PROXY_H
#define FAULTS_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"

struct proxy;

enum proxy_fate {
	FATE_NONE,
	FATE_RESET,       /* both ends, at once */
	FATE_CLOSE,       /* both ends, in peace */
	FATE_LOSE_CLIENT, /* the client is reset, the server is not told */
	FATE_LOSE_SERVER, /* the other way round */
	FATE_SWALLOW,     /* neither is told */
	FATES,
};

extern const char *const proxy_fate_name[FATES];

struct proxy *proxy_create(struct loop *loop, unsigned server_port, uint64_t seed);
void proxy_destroy(struct proxy *proxy);
unsigned proxy_port(const struct proxy *proxy);
void proxy_cruel(struct proxy *proxy); /* all links get a fate, those that begin from now on too; proxies are born calm */
void proxy_calm(struct proxy *proxy);  /* and no link meets its fate, but those who were swallowed are reset */
void proxy_line(struct proxy *proxy, unsigned late_ms, unsigned bytes_per_s); /* of links that begin from now on */
size_t proxy_passed(const struct proxy *proxy, bool to_server); /* bytes that ever came for that side */
size_t proxy_links(const struct proxy *proxy);                        /* that ever began */
size_t proxy_met(const struct proxy *proxy, enum proxy_fate fate); /* links that met it */

#endif
