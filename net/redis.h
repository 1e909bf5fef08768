/*
 * redis.h: a connection to a Redis server, that comes back when it is lost.
 *
 *	redis://[[USER]:PASSWORD@]HOST[:6379][/DB][?prefix=P]
 *	rediss://...[?ca=FILE][&cert=FILE&key=FILE]			TLS; a certificate of the system's authorities, or of FILE's; and ours
 *	redis+sentinel://[[USER]:PASSWORD@]HOST[:26379][,HOST...]/NAME[/DB]	whoever the sentinels say is the master of that name
 *	...[?sentinel-password=P][&sentinel-user=U]			who we are to these; the user above is for the master
 *	rediss+sentinel://...						TLS to both
 *
 *	why = redis_url("redis://127.0.0.1", &options);
 *	redis = redis_create(loop, &options, &handler, ctx)	-- handler.up, sooner or later
 *	REDIS_SEND(redis, on_reply, ctx, "SET", "key", "value")
 *	redis_destroy(redis)
 *
 * Commands may be sent while it is up, and without waiting for replies. Their replies come in order; NULL instead of one says
 * that the connection went first, and nobody knows whether it was done. Then handler.down, and after a while handler.up again. A
 * server that does not answer for REDIS_PATIENCE_MS counts as gone. Of a host with several addresses each is tried before that counts as
 * a failure, and all of several hosts in turn.
 *
 * hiredis reads the protocol (RESP2), and nothing else of it is used: its own connections cannot do TLS in the version of Debian 12,
 * and never learn of a refused connection under libuv; and its writer prints each length, which costs more than all the rest of a command.
 * redis_pipe.h has commands and replies, redis_line.h the socket, redis_place.h the hosts.
 *
 * Memory:  what is sent is copied. Replies belong to the connection. Not to be destroyed from within its handlers.
 * Threads: all in the loop's, but names are looked up on another.
 */
#ifndef NET_REDIS_H
#define NET_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

#include "net/loop.h"

#define REDIS_PATIENCE_MS 3000
#define REDIS_RETRY_MS    100  /* before the second try to connect; then doubled, up to */
#define REDIS_RETRY_MOST_MS 2000

struct redis_options {
	char hosts[512]; /* HOST:PORT, or several of them with commas: sentinels */
	char master[64]; /* "": the host is the server itself */
	char user[64], password[128];
	char prefix[64];
	char sentinel_user[64], sentinel_password[128];
	char ca[256], cert[256], key[256];
	unsigned db;
	bool tls;
};

/* NULL when it parses, else what is wrong with it, one clause in static memory. */
const char *redis_url(const char *url, struct redis_options *out);
/* Likewise, of the files that it names. (Where they cannot be read later, nothing is trusted.) */
const char *redis_tls_fault(const struct redis_options *options);

struct redis;

struct redis_handler {
	void (*up)(void *ctx);
	void (*down)(void *ctx, const char *why); /* once for each time it was up, and for the first failure */
};

typedef void redis_fn(void *ctx, const redisReply *reply);

struct redis *redis_create(struct loop *loop, const struct redis_options *options, const struct redis_handler *handler, void *ctx);
void redis_destroy(struct redis *redis); /* replies that were waited for do not come */
bool redis_is_up(const struct redis *redis);
/* Nothing when it is not up. */
void redis_send(struct redis *redis, redis_fn *fn, void *ctx, int argc, const char **argv, const size_t *lens);
void redis_words(struct redis *redis, redis_fn *fn, void *ctx, const char **words); /* ended by NULL */
#define REDIS_SEND(redis, fn, ctx, ...) redis_words(redis, fn, ctx, (const char *[]){__VA_ARGS__, NULL})
/*
 * What is sent waits for redis_flush(), to be called at the end of each turn (loop_on_last): one write for all of a turn, and no turn of the
 * loop to learn that the socket takes it, which it nearly always does.
 */
void redis_cork(struct redis *redis);
void redis_flush(struct redis *redis);
/* Start anew: something on the other side is not as it should be. */
void redis_restart(struct redis *redis, const char *why);

#endif
