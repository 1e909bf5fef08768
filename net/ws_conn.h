/*
 * ws_conn.h: one WebSocket connection of a server, from its first byte to its last: ws_entry.h has its request, ws_queue.h what is sent to
 * it. Besides them only ws_server.c includes this; the rest of what is said of connections stands in ws_server.h.
 *
 *	STAGE_HEAD -> STAGE_OPEN -> STAGE_CLOSING -> STAGE_ENDING -> STAGE_PARTED -> STAGE_DEAD
 *
 * A connection has WS_FRAMES_A_TURN frames, or as much of one as its handler takes, handled in a turn of the loop; then it is the
 * others' turn. What was read beyond that waits (16 KiB, or one message, at most), and nothing more is read until it is done. Who waited and
 * had nothing handled comes first in the next turn, so none waits for ever where a handler takes only so much in a turn.
 */
#ifndef NET_WS_CONN_H
#define NET_WS_CONN_H

#include <netinet/in.h>

#include "net/networks.h"
#include "net/stock.h"
#include "net/ws_frame.h"
#include "net/ws_lws.h"
#include "net/ws_server.h"
#include "ot/buf.h"

#define WS_FRAMES_A_TURN 64

enum ws_stage {
	STAGE_HEAD,    /* TLS and the request */
	STAGE_OPEN,    /* frames both ways */
	STAGE_CLOSING, /* our close frame is under way; theirs ends it */
	STAGE_ENDING,  /* half-close when all is written */
	STAGE_PARTED,  /* half-closed: drop what comes until the peer closes too, or a reset would overtake our last words */
	STAGE_DEAD,    /* the library is told to let go, or has */
};

/* What all connections of a server share. */
struct ws_house {
	struct loop *loop;
	const struct ws_server_handler *handler;
	void *ctx;
	struct ws_lws *lws;
	struct networks forwarders;
	size_t max_message, max_connections, sessions;
	unsigned silence_ms, handshake_ms;
	struct ws_conn *held, **held_end; /* with input that waits for the next turn: who waits longest is first */
	struct ws_conn *full; /* with output of this turn, or of those that rest */
	unsigned rest; /* how many rests there were */
	struct stock stock; /* of what goes out */
};

struct ws_conn {
	struct ws_house *house;
	struct ws_conn *next, *prev; /* the server's: among the living, or among those whose closed() is due */
	struct ws_conn *held_next, *full_next;
	struct lws *wsi; /* NULL once the library has let go */
	enum ws_stage stage;
	enum codec codec;
	bool admitted;
	bool answered; /* with an HTTP status */
	bool failed;   /* and the handler was told */
	bool paused;   /* by ws_pause() */
	bool is_held;  /* in house->held */
	bool is_full;  /* in house->full */
	unsigned rests; /* it was of the crowd before this rest, and rests until it is over */
	bool awaited;  /* by ws_await() */
	bool reading;  /* the library was told to */
	bool telling;  /* the reader's message was handled only up to `told` */
	size_t told;
	unsigned share;   /* frames that it may still have handled in this turn */
	bool served;      /* something of it was */
	unsigned goodbye; /* the code of the peer's close frame; 0: none came */
	void *session;
	char peer[INET6_ADDRSTRLEN];
	struct buf head;
	struct buf in; /* read, and waits */
	struct ws_frame_reader reader;
	struct buf out;
	size_t out_sent;
	uint64_t began_ms; /* its handshake */
	uint64_t since_ms, heard_ms, pinged_ms;
};

struct ws_conn *ws_conn_create(struct ws_house *house, const char *peer);
void ws_conn_destroy(struct ws_conn *conn); /* the library has let go: tells closed() or failed() */

void ws_conn_read(struct ws_conn *conn, const char *at, size_t len); /* bytes came */
/* Pings, and gives up who is silent or slow; the newest slept_ms do not count. */
void ws_conn_sweep(struct ws_conn *conn, uint64_t now_ms, uint64_t slept_ms);
void ws_conn_give_up(struct ws_conn *conn);
bool ws_conns_go_on(struct ws_house *house); /* a new turn for those with input that waits; true: there were some */

/* For ws_entry.c and ws_queue.c. */
void ws_conn_enter(struct ws_conn *conn, enum ws_stage stage);
void ws_conn_hang_up(struct ws_conn *conn); /* without a word */
void ws_conn_ping(struct ws_conn *conn);

#endif
