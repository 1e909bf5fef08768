/*
 * snapshot.h: all there is to a room that several servers keep alike, as bytes: texts, logs, bridges, people, sessions, chat, limits, and how
 * far the order was heard. Read anywhere, it goes on as where it was taken. Of the parts of a relay only (relay_state.h).
 *
 *	struct tape out = tape_writer(&bytes);		snapshot_tape(&out, relay)
 *	struct relay fresh = {.handler = ..., .ctx = ...};
 *	struct tape in = tape_reader(at, len);		snapshot_tape(&in, &fresh);	if (in.bad) ...
 *
 * What is only of one server is not among it: connections that are there, what is not ordered yet, what is asleep. A document that is, is
 * copied as it lies there. What a person has that does not outlive a message (room.h) comes back as zeros.
 *
 * Shape:  begins with SNAPSHOT_SHAPE; every field of it has its one place, in the function of what it belongs to.
 * Memory: what was read is in the relay also when the tape went bad, and is given back with it.
 * Errors: bad is a tape of another shape, one that ends early, a text that is none, a seat in a document that there is not; when writing, a
 *         document that cannot be read from the cellar.
 */
#ifndef SERVER_SNAPSHOT_H
#define SERVER_SNAPSHOT_H

#include "src/server/relay_state.h"

#define SNAPSHOT_SHAPE 1 /* rises as RELAY_VERSION does, when what is written changes */

void snapshot_tape(struct tape *t, struct relay *relay); /* both ways; to be read, it has nothing yet but handler and ctx */
void snapshot_log(struct tape *t, struct log **log);     /* the same of one text and its newest edits; read, it is owned */

#endif
