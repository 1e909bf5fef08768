/*
 * ws_upgrade.h: what a request asks a server of WebSockets for (RFC 6455, 4.2.1), and the answer that lets it in. No I/O.
 *
 *	status = ws_upgrade_read(&head, &offer);	-- 0, or what to refuse with
 *	ws_upgrade_accept(&offer, codec, &out);
 *	ws_offer_wipe(&offer);				-- a token was in it
 */
#ifndef NET_WS_UPGRADE_H
#define NET_WS_UPGRADE_H

#include <stdbool.h>

#include "net/codec.h"
#include "net/http.h"
#include "net/token.h"
#include "net/ws_frame.h"

struct ws_offer {
	char path[HTTP_HEAD_MAX_BYTES];
	char token[TOKEN_MAX_BYTES + 1]; /* from Authorization: Bearer, or an offered subprotocol bearer.TOKEN; "" when absent */
	bool has_codec;                  /* offered a subprotocol we speak */
	enum codec codec;                /* binary if offered */
	char accept[WS_ACCEPT_BYTES + 1];
};

/* 0, or the HTTP status to refuse with: 400 when it is no upgrade, 405 when it is no GET, 426 for another version of the protocol. */
int ws_upgrade_read(const struct http_head *head, struct ws_offer *out);
void ws_upgrade_accept(const struct ws_offer *offer, struct buf *out); /* append the head of a 101 */
void ws_offer_read(const struct http_head *head, struct ws_offer *out); /* of any request: path and token, and no codec */
void ws_offer_wipe(struct ws_offer *offer);

#endif
