#include "net/ws_client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

#include "net/local.h"
#include "net/message.h"
#include "net/ws_talk.h"
#include "ot/mem.h"

#define WRITE_BYTES 65536

void ws_client_enter(struct ws_client *client, enum stage stage)
{
	client->stage = stage;
	client->since_ms = loop_now_ms(client->loop);
}

void ws_client_reason(struct ws_client *client, const char *at, size_t len)
{
	size_t width = len < sizeof(client->reason) - 1 ? len : sizeof(client->reason) - 1;
	if (width)
		memcpy(client->reason, at, width);
	client->reason[width] = '\0';
}

void ws_client_end(struct ws_client *client, enum ws_end end, unsigned code, const char *reason)
{
	if (client->end_known)
		return;
	client->end_known = true;
	client->end = end;
	client->code = code;
	ws_client_reason(client, reason, strlen(reason));
}

/* Or nobody, without TLS. */
static bool pin_decides(const struct ws_client *client)
{
	return !client->url.tls || client->url.pin[0];
}

void ws_client_drop_ways(struct ws_client *client)
{
	resolve_stop(&client->resolve);
	if (client->folder >= 0)
		close(client->folder);
	client->folder = -1;
}

/* Everything of a connection goes; closed() follows from the next turn. */
static void over(struct ws_client *client)
{
	ws_client_end(client, WS_END_LOST, 0, "");
	ws_client_drop_ways(client);
	ws_talk_drop(client);
	buf_fini(&client->in);
	timer_stop(client->tick);
	ws_client_enter(client, STAGE_OVER);
	timer_set(client->next_step, 0, 0);
}

void ws_client_cut_off(struct ws_client *client)
{
	if (client->wsi)
		ws_lws_cut_off(client->lws[pin_decides(client)], client->wsi);
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
		ws_client_end(client, WS_END_REFUSED, status, word);
	}
	if (client->peer.wrong)
		ws_client_end(client, WS_END_PIN, 0, client->peer.wrong);
	if (!resolve_has_more(&client->resolve))
		ws_client_end(client, WS_END_LOST, 0, why ? why : "");
	on_gone(client);
}

static int add_token(struct ws_client *client, struct lws *wsi, unsigned char **at, size_t room)
{
	char value[sizeof("Bearer ") + TOKEN_MAX_BYTES];
	if (client->url.tls && !tls_peer_is_right(&client->peer, lws_get_ssl(wsi))) {
		ws_client_end(client, WS_END_PIN, 0, client->peer.wrong);
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
	case LWS_CALLBACK_CLIENT_ESTABLISHED: ws_talk_opened(client); break;
	case LWS_CALLBACK_CLIENT_RECEIVE: ws_talk_piece(client, wsi, in, len); break;
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG: ws_talk_pong(client, in, len); break;
	case LWS_CALLBACK_CLIENT_WRITEABLE: ws_talk_writable(client); break;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: ws_talk_closing(client, in, len); break;
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
	ws_client_enter(client, STAGE_CONNECTING);
	if (!lws)
		ws_client_end(client, WS_END_LOST, 0, "libwebsockets did not start");
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
	ws_client_enter(client, STAGE_CONNECTING);
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
	ws_client_end(client, resolve_is_unknown(status) ? WS_END_NAME : WS_END_LOST, 0,
		uv_strerror(status));
	over(client);
}

/* --- time -------------------------------------------------------------------------------------------------------- */

static void tick_open(struct ws_client *client, uint64_t now_ms)
{
	uint64_t silent_ms = now_ms - client->heard_ms;
	if (silent_ms >= 2 * (uint64_t)client->silence_ms)
		ws_client_cut_off(client);
	else if (silent_ms >= client->silence_ms &&
		 now_ms - client->pinged_ms >= client->silence_ms)
		ws_talk_ping(client);
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
		ws_client_cut_off(client);
	else if ((client->stage == STAGE_CLOSING || client->stage == STAGE_LAST) &&
		 spent_ms >= WS_CLOSE_MS)
		ws_client_cut_off(client);
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
	ws_client_drop_ways(client);
	ws_talk_drop(client);
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
	ws_client_enter(client, STAGE_NAMING);
	set_tick(client);
	if (*client->url.socket)
		try_socket(client);
	else
		resolve_start(&client->resolve, client->url.host);
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
	ws_client_end(client, WS_END_CLOSED, code, reason ? reason : "");
	if (client->stage == STAGE_OPEN) {
		ws_client_enter(client, STAGE_CLOSING);
		lws_callback_on_writable(client->wsi);
	} else if (client->wsi) {
		ws_client_cut_off(client);
	} else {
		over(client);
	}
}
