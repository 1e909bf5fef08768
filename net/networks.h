/*
 * networks.h: a list of networks, as people write one.
 *
 *	networks_parse("10.0.0.0/8,192.0.2.7,fd00::/8", &networks);	-- NULL, or what is wrong with it
 *	networks_have(&networks, "10.1.2.3")				-- true
 *
 * An address without a length is that host alone. What is behind the length must be zero, or somebody has mistyped.
 */
#ifndef NET_NETWORKS_H
#define NET_NETWORKS_H

#include <stdbool.h>
#include <stddef.h>

#define NETWORKS_MOST 64

struct networks { /* zeros: none */
	struct network {
		unsigned char address[16]; /* an IPv4 one is mapped into it */
		unsigned bits;             /* of those 128 */
	} list[NETWORKS_MOST];
	size_t count;
};

/* NULL, or one clause in static memory, and *out is empty. */
const char *networks_parse(const char *text, struct networks *out);
bool networks_have(const struct networks *networks, const char *address); /* numeric; else false */

#endif
