/*
 * tls.h: the server's own key and certificate, and the pin that clients know it by.
 *
 * The certificate is self-signed, ECDSA P-256, made once and kept; what is trusted is the SHA-256 of its SubjectPublicKeyInfo
 * (RFC 7469's pin, unpadded base64url), which the join URL carries.
 *
 * Memory: an identity owns its texts; the key is wiped before it is given back. On false nothing is written to *out.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/buf.h"

#define TLS_PIN_BYTES 43 /* characters of a pin, without NUL */

struct tls_identity {
	struct buf cert_pem, key_pem; /* NUL-terminated within len + 1 */
	char pin[TLS_PIN_BYTES + 1];
};

bool tls_identity_make(struct tls_identity *out);                                    /* a new key; about 2 ms */
/* Both as text; behind the server's certificate others of its chain may follow. false: do not parse, do not match, or want a password. */
bool tls_identity_read(struct tls_identity *out, const char *cert_pem, const char *key_pem);
/* What those who connect from now on are shown, its chain too. false: it cannot be used, and what was before stays. */
struct ssl_ctx_st;
bool tls_identity_use(const struct tls_identity *id, struct ssl_ctx_st *tls);
void tls_identity_fini(struct tls_identity *id);                                     /* wipes the key */

bool tls_pin_valid(const char *pin, size_t len);
void tls_pin_of_spki(const unsigned char *der, size_t len, char out[TLS_PIN_BYTES + 1]);

#endif
