/*
 * tls_peer.h: is it the server we mean that answers? Its key against the pin, or the system's authorities and its name.
 *
 *	struct tls_peer peer = {.host = url.host, .pin = url.pin};
 *	ctx = tls_peer_context(&peer, true);	-- for the handshakes, which ask it
 *	if (!tls_peer_is_right(&peer, ssl))	-- once more, of what the handshake came to, before a secret leaves
 *		complain(peer.wrong);
 *
 * With a pin only the key counts, and it counts alone: no name, no date. Without one OpenSSL judges the chain and the name.
 * A context for pins knows no authorities, so whoever has both sorts of URL needs one of each.
 *
 * Memory: a context borrows its peer for life; host and pin are borrowed and may be changed between handshakes.
 * Source: RFC 7469 (the pin), RFC 6125 (the name).
 */
#ifndef NET_TLS_PEER_H
#define NET_TLS_PEER_H

#include <stdbool.h>

#include <openssl/ssl.h>

#include "net/tls.h"

struct tls_peer {
	const char *host, *pin;      /* pin "": the authorities decide */
	char met[TLS_PIN_BYTES + 1]; /* the pin of the newest certificate, right or wrong; "" when there was none */
	const char *wrong;           /* why the newest one was refused, in static memory; NULL: it was not */
};

SSL_CTX *tls_peer_context(struct tls_peer *peer, bool pinned); /* owned; SSL_CTX_free */
bool tls_peer_is_right(struct tls_peer *peer, SSL *tls);       /* tls may be NULL: it is not */

#endif
