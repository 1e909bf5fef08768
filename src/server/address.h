/*
 * address.h: the address that goes into a join URL.
 */
#ifndef SERVER_ADDRESS_H
#define SERVER_ADDRESS_H

#include <stddef.h>

#define ADDRESS_BYTES 256 /* with NUL */

/*
 * Where others reach a server that listens on this numeric address: there, or, when that is every address ("::", "0.0.0.0"), at the
 * first of this machine that is up and neither loopback nor link-local, IPv4 before IPv6; 127.0.0.1 when it has none.
 */
void address_reachable(const char *listens_on, char out[ADDRESS_BYTES]);

#endif
