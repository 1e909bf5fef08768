#include "net/redis.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "net/redis_line.h"
#include "net/redis_pipe.h"
#include "net/redis_place.h"
#include "net/redis_tls.h"
#include "net/resolve.h"
#include "ot/mem.h"

#define PORT          6379
#define SENTINEL_PORT 26379
#define READ_BYTES    65536
#define TICK_MS       1000

enum stage { STAGE_IDLE, STAGE_LOOKUP, STAGE_CONNECT, STAGE_GREET, STAGE_UP };

struct redis {
	struct loop *loop;
	struct redis_options options;
	const struct redis_handler *handler;
	void *ctx;
	enum stage stage;
	bool asks_sentinel; /* who the master is */
	bool told_down;
	size_t turn;              /* of the hosts */
	struct redis_place place; /* where it is looked for: one of them, or what a sentinel said */
	struct resolve resolve;
	struct timer *timer; /* retries, and looks for silence */
	uint64_t retry_ms, since_ms;
	const char *failed; /* why the connection is to be given up, once the stack is ours */
	bool corked;
	bool hearing; /* what is sent now is written when all was heard */
	SSL_CTX *tls;
	struct redis_line line;
	struct redis_pipe pipe;
};

/* ---- giving up, and trying again ---- */

/* What was asked over it is not answered any more. */
static void close_connection(struct redis *redis)
{
	redis->failed = NULL;
	redis_line_close(&redis->line);
	redis->stage = STAGE_IDLE;
	redis_pipe_close(&redis->pipe);
}

static void give_up(struct redis *redis, const char *why)
{
	bool tell = redis->stage == STAGE_UP || !redis->told_down;

	close_connection(redis);
	resolve_stop(&redis->resolve);
	redis->asks_sentinel = redis->options.master[0];
	redis->turn++;
	timer_set(redis->timer, redis->retry_ms, 0);
	redis->retry_ms *= 2;
	if (redis->retry_ms > REDIS_RETRY_MOST_MS)
		redis->retry_ms = REDIS_RETRY_MOST_MS;
	redis->told_down = true;
	if (tell)
		redis->handler->down(redis->ctx, why);
}

void redis_restart(struct redis *redis, const char *why)
{
	if (redis->stage == STAGE_IDLE || redis->failed)
		return;
	redis->failed = why;
	timer_set(redis->timer, 0, 0);
}

/* ---- bytes ---- */

static void want(struct redis *redis)
{
	redis_line_want(&redis->line, redis->pipe.out.len > 0 || redis->stage == STAGE_CONNECT);
}

static bool drain(struct redis *redis)
{
	struct buf *out = &redis->pipe.out;
	size_t sent = 0;

	while (sent < out->len) {
		size_t len = out->len - sent < READ_BYTES ? out->len - sent : READ_BYTES;
		ssize_t n = redis_line_put(&redis->line, out->at + sent, len);
		if (n <= 0 && errno != EAGAIN)
			return false;
		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	/* It takes much, and is alive; a little, the kernel takes for the dead, too. */
	if (sent && sent < out->len)
		redis->since_ms = loop_now_ms(redis->loop);
	if (sent)
		buf_drop(out, sent);
	want(redis);
	return true;
}

static bool answer(struct redis *redis)
{
	while (!redis->failed && redis_pipe_answer(&redis->pipe))
		;
	return redis->failed || !redis_pipe_is_bad(&redis->pipe);
}

static bool hear(struct redis *redis)
{
	char bytes[READ_BYTES];
	ssize_t n;

	while ((n = redis_line_get(&redis->line, bytes, sizeof(bytes))) > 0) {
		redis->since_ms = loop_now_ms(redis->loop); /* a large answer takes its time */
		redis_pipe_feed(&redis->pipe, bytes, (size_t)n);
		if (!answer(redis))
			return false;
		if (redis->failed ||
			!redis_line_may_have_more(&redis->line, (size_t)n, sizeof(bytes)))
			return true;
	}
	return n < 0 && errno == EAGAIN;
}

/* ---- commands ---- */

static void queue(struct redis *redis, redis_fn *fn, void *ctx, int argc, const char **argv,
	const size_t *lens)
{
	if (!redis->pipe.count)
		redis->since_ms = loop_now_ms(redis->loop);
	redis_pipe_put(&redis->pipe, fn, ctx, argc, argv, lens);
	if (!redis->hearing && !redis->corked)
		want(redis);
}

void redis_cork(struct redis *redis)
{
	redis->corked = true;
}

void redis_flush(struct redis *redis)
{
	if (redis->pipe.out.len && !redis->failed && redis->stage >= STAGE_GREET && !drain(redis))
		redis_restart(redis, "the connection to Redis was lost");
}

void redis_send(struct redis *redis, redis_fn *fn, void *ctx, int argc, const char **argv,
	const size_t *lens)
{
	if (redis->stage == STAGE_UP && !redis->failed)
		queue(redis, fn, ctx, argc, argv, lens);
}

static void words(struct redis *redis, redis_fn *fn, void *ctx, const char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	queue(redis, fn, ctx, argc, argv, NULL);
}

void redis_words(struct redis *redis, redis_fn *fn, void *ctx, const char **argv)
{
	if (redis->stage == STAGE_UP && !redis->failed)
		words(redis, fn, ctx, argv);
}

#define WORDS(redis, fn, ...) words(redis, fn, redis, (const char *[]){__VA_ARGS__, NULL})

/* ---- the greeting: who we are, and whether it is who we want ---- */

static const char *refusal(const struct redis *redis, const redisReply *reply)
{
	if (strncmp(reply->str, "LOADING", 7) == 0)
		return "Redis is still reading its data";
	return redis->asks_sentinel ? "the sentinel does not take the user or the password"
				    : "Redis does not take the user, the password or the number of "
				      "the database";
}

static void on_greeted(void *ctx, const redisReply *reply)
{
	struct redis *redis = ctx;

	if (reply && reply->type == REDIS_REPLY_ERROR)
		redis_restart(redis, refusal(redis, reply));
}

static void on_role(void *ctx, const redisReply *reply)
{
	struct redis *redis = ctx;
	bool is_master = reply && reply->type == REDIS_REPLY_ARRAY && reply->elements &&
			 reply->element[0]->type == REDIS_REPLY_STRING &&
			 strcmp(reply->element[0]->str, "master") == 0;

	if (!reply || redis->failed)
		return;
	/* who may not ask, believes it, unless sentinels are there to be asked again */
	if (!is_master && (reply->type == REDIS_REPLY_ARRAY || redis->options.master[0])) {
		redis_restart(
			redis, reply->type == REDIS_REPLY_ARRAY
				       ? "that Redis is not the master"
				       : "Redis does not say whether it is the master (ROLE)");
		return;
	}
	redis->stage = STAGE_UP;
	redis->retry_ms = REDIS_RETRY_MS;
	redis->told_down = false;
	redis->handler->up(redis->ctx);
}

static bool read_place(const redisReply *reply, struct redis_place *out)
{
	const redisReply *host, *port;

	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
		return false;
	host = reply->element[0];
	port = reply->element[1];
	if (host->type != REDIS_REPLY_STRING || host->len >= sizeof(out->host) ||
		port->type != REDIS_REPLY_STRING)
		return false;
	snprintf(out->host, sizeof(out->host), "%s", host->str);
	return redis_place_port(port->str, port->len, &out->port);
}

static void on_master(void *ctx, const redisReply *reply)
{
	struct redis *redis = ctx;

	if (!reply || redis->failed)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		redis_restart(redis, "the sentinel does not say who the master is: does it want a "
				     "password (sentinel-password=)?");
		return;
	}
	if (!read_place(reply, &redis->place)) {
		redis_restart(redis, "the sentinel knows no master of that name");
		return;
	}
	redis->asks_sentinel = false;
	redis_restart(redis, "");
}

static void authenticate(struct redis *redis, const char *user, const char *password)
{
	if (*user)
		WORDS(redis, on_greeted, "AUTH", user, password);
	else if (*password)
		WORDS(redis, on_greeted, "AUTH", password);
}

static void greet(struct redis *redis)
{
	const struct redis_options *options = &redis->options;
	char db[16];

	redis->stage = STAGE_GREET;
	if (redis->asks_sentinel) {
		authenticate(redis, options->sentinel_user, options->sentinel_password);
		WORDS(redis, on_master, "SENTINEL", "get-master-addr-by-name", options->master);
		return;
	}
	snprintf(db, sizeof(db), "%u", options->db);
	authenticate(redis, options->user, options->password);
	if (options->db)
		WORDS(redis, on_greeted, "SELECT", db);
	WORDS(redis, on_role, "ROLE");
}

/* ---- connecting ---- */

static void on_ready(void *ctx, bool readable, bool writable);

/* One address after the other, until the connection to one of them begins. */
static void try_addresses(struct redis *redis)
{
	struct sockaddr_storage to;
	const char *why;

	do {
		socklen_t len = resolve_socket(&redis->resolve, redis->place.port, &to);
		redis_line_close(&redis->line);
		why = redis_line_open(
			&redis->line, redis->loop, (struct sockaddr *)&to, len, on_ready, redis);
	} while (why && resolve_next(&redis->resolve));
	if (why) {
		give_up(redis, why);
		return;
	}
	redis_pipe_open(&redis->pipe);
	redis->stage = STAGE_CONNECT;
	redis->since_ms = loop_now_ms(redis->loop);
	timer_set(redis->timer, TICK_MS, TICK_MS);
	want(redis);
}

static void on_resolved(void *ctx, int status)
{
	if (status)
		give_up(ctx, "there is no such host");
	else
		try_addresses(ctx);
}

/* At a sentinel in its turn, the master that one named, or the only server there is. */
static void start(struct redis *redis)
{
	bool told = redis->options.master[0] && !redis->asks_sentinel;

	if (!told && !redis_place(redis->options.hosts, redis->turn,
			     redis->asks_sentinel ? SENTINEL_PORT : PORT, &redis->place)) {
		give_up(redis, "there is no such host");
		return;
	}
	redis->stage = STAGE_LOOKUP;
	resolve_start(&redis->resolve, redis->place.host);
}

/* The sentinel has answered. */
static void go_to_master(struct redis *redis)
{
	close_connection(redis);
	resolve_stop(&redis->resolve);
	start(redis);
}

/* Who is not to be spoken to at this address may be at another one, too. */
static void lose(struct redis *redis, const char *why)
{
	if (redis->stage == STAGE_UP || !resolve_next(&redis->resolve)) {
		give_up(redis, why);
		return;
	}
	close_connection(redis);
	try_addresses(redis);
}

static void finish_turn(struct redis *redis)
{
	if (redis->failed && !*redis->failed)
		go_to_master(redis);
	else if (redis->failed)
		give_up(redis, redis->failed);
}

static const char *connected(struct redis *redis)
{
	const char *why = redis_line_begin(&redis->line, redis->tls, redis->place.host);

	if (!why)
		greet(redis);
	return why;
}

static const char *talk(struct redis *redis, bool readable, bool writable)
{
	if (redis->stage == STAGE_CONNECT) {
		const char *why = connected(redis);
		if (why)
			return why;
	} else if (readable && !hear(redis)) {
		return redis_line_trouble(&redis->line);
	}
	if (!redis->failed && (writable || redis->pipe.out.len) && !drain(redis))
		return redis_line_trouble(&redis->line);
	return NULL;
}

static void on_ready(void *ctx, bool readable, bool writable)
{
	struct redis *redis = ctx;
	const char *why;

	redis->hearing = true;
	why = talk(redis, readable, writable);
	redis->hearing = false;
	if (why && !redis->failed)
		lose(redis, why);
	else
		finish_turn(redis);
}

static void on_timer(void *ctx)
{
	struct redis *redis = ctx;
	bool waits = redis->pipe.count || redis->stage == STAGE_CONNECT;

	if (redis->failed)
		finish_turn(redis);
	else if (redis->stage == STAGE_IDLE)
		start(redis);
	else if (waits && loop_now_ms(redis->loop) - redis->since_ms > REDIS_PATIENCE_MS)
		lose(redis, "Redis does not answer");
}

/* ---- beginning and end ---- */

struct redis *redis_create(struct loop *loop, const struct redis_options *options,
	const struct redis_handler *handler, void *ctx)
{
	struct redis *redis = mem_alloc(sizeof(*redis));

	redis->loop = loop;
	redis->options = *options;
	redis->handler = handler;
	redis->ctx = ctx;
	redis->line = REDIS_LINE_CLOSED;
	redis->retry_ms = REDIS_RETRY_MS;
	redis->asks_sentinel = options->master[0];
	redis->tls = options->tls ? redis_tls_make(options) : NULL;
	redis->timer = timer_make(loop, on_timer, redis);
	resolve_init(&redis->resolve, loop, on_resolved, redis);
	timer_set(redis->timer, 0, 0);
	return redis;
}

void redis_destroy(struct redis *redis)
{
	if (!redis)
		return;
	redis_line_close(&redis->line);
	redis_pipe_fini(&redis->pipe);
	resolve_stop(&redis->resolve);
	timer_destroy(redis->timer);
	SSL_CTX_free(redis->tls);
	OPENSSL_cleanse(&redis->options, sizeof(redis->options));
	free(redis);
}

bool redis_is_up(const struct redis *redis)
{
	return redis->stage == STAGE_UP && !redis->failed;
}
