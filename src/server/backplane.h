/*
 * backplane.h: the order of a room's entries, kept by Redis for several servers.
 *
 *	plane = backplane_open(loop, &redis_options)
 *	channel = channel_open(plane, "quiet-otter", &handler, ctx)
 *	handler.absent		-- nobody has ever kept this room:	channel_found(channel, state)
 *	handler.loaded		-- a snapshot to begin with, and then
 *	handler.entry ...	-- every entry since, in order, each once
 *	handler.ready		-- all there was is told: append again what was not among it, and from now on
 *	channel_append(channel, at, len)
 *	handler.lost		-- nothing can be appended now; after a while `ready` again, or `loaded` if too much has happened
 *	channel_keep(channel, position, at, len)	-- a snapshot of after that entry; older entries may go
 *
 * In Redis a room is two keys with one hash tag, so that they are on one server: PREFIX{ROOM}:log, a stream whose entries are EPOCH-POSITION,
 * dense, because Redis itself counts them (XADD key EPOCH-*), and PREFIX{ROOM}:state, a hash of epoch, position and snapshot.
 * Appending is one command, without a look before: no two servers are ever in each other's way. Each room in use has a connection
 * that waits for entries (XREAD BLOCK); all share one for appending.
 *
 * What can go wrong with the order, and what is done:
 *
 *	connection lost		what was on its way may be in the order or not: all is read first, then `ready`
 *	trimmed by hand		entries that we have not read are gone, and the order goes on: an entry of nothing asks the others for a
 *				snapshot (handler.missed), and that is loaded
 *	too far behind		entries before the previous snapshot are trimmed: the newest snapshot is loaded
 *	refused by Redis	no memory, no disk, read-only: `lost` with Redis's words, and again and again tried
 *	rolled back, flushed	the entry that we heard last is not there, or is another one: the order is broken. Those who know of it
 *				say how far they had heard; after CHANNEL_OFFER_MS whoever heard most begins a new epoch with what
 *				they hold (handler.renew), and all load that. What nobody had appended since is not lost: clients hold it
 *	... and somebody new	who opens the room meanwhile must not begin it from nothing, nor go on from what is left. The key PREFIXrun holds
 *				the run id of the Redis that has been looked at: where it is missing or another's (flushed, restarted,
 *				another master), who holds nothing of a room waits for CHANNEL_OFFER_MS, and while somebody offers;
 *				so does who misses a room of which there are files (handler.expects)
 *	told too late		a server that was cut off all that time meets a room that goes on without what it held: handler.loaded
 *	a newer version		a snapshot or an entry that this program is too old for: `lost`, for good
 *	two who begin anew	the epoch is checked where it is changed, in one script: one does, the other loads
 *
 * Durable means what Redis says it is: with `appendonly yes` and `appendfsync everysec` a killed Redis loses nothing, a power cut the
 * last second, after which the order is broken and repaired from what servers hold; with `always` nothing, at 13,000 entries a second at most.
 * A failover loses what the replica had not heard of (min-replicas-to-write bounds that).
 *
 * Memory: handlers borrow bytes. Nothing here may be closed from within them.
 */
#ifndef SERVER_BACKPLANE_H
#define SERVER_BACKPLANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/redis.h"
#include "ot/buf.h"
#include "ot/err.h"

#define CHANNEL_RETRY_MS 500
#define CHANNEL_OFFER_MS (REDIS_RETRY_MOST_MS + 500) /* so that every server that is there has said how far it had heard */
#define CHANNEL_READ     "128"  /* entries at a time: they are of RELAY_ENTRY_BYTES at most, mostly */
#define CHANNEL_BLOCK_MS "1000" /* so often somebody who waits for entries shows that they are there */

struct backplane;
struct channel;

struct channel_handler {
	bool (*expects)(void *ctx); /* that the room has been there before */
	void (*absent)(void *ctx);
	/* ERR_NEWER, ERR_FORM: this server cannot follow it; then `lost`, and nothing more until the connection was lost, too. */
	enum err (*loaded)(void *ctx, const char *at, size_t len);
	enum err (*entry)(void *ctx, uint64_t position, const char *at, size_t len);
	void (*missed)(void *ctx); /* somebody misses entries that were told here: channel_keep, please */
	void (*ready)(void *ctx);
	void (*lost)(void *ctx, const char *why); /* once for each time it was ready, and before the first */
	void (*kept)(void *ctx, size_t bytes);
	void (*renew)(void *ctx, struct buf *state); /* what is held here, to begin anew with; nothing: somebody else is to */
};

struct backplane *backplane_open(struct loop *loop, const struct redis_options *options);
void backplane_close(struct backplane *plane); /* its channels are closed */
struct redis *backplane_redis(struct backplane *plane); /* the connection that appends; for other commands, too */
bool backplane_busy(const struct backplane *plane); /* something that was appended is on its way still */

struct channel *channel_open(struct backplane *plane, const char *room, const struct channel_handler *handler, void *ctx);
void channel_close(struct channel *channel); /* what was appended goes on its way all the same */
void channel_found(struct channel *channel, const char *at, size_t len);
/* Nothing while it is not ready: who appends keeps it until it comes back as an entry. */
void channel_append(struct channel *channel, const char *at, size_t len);
void channel_keep(struct channel *channel, uint64_t position, const char *at, size_t len);
bool channel_is_ready(const struct channel *channel);

#endif
