/*
 * ws_client.h: one WebSocket connection to a server, whose key is pinned.
 *
 *	struct ws_client *client = ws_client_create(loop, &handler, ctx);
 *	ws_client_connect(client, &url, CODEC_BIN);	-- then opened(), frame()..., closed()
 *
 * The pin is checked in the TLS handshake and once more before the request with the token leaves. Without a pin the certificate
 * authorities of the system decide, and the name must fit. Names are resolved off the loop's thread, each address is
 * tried in turn; proxies from the environment are not used, redirections not followed.
 *
 * A connection attempt ends in opened() or in closed(), and an opened one in closed(): exactly once, from a turn of the loop,
 * never from inside a call of these. After closed(), and inside it, the client may connect again. One that has been closed by
 * ws_client_close() ends with WS_END_CLOSED and the code and reason given there.
 *
 * A server that is silent for 15 s is pinged, after 30 s it is lost. Frames of the other encoding and above
 * MESSAGE_MAX_SERVER_BYTES (an edit may grow when it is transformed) end the connection (1003, 1009) as lost.
 *
 * Memory:  frames and reasons given to the handler are borrowed for the call.
 */
#ifndef NET_WS_CLIENT_H
#define NET_WS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "net/codec.h"
#include "net/loop.h"
#include "net/url.h"

#define WS_CONNECT_MS 10000U /* for an address to answer; a quarter of it while there are others to try */

struct ws_client;

enum ws_end {
	WS_END_LOST,      /* no route, refused, cut, timed out: worth trying again */
	WS_END_NAME,      /* the host's name is not known */
	WS_END_PIN,       /* another key than the URL's, or nobody vouches for it: do not try again; reason says which */
	WS_END_REFUSED,   /* answered with an HTTP status: code; reason is the word of WWW-Authenticate's error_description, or "" */
	WS_END_CLOSED,    /* closed by the peer with a status: code, reason */
};

struct ws_client_handler {
	void (*opened)(void *ctx);
	void (*frame)(void *ctx, const char *at, size_t len);
	void (*closed)(void *ctx, enum ws_end end, unsigned code, const char *reason);
	void (*rtt)(void *ctx, unsigned ms); /* from our pings; may be NULL */
};

struct ws_client *ws_client_create(struct loop *loop, const struct ws_client_handler *handler, void *ctx);
void ws_client_destroy(struct ws_client *client); /* cuts off, without closed(); not from inside a handler */
/* Of those destroyed, does one need more turns? No new one may connect on the same loop before this is false. */
bool ws_client_ending(void);
void ws_client_patience(struct ws_client *client, unsigned silence_ms, unsigned connect_ms); /* 0: as above */
void ws_client_limit(struct ws_client *client, size_t frame_bytes); /* instead of MESSAGE_MAX_SERVER_BYTES */

/* Only when there is no connection or attempt; copies url. */
void ws_client_connect(struct ws_client *client, const struct url *url, enum codec codec);
void ws_client_send(struct ws_client *client, const char *at, size_t len);                 /* copies; dropped when not open */
/* The pin of the server's key, as the newest attempt met it, right or wrong; "" when it got no certificate. */
const char *ws_client_met_pin(const struct ws_client *client);
size_t ws_client_queued(const struct ws_client *client);
/* After what is queued, or at once while connecting. */
void ws_client_close(struct ws_client *client, unsigned code, const char *reason);

#endif
