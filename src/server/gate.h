/*
 * gate.h: who may come in: the secrets that sign tokens here, an issuer elsewhere, and what was revoked.
 *
 *	gate_open(&gate, &state, NULL, &why)
 *	char *url = gate_invite(&gate, &(struct gate_terms){.room = "quiet-otter", .role = ROLE_EDITOR, ...}, now, &invite, &why);
 *	const struct gate_refusal *no = gate_check(&gate, token, "quiet-otter", now, &claims);	-- NULL: come in
 *	if (gate_refresh(&gate)) ...					-- something was revoked or rotated by another process
 *
 * A token is good when the secret of now, an old one that was put aside (state.h), or the issuer signed it, and nobody revoked
 * it. So after a rotation old invitations live on until they expire. An old secret is dropped when no token that it signed can be
 * valid: none that is listed, and GATE_UNLISTED_SECONDS after it was put aside, since earlier versions kept no list. Of those that
 * several servers share none is: each server lists its own invitations only.
 *
 * Memory: borrows the state; gate_fini() before state_close().
 */
#ifndef SERVER_GATE_H
#define SERVER_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/issuer.h"
#include "net/token.h"
#include "src/server/invites.h"
#include "src/server/state.h"

#define GATE_INVITE_SECONDS   ((int64_t)7 * 24 * 3600) /* unless somebody says otherwise */
#define GATE_UNLISTED_SECONDS ((int64_t)30 * 24 * 3600)

struct gate {
	struct state *state;
	struct invites *invites;
	struct issuer *issuer; /* NULL: none */
};

/* Who else may sign: a file with a public key (issuer.h). NULL: *why. */
struct issuer *gate_read_issuer(const char *path, char **why);
/* issuer is taken; NULL: none. On false *gate is empty. */
bool gate_open(struct gate *gate, struct state *state, struct issuer *issuer, char **why);
void gate_fini(struct gate *gate);

struct gate_refusal { /* in static memory */
	int status;         /* of HTTP */
	const char *clause; /* for the log */
	const char *told;   /* to who knocks: a word and a line end. Only the holder of a token that was good learns more than "invalid" */
};

/* For the room that was asked for. NULL: good, with the claims, whose jti is the token's id in any case (token_id). */
const struct gate_refusal *gate_check(const struct gate *gate, const char *token, const char *room,
	int64_t now, struct claims *claims);
/* Reads what other processes changed. true: something did; look who is in that should not be. */
bool gate_refresh(struct gate *gate);

struct gate_terms {
	const char *room, *name; /* name may be "" */
	enum role role;
	int64_t expires;
	const char *host; /* of the URL */
	unsigned port;
	bool no_pin; /* in the URL */
};

/*
 * A join URL (owned) with a new token; *out says what was given. *why is NULL, or says why it could not be listed: the token is
 * good all the same.
 */
char *gate_invite(const struct gate *gate, const struct gate_terms *terms, int64_t now,
	struct invite *out, char **why);

bool gate_rotate(struct gate *gate, int64_t now, char **why);
/* Old secrets that nothing valid was signed with go; how many. */
size_t gate_drop_old(struct gate *gate, int64_t now);

#endif
