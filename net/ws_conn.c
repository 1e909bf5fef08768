#include "net/ws_conn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/ws_entry.h"
#include "net/ws_queue.h"
#include "ot/mem.h"

#define AHEAD_BYTES 16384 /* a record's, at most */

void ws_conn_enter(struct ws_conn *conn, enum ws_stage stage)
{
	conn->stage = stage;
	conn->since_ms = loop_now_ms(conn->house->loop);
}

void ws_conn_hang_up(struct ws_conn *conn)
{
	if (conn->stage == STAGE_DEAD)
		return;
	ws_conn_enter(conn, STAGE_DEAD);
	if (!conn->wsi)
		return;
	/* Who does not read would never hear that we close, and what waits for it would stay in the kernel's memory. */
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	setsockopt(lws_get_socket_fd(conn->wsi), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	ws_lws_cut_off(conn->house->lws, conn->wsi);
}

/* --- when bytes are read ----------------------------------------------------------------------------------------- */

/* Is there something that was read and not handled? */
static bool has_more(const struct ws_conn *conn)
{
	return conn->telling || conn->in.len > 0;
}

static void set_reading(struct ws_conn *conn)
{
	bool reading = !conn->paused && !has_more(conn);
	if (!conn->wsi || conn->reading == reading)
		return;
	conn->reading = reading;
	lws_rx_flow_control(conn->wsi, reading);
}

static void line_up(struct ws_conn *conn)
{
	struct ws_house *house = conn->house;
	conn->is_held = true;
	conn->held_next = NULL;
	*house->held_end = conn;
	house->held_end = &conn->held_next;
}

/* Who has more goes on in the next turn, unless it is paused. */
static void hold(struct ws_conn *conn)
{
	set_reading(conn);
	if (conn->is_held || conn->paused || !has_more(conn))
		return;
	line_up(conn);
	loop_again(conn->house->loop);
}

static void let_go(struct ws_conn *conn)
{
	struct ws_conn **at = &conn->house->held;
	if (!conn->is_held)
		return;
	while (*at != conn)
		at = &(*at)->held_next;
	*at = conn->held_next;
	if (!*at)
		conn->house->held_end = at;
	conn->is_held = false;
}

static void set_paused(struct ws_conn *conn, bool paused)
{
	if (conn->paused == paused || !conn->wsi)
		return;
	conn->paused = paused;
	conn->heard_ms = loop_now_ms(conn->house->loop);
	hold(conn);
}

/* --- frames ------------------------------------------------------------------------------------------------------ */

void ws_conn_ping(struct ws_conn *conn)
{
	uint64_t now_us = (uint64_t)lws_now_usecs();
	char payload[sizeof(now_us)];
	memcpy(payload, &now_us, sizeof(now_us)); /* only we read it again */
	conn->pinged_ms = loop_now_ms(conn->house->loop);
	ws_queue_frame(conn, WS_OP_PING, payload, sizeof(payload));
}

static void on_pong(struct ws_conn *conn)
{
	uint64_t sent_us, now_us = (uint64_t)lws_now_usecs();
	if (conn->reader.control_len != sizeof(sent_us) || !conn->house->handler->rtt)
		return;
	memcpy(&sent_us, conn->reader.control, sizeof(sent_us));
	/* A pong nobody asked for says nothing; an honest one is younger than the patience we have. */
	if (sent_us <= now_us && (now_us - sent_us) / 1000 <= 2 * (uint64_t)conn->house->silence_ms)
		conn->house->handler->rtt(
			conn->session, (unsigned)((now_us - sent_us + 999) / 1000));
}

/* The last word, after which nothing more is read. */
static void part(struct ws_conn *conn, unsigned code, const char *reason)
{
	if (conn->stage == STAGE_OPEN)
		ws_frame_put_close(&conn->out, code, reason);
	ws_conn_enter(conn, STAGE_ENDING);
	ws_queue_grew(conn);
}

/* The reader's message, from where the handler stopped the last time. */
static void tell(struct ws_conn *conn)
{
	const struct buf *message = &conn->reader.message;
	size_t left = message->len - conn->told;
	size_t used = conn->house->handler->frame(conn->session, message->at + conn->told, left);
	conn->served |= used > 0;
	conn->telling = used < left && conn->stage == STAGE_OPEN;
	conn->told = conn->telling ? conn->told + used : 0;
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
	if (loop_now_ms(conn->house->loop) - conn->pinged_ms >= WS_RTT_MS)
		ws_conn_ping(conn);
	tell(conn);
}

static void on_event(struct ws_conn *conn, enum ws_event event)
{
	switch (event) {
	case WS_EVENT_MORE: break;
	case WS_EVENT_TEXT: on_message(conn, CODEC_JSON); break;
	case WS_EVENT_BINARY: on_message(conn, CODEC_BIN); break;
	case WS_EVENT_PING:
		if (conn->stage == STAGE_OPEN)
			ws_queue_frame(
				conn, WS_OP_PONG, conn->reader.control, conn->reader.control_len);
		break;
	case WS_EVENT_PONG: on_pong(conn); break;
	case WS_EVENT_CLOSE: /* answers ours, or is to be echoed */
		conn->goodbye = conn->reader.code;
		part(conn, conn->reader.code, NULL);
		break;
	case WS_EVENT_BAD: part(conn, conn->reader.code, NULL); break;
	}
}

static bool listens(const struct ws_conn *conn)
{
	return conn->stage == STAGE_OPEN || conn->stage == STAGE_CLOSING;
}

/* As many frames as there are, or as may be handled now. Gives the bytes used. */
static size_t read_frames(struct ws_conn *conn, const char *at, size_t len)
{
	size_t sum = 0, used;
	while (listens(conn) && !conn->telling && !conn->paused && conn->share) {
		enum ws_event event = ws_frame_read(&conn->reader, at + sum, len - sum, &used);
		if (event == WS_EVENT_MORE)
			return len;
		sum += used;
		conn->share--;
		on_event(conn, event);
		conn->served |= !conn->telling;
	}
	return listens(conn) ? sum : len;
}

static void on_frames(struct ws_conn *conn, const char *at, size_t len)
{
	size_t used = has_more(conn) ? 0 : read_frames(conn, at, len);
	if (used < len)
		buf_add(&conn->in, at + used, len - used);
	hold(conn);
}

static void go_on(struct ws_conn *conn)
{
	conn->share = WS_FRAMES_A_TURN;
	conn->served = false;
	if (conn->telling && conn->stage == STAGE_OPEN)
		tell(conn);
	else
		conn->telling = false;
	if (conn->in.len)
		buf_drop(&conn->in, read_frames(conn, conn->in.at, conn->in.len));
	if (!conn->in.len)
		buf_fini(&conn->in);
}

/* Those who waited and of whom nothing was handled. `end` is where the last of them names its next. */
static void put_first(struct ws_house *house, struct ws_conn *first, struct ws_conn **end)
{
	if (!first)
		return;
	*end = house->held;
	if (!house->held)
		house->held_end = end;
	house->held = first;
}

bool ws_conns_go_on(struct ws_house *house)
{
	struct ws_conn *list = house->held, *conn, *passed_over = NULL, **end = &passed_over;
	bool any = list != NULL;
	house->held = NULL; /* those held from now on are for the turn after this */
	house->held_end = &house->held;
	while ((conn = list)) {
		list = conn->held_next;
		conn->is_held = false;
		go_on(conn);
		if (conn->served || conn->paused || !has_more(conn)) {
			hold(conn);
			continue;
		}
		conn->is_held = true;
		*end = conn;
		end = &conn->held_next;
	}
	put_first(house, passed_over, end);
	return any;
}

/* --- bytes ------------------------------------------------------------------------------------------------------- */

static void on_head_bytes(struct ws_conn *conn, const char *at, size_t len)
{
	size_t end = ws_entry_read(conn, at, len);
	if (!end)
		return;
	struct buf all = conn->head;
	conn->head = (struct buf){0};
	if (end < all.len)
		on_frames(conn, all.at + end, all.len - end);
	OPENSSL_cleanse(all.at, all.len); /* a token was in it */
	buf_fini(&all);
}

static void on_bytes(struct ws_conn *conn, const char *at, size_t len)
{
	if (conn->stage == STAGE_HEAD)
		on_head_bytes(conn, at, len);
	else
		on_frames(conn, at, len);
}

/* Of the kernel only what is missing of the last record. That the peer is gone is left for the library to find. */
static void take_ahead(struct ws_conn *conn, SSL *tls)
{
	char bytes[AHEAD_BYTES];
	int len = 1;
	SSL_set_read_ahead(tls, 0);
	while (SSL_has_pending(tls) && (len = SSL_read(tls, bytes, sizeof(bytes))) > 0)
		on_bytes(conn, bytes, (size_t)len);
	SSL_set_read_ahead(tls, 1);
	if (len <= 0 && SSL_get_error(tls, len) == SSL_ERROR_SSL)
		ws_conn_hang_up(conn);
	ERR_clear_error();
}

void ws_conn_read(struct ws_conn *conn, const char *at, size_t len)
{
	conn->heard_ms = loop_now_ms(conn->house->loop);
	conn->share = WS_FRAMES_A_TURN;
	on_bytes(conn, at, len);
	SSL *tls = conn->wsi ? lws_get_ssl(conn->wsi) : NULL;
	if (tls && SSL_has_pending(tls))
		take_ahead(conn, tls);
}

/* --- birth, patience and death ----------------------------------------------------------------------------------- */

struct ws_conn *ws_conn_create(struct ws_house *house, const char *peer)
{
	struct ws_conn *conn = mem_alloc(sizeof(*conn));
	conn->house = house;
	conn->reader.most = house->max_message;
	memcpy(conn->peer, peer, strnlen(peer, sizeof(conn->peer) - 1));
	ws_conn_enter(conn, STAGE_HEAD);
	conn->began_ms = conn->since_ms;
	conn->reading = true;
	return conn;
}

void ws_conn_destroy(struct ws_conn *conn)
{
	if (conn->admitted) {
		conn->house->handler->closed(
			conn->session, conn->goodbye ? conn->goodbye : WS_CODE_LOST);
		conn->house->sessions--;
	} else if (!conn->answered) {
		ws_entry_failed(conn, 0);
	}
	let_go(conn);
	ws_queue_leave(conn);
	buf_fini(&conn->head);
	buf_fini(&conn->in);
	stock_give(&conn->house->stock, &conn->out);
	ws_frame_reader_fini(&conn->reader);
	free(conn);
}

static void sweep_open(struct ws_conn *conn, uint64_t now_ms)
{
	uint64_t silent_ms = now_ms - conn->heard_ms;
	unsigned patience_ms = conn->house->silence_ms;
	if (conn->paused)
		return;
	if (silent_ms >= 2 * (uint64_t)patience_ms)
		ws_conn_hang_up(conn);
	else if (silent_ms >= patience_ms && now_ms - conn->pinged_ms >= patience_ms)
		ws_conn_ping(conn);
}

void ws_conn_give_up(struct ws_conn *conn)
{
	if (conn->stage == STAGE_HEAD)
		ws_entry_failed(conn, 408);
	ws_conn_hang_up(conn);
}

static uint64_t later(uint64_t at_ms, uint64_t by_ms, uint64_t now_ms)
{
	return at_ms + by_ms < now_ms ? at_ms + by_ms : now_ms;
}

void ws_conn_sweep(struct ws_conn *conn, uint64_t now_ms, uint64_t slept_ms)
{
	conn->heard_ms = later(conn->heard_ms, slept_ms, now_ms);
	conn->since_ms = later(conn->since_ms, slept_ms, now_ms);
	uint64_t patience_ms = conn->stage == STAGE_HEAD ? conn->house->handshake_ms : WS_CLOSE_MS;
	if (conn->stage == STAGE_OPEN)
		sweep_open(conn, now_ms);
	else if (now_ms - conn->since_ms >= patience_ms)
		ws_conn_give_up(conn);
}

/* --- for the handler --------------------------------------------------------------------------------------------- */

void ws_send(struct ws_conn *conn, const char *at, size_t len)
{
	if (conn->stage == STAGE_OPEN)
		ws_queue_frame(conn, conn->codec == CODEC_BIN ? WS_OP_BINARY : WS_OP_TEXT, at, len);
}

size_t ws_queued(const struct ws_conn *conn)
{
	return conn->out.len - conn->out_sent;
}

void ws_await(struct ws_conn *conn)
{
	conn->awaited = true;
}

enum codec ws_codec(const struct ws_conn *conn)
{
	return conn->codec;
}

const char *ws_peer(const struct ws_conn *conn)
{
	return conn->peer;
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
	ws_conn_enter(conn, STAGE_CLOSING);
	ws_queue_grew(conn);
}
