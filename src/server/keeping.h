/*
 * keeping.h: whether what people write is being stored, what they are told when it is not, and how long it is kept.
 *
 * A disk that is full, broken or silent for KEEPING_SILENCE_MS is trouble: everyone is told at once, past what waits for the disk.
 * Edits go on into memory, shown to nobody but their authors, up to LIMIT_UNSTORED_BYTES; then keeping_full() says so,
 * and whoever writes on is sent away to come back (1013). Nobody new is let in, since nothing new could be stored. When all is stored
 * again, everyone is told that too, and what waited leaves.
 */
#ifndef SERVER_KEEPING_H
#define SERVER_KEEPING_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"
#include "src/server/room.h"
#include "src/server/store.h"

#define KEEPING_SILENCE_MS 3000           /* of a disk that should have answered */
#define KEEPING_SWEEP_MS   LIMIT_SESSION_MS /* between two looks for old edits, and before the first */

#define KEEPING_SESSIONS_MS  3600000ULL   /* between two looks for sessions that nobody came back to */
#define KEEPING_SESSION_DAYS 90ULL        /* without their person: longer than a holiday with unsent edits on a laptop */

struct keeping {
	struct loop *loop;
	struct store *store;
	struct room *room; /* NULL while there is none yet */
	struct store_keep keep;
	bool trouble; /* people know that nothing is being stored */
	uint64_t stored, since_ms; /* the newest batch that is stored, and when that was last news */
	uint64_t sweep_ms, sessions_ms;
};

/* Borrows loop and store; set room once it is there. */
void keeping_init(struct keeping *keeping, struct loop *loop, struct store *store, const struct store_keep *keep);
void keeping_failed(struct keeping *keeping, const char *sentence); /* the store's failed() */
void keeping_turn(struct keeping *keeping, uint64_t batch, uint64_t stored);
/*
 * About once a second: old edits of the documents in memory go, but none after what saved_rev() says nor any that somebody may resume from; so do sessions
 * that nobody came back to, and free space goes back to the disk.
 */
void keeping_tick(struct keeping *keeping, uint64_t (*saved_rev)(const struct doc *doc));
bool keeping_full(struct keeping *keeping); /* no more may be written */

#endif
