/*
 * shared.h: a room that several servers keep alike: relay.h does that, backplane.h gives the order (and shared_order.h brings
 * the two together), scribe.h the files.
 *
 * It is there at once; people may come, and are answered when the room is there.
 *
 * While nothing can be ordered everybody here is told that nothing is being stored, what they write waits, up to LIMIT_UNSTORED_BYTES,
 * and nobody new is let in; when it was all ordered, they are told that too.
 *
 * A document that nobody has open on any server leaves this one's memory (limits.idle_s) for a file in the state folder.
 *
 * A room that nobody is in on this server is left by it (limits.idle_s): others may still be serving it, and Redis has it.
 */
#ifndef SERVER_SHARED_H
#define SERVER_SHARED_H

#include "src/server/keeper.h"

struct keeper *shared_open(struct chamber *chamber, const char *room);

#endif
