/*
 * ws_queue.h: what a server's connections send: gathered during a turn of the loop, and written at its end, each peer's in one piece.
 *
 *	ws_frame_put(&conn->out, ...);  ws_queue_grew(conn);	-- or both: ws_queue_frame()
 *	resting = ws_queues_write(house)			-- the end of a turn
 *
 * What the socket does not take stays, up to WS_QUEUE_BYTES: beyond it the connection is cut off. When all has left, ws_await() is
 * kept, and a connection of STAGE_ENDING is half-closed.
 *
 * When WS_CROWD peers or more get something in one turn, each of them rests then: what is sent to it gathers until ws_queues_rested().
 * Others are written to as ever.
 *
 * Memory: conn->out is lent from the house's stock while something is in it.
 */
#ifndef NET_WS_QUEUE_H
#define NET_WS_QUEUE_H

#include "net/ws_conn.h"

#define WS_WRITE_BYTES 65536 /* handed to the library at once */
#define WS_CROWD       64    /* peers that get something in one turn */

void ws_queue_frame(struct ws_conn *conn, enum ws_opcode opcode, const char *at, size_t len);
void ws_queue_grew(struct ws_conn *conn);  /* something was added to conn->out */
void ws_queue_write(struct ws_conn *conn); /* the socket takes some */
void ws_queue_leave(struct ws_conn *conn); /* it is not among those that are written to any more */

bool ws_queues_write(struct ws_house *house); /* true: a crowd rests from now on */
void ws_queues_rested(struct ws_house *house);

#endif
