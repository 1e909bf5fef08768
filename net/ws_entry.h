/*
 * ws_entry.h: the request that a connection of a server begins with, until it is answered: let in as a WebSocket, told what it asks for,
 * or refused with an HTTP status. For ws_conn.c, which has bytes for it as long as the stage is STAGE_HEAD.
 *
 *	end = ws_entry_read(conn, at, len);	-- 0: go on; else the request was conn->head's first bytes, so many
 *
 * From a handler's admit() of 0 on the connection is admitted, and closed() is due for it, whatever becomes of it. Of one that was not, the
 * handler's failed() is told, once.
 */
#ifndef NET_WS_ENTRY_H
#define NET_WS_ENTRY_H

#include "net/ws_conn.h"

/* Adds to conn->head, and answers when all of it is there or it is too long. It is the caller's to forget: a token is in it. */
size_t ws_entry_read(struct ws_conn *conn, const char *at, size_t len);
void ws_entry_failed(struct ws_conn *conn, int status); /* see ws_server_handler.failed */

#endif
