/*
 * solo_state.h: what the files that a lonely keeper is made of share: solo.c hears people, solo_way.c brings the room into memory and
 * out of it, on another thread.
 */
#ifndef SERVER_SOLO_STATE_H
#define SERVER_SOLO_STATE_H

#include "src/server/ground.h"
#include "src/server/keeping.h"
#include "src/server/shelf.h"
#include "src/server/solo.h"

struct solo {
	struct keeper keeper;
	struct ground ground;
	bool digging;        /* on another thread, or filling up again */
	struct store *store; /* NULL: it is not there yet */
	struct keeping keeping;
	bool undermined; /* people know that the history was taken away */
	struct shelf shelf;
	bool whole; /* all of it was stored when it was finished */
	uint64_t used_ms; /* the chamber's, then */
	uint64_t timed_batch, timed_us; /* one that is being stored, and since when; 0: none */
};

static inline struct solo *solo_of(const struct keeper *keeper)
{
	return (struct solo *)keeper;
}

/* ---- solo.c ---- */

extern const struct keeper_kind solo_kind;
/* Its lock is taken. NULL: *why. */
struct solo *solo_create(struct chamber *chamber, const struct keeper_kind *kind, const char *room, const char *folder, char **why);
bool solo_furnish(struct solo *solo, char **why); /* the room, from the history that was dug. false: *why */
void solo_take_room(struct solo *solo, struct room *takes); /* in place of the one it has */
struct room *solo_empty_room(struct solo *solo, const char *name);
void solo_close(struct keeper *keeper);
void solo_complain(const struct solo *solo); /* what was written last is not stored */

/* ---- solo_way.c ---- */

bool solo_leave(struct keeper *keeper);

#endif
