#include "net/ws_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "net/http.h"
#include "net/listener.h"
#include "net/token.h"
#include "net/ws_frame.h"
#include "net/ws_lws.h"
#include "ot/mem.h"

#define WRITE_BYTES     65536 /* handed to the library at once */
#define KEEP_BYTES      65536 /* a larger queue's memory is given back when it is empty */
#define SEND_BUFFER     (128 * 1024)
#define ACCEPTS_A_TURN  64
#define DOOR_PAUSE_MS   100
#define HALF_OPEN_SPARE 64
#define FILES_SPARE     128 /* descriptors for all but the sockets */
#define FILES_MAX                                                                                  \
	(1UL << 20) /* the library's tables have a row for every descriptor there may be */

enum stage {
	STAGE_HEAD,    /* TLS and the request */
	STAGE_OPEN,    /* frames both ways */
	STAGE_CLOSING, /* our close frame is under way; theirs ends it */
	STAGE_ENDING,  /* half-close when all is written */
	STAGE_PARTED, /* half-closed: drop what comes until the peer closes too, or a reset would overtake our last words */
	STAGE_DEAD,   /* the library is told to let go, or has */
};

struct ws_conn {
	struct ws_server *server;
	struct ws_conn *next, *prev; /* among the living, or among those whose closed() is due */
	struct lws *wsi;             /* NULL once the library has let go */
	enum stage stage;
	enum codec codec;
	bool admitted;
	bool answered; /* with an HTTP status */
	bool failed;   /* and the handler was told */
	bool paused;
	unsigned goodbye; /* the code of the peer's close frame; 0: none came */
	void *session;
	char peer[INET6_ADDRSTRLEN];
	struct buf head;
	struct ws_frame_reader reader;
	struct buf out;
	size_t out_sent;
	uint64_t since_ms, heard_ms, pinged_ms;
};

struct ws_server {
	struct loop *loop;
	const struct ws_server_handler *handler;
	void *ctx;
	size_t max_message, max_connections;
	unsigned silence_ms, handshake_ms;
	int fd;
	unsigned port;
	const struct tls_identity *identity; /* borrowed while the library starts */
	SSL_CTX *tls;                        /* the library's; NULL without an identity */
	struct watch *door;
	struct timer *reopen, *sweep, *reap;
	struct ws_lws *lws;
	struct ws_conn *living, *gone;
	size_t sockets, sessions;
};

/* --- a connection's queue ---------------------------------------------------------------------------------------- */

static void enter(struct ws_conn *conn, enum stage stage)
{
	conn->stage = stage;
	conn->since_ms = loop_now_ms(conn->server->loop);
}

static void hang_up(struct ws_conn *conn)
{
	if (conn->stage == STAGE_DEAD)
		return;
	enter(conn, STAGE_DEAD);
	if (!conn->wsi)
		return;
	/* Who does not read would never hear that we close, and what waits for it would stay in the kernel's memory. */
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	setsockopt(lws_get_socket_fd(conn->wsi), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	ws_lws_cut_off(conn->server->lws, conn->wsi);
}

static size_t queued(const struct ws_conn *conn)
{
	return conn->out.len - conn->out_sent;
}

/* After something was added to conn->out. */
static void queue_grew(struct ws_conn *conn)
{
	if (queued(conn) > WS_QUEUE_BYTES)
		hang_up(conn);
	else
		lws_callback_on_writable(conn->wsi);
}

static void queue_trim(struct ws_conn *conn)
{
	if (queued(conn) > 0) {
		if (conn->out_sent < conn->out.len / 2)
			return;
		buf_drop(&conn->out, conn->out_sent);
	} else if (conn->out.cap > KEEP_BYTES) {
		buf_fini(&conn->out);
	} else {
		buf_clear(&conn->out);
	}
	conn->out_sent = 0;
}

static void half_close(struct ws_conn *conn)
{
	SSL *tls = lws_get_ssl(conn->wsi);
	enter(conn, STAGE_PARTED);
	if (tls)
		SSL_shutdown(tls);
	shutdown(lws_get_socket_fd(conn->wsi), SHUT_WR);
}

static void on_writable(struct ws_conn *conn)
{
	if (conn->stage == STAGE_DEAD)
		return;
	while (queued(conn) > 0 && !lws_send_pipe_choked(conn->wsi)) {
		size_t len = queued(conn) < WRITE_BYTES ? queued(conn) : WRITE_BYTES;
		unsigned char *at = (unsigned char *)conn->out.at + conn->out_sent;
		if (lws_write(conn->wsi, at, len, LWS_WRITE_RAW) < (int)len) {
			hang_up(conn);
			return;
		}
		conn->out_sent += len;
	}
	bool all = queued(conn) == 0 && !lws_partial_buffered(conn->wsi);
	queue_trim(conn);
	if (!all)
		lws_callback_on_writable(conn->wsi);
	else if (conn->stage == STAGE_ENDING)
		half_close(conn);
}

/* --- frames ------------------------------------------------------------------------------------------------------ */

static void put_frame(struct ws_conn *conn, enum ws_opcode opcode, const char *at, size_t len)
{
	ws_frame_put(&conn->out, opcode, at, len);
	queue_grew(conn);
}

static void ping(struct ws_conn *conn)
{
	uint64_t now_us = (uint64_t)lws_now_usecs();
	char payload[sizeof(now_us)];
	memcpy(payload, &now_us, sizeof(now_us)); /* only we read it again */
	conn->pinged_ms = loop_now_ms(conn->server->loop);
	put_frame(conn, WS_OP_PING, payload, sizeof(payload));
}

static void on_pong(struct ws_conn *conn)
{
	uint64_t sent_us, now_us = (uint64_t)lws_now_usecs();
	if (conn->reader.control_len != sizeof(sent_us) || !conn->server->handler->rtt)
		return;
	memcpy(&sent_us, conn->reader.control, sizeof(sent_us));
	/* A pong nobody asked for says nothing; an honest one is younger than the patience we have. */
	if (sent_us <= now_us && (now_us - sent_us) / 1000 <= 2 * conn->server->silence_ms)
		conn->server->handler->rtt(
			conn->session, (unsigned)((now_us - sent_us + 999) / 1000));
}

/* The last word, after which nothing more is read. */
static void part(struct ws_conn *conn, unsigned code, const char *reason)
{
	if (conn->stage == STAGE_OPEN)
		ws_frame_put_close(&conn->out, code, reason);
	enter(conn, STAGE_ENDING);
	queue_grew(conn);
}

static void on_message(struct ws_conn *conn, enum codec kind)
{
	if (conn->stage != STAGE_OPEN)
		return;
	if (kind != conn->codec) {
		part(conn, WS_CODE_DATA,
			kind == CODEC_BIN ? "this protocol is text" : "this protocol is binary");
		return;
	}
	if (loop_now_ms(conn->server->loop) - conn->pinged_ms >= WS_RTT_MS)
		ping(conn);
	conn->server->handler->frame(
		conn->session, conn->reader.message.at, conn->reader.message.len);
}

static void on_event(struct ws_conn *conn, enum ws_event event)
{
	switch (event) {
	case WS_EVENT_MORE: break;
	case WS_EVENT_TEXT: on_message(conn, CODEC_JSON); break;
	case WS_EVENT_BINARY: on_message(conn, CODEC_BIN); break;
	case WS_EVENT_PING:
		if (conn->stage == STAGE_OPEN)
			put_frame(conn, WS_OP_PONG, conn->reader.control, conn->reader.control_len);
		break;
	case WS_EVENT_PONG: on_pong(conn); break;
	case WS_EVENT_CLOSE: /* answers ours, or is to be echoed */
		conn->goodbye = conn->reader.code;
		part(conn, conn->reader.code, NULL);
		break;
	case WS_EVENT_BAD: part(conn, conn->reader.code, NULL); break;
	}
}

static void on_frames(struct ws_conn *conn, const char *at, size_t len)
{
	while (conn->stage == STAGE_OPEN || conn->stage == STAGE_CLOSING) {
		size_t used;
		enum ws_event event = ws_frame_read(&conn->reader, at, len, &used);
		if (event == WS_EVENT_MORE)
			return;
		on_event(conn, event);
		at += used;
		len -= used;
	}
}

/* --- the request ------------------------------------------------------------------------------------------------- */

static void fail(struct ws_conn *conn, int status)
{
	const struct ws_server *server = conn->server;
	if (conn->failed)
		return;
	conn->failed = true;
	if (server->handler->failed)
		server->handler->failed(server->ctx, conn->peer, status);
}

/* Everything about a request that admit() is asked with. */
struct offer {
	char path[HTTP_HEAD_MAX_BYTES];
	char token[TOKEN_MAX_BYTES + 1];
	struct ws_request request;
	const char *why; /* it was refused; NULL: no words for it */
	char accept[WS_ACCEPT_BYTES + 1];
};

static void answer(struct ws_conn *conn, int status, const char *body, size_t len)
{
	http_answer(&conn->out, status, body, len);
	conn->answered = true;
	enter(conn, STAGE_ENDING);
	queue_grew(conn);
}

static void refuse(struct ws_conn *conn, int status, const char *why)
{
	fail(conn, status);
	answer(conn, status, why, why ? strlen(why) : 0);
}

static bool is_word(struct str s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.at, word, s.len) == 0;
}

static void copy_token(struct offer *offer, struct str from, size_t skip)
{
	if (from.len - skip > TOKEN_MAX_BYTES)
		return;
	memcpy(offer->token, from.at + skip, from.len - skip);
	offer->token[from.len - skip] = '\0';
}

static void read_token(const struct http_head *head, struct offer *offer)
{
	static const char scheme[] = "Bearer ", prefix[] = "bearer.";
	size_t from = 0;
	struct str value, rest = {0};
	while (http_item(head, "Sec-WebSocket-Protocol", &from, &rest, &value))
		if (value.len > strlen(prefix) && memcmp(value.at, prefix, strlen(prefix)) == 0)
			copy_token(offer, value, strlen(prefix));
	if (http_field_one(head, "Authorization", &value) && value.len > strlen(scheme) &&
		strncasecmp(value.at, scheme, strlen(scheme)) == 0)
		copy_token(offer, value, strlen(scheme));
}

static void read_codec(const struct http_head *head, struct ws_request *request)
{
	size_t from = 0;
	struct str rest = {0}, item;
	while (http_item(head, "Sec-WebSocket-Protocol", &from, &rest, &item))
		for (int codec = CODEC_BIN; codec <= CODEC_JSON; codec++)
			if (is_word(item, codec_subprotocol[codec])) {
				bool better = !request->has_codec || codec == CODEC_BIN;
				request->codec = better ? (enum codec)codec : request->codec;
				request->has_codec = true;
			}
}

/* RFC 6455, 4.2.1. 0, or the status to refuse with. */
static int read_offer(const struct ws_conn *conn, const struct http_head *head, struct offer *offer)
{
	struct str key, version;
	if (!is_word(head->method, "GET"))
		return 405;
	if (!http_field_has(head, "Connection", "upgrade"))
		return 400;
	if (!http_field_one(head, "Sec-WebSocket-Version", &version) || !is_word(version, "13"))
		return 426;
	if (!http_field_one(head, "Sec-WebSocket-Key", &key) ||
		!ws_frame_accept(key.at, key.len, offer->accept))
		return 400;
	memcpy(offer->path, head->path.at, head->path.len);
	offer->path[head->path.len] = '\0';
	offer->token[0] = '\0';
	offer->request = (struct ws_request){
		.path = offer->path, .token = offer->token, .peer = conn->peer, .why = &offer->why};
	read_token(head, offer);
	read_codec(head, &offer->request);
	return 0;
}

/* From here on closed() is due, whatever becomes of the connection. */
static int admit(struct ws_conn *conn, const struct ws_request *request)
{
	struct ws_server *server = conn->server;
	if (server->sessions >= server->max_connections)
		return 503;
	int status = server->handler->admit(server->ctx, request, &conn->session);
	if (status)
		return status;
	conn->admitted = true;
	server->sessions++;
	return request->has_codec ? 0 : 426;
}

static void welcome(struct ws_conn *conn, const struct offer *offer)
{
	conn->codec = offer->request.codec;
	buf_printf(&conn->out,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n",
		offer->accept, codec_subprotocol[conn->codec]);
	enter(conn, STAGE_OPEN);
	/* The library's limit for its handshake would end a raw connection timeout_secs after its birth. */
	lws_set_timeout(conn->wsi, NO_PENDING_TIMEOUT, 0);
	queue_grew(conn);
	ping(conn);
	conn->server->handler->opened(conn->session, conn);
}

static void on_upgrade(struct ws_conn *conn, const struct http_head *head)
{
	struct offer offer;
	offer.why = NULL;
	int status = read_offer(conn, head, &offer);
	if (!status)
		status = admit(conn, &offer.request);
	if (status)
		refuse(conn, status, offer.why);
	else
		welcome(conn, &offer);
	OPENSSL_cleanse(offer.token, sizeof(offer.token));
}

static void on_get(struct ws_conn *conn, const struct http_head *head)
{
	const struct ws_server_handler *handler = conn->server->handler;
	char path[HTTP_HEAD_MAX_BYTES];
	struct buf body = {0};
	int status = 404;
	memcpy(path, head->path.at, head->path.len);
	path[head->path.len] = '\0';
	if (!is_word(head->method, "GET"))
		status = 405;
	else if (handler->get)
		status = handler->get(conn->server->ctx, path, &body);
	answer(conn, status, body.at, body.len);
	buf_fini(&body);
}

static void on_head(struct ws_conn *conn, size_t len)
{
	struct http_head head;
	if (len > HTTP_HEAD_MAX_BYTES)
		refuse(conn, 431, NULL);
	else if (!http_parse(&head, conn->head.at, len))
		refuse(conn, 400, NULL);
	else if (http_field_has(&head, "Upgrade", "websocket"))
		on_upgrade(conn, &head);
	else
		on_get(conn, &head);
}

static void on_head_bytes(struct ws_conn *conn, const char *at, size_t len)
{
	buf_add(&conn->head, at, len);
	size_t end = http_head_end(conn->head.at, conn->head.len);
	if (!end && conn->head.len <= HTTP_HEAD_MAX_BYTES)
		return;
	on_head(conn, end ? end : conn->head.len);
	struct buf all = conn->head;
	conn->head = (struct buf){0};
	if (end && end < all.len)
		on_frames(conn, all.at + end, all.len - end);
	OPENSSL_cleanse(all.at, all.len); /* a token was in it */
	buf_fini(&all);
}

static void on_bytes(struct ws_conn *conn, const char *at, size_t len)
{
	conn->heard_ms = loop_now_ms(conn->server->loop);
	if (conn->stage == STAGE_HEAD)
		on_head_bytes(conn, at, len);
	else
		on_frames(conn, at, len);
}

/* --- birth and death --------------------------------------------------------------------------------------------- */

static void list_add(struct ws_conn **list, struct ws_conn *conn)
{
	conn->prev = NULL;
	conn->next = *list;
	if (conn->next)
		conn->next->prev = conn;
	*list = conn;
}

static void list_remove(struct ws_conn **list, struct ws_conn *conn)
{
	if (conn->next)
		conn->next->prev = conn->prev;
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		*list = conn->next;
}

/* The library has let go; it may be doing so inside a call of ours, so closed() waits for the next turn. */
static void on_gone(struct ws_conn *conn)
{
	struct ws_server *server = conn->server;
	conn->stage = STAGE_DEAD;
	conn->wsi = NULL;
	server->sockets--;
	list_remove(&server->living, conn);
	list_add(&server->gone, conn);
	timer_set(server->reap, 0, 0);
}

static void bury(struct ws_conn *conn)
{
	list_remove(&conn->server->gone, conn);
	if (conn->admitted) {
		conn->server->handler->closed(
			conn->session, conn->goodbye ? conn->goodbye : WS_CODE_LOST);
		conn->server->sessions--;
	} else if (!conn->answered) {
		fail(conn, 0);
	}
	buf_fini(&conn->head);
	buf_fini(&conn->out);
	ws_frame_reader_fini(&conn->reader);
	free(conn);
}

static void on_reap(void *ctx)
{
	struct ws_server *server = ctx;
	while (server->gone)
		bury(server->gone);
	if (!server->living)
		timer_stop(server->sweep);
}

static void sweep_open(struct ws_conn *conn, uint64_t now_ms)
{
	uint64_t silent_ms = now_ms - conn->heard_ms;
	unsigned patience_ms = conn->server->silence_ms;
	if (conn->paused)
		return;
	if (silent_ms >= 2 * (uint64_t)patience_ms)
		hang_up(conn);
	else if (silent_ms >= patience_ms && now_ms - conn->pinged_ms >= patience_ms)
		ping(conn);
}

static void give_up(struct ws_conn *conn)
{
	if (conn->stage == STAGE_HEAD)
		fail(conn, 408);
	hang_up(conn);
}

static void on_sweep(void *ctx)
{
	struct ws_server *server = ctx;
	uint64_t now_ms = loop_now_ms(server->loop);
	for (struct ws_conn *conn = server->living; conn; conn = conn->next) {
		uint64_t patience_ms =
			conn->stage == STAGE_HEAD ? server->handshake_ms : WS_CLOSE_MS;
		if (conn->stage == STAGE_OPEN)
			sweep_open(conn, now_ms);
		else if (now_ms - conn->since_ms >= patience_ms)
			give_up(conn);
	}
}

static void set_sweep(struct ws_server *server)
{
	unsigned least = server->silence_ms < server->handshake_ms ? server->silence_ms
								   : server->handshake_ms;
	unsigned every = least / 4 < 1 ? 1 : least / 4 > 1000 ? 1000 : least / 4;
	timer_set(server->sweep, every, every);
}

static void name_peer(const struct sockaddr_storage *address, socklen_t len, char *out, size_t cap)
{
	static const char mapped[] = "::ffff:";
	char name[NI_MAXHOST];
	if (getnameinfo((const struct sockaddr *)address, len, name, sizeof(name), NULL, 0,
		    NI_NUMERICHOST))
		name[0] = '\0';
	bool is_mapped = strncmp(name, mapped, strlen(mapped)) == 0 && strchr(name, '.');
	const char *from = name + (is_mapped ? strlen(mapped) : 0);
	size_t width = strnlen(from, cap - 1);
	memcpy(out, from, width);
	out[width] = '\0';
}

static void prepare_socket(int fd)
{
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){SEND_BUFFER}, sizeof(int));
}

static const char protocol_name[] = "codecollab";

static void adopt(
	struct ws_server *server, int fd, const struct sockaddr_storage *from, socklen_t len)
{
	struct ws_conn *conn = mem_alloc(sizeof(*conn));
	conn->server = server;
	conn->reader.most = server->max_message;
	name_peer(from, len, conn->peer, sizeof(conn->peer));
	enter(conn, STAGE_HEAD);
	if (!server->living)
		set_sweep(server);
	list_add(&server->living, conn);
	server->sockets++;
	prepare_socket(fd);
	lws_adopt_desc_t what = {
		.vh = lws_get_vhost_by_name(ws_lws_context(server->lws), "default"),
		.type = LWS_ADOPT_SOCKET | (server->identity ? LWS_ADOPT_ALLOW_SSL : 0),
		.fd = {.sockfd = fd},
		.vh_prot_name = protocol_name,
		.opaque = conn,
	};
	/* On failure the library closes fd and says so by the callbacks, or not at all, depending on how far it came. */
	struct ws_conn *before = server->gone;
	conn->wsi = lws_adopt_descriptor_vhost_via_info(&what);
	if (!conn->wsi && server->gone == before)
		on_gone(conn);
}

static size_t sockets_max(const struct ws_server *server)
{
	return 2 * server->max_connections + HALF_OPEN_SPARE;
}

static void on_door(void *ctx, bool readable, bool writable)
{
	struct ws_server *server = ctx;
	(void)readable, (void)writable;
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		struct sockaddr_storage from = {0};
		socklen_t len = sizeof(from);
		int fd = accept4(
			server->fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0 && server->sockets < sockets_max(server)) {
			adopt(server, fd, &from, len);
		} else if (fd >= 0) {
			close(fd);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			   errno == ENOMEM) {
			/* The one waiting stays waiting, and would wake us for ever. */
			watch_set(server->door, false, false);
			timer_set(server->reopen, DOOR_PAUSE_MS, 0);
			return;
		} else if (errno == EAGAIN) {
			return;
		}
	}
}

static void on_reopen(void *ctx)
{
	struct ws_server *server = ctx;
	if (server->door)
		watch_set(server->door, true, false);
}

/* --- the library ------------------------------------------------------------------------------------------------- */

/* Certificates behind the first in a --cert file: the library reads only one from memory. */
static void add_chain(SSL_CTX *tls, const struct buf *pem)
{
	BIO *bio = BIO_new_mem_buf(pem->at, (int)pem->len);
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	X509_free(cert);
	while (cert && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
		if (!SSL_CTX_add_extra_chain_cert(tls, cert))
			X509_free(cert);
	ERR_clear_error();
	BIO_free(bio);
}

static char groups[] = "X25519:P-256:P-384";

static void prepare_tls(struct ws_server *server, SSL_CTX *tls)
{
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	SSL_CTX_set1_groups_list(tls, groups); /* the library would have P-256 alone */
	SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	add_chain(tls, &server->identity->cert_pem);
	server->tls = tls;
}

static int callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct ws_conn *conn;
	switch (reason) {
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
		prepare_tls(lws_context_user(lws_get_context(wsi)), user);
		return 0;
	case LWS_CALLBACK_RAW_RX:
	case LWS_CALLBACK_RAW_WRITEABLE:
	case LWS_CALLBACK_RAW_CLOSE:
	case LWS_CALLBACK_WSI_DESTROY: break;
	default: return 0;
	}
	conn = lws_get_opaque_user_data(wsi);
	if (!conn)
		return 0;
	if (reason == LWS_CALLBACK_RAW_RX) {
		on_bytes(conn, in, len);
	} else if (reason == LWS_CALLBACK_RAW_WRITEABLE) {
		on_writable(conn);
	} else {
		/* Of a connection that never got past TLS only the second of these two comes. */
		lws_set_opaque_user_data(wsi, NULL);
		on_gone(conn);
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{.name = protocol_name,
		.callback = callback,
		.rx_buffer_size = 16384,
		.tx_packet_size = WRITE_BYTES},
	{0},
};

static const char ciphers12[] = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";

static bool start_library(struct ws_server *server)
{
	const struct tls_identity *id = server->identity;
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.protocols = protocols,
		/* The second spares a TLS context for connections going out, of which there are none. */
		.options = LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS |
			   LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG,
		.listen_accept_role = "raw-skt",
		.listen_accept_protocol = protocol_name,
		.user = server,
		.pt_serv_buf_size = 16384,
		.timeout_secs = (server->handshake_ms + 999) / 1000,
	};
	if (id) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.alpn = "http/1.1";
		info.ssl_cipher_list = ciphers12;
		info.server_ssl_cert_mem = id->cert_pem.at;
		info.server_ssl_cert_mem_len = (unsigned)id->cert_pem.len;
		info.server_ssl_private_key_mem = id->key_pem.at;
		info.server_ssl_private_key_mem_len = (unsigned)id->key_pem.len;
	}
	server->lws = ws_lws_create(server->loop, &info);
	return server->lws != NULL;
}

/* --- the door ---------------------------------------------------------------------------------------------------- */

static const char *take_door(struct ws_server *server, const struct ws_server_options *options)
{
	const char *why = NULL;
	server->fd = options->listener ? options->listener
				       : listener_open(options->address, options->port, &why);
	if (server->fd < 0)
		return why ? why : strerror(errno);
	if (!server->identity && !listener_is_loopback(server->fd))
		return "without TLS only a loopback address may be listened at";
	server->port = listener_port(server->fd);
	return NULL;
}

static void bound_descriptors(const struct ws_server *server)
{
	rlim_t need = sockets_max(server) + FILES_SPARE, most = need > FILES_MAX ? FILES_MAX : need;
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	rlim_t want = files.rlim_cur > FILES_MAX ? FILES_MAX : files.rlim_cur;
	if (want < most)
		want = most < files.rlim_max ? most : files.rlim_max;
	if (want == files.rlim_cur)
		return;
	files.rlim_cur = want;
	setrlimit(RLIMIT_NOFILE, &files);
}

static const char *start(struct ws_server *server, const struct ws_server_options *options)
{
	const char *why = take_door(server, options);
	if (why)
		return why;
	if (!start_library(server))
		return options->identity
			       ? "libwebsockets did not start (is its libuv plugin installed, the "
				 "certificate good?)"
			       : "libwebsockets did not start (is its libuv plugin installed?)";
	server->door = watch_create(server->loop, server->fd, on_door, server);
	if (!server->door)
		return "the listening socket cannot be watched";
	watch_set(server->door, true, false);
	return NULL;
}

struct ws_server *ws_server_create(struct loop *loop, const struct ws_server_options *options,
	const struct ws_server_handler *handler, void *ctx, const char **why)
{
	struct ws_server *server = mem_alloc(sizeof(*server));
	server->loop = loop;
	server->handler = handler;
	server->ctx = ctx;
	server->fd = -1;
	server->identity = options->identity;
	server->max_message = options->max_message;
	server->max_connections = options->max_connections;
	server->silence_ms = options->silence_ms ? options->silence_ms : WS_SILENCE_MS;
	server->handshake_ms = options->handshake_ms ? options->handshake_ms : WS_HANDSHAKE_MS;
	server->reopen = timer_make(loop, on_reopen, server);
	server->sweep = timer_make(loop, on_sweep, server);
	server->reap = timer_make(loop, on_reap, server);
	bound_descriptors(server);
	*why = start(server, options);
	if (!*why)
		return server;
	ws_server_destroy(server);
	return NULL;
}

unsigned ws_server_port(const struct ws_server *server)
{
	return server->port;
}

size_t ws_server_connections(const struct ws_server *server)
{
	return server->sessions;
}

/* Those who are in keep what they came with: a connection takes its own reference when it begins. */
bool ws_server_set_identity(struct ws_server *server, const struct tls_identity *identity)
{
	BIO *cert_pem = BIO_new_mem_buf(identity->cert_pem.at, (int)identity->cert_pem.len);
	BIO *key_pem = BIO_new_mem_buf(identity->key_pem.at, (int)identity->key_pem.len);
	X509 *cert = cert_pem ? PEM_read_bio_X509(cert_pem, NULL, NULL, NULL) : NULL;
	EVP_PKEY *key = key_pem ? PEM_read_bio_PrivateKey(key_pem, NULL, NULL, NULL) : NULL;
	bool taken = server->tls && cert && key && X509_check_private_key(cert, key) == 1 &&
		     SSL_CTX_use_cert_and_key(server->tls, cert, key, NULL, 1) == 1;
	if (taken) {
		SSL_CTX_clear_extra_chain_certs(server->tls);
		add_chain(server->tls, &identity->cert_pem);
	}
	X509_free(cert);
	EVP_PKEY_free(key);
	BIO_free(cert_pem);
	BIO_free(key_pem);
	ERR_clear_error();
	return taken;
}

void ws_server_stop_listening(struct ws_server *server)
{
	watch_destroy(server->door);
	server->door = NULL;
	if (server->fd >= 0)
		close(server->fd);
	server->fd = -1;
}

void ws_server_destroy(struct ws_server *server)
{
	if (!server)
		return;
	ws_server_stop_listening(server);
	while (server->living) {
		lws_set_opaque_user_data(
			server->living->wsi, NULL); /* the library finishes after us */
		on_gone(server->living);
	}
	on_reap(server);
	ws_lws_destroy(server->lws);
	timer_destroy(server->reopen);
	timer_destroy(server->sweep);
	timer_destroy(server->reap);
	free(server);
}

/* --- for the handler --------------------------------------------------------------------------------------------- */

void ws_send(struct ws_conn *conn, const char *at, size_t len)
{
	if (conn->stage == STAGE_OPEN)
		put_frame(conn, conn->codec == CODEC_BIN ? WS_OP_BINARY : WS_OP_TEXT, at, len);
}

size_t ws_queued(const struct ws_conn *conn)
{
	return queued(conn);
}

enum codec ws_codec(const struct ws_conn *conn)
{
	return conn->codec;
}

const char *ws_peer(const struct ws_conn *conn)
{
	return conn->peer;
}

static void set_paused(struct ws_conn *conn, bool paused)
{
	if (conn->paused == paused || !conn->wsi)
		return;
	conn->paused = paused;
	conn->heard_ms = loop_now_ms(conn->server->loop);
	lws_rx_flow_control(conn->wsi, !paused);
}

void ws_pause(struct ws_conn *conn)
{
	set_paused(conn, true);
}

void ws_resume(struct ws_conn *conn)
{
	set_paused(conn, false);
}

void ws_close(struct ws_conn *conn, unsigned code, const char *reason)
{
	if (conn->stage != STAGE_OPEN)
		return;
	ws_resume(conn); /* the answer is to be read */
	ws_frame_put_close(&conn->out, code, reason);
	enter(conn, STAGE_CLOSING);
	queue_grew(conn);
}
