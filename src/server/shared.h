/*
 * shared.h: a chamber whose room is kept alike by several servers: relay.h does that, backplane.h gives the order, scribe.h the files.
 *
 *	shared = shared_open(chamber)		-- at once; people may come, and are answered when the room is there
 *	shared_turn(shared)			-- as chamber_turn, and so on for the others
 *
 * While nothing can be ordered everybody here is told that nothing is being stored, what they write waits, up to LIMIT_UNSTORED_BYTES,
 * and nobody new is let in; when it was all ordered, they are told that too.
 *
 * A room that nobody is in on this server is left by it (limits.idle_s): others may still be serving it, and Redis has it.
 */
#ifndef SERVER_SHARED_H
#define SERVER_SHARED_H

#include <stdbool.h>
#include <stdint.h>

#include "src/server/backplane.h"
#include "src/server/chamber.h"

struct shared;

struct shared *shared_open(struct chamber *chamber, const char *room);
struct scribe *shared_scribe(struct shared *shared); /* to be told of the files, at once */
void shared_turn(struct shared *shared);
void shared_tick(struct shared *shared); /* about once a second */
bool shared_settled(const struct shared *shared);
void shared_bye(struct shared *shared, const char *why, unsigned retry_ms);
bool shared_busy(const struct shared *shared); /* after that: a last word or a file is on its way */
/* Everybody's here or elsewhere of whose token this is true. */
void shared_expel(struct shared *shared, bool (*is_revoked)(void *ctx, const char *token), void *ctx);
size_t shared_here(const struct shared *shared);     /* people on this server */
size_t shared_unstored(const struct shared *shared); /* bytes that are not ordered yet */
void shared_close(struct shared *shared);

#endif
