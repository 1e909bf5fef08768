/*
 * https.h: one GET over TLS from a server that is known by its pin, or by a certificate authority.
 *
 *	if (!https_get(&url, "/status", &status, &body, &why)) ...	-- why: "connection refused"
 *
 * It blocks, HTTPS_WAIT_MS at most (the resolver's time not counted): for a command, or for a worker thread.
 * The URL's token goes along as a bearer, never before the key was found to be the one of the pin.
 *
 * Limits:  HTTPS_ANSWER_BYTES of an answer.
 * Errors:  false: *why is a clause in static memory (never freed); body is what came so far.
 */
#ifndef NET_HTTPS_H
#define NET_HTTPS_H

#include <stdbool.h>

#include "net/url.h"
#include "ot/buf.h"

#define HTTPS_WAIT_MS      3000
#define HTTPS_ANSWER_BYTES ((size_t)8 << 20)

/* Appends the body of whatever answer there is; *status is HTTP's. */
bool https_get(const struct url *url, const char *path, int *status, struct buf *body, const char **why);

#endif
