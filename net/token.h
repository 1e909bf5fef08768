/*
 * token.h: who may come in, as a JSON Web Token (RFC 7519): our own with HS256, other issuers' with ES256 or EdDSA.
 *
 *	char *t = token_mint(&key, &(struct claims){.room = "quiet-otter", .role = ROLE_EDITOR, .expires = now + 3600});
 *	enum token_fault f = token_verify(&key, t, strlen(t), "quiet-otter", now, &claims);
 *
 * Strict, because forgiving token libraries are how forged ones get in: the algorithm is bound to the key and only compared with
 * what the header says; exactly three parts of strict base64url; the MAC is compared in constant time before a byte of
 * the claims is read; `exp` is required; `aud` must be (or contain) "codecollab"; `room` must be this one or "*"; `nbf` is kept;
 * `crit` and doubled members are refused. Times are Unix seconds, given by the caller: `exp` has no leeway, `nbf` a minute.
 *
 * Checked in this order, and the first fault is told: shape, MAC, header, claims, aud, room, nbf, exp.
 * A `kid` in the header must be the key's, where both have one.
 */
#ifndef NET_TOKEN_H
#define NET_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/issuer.h"
#include "net/role.h"

#define TOKEN_MAX_BYTES  2048
#define TOKEN_KEY_BYTES  32
#define TOKEN_NAME_BYTES 64 /* of name and sub, with NUL; longer ones are cut at a character */
#define TOKEN_ID_BYTES   40 /* with NUL */
#define ROOM_NAME_BYTES  65 /* with NUL */

struct token_key {
	unsigned char bytes[TOKEN_KEY_BYTES];
	char kid[17]; /* named in the header; empty: none */
};

struct claims {
	char room[ROOM_NAME_BYTES]; /* or "*" */
	enum role role;
	char sub[TOKEN_NAME_BYTES];
	char name[TOKEN_NAME_BYTES]; /* shown; may be empty */
	char jti[TOKEN_ID_BYTES];
	int64_t expires, not_before, issued; /* Unix seconds; not_before 0: none */
};

enum token_fault {
	TOKEN_GOOD = 0,
	TOKEN_MALFORMED,   /* not a token, or a claim that is missing or of the wrong type */
	TOKEN_FORGED,      /* wrong MAC, algorithm or kid */
	TOKEN_EXPIRED,
	TOKEN_EARLY,       /* nbf */
	TOKEN_FOREIGN,     /* wrong aud */
	TOKEN_OTHER_ROOM,
};

void token_key_make(struct token_key *key);                                  /* random */
/* Owned. Claims are written as given, empty and zero ones left out; texts must be valid UTF-8. */
char *token_mint(const struct token_key *key, const struct claims *claims);
/* room NULL: whichever the token names. *out is written only when the token is good. */
enum token_fault token_verify(const struct token_key *key, const char *token, size_t len, const char *room,
	int64_t now, struct claims *out);
/* The same for a token that another issuer signed. */
enum token_fault token_verify_issued(const struct issuer *issuer, const char *token, size_t len, const char *room,
	int64_t now, struct claims *out);
/*
 * A name for a token, by which it can be revoked: its jti, or without one "~" and a hash of what was signed (so that no other form
 * of the signature gives it another name). The token must be good, and claims its own.
 */
void token_id(const char *token, size_t len, const struct claims *claims, char out[TOKEN_ID_BYTES]);
const char *token_fault_text(enum token_fault fault); /* one clause: "the token has expired" */

/* A room's name as the protocol allows it: [a-z0-9][a-z0-9-]{0,63}. */
bool room_name_valid(const char *name, size_t len);

#endif
