/*
 * invites.h: the tokens that were given away, and which of them count no more.
 *
 *	struct invites *invites = invites_open(state.dir, &why);
 *	invites_add(invites, &invite, &why);
 *	invites_revoke(invites, id, now, &why);		-- from any process
 *	if (invites_changed(invites)) ...		-- in the server: another process wrote
 *	invites_revoked(invites, id)			-- from memory, for every handshake
 *
 * They live in the state folder's index.db. What is revoked is kept in memory too and only grows, so a revocation holds in this
 * process even when it could not be stored. Rows are deleted some time after they expire: an expired token is refused anyway.
 *
 * Memory:  *why is the caller's, NULL when it worked.
 * Times:   Unix seconds, given by the caller.
 */
#ifndef SERVER_INVITES_H
#define SERVER_INVITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/token.h"

struct invites;

struct invite {
	char id[TOKEN_ID_BYTES]; /* token_id() */
	char room[ROOM_NAME_BYTES];
	enum role role;
	char name[TOKEN_NAME_BYTES]; /* may be empty */
	char kid[17];                /* of the secret that signed it; empty: not ours */
	int64_t issued, expires;
	int64_t revoked; /* when; 0: not */
};

/* index.db must be there (state_open() makes it). */
struct invites *invites_open(const char *state_dir, char **why);
void invites_close(struct invites *invites);

bool invites_add(struct invites *invites, const struct invite *invite, char **why);
/* false also when there is no such id. */
bool invites_revoke(struct invites *invites, const char *id, int64_t now, char **why);
/* The same for a token that somebody holds, whether it is known here or not. In memory it is revoked even on false. */
bool invites_ban(struct invites *invites, const struct invite *held, int64_t now, char **why);

/* All of a room (NULL: of every room) that have not expired, the oldest first. */
bool invites_each(struct invites *invites, const char *room, int64_t now,
	void (*fn)(void *ctx, const struct invite *invite), void *ctx, char **why);
/* When the last token that a secret signed expires, revoked ones aside; 0: there is none. */
int64_t invites_last(struct invites *invites, const char *kid);

/* Has another process written since the last time this was asked? What it revoked is in memory then. */
bool invites_changed(struct invites *invites);
bool invites_revoked(const struct invites *invites, const char *id);

/*
 * For who reads the state later. Under a room's name: the address it listens on; under INVITES_ROOMS: address and port of a server of
 * a folder of rooms; under "/rotated": when a new secret was made.
 */
#define INVITES_ROOMS "/rooms" /* no room's name */
bool invites_note(struct invites *invites, const char *key, const char *value, char **why);
char *invites_noted(struct invites *invites, const char *key); /* owned; NULL: none */

#endif
