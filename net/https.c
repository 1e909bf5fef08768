#include "net/https.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define READ_BYTES 16384

struct call {
	const struct url *url;
	int fd;
	SSL_CTX *ctx;
	SSL *tls;
	uint64_t until_ms;
	const char *why;
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool fail(struct call *call, const char *why)
{
	if (!call->why)
		call->why = why;
	return false;
}

static bool wait_for(struct call *call, int fd, short events)
{
	uint64_t now = now_ms();
	struct pollfd one = {.fd = fd, .events = events};

	if (now >= call->until_ms || poll(&one, 1, (int)(call->until_ms - now)) <= 0)
		return fail(call, "it does not answer");
	return true;
}

/* ---- the way there ---- */

static bool connected(struct call *call, int fd, const struct addrinfo *to)
{
	int e = 0;
	socklen_t len = sizeof(e);

	if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
		return true;
	if (errno != EINPROGRESS)
		return fail(call, strerror(errno));
	if (!wait_for(call, fd, POLLOUT))
		return false;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &len);
	return e ? fail(call, strerror(e)) : true;
}

static bool dial_one(struct call *call, const struct addrinfo *to)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fail(call, strerror(errno));
	if (connected(call, fd, to)) {
		call->fd = fd;
		return true;
	}
	close(fd);
	return false;
}

static bool dial(struct call *call)
{
	struct addrinfo wanted = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	char port[8];

	snprintf(port, sizeof(port), "%u", call->url->port);
	if (getaddrinfo(call->url->host, port, &wanted, &found))
		return fail(call, "there is no host of that name");
	for (const struct addrinfo *to = found; to && call->fd < 0; to = to->ai_next)
		dial_one(call, to);
	freeaddrinfo(found);
	if (call->fd >= 0)
		call->why = NULL; /* an address before it did not answer */
	return call->fd >= 0;
}

/* ---- TLS ---- */

/* What a call of the library wants before it goes on. false: it failed. */
static bool go_on(struct call *call, int result)
{
	switch (SSL_get_error(call->tls, result)) {
	case SSL_ERROR_WANT_READ: return wait_for(call, call->fd, POLLIN);
	case SSL_ERROR_WANT_WRITE: return wait_for(call, call->fd, POLLOUT);
	default: return fail(call, "the connection broke");
	}
}

static bool has_pin(SSL *tls, const char *pin)
{
	X509 *certificate = SSL_get1_peer_certificate(tls);
	unsigned char *der = NULL;
	int len = certificate ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der) : 0;
	char met[TLS_PIN_BYTES + 1] = "";

	if (len > 0)
		tls_pin_of_spki(der, (size_t)len, met);
	OPENSSL_free(der);
	X509_free(certificate);
	return strcmp(met, pin) == 0;
}

static bool prepare_tls(struct call *call)
{
	const struct url *url = call->url;
	bool pinned = *url->pin;

	call->ctx = SSL_CTX_new(TLS_client_method());
	if (!call->ctx || !SSL_CTX_set_min_proto_version(call->ctx, TLS1_2_VERSION) ||
		!(call->tls = SSL_new(call->ctx)) || !SSL_set_fd(call->tls, call->fd))
		return fail(call, "OpenSSL refuses");
	SSL_set_verify(call->tls, pinned ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	if (pinned)
		return true;
	if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(call->tls), url->host) != 1)
		SSL_set1_host(call->tls, url->host);
	return SSL_CTX_set_default_verify_paths(call->ctx) == 1;
}

static bool is_name(const char *host)
{
	return !strchr(host, ':') && strspn(host, "0123456789.") < strlen(host);
}

static bool shake_hands(struct call *call)
{
	int e;

	if (!prepare_tls(call))
		return false;
	if (is_name(call->url->host))
		SSL_set_tlsext_host_name(call->tls, call->url->host);
	while ((e = SSL_connect(call->tls)) != 1)
		if (SSL_get_verify_result(call->tls) != X509_V_OK && !*call->url->pin)
			return fail(call, "nobody vouches for its key");
		else if (!go_on(call, e))
			return false;
	if (*call->url->pin && !has_pin(call->tls, call->url->pin))
		return fail(call, "it has another key than the one that is known");
	return true;
}

/* ---- question and answer ---- */

static bool ask(struct call *call, const char *path)
{
	struct buf question = {0};
	bool colon = strchr(call->url->host, ':');
	int e;

	buf_printf(&question, "GET %s HTTP/1.1\r\nHost: %s%s%s:%u\r\nConnection: close\r\n", path,
		colon ? "[" : "", call->url->host, colon ? "]" : "", call->url->port);
	if (*call->url->token)
		buf_printf(&question, "Authorization: Bearer %s\r\n", call->url->token);
	buf_add_str(&question, "\r\n");
	while ((e = SSL_write(call->tls, question.at, (int)question.len)) <= 0)
		if (!go_on(call, e))
			break;
	OPENSSL_cleanse(question.at, question.len);
	buf_fini(&question);
	return e > 0;
}

/* All until the server ends it. */
static bool hear(struct call *call, struct buf *out)
{
	for (;;) {
		int n = SSL_read(call->tls, buf_room(out, READ_BYTES), READ_BYTES);
		if (n > 0)
			out->len += (size_t)n;
		else if (SSL_get_error(call->tls, n) == SSL_ERROR_ZERO_RETURN)
			return true;
		else if (!go_on(call, n))
			return false;
		if (out->len > HTTPS_ANSWER_BYTES)
			return fail(call, "its answer is too long");
	}
}

/* Head and body parted; Content-Length is not needed, since the end is told by TLS. */
static bool take(struct call *call, struct buf *answer, int *status, struct buf *body)
{
	static const char first[] = "HTTP/1.1 ";
	const char *end;

	buf_add_byte(answer, '\0');
	end = strstr(answer->at, "\r\n\r\n");
	if (!end || strncmp(answer->at, first, strlen(first)) != 0)
		return fail(call, "it is no server of codecollab");
	*status = atoi(answer->at + strlen(first));
	buf_add(body, end + 4, (size_t)(answer->at + answer->len - 1 - (end + 4)));
	return true;
}

bool https_get(
	const struct url *url, const char *path, int *status, struct buf *body, const char **why)
{
	struct call call = {.url = url, .fd = -1, .until_ms = now_ms() + HTTPS_WAIT_MS};
	struct buf answer = {0};
	bool done = dial(&call) && shake_hands(&call) && ask(&call, path) && hear(&call, &answer) &&
		    take(&call, &answer, status, body);

	SSL_free(call.tls);
	SSL_CTX_free(call.ctx);
	if (call.fd >= 0)
		close(call.fd);
	buf_fini(&answer);
	*why = call.why;
	return done;
}
