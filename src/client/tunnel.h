/*
 * tunnel.h: the way to a room on another machine, through the user's own ssh(1).
 *
 *	tunnel = tunnel_create(loop, &options)
 *	tunnel_url(tunnel, &url)			-- what ws_client_connect() takes, when the way is open
 *	tunnel_open(tunnel, &handler, ctx)		-- then ready() or failed(), once
 *	tunnel_destroy(tunnel)
 *
 * ssh runs `codecollab connect ROOM` there, which says a line when it has reached the room's socket; what a login shell says before is
 * skipped. Then the way is a local socket in the runtime folder for one connection, ours alone, whose bytes go through ssh.
 *
 * At first ssh has the terminal, and asks there for passphrases and about host keys; what it says besides is shown. After tunnel_quiet(), when
 * the terminal has become the screen, it has none and runs with BatchMode: a key without a passphrase or an agent lets it in again. (To
 * share the first connection, as ControlMaster does, would not help: what was lost is that connection.) What only a person
 * could settle is told as for good, and not tried again and again: then the terminal can be lent once more (tunnel_quiet(false)).
 */
#ifndef CLIENT_TUNNEL_H
#define CLIENT_TUNNEL_H

#include <stdbool.h>

#include "net/loop.h"
#include "net/url.h"
#include "src/client/ssh_url.h"

#define TUNNEL_SKIP_BYTES ((size_t)64 << 10) /* of what a login shell may say first */
#define TUNNEL_OPEN_MS    60000              /* once nobody is asked any more */

struct tunnel;

struct tunnel_options {
	struct ssh_url url;
	const char *ssh;     /* a shell's words in place of "ssh", as in GIT_SSH_COMMAND; NULL: ssh. Borrowed */
	const char *program; /* what is run there in place of "codecollab", as the shell there reads it. Borrowed */
};

struct tunnel_handler {
	void (*ready)(void *ctx);
	/* for_good: trying again by itself would not help. The sentence is borrowed. */
	void (*failed)(void *ctx, const char *sentence, bool for_good);
};

struct tunnel *tunnel_create(struct loop *loop, const struct tunnel_options *options, char **why); /* NULL: *why (owned) */
void tunnel_destroy(struct tunnel *tunnel); /* not from inside failed() */
void tunnel_url(const struct tunnel *tunnel, struct url *out);
void tunnel_open(struct tunnel *tunnel, const struct tunnel_handler *handler, void *ctx); /* what was open before ends */
void tunnel_close(struct tunnel *tunnel); /* without a call */
void tunnel_quiet(struct tunnel *tunnel, bool quiet); /* from the next opening on */
bool tunnel_needs_person(const struct tunnel *tunnel); /* the newest opening failed for good: it is to be asked for on the terminal */

#endif
