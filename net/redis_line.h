/*
 * redis_line.h: one socket to a Redis, in the clear or under TLS. Only redis.c includes this.
 *
 *	why = redis_line_open(&line, loop, &to, len, on_ready, ctx)	-- NULL; on_ready, once it is connected or cannot be
 *	why = redis_line_begin(&line, tls, "redis.example.org")		-- then
 *	n = redis_line_get(&line, bytes, sizeof(bytes))
 *	redis_line_close(&line)						-- on_ready is called no more
 *
 * What can be wrong is a clause in static memory. Bytes are got and put as by recv(2) and send(2): 0 or less, and errno EAGAIN when there
 * is nothing to do now.
 */
#ifndef NET_REDIS_LINE_H
#define NET_REDIS_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include <openssl/ssl.h>

#include "net/loop.h"

struct redis_line {
	int fd; /* -1: closed */
	struct watch *watch;
	SSL *ssl; /* NULL: in the clear */
};

#define REDIS_LINE_CLOSED ((struct redis_line){.fd = -1})

const char *redis_line_open(
	struct redis_line *line, struct loop *loop, const struct sockaddr *to, socklen_t len, watch_fn *fn, void *ctx);
/* tls NULL: in the clear. The certificate must be that host's. */
const char *redis_line_begin(struct redis_line *line, SSL_CTX *tls, const char *host);
void redis_line_close(struct redis_line *line); /* also after redis_line_open() failed */
void redis_line_want(struct redis_line *line, bool to_write); /* nothing when it is closed */
ssize_t redis_line_put(struct redis_line *line, const char *at, size_t len);
ssize_t redis_line_get(struct redis_line *line, char *at, size_t len);
bool redis_line_may_have_more(const struct redis_line *line, size_t got, size_t asked); /* after so much was got */
const char *redis_line_trouble(const struct redis_line *line); /* why it is of no use any more */

#endif
