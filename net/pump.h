/*
 * pump.h: bytes both ways between two ends, each a socket or a pair of pipes.
 *
 *	pump = pump_create(loop, &(struct pump_end){0, 1}, &(struct pump_end){fd, fd}, on_done, ctx)
 *
 * When one end has said its last and the other has got all of it, the other is told so (a socket is half closed, a pipe is left to who closes it) and
 * done(ctx, side) is called, once for each side. When an end breaks, both are done. At most PUMP_BYTES wait for either end: then
 * nothing more is read from the other, which is held back in turn.
 *
 * SIGPIPE is to be ignored by the process.
 *
 * Memory: the descriptors stay the caller's, but do not block any more. pump_destroy() may be called from inside done().
 */
#ifndef NET_PUMP_H
#define NET_PUMP_H

#include <stddef.h>

#include "net/loop.h"

#define PUMP_BYTES ((size_t)16 << 10) /* few: what waits here is too late to be thinned out */

struct pump;

struct pump_end {
	int in, out; /* descriptors to read from and write to; the same for a socket */
};

enum pump_side { PUMP_A, PUMP_B };

typedef void pump_fn(void *ctx, enum pump_side said_its_last);

/* NULL when a descriptor cannot be watched: a plain file. */
struct pump *pump_create(struct loop *loop, const struct pump_end *a, const struct pump_end *b, pump_fn *done, void *ctx);
void pump_destroy(struct pump *pump);

#endif
