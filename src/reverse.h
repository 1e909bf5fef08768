/*
 * reverse.h: a room on a box that its host and the guests can all log in to, by the user's own ssh(1).
 *
 *	reverse = reverse_create(loop, &options, &handler, ctx)	-- then published(), or failed() if that never worked
 *	reverse_quiet(reverse)					-- the terminal is the screen now: ask nobody
 *	reverse_destroy(reverse)				-- the name there goes
 *
 * One ssh does it: there it runs `codecollab connect --publish ROOM` (publish.h), which gives the room a name; through the same
 * connection (ControlMaster, with a control socket of this process alone) sshd is then asked to listen at that place (ssh -R) and to
 * send who comes to a socket here. So it asks for a passphrase once. When it is lost it is started again (backoff.h).
 */
#ifndef SRC_REVERSE_H
#define SRC_REVERSE_H

#include "net/loop.h"
#include "src/client/ssh_url.h"

struct reverse;

struct reverse_options {
	struct ssh_url box;        /* with the room */
	const char *ssh, *program; /* of tunnel_options. Borrowed */
	const char *socket;        /* where guests are to be sent. Copied */
};

struct reverse_handler {
	void (*published)(void *ctx, bool again);
	void (*failed)(void *ctx, const char *sentence); /* it never was */
	void (*lost)(void *ctx, const char *sentence, bool for_good); /* it was; for_good: only a person could settle it */
};

struct reverse *reverse_create(
	struct loop *loop, const struct reverse_options *options, const struct reverse_handler *handler, void *ctx);
void reverse_quiet(struct reverse *reverse);
void reverse_destroy(struct reverse *reverse); /* not from inside failed(); NULL is fine */

#endif
