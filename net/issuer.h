/*
 * issuer.h: somebody else who may sign tokens: one public key, and the one algorithm that it is for.
 *
 *	struct issuer *issuer = issuer_read(text, len, &why);	-- PEM or JWK
 *	issuer_signed(issuer, at, len, signature, signature_bytes)
 *
 * A P-256 key is for ES256 (RFC 7518, 3.4: the signature is r and s, 32 bytes each), an Ed25519 one for EdDSA (RFC 8037). Nothing
 * that a token says changes that. Other keys, private ones and sets of keys are refused.
 *
 * Forms:   "-----BEGIN PUBLIC KEY-----" (SubjectPublicKeyInfo), or one JSON Web Key (RFC 7517) with kty, crv, x and, for P-256,
 *          y; where it has alg or use they must fit, and its kid must be the token's, where both have one.
 */
#ifndef NET_ISSUER_H
#define NET_ISSUER_H

#include <stdbool.h>
#include <stddef.h>

#define ISSUER_MAX_BYTES 8192 /* of the text of a key */
#define ISSUER_KID_BYTES 128  /* with NUL */

struct issuer;

/* NULL: *why is one clause in static memory: "it is a private key". */
struct issuer *issuer_read(const char *text, size_t len, const char **why);
void issuer_destroy(struct issuer *issuer);

const char *issuer_alg(const struct issuer *issuer); /* "ES256" or "EdDSA" */
const char *issuer_kid(const struct issuer *issuer); /* "": it has none */
/* Are these the bytes that the key's owner signed? */
bool issuer_signed(const struct issuer *issuer, const char *at, size_t len, const void *signature,
	size_t signature_bytes);

#endif
