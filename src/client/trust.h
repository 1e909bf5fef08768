/*
 * trust.h: trust on first use, as in ssh, for a join URL without fp=.
 *
 *	if (!trust_server(&url, NULL, &why)) ...	-- url.pin is set, or an authority vouches
 *
 * A server that certificate authorities vouch for needs none of this. Of another the key's fingerprint is shown and the person
 * asked, on the terminal; without one it is refused, unless `fingerprint` says which one to expect. What was trusted is kept in
 * known_hosts, in the user's state folder; a server that has another key later is refused, and nothing asked: only an explicit
 * `fingerprint` replaces it.
 *
 * To look at a key takes a TLS handshake of its own; neither the token nor anything else is sent in it.
 */
#ifndef CLIENT_TRUST_H
#define CLIENT_TRUST_H

#include <stdbool.h>

#include "net/url.h"

/* fingerprint may be NULL. false: *why is a sentence (owned). A server that does not answer is left to who connects to it. */
bool trust_server(struct url *url, const char *fingerprint, char **why);

#endif
