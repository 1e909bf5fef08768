/*
 * url.h: the join URL:  wss://HOST[:PORT]/ROOM#t=TOKEN&fp=PIN
 *
 * HOST is a name, an IPv4 address or an IPv6 one in brackets. A fragment never reaches a server or its logs, so both secrets
 * live there. ws:// is for loopback only (127.0.0.0/8, ::1, localhost). The port is 8443 when it is missing; t and fp come in any
 * order, either may be missing, and other keys are skipped. Anything else is refused: user parts, queries, odd ports, spaces.
 * Scheme and host are lower-cased.
 */
#ifndef NET_URL_H
#define NET_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "net/tls.h"
#include "net/token.h"

#define URL_MAX_BYTES 4096

#define URL_SOCKET_BYTES 1024 /* with NUL */

struct url {
	bool tls;
	char host[256]; /* without brackets */
	unsigned port;
	char room[ROOM_NAME_BYTES];
	char token[TOKEN_MAX_BYTES + 1]; /* may be empty */
	char pin[TLS_PIN_BYTES + 1];     /* may be empty */
	char socket[URL_SOCKET_BYTES];   /* a local socket (local.h) that is the server's, in place of host and port; never parsed or formatted */
};

/* NULL when it parses, else what is wrong, one clause in static memory: "the port is not a number from 1 to 65535".
 * On error *out is untouched. */
const char *url_parse(const char *text, struct url *out);
char *url_format(const struct url *url); /* owned */

#endif
