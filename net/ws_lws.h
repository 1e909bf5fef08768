/*
 * ws_lws.h: one context of libwebsockets on our loop, and its orderly end.
 *
 *	struct lws_context_creation_info info = {.protocols = protocols, .user = server, ...};
 *	server->lws = ws_lws_create(loop, &info);
 *
 * Only what speaks WebSocket includes this. What the library needs on a foreign libuv loop is filled in here: the
 * loop, the log's silence, user and group (as they are).
 *
 * Memory:  the context outlives ws_lws_destroy() by a few turns, until libuv has closed its handles. Callbacks may come
 *          until then, so whatever they reach must have been taken from the library before (opaque user data NULL, and
 *          lws_context_user() is not to be followed but in the OPENSSL_LOAD_ and CLIENT_ callbacks).
 */
#ifndef NET_WS_LWS_H
#define NET_WS_LWS_H

#include <stdbool.h>

#include <libwebsockets.h>

#include "net/loop.h"

struct ws_lws;

struct ws_lws *ws_lws_create(struct loop *loop, struct lws_context_creation_info *info); /* NULL on failure */
void ws_lws_destroy(struct ws_lws *lws);
/*
 * Is any context on its last turns? The library takes a file descriptor that was closed and opened again for the old one, on which
 * libuv then aborts: no context may be made on the same loop before this is false.
 */
bool ws_lws_ending(void);
struct lws_context *ws_lws_context(const struct ws_lws *lws);

/* End a connection without a word, from any callback of anybody: never at once, but soon. */
void ws_lws_cut_off(struct ws_lws *lws, struct lws *wsi);

#endif
