/*
 * redis_place.h: where a Redis is to be found: HOST[:PORT], or several of them with commas, each in its turn.
 *
 *	if (redis_place("a,b:26380,[::1]", 1, 26379, &place)) ...	-- b, 26380
 *
 * An address of IPv6 stands in brackets. No I/O.
 */
#ifndef NET_REDIS_PLACE_H
#define NET_REDIS_PLACE_H

#include <stdbool.h>
#include <stddef.h>

struct redis_place {
	char host[256];
	unsigned port;
};

size_t redis_places(const char *hosts); /* how many there are: one at least */
/* Whose turn it is, from 0 and around again; port: of those that name none. false: it is no such thing. */
bool redis_place(const char *hosts, size_t turn, unsigned port, struct redis_place *out);
bool redis_place_port(const char *at, size_t len, unsigned *out); /* 1 to 65535, in digits */

#endif
