#include "net/redis.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "net/redis_tls.h"
#include "ot/buf.h"
#include "ot/mem.h"

#define READ_BYTES 65536
#define TICK_MS    1000

struct waiting { /* for a reply */
	redis_fn *fn;
	void *ctx;
};

/* The look-up of a name outlives who asked. */
struct lookup {
	struct redis *redis; /* NULL: nobody wants to know any more */
	char host[256], port[8];
	struct addrinfo *found;
	const char *why;
};

enum stage { STAGE_IDLE, STAGE_LOOKUP, STAGE_CONNECT, STAGE_GREET, STAGE_UP };

struct redis {
	struct loop *loop;
	struct redis_options options;
	const struct redis_handler *handler;
	void *ctx;
	enum stage stage;
	bool asks_sentinel; /* who the master is */
	bool told_down;
	size_t sentinel;  /* whose turn it is */
	char master[300]; /* HOST:PORT, as a sentinel said */
	char host[256];
	struct lookup *lookup;
	struct timer *timer; /* retries, and looks for silence */
	uint64_t retry_ms, since_ms;
	const char *failed; /* why the connection is to be given up, once the stack is ours */
	bool corked;
	bool hearing; /* what is sent now is written when all was heard */

	int fd;
	struct watch *watch;
	SSL_CTX *tls;
	SSL *ssl;
	redisReader *reader;
	struct buf out;
	struct waiting *waiting;
	size_t first, count, cap; /* of waiting: [first, first + count) */
};

static void start(struct redis *redis);

/* ---- giving up, and trying again ---- */

static void close_socket(struct redis *redis)
{
	watch_destroy(redis->watch);
	redis->watch = NULL;
	SSL_free(redis->ssl);
	redis->ssl = NULL;
	if (redis->fd >= 0)
		close(redis->fd);
	redis->fd = -1;
	redisReaderFree(redis->reader);
	redis->reader = NULL;
	buf_clear(&redis->out);
	if (redis->lookup)
		redis->lookup->redis = NULL;
	redis->lookup = NULL;
}

static void answer_nobody(struct redis *redis)
{
	while (redis->count) {
		struct waiting w = redis->waiting[redis->first++];
		redis->count--;
		if (w.fn)
			w.fn(w.ctx, NULL);
	}
	redis->first = 0;
}

static void give_up(struct redis *redis, const char *why)
{
	bool tell = redis->stage == STAGE_UP || !redis->told_down;

	redis->failed = NULL;
	close_socket(redis);
	redis->stage = STAGE_IDLE;
	redis->asks_sentinel = redis->options.master[0];
	redis->sentinel++;
	answer_nobody(redis);
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
	if (redis->watch)
		watch_set(redis->watch, true, redis->out.len > 0 || redis->stage == STAGE_CONNECT);
}

/* As read() and write(): 0 or less, and errno EAGAIN when there is nothing to do now. */
static ssize_t tls_result(struct redis *redis, int result)
{
	int error = SSL_get_error(redis->ssl, result);

	if (result > 0)
		return result;
	errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EIO;
	return error == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

static ssize_t put(struct redis *redis, const char *at, size_t len)
{
	if (redis->ssl)
		return tls_result(redis, SSL_write(redis->ssl, at, (int)len));
	return send(redis->fd, at, len, MSG_NOSIGNAL);
}

static ssize_t get(struct redis *redis, char *at, size_t len)
{
	if (redis->ssl)
		return tls_result(redis, SSL_read(redis->ssl, at, (int)len));
	return recv(redis->fd, at, len, 0);
}

static bool drain(struct redis *redis)
{
	size_t sent = 0;

	while (sent < redis->out.len) {
		size_t len = redis->out.len - sent;
		ssize_t n = put(redis, redis->out.at + sent, len < READ_BYTES ? len : READ_BYTES);
		if (n <= 0 && errno != EAGAIN)
			return false;
		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	if (sent &&
		sent < redis->out
				.len) /* it takes much, and is alive; a little, the kernel takes for the dead, too */
		redis->since_ms = loop_now_ms(redis->loop);
	if (sent)
		buf_drop(&redis->out, sent);
	want(redis);
	return true;
}

static bool answer(struct redis *redis)
{
	void *reply = NULL;

	while (!redis->failed && redisReaderGetReply(redis->reader, &reply) == REDIS_OK && reply) {
		if (!redis->count)
			return false;
		struct waiting w = redis->waiting[redis->first++];
		redis->since_ms = loop_now_ms(redis->loop);
		if (!--redis->count)
			redis->first = 0;
		if (w.fn)
			w.fn(w.ctx, reply);
		freeReplyObject(reply);
		reply = NULL;
	}
	return redis->failed || !redis->reader->err;
}

static bool hear(struct redis *redis)
{
	char bytes[READ_BYTES];
	ssize_t n;

	while ((n = get(redis, bytes, sizeof(bytes))) > 0) {
		redis->since_ms = loop_now_ms(redis->loop); /* a large answer takes its time */
		redisReaderFeed(redis->reader, bytes, (size_t)n);
		if (!answer(redis))
			return false;
		if (redis->failed || (!redis->ssl && (size_t)n < sizeof(bytes)))
			return true;
	}
	return n < 0 && errno == EAGAIN;
}

/* ---- commands ---- */

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

/* RESP: an array of strings. */
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

static void queue(struct redis *redis, redis_fn *fn, void *ctx, int argc, const char **argv,
	const size_t *lens)
{
	if (!redis->count)
		redis->since_ms = loop_now_ms(redis->loop);
	put_command(&redis->out, argc, argv, lens);
	if (redis->first && redis->first + redis->count == redis->cap) {
		memmove(redis->waiting, redis->waiting + redis->first,
			redis->count * sizeof(*redis->waiting));
		redis->first = 0;
	}
	redis->waiting = mem_grow(redis->waiting, &redis->cap, redis->first + redis->count + 1,
		sizeof(*redis->waiting));
	redis->waiting[redis->first + redis->count++] = (struct waiting){fn, ctx};
	if (!redis->hearing && !redis->corked)
		want(redis);
}

void redis_cork(struct redis *redis)
{
	redis->corked = true;
}

void redis_flush(struct redis *redis)
{
	if (redis->out.len && !redis->failed && redis->stage >= STAGE_GREET && !drain(redis))
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
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
		reply->element[0]->type != REDIS_REPLY_STRING ||
		reply->element[1]->type != REDIS_REPLY_STRING) {
		redis_restart(redis, "the sentinel knows no master of that name");
		return;
	}
	snprintf(redis->master, sizeof(redis->master), "%.250s:%.8s", reply->element[0]->str,
		reply->element[1]->str);
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

static const char *connected(struct redis *redis)
{
	int error = 0;
	socklen_t len = sizeof(error);

	getsockopt(redis->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error)
		return "nobody takes the connection to Redis";
	if (redis->tls && !(redis->ssl = redis_tls_begin(redis->tls, redis->fd, redis->host)))
		return "TLS cannot be started";
	greet(redis);
	return NULL;
}

static const char *trouble(const struct redis *redis)
{
	if (redis->ssl && SSL_get_verify_result(redis->ssl) != X509_V_OK)
		return "the certificate of Redis is not one that is trusted";
	return "the connection to Redis was lost";
}

static void finish_turn(struct redis *redis)
{
	const char *why = redis->failed;

	if (!why)
		return;
	if (!*why) { /* not a failure: the sentinel has answered */
		redis->failed = NULL;
		close_socket(redis);
		redis->stage = STAGE_IDLE;
		answer_nobody(redis);
		start(redis);
		return;
	}
	give_up(redis, why);
}

static const char *talk(struct redis *redis, bool readable, bool writable)
{
	if (redis->stage == STAGE_CONNECT) {
		const char *why = connected(redis);
		if (why)
			return why;
	} else if (readable && !hear(redis)) {
		return trouble(redis);
	}
	if (!redis->failed && (writable || redis->out.len) && !drain(redis))
		return trouble(redis);
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
		redis->failed = why;
	finish_turn(redis);
}

static const char *open_socket(struct redis *redis, const struct addrinfo *to)
{
	int on = 1;

	redis->fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (redis->fd < 0)
		return "there is no socket to be had";
	setsockopt(redis->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(redis->fd, to->ai_addr, to->ai_addrlen) && errno != EINPROGRESS)
		return "nobody takes the connection to Redis";
	redis->watch = watch_create(redis->loop, redis->fd, on_ready, redis);
	if (!redis->watch)
		return "the socket cannot be watched";
	redis->reader = redisReaderCreate();
	redis->stage = STAGE_CONNECT;
	redis->since_ms = loop_now_ms(redis->loop);
	timer_set(redis->timer, TICK_MS, TICK_MS);
	want(redis);
	return NULL;
}

static void look_up(void *ctx)
{
	struct lookup *lookup = ctx;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};

	if (getaddrinfo(lookup->host, lookup->port, &hints, &lookup->found))
		lookup->why = "there is no such host";
}

static void on_looked_up(void *ctx)
{
	struct lookup *lookup = ctx;
	struct redis *redis = lookup->redis;
	const char *why = lookup->why;

	if (redis) {
		redis->lookup = NULL;
		if (!why)
			why = open_socket(redis, lookup->found);
		if (why)
			give_up(redis, why);
	}
	if (lookup->found)
		freeaddrinfo(lookup->found);
	free(lookup);
}

/* The place to try now: a sentinel in its turn, the master that one named, or the only server there is. */
static const char *place(const struct redis *redis, size_t *len)
{
	const char *at = redis->options.hosts;

	if (redis->options.master[0] && !redis->asks_sentinel)
		at = redis->master;
	else
		for (size_t skip = redis->sentinel % 8; skip; skip--) {
			const char *comma = strchr(at, ',');
			at = comma ? comma + 1 : redis->options.hosts;
		}
	*len = strcspn(at, ",");
	return at;
}

static void split_place(const char *at, size_t len, bool sentinel, struct lookup *out)
{
	const char *colon = memrchr(at, ':', len);

	if (*at == '[' && memchr(at, ']', len)) {
		const char *end = memchr(at, ']', len);
		colon = (size_t)(end - at) + 1 < len ? end + 1 : NULL;
		snprintf(out->host, sizeof(out->host), "%.*s", (int)(end - at - 1), at + 1);
	} else {
		snprintf(out->host, sizeof(out->host), "%.*s",
			(int)(colon ? colon - at : (ptrdiff_t)len), at);
	}
	snprintf(out->port, sizeof(out->port), "%.*s",
		(int)(colon ? at + len - colon - 1 : (sentinel ? 5 : 4)),
		colon ? colon + 1 : (sentinel ? "26379" : "6379"));
}

static void start(struct redis *redis)
{
	struct lookup *lookup = mem_alloc(sizeof(*lookup));
	size_t len;
	const char *at = place(redis, &len);

	split_place(at, len, redis->asks_sentinel, lookup);
	lookup->redis = redis;
	redis->lookup = lookup;
	redis->stage = STAGE_LOOKUP;
	snprintf(redis->host, sizeof(redis->host), "%s", lookup->host);
	if (redis_is_numeric(lookup->host)) {
		look_up(lookup);
		on_looked_up(lookup);
		return;
	}
	loop_work(redis->loop, look_up, on_looked_up, lookup);
}

static void on_timer(void *ctx)
{
	struct redis *redis = ctx;
	bool waits = redis->count || redis->stage == STAGE_CONNECT;

	if (redis->failed)
		finish_turn(redis);
	else if (redis->stage == STAGE_IDLE)
		start(redis);
	else if (waits && loop_now_ms(redis->loop) - redis->since_ms > REDIS_PATIENCE_MS)
		give_up(redis, "Redis does not answer");
	else if (redis->stage != STAGE_LOOKUP)
		timer_set(redis->timer, TICK_MS, TICK_MS);
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
	redis->fd = -1;
	redis->retry_ms = REDIS_RETRY_MS;
	redis->asks_sentinel = options->master[0];
	redis->tls = options->tls ? redis_tls_make(options) : NULL;
	redis->timer = timer_make(loop, on_timer, redis);
	timer_set(redis->timer, 0, 0);
	return redis;
}

void redis_destroy(struct redis *redis)
{
	if (!redis)
		return;
	close_socket(redis);
	timer_destroy(redis->timer);
	SSL_CTX_free(redis->tls);
	buf_fini(&redis->out);
	free(redis->waiting);
	OPENSSL_cleanse(&redis->options, sizeof(redis->options));
	free(redis);
}

bool redis_is_up(const struct redis *redis)
{
	return redis->stage == STAGE_UP && !redis->failed;
}
