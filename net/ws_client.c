#include "net/ws_client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

#include "net/local.h"
#include "net/message.h"
#include "net/resolve.h"
#include "net/tls_peer.h"
#include "net/ws_frame.h"
#include "net/ws_lws.h"
#include "ot/mem.h"

#define WRITE_BYTES 65536

enum stage {
	STAGE_IDLE,
	STAGE_NAMING,     /* the host's name is being looked up */
	STAGE_CONNECTING, /* TCP, TLS, request */
	STAGE_OPEN,
	STAGE_CLOSING, /* our close frame follows what is queued */
	STAGE_LAST,    /* it is sent; theirs is awaited */
	STAGE_OVER,    /* closed() is due */
};

/* One frame, with the room in front that the library writes its header into. It masks in place: never send it twice. */
struct parcel {
	struct parcel *next;
	size_t len;
	unsigned char bytes[];
};

struct ws_client {
	struct loop *loop;
	const struct ws_client_handler *handler;
	void *ctx;
	struct url url;
	enum codec codec;
	enum stage stage;
	struct timer *tick, *next_step;
	unsigned silence_ms, connect_ms;
	size_t frame_bytes; /* of the longest frame that is taken */

	/*
	 * By whether the pin decides: those know no certificate authorities. The TLS is ours, since the library never gives
	 * back what it makes when there are several contexts.
	 */
	struct ws_lws *lws[2];
	SSL_CTX *tls[2];
	struct lws *wsi;
	bool trying;            /* the library has not said what became of this attempt */
	struct resolve resolve; /* the host's addresses */
	int folder;             /* of the local socket that is being tried; -1: none is */

	struct parcel *first, **last;
	size_t queued;
	bool ping_due;
	struct buf in;
	uint64_t since_ms, heard_ms, pinged_ms;

	struct tls_peer peer;
	bool end_known; /* a reason that trying another address would not mend */
	enum ws_end end;
	unsigned code;
	char reason[WS_CONTROL_MAX_BYTES + 1];
};

static void enter(struct ws_client *client, enum stage stage)
{
	client->stage = stage;
	client->since_ms = loop_now_ms(client->loop);
}

static void set_reason(struct ws_client *client, const char *at, size_t len)
{
	size_t width = len < sizeof(client->reason) - 1 ? len : sizeof(client->reason) - 1;
	if (width)
		memcpy(client->reason, at, width);
	client->reason[width] = '\0';
}

/* The first reason is the one that counts: what comes after it is its consequence. */
static void set_end(struct ws_client *client, enum ws_end end, unsigned code, const char *reason)
{
	if (client->end_known)
		return;
	client->end_known = true;
	client->end = end;
	client->code = code;
	set_reason(client, reason, strlen(reason));
}

/* Or nobody, without TLS. */
static bool pin_decides(const struct ws_client *client)
{
	return !client->url.tls || client->url.pin[0];
}

static void drop_queue(struct ws_client *client)
{
	while (client->first) {
		struct parcel *parcel = client->first;
		client->first = parcel->next;
		free(parcel);
	}
	client->last = &client->first;
	client->queued = 0;
}

static void drop_addresses(struct ws_client *client)
{
	resolve_stop(&client->resolve);
	if (client->folder >= 0)
		close(client->folder);
	client->folder = -1;
}

/* Everything of a connection goes; closed() follows from the next turn. */
static void over(struct ws_client *client)
{
	set_end(client, WS_END_LOST, 0, "");
	drop_addresses(client);
	drop_queue(client);
	buf_fini(&client->in);
	timer_stop(client->tick);
	enter(client, STAGE_OVER);
	timer_set(client->next_step, 0, 0);
}

/* The library tells of the end by CONNECTION_ERROR or CLOSED. */
static void cut_off(struct ws_client *client)
{
	if (client->wsi)
		ws_lws_cut_off(client->lws[pin_decides(client)], client->wsi);
}

/* --- what goes out ----------------------------------------------------------------------------------------------- */

static void write_ping(struct ws_client *client)
{
	unsigned char bytes[LWS_PRE + sizeof(uint64_t)];
	uint64_t now_us = (uint64_t)lws_now_usecs();
	memcpy(bytes + LWS_PRE, &now_us, sizeof(now_us)); /* only we read it again */
	client->ping_due = false;
	client->pinged_ms = loop_now_ms(client->loop);
	if (lws_write(client->wsi, bytes + LWS_PRE, sizeof(now_us), LWS_WRITE_PING) < 0)
		cut_off(client);
}

static bool write_parcel(struct ws_client *client)
{
	struct parcel *parcel = client->first;
	enum lws_write_protocol kind =
		client->codec == CODEC_BIN ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
	bool fine = lws_write(client->wsi, parcel->bytes + LWS_PRE, parcel->len, kind) >=
		    (int)parcel->len;
	client->first = parcel->next;
	if (!client->first)
		client->last = &client->first;
	client->queued -= parcel->len;
	free(parcel);
	return fine;
}

/*
 * Returning -1 after lws_close_reason() loses the close frame on a libuv loop; ending it by a timeout sends it, from any
 * callback, and waits for the peer's.
 */
static void write_close(struct ws_client *client)
{
	enter(client, STAGE_LAST);
	lws_close_reason(client->wsi, (enum lws_close_status)client->code,
		(unsigned char *)client->reason, strlen(client->reason));
	lws_set_timeout(client->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

static void on_writable(struct ws_client *client)
{
	if (client->stage != STAGE_OPEN && client->stage != STAGE_CLOSING)
		return;
	if (client->ping_due)
		write_ping(client);
	while (client->first && !lws_partial_buffered(client->wsi) &&
		!lws_send_pipe_choked(client->wsi))
		if (!write_parcel(client)) {
			cut_off(client);
			return;
		}
	if (client->first || lws_partial_buffered(client->wsi))
		lws_callback_on_writable(client->wsi);
	else if (client->stage == STAGE_CLOSING)
		write_close(client);
}

static void want_ping(struct ws_client *client)
{
	client->ping_due = true;
	lws_callback_on_writable(client->wsi);
}

/* --- what comes in ----------------------------------------------------------------------------------------------- */

static void give_up(struct ws_client *client, unsigned code, const char *reason)
{
	set_end(client, WS_END_LOST, code, reason);
	drop_queue(client);
	client->code = code;
	write_close(client);
}

static void on_whole(struct ws_client *client)
{
	struct buf message = client->in;
	client->in = (struct buf){0};
	if (loop_now_ms(client->loop) - client->pinged_ms >= WS_RTT_MS)
		want_ping(client);
	client->handler->frame(client->ctx, message.at, message.len);
	buf_fini(&message);
}

static void on_piece(struct ws_client *client, struct lws *wsi, const char *at, size_t len)
{
	bool binary = lws_frame_is_binary(wsi);
	client->heard_ms = loop_now_ms(client->loop);
	if (client->stage != STAGE_OPEN)
		return;
	if (binary != (client->codec == CODEC_BIN)) {
		give_up(client, WS_CODE_DATA, "a frame of the other encoding");
	} else if (len > client->frame_bytes - client->in.len) {
		give_up(client, WS_CODE_SIZE, "a frame above the limit");
	} else {
		buf_add(&client->in, at, len);
		if (lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi))
			on_whole(client);
	}
}

static void on_pong(struct ws_client *client, const char *at, size_t len)
{
	uint64_t sent_us, now_us = (uint64_t)lws_now_usecs();
	client->heard_ms = loop_now_ms(client->loop);
	if (len != sizeof(sent_us) || !client->handler->rtt)
		return;
	memcpy(&sent_us, at, sizeof(sent_us));
	if (sent_us <= now_us && (now_us - sent_us) / 1000 <= 2 * (uint64_t)client->silence_ms)
		client->handler->rtt(client->ctx, (unsigned)((now_us - sent_us + 999) / 1000));
}

static void on_opened(struct ws_client *client)
{
	enter(client, STAGE_OPEN);
	client->heard_ms = loop_now_ms(client->loop);
	drop_addresses(client);
	want_ping(client);
	client->handler->opened(client->ctx);
}

static void on_peer_close(struct ws_client *client, const unsigned char *at, size_t len)
{
	unsigned code = len >= 2 ? (unsigned)(at[0] << 8 | at[1]) : WS_CODE_NONE;
	if (client->end_known)
		return;
	set_end(client, WS_END_CLOSED, code, "");
	if (len > 2)
		set_reason(client, (const char *)at + 2, len - 2);
}

/* An attempt failed or a connection ended. */
static void on_gone(struct ws_client *client)
{
	client->wsi = NULL;
	client->trying = false;
	if (client->stage == STAGE_CONNECTING && !client->end_known &&
		resolve_next(&client->resolve)) {
		timer_set(client->next_step, 0, 0);
		return;
	}
	over(client);
}

/* The library drops a refusal's body, but not its fields. */
static void read_refusal(struct lws *wsi, char *word, size_t cap)
{
	static const char name[] = "error_description=\"";
	char field[256];
	int len = lws_hdr_copy(wsi, field, sizeof(field), WSI_TOKEN_HTTP_WWW_AUTHENTICATE);
	const char *at = len > 0 ? strstr(field, name) : NULL;
	*word = '\0';
	if (at)
		lws_snprintf(word, cap, "%.*s", (int)strcspn(at + strlen(name), "\""),
			at + strlen(name));
}

static void on_failed(struct ws_client *client, struct lws *wsi, const char *why)
{
	unsigned status = lws_http_client_http_response(wsi);
	char word[64];
	if (client->stage == STAGE_CONNECTING && status >= 200) {
		read_refusal(wsi, word, sizeof(word));
		set_end(client, WS_END_REFUSED, status, word);
	}
	if (client->peer.wrong)
		set_end(client, WS_END_PIN, 0, client->peer.wrong);
	if (!resolve_has_more(&client->resolve))
		set_end(client, WS_END_LOST, 0, why ? why : "");
	on_gone(client);
}

static int add_token(struct ws_client *client, struct lws *wsi, unsigned char **at, size_t room)
{
	char value[sizeof("Bearer ") + TOKEN_MAX_BYTES];
	if (client->url.tls && !tls_peer_is_right(&client->peer, lws_get_ssl(wsi))) {
		set_end(client, WS_END_PIN, 0, client->peer.wrong);
		return -1;
	}
	if (!client->url.token[0])
		return 0;
	int len = lws_snprintf(value, sizeof(value), "Bearer %s", client->url.token);
	int failed = lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION,
		(const unsigned char *)value, len, at, *at + room);
	OPENSSL_cleanse(value, sizeof(value));
	return failed ? -1 : 0;
}

/* --- the library's callback -------------------------------------------------------------------------------------- */

static int callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct ws_client *client = wsi ? lws_get_opaque_user_data(wsi) : NULL;
	(void)user;
	if (!client)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: return add_token(client, wsi, in, len);
	case LWS_CALLBACK_CLIENT_ESTABLISHED: on_opened(client); break;
	case LWS_CALLBACK_CLIENT_RECEIVE: on_piece(client, wsi, in, len); break;
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG: on_pong(client, in, len); break;
	case LWS_CALLBACK_CLIENT_WRITEABLE: on_writable(client); break;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: on_peer_close(client, in, len); break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		lws_set_opaque_user_data(wsi, NULL);
		on_failed(client, wsi, in);
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
	case LWS_CALLBACK_WSI_DESTROY:
		lws_set_opaque_user_data(wsi, NULL);
		on_gone(client);
		break;
	default: break;
	}
	return 0;
}

static const char local_name[] = "codecollab";

static const struct lws_protocols protocols[] = {
	{.name = local_name,
		.callback = callback,
		.rx_buffer_size = 16384,
		.tx_packet_size = WRITE_BYTES},
	{0},
};

static struct ws_lws *library(struct ws_client *client)
{
	bool pinned = pin_decides(client);
	if (client->lws[pinned])
		return client->lws[pinned];
	if (!client->tls[pinned])
		client->tls[pinned] = tls_peer_context(&client->peer, pinned);
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_VALIDATE_UTF8 |
			   LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
		.provided_client_ssl_ctx = client->tls[pinned],
		.pt_serv_buf_size = 16384,
		.fd_limit_per_thread =
			16, /* one connection, its predecessor still closing, the library's pipe */
		.connect_timeout_secs = WS_CONNECT_MS / 1000,
		.timeout_secs = WS_CONNECT_MS / 1000,
		.alpn = "http/1.1",
		.http_proxy_address =
			"", /* else http_proxy of the environment counts, for 127.0.0.1 too */
	};
	client->lws[pinned] = ws_lws_create(client->loop, &info);
	return client->lws[pinned];
}

/* --- connecting -------------------------------------------------------------------------------------------------- */

static void start_connection(struct ws_client *client, struct ws_lws *lws, const char *address)
{
	const struct url *url = &client->url;
	bool brackets = strchr(url->host, ':');
	char path[1 + ROOM_NAME_BYTES], host[sizeof(url->host) + 16];
	lws_snprintf(path, sizeof(path), "/%s", url->room);
	lws_snprintf(host, sizeof(host), brackets ? "[%s]:%u" : "%s:%u", url->host, url->port);
	struct lws_client_connect_info info = {
		.context = ws_lws_context(lws),
		.address = address,
		.port = (int)url->port,
		.ssl_connection = (url->tls ? LCCSCF_USE_SSL : 0) | LCCSCF_HTTP_NO_FOLLOW_REDIRECT,
		.path = path,
		.host = host,
		.protocol = codec_subprotocol[client->codec],
		.local_protocol_name = local_name,
		.pwsi = &client->wsi,
		.opaque_user_data = client,
	};
	client->trying = true;
	client->peer.wrong = NULL;
	if (lws_client_connect_via_info(&info))
		return;
	client->wsi = NULL;
	if (client->trying)
		on_gone(client);
}

static bool may_try(const struct ws_client *client)
{
	return client->url.tls || resolve_is_loopback(&client->resolve);
}

static void try_address(struct ws_client *client)
{
	char name[INET6_ADDRSTRLEN];
	struct ws_lws *lws = library(client);
	enter(client, STAGE_CONNECTING);
	if (!lws)
		set_end(client, WS_END_LOST, 0, "libwebsockets did not start");
	if (lws && may_try(client) && resolve_address(&client->resolve, name))
		start_connection(client, lws, name);
	else
		on_gone(client);
}

/* The library takes a path behind a plus sign. */
static void try_socket(struct ws_client *client)
{
	char name[1 + LOCAL_PATH_BYTES] = "+";
	struct ws_lws *lws = library(client);
	enter(client, STAGE_CONNECTING);
	client->folder = lws ? local_reach(client->url.socket, name + 1) : -1;
	if (client->folder >= 0)
		start_connection(client, lws, name);
	else
		over(client);
}

static void on_resolved(void *ctx, int status)
{
	struct ws_client *client = ctx;
	if (status == 0) {
		try_address(client);
		return;
	}
	set_end(client, resolve_is_unknown(status) ? WS_END_NAME : WS_END_LOST, 0,
		uv_strerror(status));
	over(client);
}

/* --- time -------------------------------------------------------------------------------------------------------- */

static void tick_open(struct ws_client *client, uint64_t now_ms)
{
	uint64_t silent_ms = now_ms - client->heard_ms;
	if (silent_ms >= 2 * (uint64_t)client->silence_ms)
		cut_off(client);
	else if (silent_ms >= client->silence_ms &&
		 now_ms - client->pinged_ms >= client->silence_ms)
		want_ping(client);
}

static void on_tick(void *ctx)
{
	struct ws_client *client = ctx;
	uint64_t now_ms = loop_now_ms(client->loop), spent_ms = now_ms - client->since_ms;
	uint64_t patience_ms =
		resolve_has_more(&client->resolve) ? client->connect_ms / 4 : client->connect_ms;
	if (client->stage == STAGE_OPEN)
		tick_open(client, now_ms);
	else if (client->stage == STAGE_NAMING && spent_ms >= client->connect_ms)
		over(client);
	else if (client->stage == STAGE_CONNECTING && spent_ms >= patience_ms)
		cut_off(client);
	else if ((client->stage == STAGE_CLOSING || client->stage == STAGE_LAST) &&
		 spent_ms >= WS_CLOSE_MS)
		cut_off(client);
}

static void set_tick(struct ws_client *client)
{
	unsigned least =
		client->silence_ms < client->connect_ms ? client->silence_ms : client->connect_ms;
	unsigned every = least / 8 < 1 ? 1 : least / 8 > 1000 ? 1000 : least / 8;
	timer_set(client->tick, every, every);
}

/* closed(), or the next address: both from a fresh turn. */
static void on_next_step(void *ctx)
{
	struct ws_client *client = ctx;
	if (client->stage == STAGE_CONNECTING && !client->wsi) {
		try_address(client);
	} else if (client->stage == STAGE_OVER) {
		char reason[sizeof(client->reason)];
		memcpy(reason, client->reason, sizeof(reason));
		client->stage = STAGE_IDLE;
		client->handler->closed(client->ctx, client->end, client->code, reason);
	}
}

/* --- for the owner ----------------------------------------------------------------------------------------------- */

struct ws_client *ws_client_create(
	struct loop *loop, const struct ws_client_handler *handler, void *ctx)
{
	struct ws_client *client = mem_alloc(sizeof(*client));
	client->loop = loop;
	client->handler = handler;
	client->ctx = ctx;
	client->last = &client->first;
	client->folder = -1;
	client->peer = (struct tls_peer){.host = client->url.host, .pin = client->url.pin};
	resolve_init(&client->resolve, loop, on_resolved, client);
	client->tick = timer_make(loop, on_tick, client);
	client->next_step = timer_make(loop, on_next_step, client);
	ws_client_patience(client, 0, 0);
	ws_client_limit(client, MESSAGE_MAX_SERVER_BYTES);
	return client;
}

void ws_client_limit(struct ws_client *client, size_t frame_bytes)
{
	client->frame_bytes = frame_bytes;
}

void ws_client_patience(struct ws_client *client, unsigned silence_ms, unsigned connect_ms)
{
	client->silence_ms = silence_ms ? silence_ms : WS_SILENCE_MS;
	client->connect_ms = connect_ms ? connect_ms : WS_CONNECT_MS;
}

void ws_client_destroy(struct ws_client *client)
{
	if (!client)
		return;
	if (client->wsi)
		lws_set_opaque_user_data(client->wsi, NULL); /* the library finishes after us */
	for (size_t i = 0; i < sizeof(client->lws) / sizeof(client->lws[0]); i++) {
		ws_lws_destroy(client->lws[i]);
		SSL_CTX_free(client->tls[i]);
	}
	drop_addresses(client);
	drop_queue(client);
	buf_fini(&client->in);
	timer_destroy(client->tick);
	timer_destroy(client->next_step);
	OPENSSL_cleanse(&client->url, sizeof(client->url));
	free(client);
}

bool ws_client_ending(void)
{
	return ws_lws_ending();
}

void ws_client_connect(struct ws_client *client, const struct url *url, enum codec codec)
{
	assert(client->stage == STAGE_IDLE);
	client->url = *url;
	client->codec = codec;
	client->end_known = false;
	client->peer.met[0] = '\0';
	client->ping_due = false;
	enter(client, STAGE_NAMING);
	set_tick(client);
	if (*client->url.socket)
		try_socket(client);
	else
		resolve_start(&client->resolve, client->url.host);
}

void ws_client_send(struct ws_client *client, const char *at, size_t len)
{
	if (client->stage != STAGE_OPEN)
		return;
	struct parcel *parcel = mem_alloc(sizeof(*parcel) + LWS_PRE + len);
	parcel->len = len;
	if (len)
		memcpy(parcel->bytes + LWS_PRE, at, len);
	*client->last = parcel;
	client->last = &parcel->next;
	client->queued += len;
	lws_callback_on_writable(client->wsi);
}

const char *ws_client_met_pin(const struct ws_client *client)
{
	return client->peer.met;
}

size_t ws_client_queued(const struct ws_client *client)
{
	return client->queued;
}

void ws_client_close(struct ws_client *client, unsigned code, const char *reason)
{
	if (client->stage == STAGE_IDLE || client->stage >= STAGE_CLOSING)
		return;
	set_end(client, WS_END_CLOSED, code, reason ? reason : "");
	if (client->stage == STAGE_OPEN) {
		enter(client, STAGE_CLOSING);
		lws_callback_on_writable(client->wsi);
	} else if (client->wsi) {
		cut_off(client);
	} else {
		over(client);
	}
}
