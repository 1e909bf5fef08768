/*
 * ws_client.h: one WebSocket connection to a server, whose key is pinned.
 *
 * The pin is checked in the TLS handshake and once more before the request with the token leaves. Names are resolved off the
 * loop's thread; proxies from the environment are not used. A connection attempt ends in opened() or in closed(), and an
 * opened one in closed(): exactly once, from a turn of the loop, after which the client may connect again.
 */
#ifndef NET_WS_CLIENT_H
#define NET_WS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "net/codec.h"
#include "net/loop.h"
#include "net/url.h"

struct ws_client;

enum ws_end {
	WS_END_LOST,      /* no route, refused, cut, timed out: worth trying again */
	WS_END_NAME,      /* the host's name is not known */
	WS_END_PIN,       /* another key than the URL's: do not try again */
	WS_END_REFUSED,   /* answered with an HTTP status: code */
	WS_END_CLOSED,    /* closed by the peer with a status: code, reason */
};

struct ws_client_handler {
	void (*opened)(void *ctx);
	void (*frame)(void *ctx, const char *at, size_t len);
	void (*closed)(void *ctx, enum ws_end end, unsigned code, const char *reason);
	void (*rtt)(void *ctx, unsigned ms); /* from our pings */
};

struct ws_client *ws_client_create(struct loop *loop, const struct ws_client_handler *handler, void *ctx);
void ws_client_destroy(struct ws_client *client); /* not from inside a handler */

void ws_client_connect(struct ws_client *client, const struct url *url, enum codec codec); /* copies url */
void ws_client_send(struct ws_client *client, const char *at, size_t len);                 /* copies; dropped when not open */
size_t ws_client_queued(const struct ws_client *client);
void ws_client_close(struct ws_client *client, unsigned code, const char *reason);

#endif
