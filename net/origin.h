/*
 * origin.h: where somebody comes from when a balancer stands between: by what the balancer says of them. No I/O.
 *
 *	switch (origin_read(at, len, &used, &from)) ...		-- a header before everything else: PROXY protocol, version 1 or 2
 *	origin_forwarded(&head, &balancers, peer);		-- a line of a request: X-Forwarded-For
 *
 * Whether the balancer is to be believed is for the caller: who is asked in either way could be told anything.
 *
 * Source:  HAProxy Technologies, The PROXY protocol, versions 1 & 2 (2020); MDN, X-Forwarded-For.
 */
#ifndef NET_ORIGIN_H
#define NET_ORIGIN_H

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include "net/http.h"
#include "net/networks.h"

#define ORIGIN_MAX_BYTES 1024 /* of a header; a longer one is none */

enum origin {
	ORIGIN_NONE, /* these bytes begin no header */
	ORIGIN_PART, /* more must come */
	ORIGIN_ALL,
};

/*
 * ALL: its first *used bytes are the header, and *from is whom it names; AF_UNSPEC when it names nobody, for then the balancer speaks for
 * itself: it looks whether we are well.
 */
enum origin origin_read(const char *at, size_t len, size_t *used, struct sockaddr_storage *from);

/*
 * The last address in the list that is not a balancer's itself; peer is left as it is when there is none, or when something that is no
 * address stands behind it. (What is before it anybody may have written.)
 */
void origin_forwarded(const struct http_head *head, const struct networks *balancers, char peer[INET6_ADDRSTRLEN]);

#endif
