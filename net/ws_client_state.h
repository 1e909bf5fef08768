/*
 * ws_client_state.h: what a client's connection is made of, for its modules: ws_client.c, from the name to the first frame and to the end;
 * ws_talk.c, what crosses it meanwhile.
 */
#ifndef NET_WS_CLIENT_STATE_H
#define NET_WS_CLIENT_STATE_H

#include "net/resolve.h"
#include "net/tls_peer.h"
#include "net/ws_client.h"
#include "net/ws_frame.h"
#include "net/ws_lws.h"
#include "ot/buf.h"

enum stage {
	STAGE_IDLE,
	STAGE_NAMING,     /* the host's name is being looked up */
	STAGE_CONNECTING, /* TCP, TLS, request */
	STAGE_OPEN,
	STAGE_CLOSING, /* our close frame follows what is queued */
	STAGE_LAST,    /* it is sent; theirs is awaited */
	STAGE_OVER,    /* closed() is due */
};

/* One frame, with the room in front that the library writes its header into. It masks in place: never send it twice. */
struct parcel {
	struct parcel *next;
	size_t len;
	unsigned char bytes[];
};

struct ws_client {
	struct loop *loop;
	const struct ws_client_handler *handler;
	void *ctx;
	struct url url;
	enum codec codec;
	enum stage stage;
	struct timer *tick, *next_step;
	unsigned silence_ms, connect_ms;
	size_t frame_bytes; /* of the longest frame that is taken */

	/*
	 * By whether the pin decides: those know no certificate authorities. The TLS is ours, since the library never gives
	 * back what it makes when there are several contexts.
	 */
	struct ws_lws *lws[2];
	SSL_CTX *tls[2];
	struct lws *wsi;
	bool trying;            /* the library has not said what became of this attempt */
	struct resolve resolve; /* the host's addresses */
	int folder;             /* of the local socket that is being tried; -1: none is */

	struct parcel *first, **last;
	size_t queued;
	bool ping_due;
	struct buf in;
	uint64_t since_ms, heard_ms, pinged_ms;

	struct tls_peer peer;
	bool end_known; /* a reason that trying another address would not mend */
	enum ws_end end;
	unsigned code;
	char reason[WS_CONTROL_MAX_BYTES + 1];
};

void ws_client_enter(struct ws_client *client, enum stage stage);
/* The first reason is the one that counts: what comes after it is its consequence. */
void ws_client_end(struct ws_client *client, enum ws_end end, unsigned code, const char *reason);
void ws_client_reason(struct ws_client *client, const char *at, size_t len); /* of that */
void ws_client_drop_ways(struct ws_client *client); /* addresses that were still to be tried */
void ws_client_cut_off(struct ws_client *client); /* the library tells of the end by CONNECTION_ERROR or CLOSED */

#endif
