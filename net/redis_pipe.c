#include "net/redis_pipe.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

void redis_pipe_open(struct redis_pipe *pipe)
{
	pipe->reader = redisReaderCreate();
	if (!pipe->reader)
		abort();
}

static void shut(struct redis_pipe *pipe)
{
	redisReaderFree(pipe->reader);
	pipe->reader = NULL;
	pipe->unasked = false;
	buf_clear(&pipe->out);
}

static struct redis_waiting next_waiting(struct redis_pipe *pipe)
{
	struct redis_waiting next = pipe->waiting[pipe->first++];

	if (!--pipe->count)
		pipe->first = 0;
	return next;
}

static void tell(const struct redis_waiting *waiting, const redisReply *reply)
{
	if (waiting->fn)
		waiting->fn(waiting->ctx, reply);
}

void redis_pipe_close(struct redis_pipe *pipe)
{
	shut(pipe);
	while (pipe->count) {
		struct redis_waiting waiting = next_waiting(pipe);
		tell(&waiting, NULL);
	}
}

void redis_pipe_fini(struct redis_pipe *pipe)
{
	shut(pipe);
	buf_fini(&pipe->out);
	free(pipe->waiting);
	*pipe = (struct redis_pipe){0};
}

static void put_head(struct buf *out, char sigil, size_t number)
{
	char digits[24], *at = digits + sizeof(digits);

	*--at = '\n';
	*--at = '\r';
	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	*--at = sigil;
	buf_add(out, at, (size_t)(digits + sizeof(digits) - at));
}

/* An array of strings. */
static void put_command(struct buf *out, int argc, const char **argv, const size_t *lens)
{
	put_head(out, '*', (size_t)argc);
	for (int i = 0; i < argc; i++) {
		size_t len = lens ? lens[i] : strlen(argv[i]);
		put_head(out, '$', len);
		if (len)
			buf_add(out, argv[i], len);
		buf_add(out, "\r\n", 2);
	}
}

void redis_pipe_put(struct redis_pipe *pipe, redis_fn *fn, void *ctx, int argc, const char **argv,
	const size_t *lens)
{
	put_command(&pipe->out, argc, argv, lens);
	if (pipe->first && pipe->first + pipe->count == pipe->cap) {
		memmove(pipe->waiting, pipe->waiting + pipe->first,
			pipe->count * sizeof(*pipe->waiting));
		pipe->first = 0;
	}
	pipe->waiting = mem_grow(
		pipe->waiting, &pipe->cap, pipe->first + pipe->count + 1, sizeof(*pipe->waiting));
	pipe->waiting[pipe->first + pipe->count++] = (struct redis_waiting){fn, ctx};
}

void redis_pipe_feed(struct redis_pipe *pipe, const char *at, size_t len)
{
	redisReaderFeed(pipe->reader, at, len);
}

bool redis_pipe_answer(struct redis_pipe *pipe)
{
	void *reply = NULL;

	if (redisReaderGetReply(pipe->reader, &reply) != REDIS_OK || !reply)
		return false;
	pipe->unasked = !pipe->count;
	if (!pipe->unasked) {
		struct redis_waiting waiting = next_waiting(pipe);
		tell(&waiting, reply);
	}
	freeReplyObject(reply);
	return !pipe->unasked;
}

bool redis_pipe_is_bad(const struct redis_pipe *pipe)
{
	return pipe->unasked || pipe->reader->err;
}
