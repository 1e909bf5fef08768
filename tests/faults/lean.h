/*
 * lean.h: a client of the protocol that costs little, so that a test can have a thousand of them: TLS (but not to a local socket), frames and
 * messages, no text.
 *
 *	lean = lean_connect(loop, &url, &handler, ctx);
 *	lean_send(lean, &message);		-- in opened() or later
 *	lean_put(lean, &message);		-- or several in one frame:
 *	lean_flush(lean);
 *	lean_deafen(lean);			-- it reads no more
 *
 * It speaks the binary encoding, keeps nothing of what it hears, and answers pings. It trusts every key: what it tests is the
 * server. All that does not work ends in closed(), once, maybe inside lean_send(); not from inside a handler, lean_destroy() it.
 */
#ifndef FAULTS_LEAN_H
#define FAULTS_LEAN_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/message.h"
#include "net/url.h"

struct lean;

struct lean_handler {
	void (*opened)(void *ctx); /* frames may be sent */
	void (*message)(void *ctx, const struct message *m);
	void (*closed)(void *ctx, unsigned code); /* of the server's close frame, the HTTP status that refused it, or 0 */
};

struct lean *lean_connect(struct loop *loop, const struct url *url, const struct lean_handler *handler, void *ctx);
void lean_destroy(struct lean *lean);
void lean_send(struct lean *lean, const struct message *m);
void lean_put(struct lean *lean, const struct message *m);
void lean_flush(struct lean *lean); /* what was put since the last time, if anything */
uint64_t lean_said_bytes(const struct lean *lean);  /* of WebSocket frames, without those of TLS, both ways */
uint64_t lean_heard_bytes(const struct lean *lean);
void lean_deafen(struct lean *lean);
void lean_hear(struct lean *lean); /* again */

#endif
