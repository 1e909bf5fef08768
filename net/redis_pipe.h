/*
 * redis_pipe.h: commands to a Redis and their replies, as bytes: many may be on their way, and they are answered in order. No I/O.
 *
 *	redis_pipe_open(&pipe)
 *	redis_pipe_put(&pipe, on_reply, ctx, 3, argv, NULL)	-- adds to pipe.out, which is to be sent
 *	redis_pipe_feed(&pipe, at, n)				-- came back
 *	while (redis_pipe_answer(&pipe))
 *		;						-- on_reply is called for each that is whole
 *	redis_pipe_close(&pipe)					-- and for those that will not come, with NULL
 *
 * Memory: zeros are closed; what is closed may be opened again. What is put is copied; a reply is gone when its function returns.
 * Errors: redis_pipe_is_bad(): what came is not RESP2, or answers nothing.
 * Source: the Redis serialization protocol, version 2.
 */
#ifndef NET_REDIS_PIPE_H
#define NET_REDIS_PIPE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/redis.h"
#include "ot/buf.h"

struct redis_waiting { /* for a reply */
	redis_fn *fn; /* NULL: nobody wants to know */
	void *ctx;
};

struct redis_pipe {
	redisReader *reader; /* NULL: closed */
	struct buf out;
	struct redis_waiting *waiting;
	size_t first, count, cap; /* of waiting: [first, first + count) */
	bool unasked; /* there was a reply to nothing */
};

void redis_pipe_open(struct redis_pipe *pipe);
void redis_pipe_close(struct redis_pipe *pipe); /* nothing of it is left to be sent */
void redis_pipe_fini(struct redis_pipe *pipe);  /* nobody is told anything */
/* lens NULL: strings. */
void redis_pipe_put(struct redis_pipe *pipe, redis_fn *fn, void *ctx, int argc, const char **argv, const size_t *lens);
void redis_pipe_feed(struct redis_pipe *pipe, const char *at, size_t len);
bool redis_pipe_answer(struct redis_pipe *pipe); /* the next one; false: none is whole yet, or it is bad */
bool redis_pipe_is_bad(const struct redis_pipe *pipe);

#endif
