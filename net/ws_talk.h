/*
 * ws_talk.h: what crosses a client's connection: frames both ways, the pings that time it, and the word that ends it. For ws_client.c,
 * whose callback the library calls.
 */
#ifndef NET_WS_TALK_H
#define NET_WS_TALK_H

#include "net/ws_client_state.h"

void ws_talk_opened(struct ws_client *client);
void ws_talk_writable(struct ws_client *client); /* write what waits */
void ws_talk_ping(struct ws_client *client);     /* soon */
void ws_talk_piece(struct ws_client *client, struct lws *wsi, const char *at, size_t len); /* of a frame */
void ws_talk_pong(struct ws_client *client, const char *at, size_t len);
void ws_talk_closing(struct ws_client *client, const unsigned char *at, size_t len); /* the peer's close frame holds this */
void ws_talk_drop(struct ws_client *client); /* what waits to be written */

#endif
