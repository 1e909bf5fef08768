/*
 * listener.h: a listening TCP socket.
 *
 *	int fd = listener_open("::", 8443, &why);	-- -1: *why
 *	listener_port(fd)
 *
 * "::" is every address, of IPv4 too, also where there is no IPv6. The socket does not block and closes on exec; a port that was
 * in use a moment ago may be taken again.
 */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <stdbool.h>

/* address is numeric; port 0: any free one. -1: *why is in static memory, or errno's words. */
int listener_open(const char *address, unsigned port, const char **why);
unsigned listener_port(int fd);
bool listener_is_loopback(int fd); /* or a local socket: nobody but this machine reaches it */

#endif
