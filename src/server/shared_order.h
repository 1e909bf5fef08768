/*
 * shared_order.h: between the two that make a room of several servers: the relay, which is the room, and the channel, which has the order of
 * what is said in it. What each asks of the other is done here, and it is looked at whether that goes well. For shared.c, which speaks
 * with the chamber.
 *
 *	shared_order_open(shared, "quiet-otter")	-- people may come; answers come when the channel has the room
 *	shared_order_turn(shared)			-- what was written down goes into the order
 *	shared_order_tick(shared)			-- about once a second
 *
 * What can be wrong, and what people here are told of it:
 *
 *	trouble		nothing can be ordered: told, and what they write waits. Over when something of ours was ordered again, and all of it
 *	behind		a newer version writes in the room, or this server lost a part of it: they are sent away to come back, once it was
 *			left and is loaded anew
 *	absent		nobody has ever kept the room: it begins with the files here, or where there is no place for any, not at all
 *	forsaken	it goes on elsewhere without texts that are here: these go into files, and when people are back they are told
 */
#ifndef SERVER_SHARED_ORDER_H
#define SERVER_SHARED_ORDER_H

#include "src/server/backplane.h"
#include "src/server/chamber.h"
#include "src/server/relay.h"
#include "src/server/scribe.h"

struct shared {
	struct keeper keeper;
	struct relay *relay;
	struct channel *channel;
	struct scribe scribe;
	bool known;   /* the room is there */
	bool trouble; /* people know that nothing is being stored */
	bool proved;  /* since Redis was away last, it has ordered something */
	bool left;    /* our last word is said */
	bool behind;  /* it is not ours to go on with */
	struct buf forsaken; /* what is to be told of lost texts: sentences, each with its NUL */
	unsigned forsaken_ticks; /* since there are some */
};

static inline struct chamber_service *shared_service(const struct shared *shared)
{
	return shared->keeper.chamber->service;
}

void shared_order_open(struct shared *shared, const char *room); /* its keeper and scribe are set up */
void shared_order_turn(struct shared *shared);
void shared_order_tick(struct shared *shared);

#endif
