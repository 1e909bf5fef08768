/*
 * join.h: a person at a terminal in a room: connection, text, and screen on one loop.
 *
 *	join = join_start(loop, &options, on_end, ctx)
 *	loop_run(loop)		-- on_end stops it
 *	join_destroy(join)
 *
 * The terminal is taken when the text is there, so whatever fails before that is one sentence on a clean screen. Later a lost
 * connection only shows in the status bar: the editor goes on, and what was typed is merged when the server is back.
 */
#ifndef CLIENT_JOIN_H
#define CLIENT_JOIN_H

#include <stdbool.h>

#include "net/loop.h"
#include "net/url.h"
#include "src/client/console.h"
#include "src/client/journal.h"
#include "src/client/tunnel.h"

struct join;

struct join_options {
	struct url url;
	const char *file;       /* of the room, to begin with, made if there is none; NULL: the room's first */
	const char *name;       /* NULL: the login name */
	/* Both NULL, or, for a text that was edited alone until now: the console it is on, and what to go on with there. Taken. */
	struct console *console;
	struct replica *replica;
	struct tunnel *tunnel;   /* that url is at the end of; borrowed; NULL: none */
	struct journal *journal; /* where unsent edits are kept; borrowed; may be NULL */
	const char *warning;     /* shown once the text is there; borrowed; may be NULL */
	const char *editor_url; /* for the host: what the share screen shows; NULL otherwise */
	const char *viewer_url;
	const char *room_here; /* likewise: the room, if it has a socket for this machine */
	/* The host's question before it quits; NULL or "" : none. Owned by the caller of join, static or kept. */
	const char *(*quit_question)(void *ctx);
};

/* failed: NULL when the person quit, else why it could not go on, one sentence borrowed during the call. */
typedef void join_end_fn(void *ctx, const char *failed);

struct join *join_start(
	struct loop *loop, const struct join_options *options, join_end_fn *end, void *ctx);
void join_leave(struct join *join); /* close the connection politely, and the terminal; end is not called */
void join_notice(struct join *join, const char *text); /* something the person should read */
bool join_is_asking(const struct join *join); /* ssh has the terminal: an interrupt from there is meant for it */
bool join_unsettled(const struct join *join); /* online, and the newest edits are not acknowledged yet: worth a moment */
/* Online, and everything is acknowledged: the text, borrowed until the next turn. NULL otherwise. */
const struct text *join_settled(const struct join *join);
bool join_connected(const struct join *join);
void join_destroy(struct join *join); /* not from inside end() */

#endif
