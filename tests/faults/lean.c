#include "tests/faults/lean.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "net/codec.h"
#include "net/local.h"
#include "net/ws_frame.h"
#include "ot/mem.h"

#define READ_BYTES 16384
#define LOCAL_MS   10000 /* to wait for a local socket that is busy */

enum stage { TLS, HEAD, OPEN, OVER };

struct lean {
	const struct lean_handler *handler;
	void *ctx;
	struct url url;
	enum stage stage;
	int fd;
	SSL *tls; /* NULL: without */
	struct watch *watch;
	bool deaf;
	unsigned code;
	struct buf in, out;
	struct buf put; /* messages of the frame to come */
	uint64_t said, heard;
};

static SSL_CTX *context(void)
{
	static SSL_CTX *tls; /* one for all: it is most of what a client weighs */

	if (!tls)
		tls = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	return tls;
}

static void over(struct lean *lean)
{
	if (lean->stage == OVER)
		return;
	lean->stage = OVER;
	watch_set(lean->watch, false, false);
	if (lean->handler->closed)
		lean->handler->closed(lean->ctx, lean->code);
}

/* ---- the socket: bytes, 0 when it would block, -1 when it is over ---- */

static int outcome(const struct lean *lean, ssize_t n)
{
	int error = n > 0 || !lean->tls ? SSL_ERROR_NONE : SSL_get_error(lean->tls, (int)n);

	if (n > 0)
		return (int)n;
	if (lean->tls)
		return error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ ? 0 : -1;
	return n < 0 && errno == EAGAIN ? 0 : -1;
}

static int give(struct lean *lean, const char *at, int len)
{
	return outcome(lean, lean->tls ? SSL_write(lean->tls, at, len)
				       : send(lean->fd, at, (size_t)len, MSG_NOSIGNAL));
}

static int take(struct lean *lean, char *at, int len)
{
	return outcome(lean,
		lean->tls ? SSL_read(lean->tls, at, len) : recv(lean->fd, at, (size_t)len, 0));
}

/* ---- out ---- */

static void put_frame(struct lean *lean, enum ws_opcode opcode, const char *at, size_t len)
{
	static const char mask[4]; /* of zeros: a mask that leaves the bytes as they are */
	struct buf frame = {0};
	size_t head;

	ws_frame_put(&frame, opcode, at, len);
	head = frame.len - len;
	frame.at[1] = (char)(frame.at[1] | 0x80);
	buf_add(&lean->out, frame.at, head);
	buf_add(&lean->out, mask, sizeof(mask));
	if (len)
		buf_add(&lean->out, at, len);
	buf_fini(&frame);
	lean->said += head + sizeof(mask) + len;
}

static void push(struct lean *lean)
{
	while (lean->out.len) {
		int len = lean->out.len > READ_BYTES ? READ_BYTES : (int)lean->out.len;
		int n = give(lean, lean->out.at, len);
		if (n < 0)
			over(lean);
		if (n <= 0)
			break;
		buf_drop(&lean->out, (size_t)n);
	}
	if (lean->stage != OVER)
		watch_set(lean->watch, !lean->deaf, lean->out.len > 0);
}

void lean_put(struct lean *lean, const struct message *m)
{
	if (lean->stage == OPEN)
		codec_encode(CODEC_BIN, m, &lean->put);
}

void lean_flush(struct lean *lean)
{
	if (lean->stage != OPEN || !lean->put.len)
		return;
	put_frame(lean, WS_OP_BINARY, lean->put.at, lean->put.len);
	buf_clear(&lean->put);
	push(lean);
}

void lean_send(struct lean *lean, const struct message *m)
{
	lean_put(lean, m);
	lean_flush(lean);
}

uint64_t lean_said_bytes(const struct lean *lean)
{
	return lean->said;
}

uint64_t lean_heard_bytes(const struct lean *lean)
{
	return lean->heard;
}

/* ---- in ---- */

static void hear(struct lean *lean, const char *at, size_t len)
{
	while (len && lean->stage == OPEN) {
		struct message m;
		size_t used;
		if (codec_decode(CODEC_BIN, true, at, len, &used, &m) != ERR_NONE) {
			over(lean);
			return;
		}
		if (m.type)
			lean->handler->message(lean->ctx, &m);
		message_fini(&m);
		at += used;
		len -= used;
	}
}

static void on_frame(struct lean *lean, enum ws_opcode opcode, const char *at, size_t len)
{
	if (opcode == WS_OP_BINARY) {
		hear(lean, at, len);
	} else if (opcode == WS_OP_PING) {
		put_frame(lean, WS_OP_PONG, at, len);
		push(lean);
	} else if (opcode == WS_OP_CLOSE && len >= 2) {
		lean->code = (unsigned)((unsigned char)at[0] << 8 | (unsigned char)at[1]);
		over(lean);
	}
}

/* A server's frames: whole messages, not masked. 0: more is to come. */
static size_t take_frame(struct lean *lean, const char *start, size_t have)
{
	const unsigned char *at = (const unsigned char *)start;
	size_t head = 2, len, wide;

	if (have < head)
		return 0;
	len = at[1] & 0x7f;
	wide = len == 126 ? 2 : len == 127 ? 8 : 0;
	if (have < head + wide)
		return 0;
	for (size_t i = 0; i < wide; i++)
		len = (i ? len << 8 : 0) | at[head + i];
	head += wide;
	if (have - head < len)
		return 0;
	lean->heard += head + len;
	on_frame(lean, (enum ws_opcode)(at[0] & 0x0f), start + head, len);
	return head + len;
}

static void take_frames(struct lean *lean)
{
	size_t used = 0, n;

	while (lean->stage == OPEN &&
		(n = take_frame(lean, lean->in.at + used, lean->in.len - used)))
		used += n;
	buf_drop(&lean->in, used);
}

static void take_head(struct lean *lean)
{
	static const char good[] = "HTTP/1.1 101 ";
	const char *end = memmem(lean->in.at, lean->in.len, "\r\n\r\n", 4);

	if (!end)
		return;
	if (strncmp(lean->in.at, good, sizeof(good) - 1) != 0) {
		lean->code = (unsigned)strtoul(lean->in.at + strlen("HTTP/1.1 "), NULL, 10);
		over(lean);
		return;
	}
	buf_drop(&lean->in, (size_t)(end + 4 - lean->in.at));
	lean->stage = OPEN;
	lean->handler->opened(lean->ctx);
}

static void pull(struct lean *lean)
{
	char *at;
	int n;

	while (lean->stage != OVER && !lean->deaf) {
		at = buf_room(&lean->in, READ_BYTES);
		n = take(lean, at, READ_BYTES);
		if (n < 0)
			over(lean);
		if (n <= 0)
			return;
		lean->in.len += (size_t)n;
		if (lean->stage == HEAD)
			take_head(lean);
		if (lean->stage == OPEN)
			take_frames(lean);
	}
}

/* ---- coming in ---- */

static void ask(struct lean *lean)
{
	lean->stage = HEAD;
	buf_printf(&lean->out,
		"GET /%s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Protocol: %s\r\nAuthorization: Bearer %s\r\n\r\n",
		lean->url.room, codec_subprotocol[CODEC_BIN], lean->url.token);
	push(lean);
}

static void shake(struct lean *lean)
{
	int done = SSL_connect(lean->tls);
	int error = SSL_get_error(lean->tls, done);

	if (done == 1) {
		ask(lean);
	} else if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
		watch_set(lean->watch, error == SSL_ERROR_WANT_READ, error == SSL_ERROR_WANT_WRITE);
	} else {
		over(lean);
	}
}

static void on_socket(void *ctx, bool readable, bool writable)
{
	struct lean *lean = ctx;

	if (lean->stage == TLS) {
		(lean->tls ? shake : ask)(lean);
		return;
	}
	if (writable)
		push(lean);
	if (readable && lean->stage != OVER)
		pull(lean);
}

static int connect_here(const char *path)
{
	int fd = local_connect(path, LOCAL_MS);

	if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK))
		abort(); /* nobody listens there */
	return fd;
}

static int start_connecting(const struct url *url)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)url->port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || inet_pton(AF_INET, url->host, &address.sin_addr) != 1 ||
		(connect(fd, (struct sockaddr *)&address, sizeof(address)) && errno != EINPROGRESS))
		abort(); /* no descriptor is left, or the URL is none of a test's */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	return fd;
}

struct lean *lean_connect(
	struct loop *loop, const struct url *url, const struct lean_handler *handler, void *ctx)
{
	struct lean *lean = mem_alloc(sizeof(*lean));

	lean->handler = handler;
	lean->ctx = ctx;
	lean->url = *url;
	if (*url->socket) {
		lean->fd = connect_here(url->socket);
	} else {
		lean->fd = start_connecting(url);
		lean->tls = SSL_new(context());
		SSL_set_fd(lean->tls, lean->fd);
	}
	lean->watch = watch_create(loop, lean->fd, on_socket, lean);
	watch_set(lean->watch, false, true);
	return lean;
}

void lean_deafen(struct lean *lean)
{
	lean->deaf = true;
	if (lean->stage != OVER)
		watch_set(lean->watch, false, lean->out.len > 0);
}

void lean_hear(struct lean *lean)
{
	lean->deaf = false;
	if (lean->stage != OVER)
		watch_set(lean->watch, true, lean->out.len > 0);
}

void lean_destroy(struct lean *lean)
{
	if (!lean)
		return;
	watch_destroy(lean->watch);
	SSL_free(lean->tls);
	close(lean->fd);
	buf_fini(&lean->in);
	buf_fini(&lean->out);
	buf_fini(&lean->put);
	free(lean);
}
