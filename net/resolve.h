/*
 * resolve.h: the addresses of a host, looked up off the loop's thread, to be tried one after the other.
 *
 *	resolve_init(&r, loop, on_resolved, ctx);
 *	resolve_start(&r, "example.org");	-- then on_resolved(ctx, status) once, unless it is stopped
 *	do
 *		try(resolve_address(&r));
 *	while (resolve_next(&r));
 *	resolve_stop(&r);
 *
 * Memory: a resolve owns what was found. What is asked for when it is stopped outlives it until the thread is done.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "net/loop.h"

struct addrinfo;

struct resolve {
	struct loop *loop;
	void (*done)(void *ctx, int status); /* libuv's: 0, or why there is no address */
	void *ctx;
	struct lookup *lookup;               /* under way, or NULL */
	struct addrinfo *all, *at;           /* found; the one that is tried */
};

void resolve_init(struct resolve *r, struct loop *loop, void (*done)(void *ctx, int status), void *ctx);
void resolve_start(struct resolve *r, const char *host); /* done() from inside when it cannot even be asked for */
void resolve_stop(struct resolve *r);                    /* forgets everything; done() does not follow */

bool resolve_has_more(const struct resolve *r); /* behind the one that is tried */
bool resolve_next(struct resolve *r);           /* on to the next one; false, and nothing is changed, when there is none */
/* In numbers, as the library takes it. false: neither IPv4 nor IPv6. */
bool resolve_address(const struct resolve *r, char out[INET6_ADDRSTRLEN]);
/* To connect to. Gives its length. */
socklen_t resolve_socket(const struct resolve *r, unsigned port, struct sockaddr_storage *out);
bool resolve_is_loopback(const struct resolve *r);
bool resolve_is_unknown(int status); /* there is no such host, as far as anybody knows */

#endif
