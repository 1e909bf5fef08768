#include "net/ws_entry.h"

#include <string.h>

#include <openssl/ssl.h>

#include "net/http.h"
#include "net/origin.h"
#include "net/ws_queue.h"
#include "net/ws_upgrade.h"

void ws_entry_failed(struct ws_conn *conn, int status)
{
	const struct ws_house *house = conn->house;
	if (conn->failed)
		return;
	conn->failed = true;
	if (house->handler->failed)
		house->handler->failed(house->ctx, conn->peer, status);
}

static void answer(struct ws_conn *conn, int status, const char *body, size_t len)
{
	http_answer(&conn->out, status, body, len);
	conn->answered = true;
	ws_conn_enter(conn, STAGE_ENDING);
	ws_queue_grew(conn);
}

static void refuse(struct ws_conn *conn, int status, const char *why)
{
	ws_entry_failed(conn, status);
	answer(conn, status, why, why ? strlen(why) : 0);
}

static struct ws_request request_of(const struct ws_conn *conn, const struct ws_offer *offer)
{
	return (struct ws_request){.path = offer->path,
		.token = offer->token,
		.peer = conn->peer,
		.fd = lws_get_socket_fd(conn->wsi),
		.has_codec = offer->has_codec,
		.codec = offer->codec};
}

/* From here on closed() is due, whatever becomes of the connection. */
static int admit(struct ws_conn *conn, const struct ws_offer *offer, const char **why)
{
	struct ws_house *house = conn->house;
	struct ws_request request = request_of(conn, offer);
	request.why = why;
	if (house->sessions >= house->max_connections)
		return 503;
	int status = house->handler->admit(house->ctx, &request, &conn->session);
	if (status)
		return status;
	conn->admitted = true;
	house->sessions++;
	return offer->has_codec ? 0 : 426;
}

static void welcome(struct ws_conn *conn, const struct ws_offer *offer)
{
	conn->codec = offer->codec;
	ws_upgrade_accept(offer, &conn->out);
	ws_conn_enter(conn, STAGE_OPEN);
	/* The library's limit for its handshake would end a raw connection timeout_secs after its birth. */
	lws_set_timeout(conn->wsi, NO_PENDING_TIMEOUT, 0);
	ws_queue_grew(conn);
	ws_conn_ping(conn);
	SSL *tls = lws_get_ssl(conn->wsi);
	if (tls) /* not sooner: the library counts on what follows the handshake being in the kernel still */
		SSL_set_read_ahead(tls, 1);
	conn->house->handler->opened(conn->session, conn);
}

static void on_upgrade(struct ws_conn *conn, const struct http_head *head)
{
	struct ws_offer offer;
	const char *why = NULL;
	int status = ws_upgrade_read(head, &offer);
	if (!status)
		status = admit(conn, &offer, &why);
	if (status)
		refuse(conn, status, why);
	else
		welcome(conn, &offer);
	ws_offer_wipe(&offer);
}

static void on_get(struct ws_conn *conn, const struct http_head *head)
{
	const struct ws_server_handler *handler = conn->house->handler;
	struct ws_offer offer;
	struct buf body = {0};
	int status = 404;
	ws_offer_read(head, &offer);
	struct ws_request request = request_of(conn, &offer);
	if (!str_is(head->method, "GET"))
		status = 405;
	else if (handler->get)
		status = handler->get(conn->house->ctx, &request, &body);
	answer(conn, status, body.at, body.len);
	buf_fini(&body);
	ws_offer_wipe(&offer);
}

static void on_request(struct ws_conn *conn, const struct http_head *head)
{
	const struct networks *forwarders = &conn->house->forwarders;

	if (networks_have(forwarders, conn->peer))
		origin_forwarded(head, forwarders, conn->peer);
	if (http_field_has(head, "Upgrade", "websocket"))
		on_upgrade(conn, head);
	else
		on_get(conn, head);
}

static void on_head(struct ws_conn *conn, size_t len)
{
	struct http_head head;
	if (len > HTTP_HEAD_MAX_BYTES)
		refuse(conn, 431, NULL);
	else if (!http_parse(&head, conn->head.at, len))
		refuse(conn, 400, NULL);
	else
		on_request(conn, &head);
}

size_t ws_entry_read(struct ws_conn *conn, const char *at, size_t len)
{
	buf_add(&conn->head, at, len);
	size_t end = http_head_end(conn->head.at, conn->head.len);
	if (!end && conn->head.len <= HTTP_HEAD_MAX_BYTES)
		return 0;
	if (!end)
		end = conn->head.len;
	on_head(conn, end);
	return end;
}
