/*
 * ws_door.h: who comes to a server, and waits to be let in.
 *
 *	door = ws_door_create(loop, &options, &handler, ctx);
 *	if (ws_door_turn(door, room)) loop_again(loop);	-- once a turn; room: how many more may be in their handshake
 *
 * To begin TLS costs the server as much as hundreds of edits, and it is the stranger who says when. So who comes waits
 * outside until all of its first TLS record (the ClientHello) is here, which costs nothing to see, and then for its turn: at most
 * WS_DOOR_ENTER a turn of the loop go in, and no more than there is room for, by address in rotation, so that a crowd from one place
 * does not keep others out. Whose first bytes are no TLS never comes in. Who does not say all of that within handshake_ms is
 * closed; when WS_DOOR_WAITING wait or there are no descriptors left but WS_DOOR_SPARE, the one who takes longest over it; if nobody
 * does, the door is shut for a moment.
 *
 * Who comes from one of `proxies` is a balancer, and must say for whom before all else (origin.h): they are known by that address from
 * then on. Nobody else may say so.
 *
 * Memory: a visitor's descriptor is the door's until enter() takes it.
 */
#ifndef NET_WS_DOOR_H
#define NET_WS_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/networks.h"

#define WS_DOOR_ENTER   4   /* in one turn of the loop */
#define WS_DOOR_WAITING 512 /* outside at a time */
#define WS_DOOR_SPARE   16  /* descriptors for what else a process opens; a quarter of all, if that is less */

struct ws_door;

struct ws_door_options {
	int listener; /* listener.h; taken, also on failure */
	bool tls;     /* else the first byte lets in */
	unsigned handshake_ms;
	struct networks proxies;
};

struct ws_door_handler {
	/* Takes fd, which is non-blocking. Its time for the handshake begins now. */
	void (*enter)(void *ctx, int fd, const char *peer);
	/* It will not come in: 408 when it was outside for too long, 400 from a proxy that says not for whom, 0 when it left or speaks no TLS. */
	void (*failed)(void *ctx, const char *peer, int status);
};

/* NULL when the listener cannot be watched. Borrows handler for its life. */
struct ws_door *ws_door_create(
	struct loop *loop, const struct ws_door_options *options, const struct ws_door_handler *handler, void *ctx);
void ws_door_destroy(struct ws_door *door); /* who waits is closed, and not told of */
/* Lets in whose turn it is. true: somebody came in. Who waits for lack of room makes another turn soon. */
bool ws_door_turn(struct ws_door *door, size_t room);

#endif
