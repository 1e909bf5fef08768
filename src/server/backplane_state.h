/*
 * backplane_state.h: what the parts of a backplane share: backplane.c (connections, appending, snapshots), backplane_read.c (where the order
 * stands, and what comes out of it), backplane_run.c (which Redis it is) and backplane_renew.c (a room that begins, or begins anew). Nobody else includes it.
 */
#ifndef SERVER_BACKPLANE_STATE_H
#define SERVER_BACKPLANE_STATE_H

#include "src/server/backplane.h"

#define BACKPLANE_KEY_BYTES    256
#define BACKPLANE_NUMBER_BYTES 24 /* of one number */
#define BACKPLANE_ID_BYTES     (2 * BACKPLANE_NUMBER_BYTES)
#define BACKPLANE_OFFER_BYTES  64
#define BACKPLANE_RUN_BYTES    48

/* A question to Redis: is it the one we know? Its answer: true, or false: wait, and ask again. */
struct look {
	struct backplane *plane;
	struct redis *redis;
	void (*told)(void *ctx, bool sure);
	void *ctx;
	char run[BACKPLANE_RUN_BYTES]; /* its run id; "": it does not say */
};

/* How far a channel is in finding out where the order stands. */
enum stage { STAGE_DOWN, STAGE_ASKS, STAGE_READS, STAGE_READY };

struct channel {
	struct backplane *plane;
	struct channel *next;
	struct redis *reader;
	const struct channel_handler *handler;
	void *ctx;
	enum stage stage;
	bool told_lost, gap, stuck;
	bool begged;  /* the others, for what is missing before a gap; it may be on its way */
	bool asking;  /* where the order stands: two answers would be two who read on */
	bool offered; /* by others, what they hold of it */
	bool waited;  /* that somebody might */
	bool renewed; /* what is held here was made to begin anew with, and is not what the order leads to */
	struct look look;
	char offer[BACKPLANE_OFFER_BYTES]; /* ours */
	uint64_t epoch, position; /* of the newest entry that was told; epoch 0: nothing was loaded */
	uint64_t last;            /* what tells that entry from another; 0: not known */
	char log[BACKPLANE_KEY_BYTES], state[BACKPLANE_KEY_BYTES], offers[BACKPLANE_KEY_BYTES], me[17];
	struct timer *timer;
	size_t replies; /* that are waited for on the plane's connection */
	bool closed;
};

struct backplane {
	struct loop *loop;
	struct redis_options options;
	struct redis *writer;
	struct channel *channels;
	char run[BACKPLANE_KEY_BYTES]; /* the key of the one that was looked at */
	struct look look;
	struct timer *timer;
	uint64_t unsure_ms; /* since when; 0: we are not */
};

static inline bool reply_is_text(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_STRING;
}

static inline bool reply_is_list(const redisReply *reply, size_t elements)
{
	return reply->type == REDIS_REPLY_ARRAY && reply->elements == elements;
}

/* ---- backplane.c ---- */

void channel_number(char out[BACKPLANE_NUMBER_BYTES], uint64_t value);
void channel_id(const struct channel *channel, char out[BACKPLANE_ID_BYTES]); /* of the newest entry that was told */
void channel_lost(struct channel *channel, const char *why);
/* What Redis answered is not what this needs: from the beginning, soon. */
void channel_trouble(struct channel *channel, const char *why);
void channel_complain(struct channel *channel, const redisReply *reply); /* with Redis's words */

/* ---- backplane_read.c ---- */

void channel_ask_state(struct channel *channel); /* where does the order stand? */
void channel_ask_snapshot(struct channel *channel);

/* ---- backplane_run.c ---- */

void look_ask(struct look *look);

/* ---- backplane_renew.c ---- */

void channel_broken(struct channel *channel); /* what we heard is not there: say how far we had heard */
void channel_ask_offers(struct channel *channel); /* and a while later: who had heard most? */

#endif
