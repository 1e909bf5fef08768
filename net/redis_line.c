#include "net/redis_line.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <openssl/err.h>

#include "net/redis_tls.h"

static const char refused[] = "nobody takes the connection to Redis";

const char *redis_line_open(struct redis_line *line, struct loop *loop, const struct sockaddr *to,
	socklen_t len, watch_fn *fn, void *ctx)
{
	int on = 1;

	line->fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (line->fd < 0)
		return "there is no socket to be had";
	setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(line->fd, to, len) && errno != EINPROGRESS)
		return refused;
	line->watch = watch_create(loop, line->fd, fn, ctx);
	return line->watch ? NULL : "the socket cannot be watched";
}

const char *redis_line_begin(struct redis_line *line, SSL_CTX *tls, const char *host)
{
	int error = 0;
	socklen_t len = sizeof(error);

	getsockopt(line->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error)
		return refused;
	if (!tls)
		return NULL;
	line->ssl = redis_tls_begin(tls, line->fd, host);
	return line->ssl ? NULL : "TLS cannot be started";
}

void redis_line_close(struct redis_line *line)
{
	watch_destroy(line->watch);
	SSL_free(line->ssl);
	if (line->fd >= 0)
		close(line->fd);
	*line = REDIS_LINE_CLOSED;
}

void redis_line_want(struct redis_line *line, bool to_write)
{
	if (line->watch)
		watch_set(line->watch, true, to_write);
}

static ssize_t tls_result(struct redis_line *line, int result)
{
	int error = SSL_get_error(line->ssl, result);

	if (result > 0)
		return result;
	errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EIO;
	return error == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

/* What others in this thread left in its queue of errors would be taken for one of ours. */
ssize_t redis_line_put(struct redis_line *line, const char *at, size_t len)
{
	if (!line->ssl)
		return send(line->fd, at, len, MSG_NOSIGNAL);
	ERR_clear_error();
	return tls_result(line, SSL_write(line->ssl, at, (int)len));
}

ssize_t redis_line_get(struct redis_line *line, char *at, size_t len)
{
	if (!line->ssl)
		return recv(line->fd, at, len, 0);
	ERR_clear_error();
	return tls_result(line, SSL_read(line->ssl, at, (int)len));
}

/* The kernel gives all it has; TLS, a record at a time. */
bool redis_line_may_have_more(const struct redis_line *line, size_t got, size_t asked)
{
	return line->ssl || got == asked;
}

const char *redis_line_trouble(const struct redis_line *line)
{
	if (line->ssl && SSL_get_verify_result(line->ssl) != X509_V_OK)
		return "the certificate of Redis is not one that is trusted";
	return "the connection to Redis was lost";
}
