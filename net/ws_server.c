#include "net/ws_server.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "net/listener.h"
#include "net/ws_conn.h"
#include "net/ws_door.h"
#include "net/ws_queue.h"
#include "ot/mem.h"

#define SEND_BUFFER (128 * 1024)
#define YOUNG_MS    1000 /* a handshake that began since then is not given up to make room */
#define BUSY_MS                                                                                    \
	200 /* a handshake is that of a client at work, and not of one that only takes up room */
#define BUSY_HANDSHAKES                                                                            \
	24 /* at a time: what they all say in one turn is done before the others' next */
#define CROWD_REST_MS   2 /* what a newcomer is told waits too, several times over */
#define HALF_OPEN_SPARE 64
#define FILES_SPARE     128 /* descriptors for all but the sockets */
#define FILES_MAX                                                                                  \
	(1UL << 20) /* the library's tables have a row for every descriptor there may be */

struct ws_server {
	struct ws_house house;
	const struct tls_identity *identity; /* borrowed while the library starts */
	SSL_CTX *tls;                        /* the library's; NULL without an identity */
	struct ws_door *door;                /* NULL when no more are let in */
	unsigned port;
	struct timer *sweep, *reap, *rest;
	struct ws_conn *living, *gone;
	size_t sockets;
	uint64_t swept_ms;
};

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
static void on_gone(struct ws_server *server, struct ws_conn *conn)
{
	conn->stage = STAGE_DEAD;
	conn->wsi = NULL;
	server->sockets--;
	list_remove(&server->living, conn);
	list_add(&server->gone, conn);
	timer_set(server->reap, 0, 0);
}

static void on_reap(void *ctx)
{
	struct ws_server *server = ctx;
	struct ws_conn *conn;
	while ((conn = server->gone)) {
		list_remove(&server->gone, conn);
		ws_conn_destroy(conn);
	}
	if (!server->living)
		timer_stop(server->sweep);
}

static unsigned sweep_ms(const struct ws_server *server)
{
	unsigned silence_ms = server->house.silence_ms, handshake_ms = server->house.handshake_ms;
	unsigned least = silence_ms < handshake_ms ? silence_ms : handshake_ms;
	return least / 4 < 1 ? 1 : least / 4 > 1000 ? 1000 : least / 4;
}

/* While this machine slept nobody was heard: what they said meanwhile is read only after the timers. */
static void on_sweep(void *ctx)
{
	struct ws_server *server = ctx;
	uint64_t now_ms = loop_now_ms(server->house.loop);
	uint64_t passed_ms = now_ms - server->swept_ms;
	uint64_t slept_ms = passed_ms > 2 * sweep_ms(server) ? passed_ms - sweep_ms(server) : 0;
	server->swept_ms = now_ms;
	for (struct ws_conn *conn = server->living; conn; conn = conn->next)
		ws_conn_sweep(conn, now_ms, slept_ms);
}

static void set_sweep(struct ws_server *server)
{
	server->swept_ms = loop_now_ms(server->house.loop);
	timer_set(server->sweep, sweep_ms(server), sweep_ms(server));
}

static size_t sockets_max(const struct ws_server *server)
{
	return 2 * server->house.max_connections + HALF_OPEN_SPARE;
}

/* The handshake that has taken longest, to make room; its socket goes a little later. */
static void give_up_oldest(struct ws_server *server)
{
	struct ws_conn *oldest = NULL;
	for (struct ws_conn *conn = server->living; conn; conn = conn->next)
		if (conn->stage == STAGE_HEAD && (!oldest || conn->since_ms < oldest->since_ms))
			oldest = conn;
	if (oldest && loop_now_ms(server->house.loop) - oldest->since_ms >= YOUNG_MS)
		ws_conn_give_up(oldest);
}

static const char protocol_name[] = "codecollab";

static void adopt(struct ws_server *server, struct ws_conn *conn, int fd)
{
	lws_adopt_desc_t what = {
		.vh = lws_get_vhost_by_name(ws_lws_context(server->house.lws), "default"),
		.type = LWS_ADOPT_SOCKET | (server->identity ? LWS_ADOPT_ALLOW_SSL : 0),
		.fd = {.sockfd = fd},
		.vh_prot_name = protocol_name,
		.opaque = conn,
	};
	/* On failure the library closes fd and says so by the callbacks, or not at all, depending on how far it came. */
	struct ws_conn *before = server->gone;
	conn->wsi = lws_adopt_descriptor_vhost_via_info(&what);
	if (!conn->wsi && server->gone == before)
		on_gone(server, conn);
}

static void on_enter(void *ctx, int fd, const char *peer)
{
	struct ws_server *server = ctx;
	const struct ws_house *house = &server->house;
	if (house->handler->knows && !house->handler->knows(house->ctx, fd)) {
		close(fd);
		return;
	}
	if (server->sockets >= sockets_max(server)) {
		give_up_oldest(server);
		close(fd);
		return;
	}
	struct ws_conn *conn = ws_conn_create(&server->house, peer);
	if (!server->living)
		set_sweep(server);
	list_add(&server->living, conn);
	server->sockets++;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){SEND_BUFFER}, sizeof(int));
	adopt(server, conn, fd);
}

static void on_failed(void *ctx, const char *peer, int status)
{
	const struct ws_house *house = &((struct ws_server *)ctx)->house;
	if (house->handler->failed)
		house->handler->failed(house->ctx, peer, status);
}

static const struct ws_door_handler door_handler = {.enter = on_enter, .failed = on_failed};

/* How many more may begin their handshake now. The living are in the order in which they came, the newest first. */
static size_t handshake_room(const struct ws_server *server)
{
	uint64_t now_ms = loop_now_ms(server->house.loop);
	size_t busy = 0;
	for (const struct ws_conn *conn = server->living; conn; conn = conn->next) {
		if (now_ms - conn->began_ms >= BUSY_MS)
			break;
		busy += conn->stage == STAGE_HEAD;
	}
	return busy < BUSY_HANDSHAKES ? BUSY_HANDSHAKES - busy : 0;
}

/* Those who are in first, then those who come in; both bounded. */
static void on_turn(void *ctx)
{
	struct ws_server *server = ctx;
	bool more = ws_conns_go_on(&server->house);
	if (server->door && ws_door_turn(server->door, handshake_room(server)))
		more = true;
	if (more)
		loop_again(server->house.loop);
}

static void on_rested(void *ctx)
{
	ws_queues_rested(&((struct ws_server *)ctx)->house); /* the turn that follows writes */
}

/*
 * What one of very many says is a system call for each of the others, and nothing else costs as much. So after such a round what is
 * said next to these gathers, for about as long as that round took, and leaves together. Few people never wait, nor who has nothing to do
 * with them.
 */
static void on_last(void *ctx)
{
	struct ws_server *server = ctx;
	lws_usec_t began = lws_now_usecs();
	if (!ws_queues_write(&server->house))
		return;
	uint64_t took_ms = (uint64_t)(lws_now_usecs() - began) / 1000;
	if (took_ms > CROWD_REST_MS)
		took_ms = CROWD_REST_MS;
	timer_set(server->rest, 2 * took_ms + 1, 0); /* counted from when this turn began */
}

/* --- the library ------------------------------------------------------------------------------------------------- */

static char groups[] = "X25519:P-256:P-384";

static void prepare_tls(struct ws_server *server, SSL_CTX *tls)
{
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	SSL_CTX_set1_groups_list(tls, groups); /* the library would have P-256 alone */
	SSL_CTX_set_options(
		tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(
		tls, 0); /* each would cost a record, and nobody who checks a pin resumes */
	tls_identity_use(server->identity, tls);
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
		ws_conn_read(conn, in, len);
	} else if (reason == LWS_CALLBACK_RAW_WRITEABLE) {
		ws_queue_write(conn);
	} else {
		/* Of a connection that never got past TLS only the second of these two comes. */
		lws_set_opaque_user_data(wsi, NULL);
		on_gone(lws_context_user(lws_get_context(wsi)), conn);
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{.name = protocol_name,
		.callback = callback,
		.rx_buffer_size = 16384,
		.tx_packet_size = WS_WRITE_BYTES},
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
		.timeout_secs = (server->house.handshake_ms + 999) / 1000,
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
	server->house.lws = ws_lws_create(server->house.loop, &info);
	return server->house.lws != NULL;
}

/* --- starting ---------------------------------------------------------------------------------------------------- */

static void bound_descriptors(const struct ws_server *server, size_t others)
{
	rlim_t need = sockets_max(server) + WS_DOOR_WAITING + FILES_SPARE + others,
	       most = need > FILES_MAX ? FILES_MAX : need;
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

static const char *open_door(struct ws_server *server, const struct ws_server_options *options)
{
	const char *why = NULL;
	struct ws_door_options door = {
		.tls = server->identity != NULL, .handshake_ms = server->house.handshake_ms};
	door.listener = options->listener ? options->listener
					  : listener_open(options->address, options->port, &why);
	if (options->proxies)
		door.proxies = *options->proxies;
	if (door.listener < 0)
		return why ? why : strerror(errno);
	if (!door.tls && !listener_is_loopback(door.listener)) {
		close(door.listener);
		return "without TLS only loopback addresses and local sockets may be listened at";
	}
	server->port = listener_port(door.listener);
	server->door = ws_door_create(server->house.loop, &door, &door_handler, server);
	return server->door ? NULL : "the listening socket cannot be watched";
}

static const char *start(struct ws_server *server, const struct ws_server_options *options)
{
	const char *why = open_door(server, options);
	if (why)
		return why;
	if (start_library(server))
		return NULL;
	return options->identity
		       ? "libwebsockets did not start (is its libuv plugin installed, the "
			 "certificate good?)"
		       : "libwebsockets did not start (is its libuv plugin installed?)";
}

struct ws_server *ws_server_create(struct loop *loop, const struct ws_server_options *options,
	const struct ws_server_handler *handler, void *ctx, const char **why)
{
	struct ws_server *server = mem_alloc(sizeof(*server));
	server->house = (struct ws_house){.loop = loop,
		.handler = handler,
		.ctx = ctx,
		.max_message = options->max_message,
		.max_connections = options->max_connections,
		.silence_ms = options->silence_ms ? options->silence_ms : WS_SILENCE_MS,
		.handshake_ms = options->handshake_ms ? options->handshake_ms : WS_HANDSHAKE_MS};
	if (options->forwarders)
		server->house.forwarders = *options->forwarders;
	server->house.held_end = &server->house.held;
	server->identity = options->identity;
	server->sweep = timer_make(loop, on_sweep, server);
	server->reap = timer_make(loop, on_reap, server);
	server->rest = timer_make(loop, on_rested, server);
	loop_on_turn(loop, on_turn, server);
	loop_on_last(loop, on_last, server);
	bound_descriptors(server, options->other_files);
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
	return server->house.sessions;
}

/* Those who are in keep what they came with: a connection takes its own reference when it begins. */
bool ws_server_set_identity(struct ws_server *server, const struct tls_identity *identity)
{
	return server->tls && tls_identity_use(identity, server->tls);
}

void ws_server_stop_listening(struct ws_server *server)
{
	ws_door_destroy(server->door);
	server->door = NULL;
}

void ws_server_destroy(struct ws_server *server)
{
	if (!server)
		return;
	ws_server_stop_listening(server);
	loop_off_turn(server->house.loop, on_turn, server);
	loop_off_turn(server->house.loop, on_last, server);
	while (server->living) {
		lws_set_opaque_user_data(
			server->living->wsi, NULL); /* the library finishes after us */
		on_gone(server, server->living);
	}
	on_reap(server);
	ws_lws_destroy(server->house.lws);
	timer_destroy(server->sweep);
	timer_destroy(server->reap);
	timer_destroy(server->rest);
	stock_fini(&server->house.stock);
	free(server);
}
