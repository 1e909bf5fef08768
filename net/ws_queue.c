#include "net/ws_queue.h"

#include <sys/socket.h>

#include <openssl/ssl.h>

/* The library is not asked to call back: that would be three system calls more a frame. */
void ws_queue_grew(struct ws_conn *conn)
{
	if (ws_queued(conn) > WS_QUEUE_BYTES) {
		ws_conn_hang_up(conn);
		return;
	}
	if (conn->is_full)
		return;
	conn->is_full = true;
	conn->full_next = conn->house->full;
	conn->house->full = conn;
}

void ws_queue_frame(struct ws_conn *conn, enum ws_opcode opcode, const char *at, size_t len)
{
	stock_lend(&conn->house->stock, &conn->out);
	ws_frame_put(&conn->out, opcode, at, len);
	ws_queue_grew(conn);
}

static void trim(struct ws_conn *conn)
{
	if (ws_queued(conn) > 0) {
		if (conn->out_sent < conn->out.len / 2)
			return;
		buf_drop(&conn->out, conn->out_sent);
	} else {
		stock_give(&conn->house->stock, &conn->out);
	}
	conn->out_sent = 0;
}

static void half_close(struct ws_conn *conn)
{
	SSL *tls = lws_get_ssl(conn->wsi);
	ws_conn_enter(conn, STAGE_PARTED);
	if (tls)
		SSL_shutdown(tls);
	shutdown(lws_get_socket_fd(conn->wsi), SHUT_WR);
}

void ws_queue_write(struct ws_conn *conn)
{
	if (conn->stage == STAGE_DEAD)
		return;
	while (ws_queued(conn) > 0 && !lws_partial_buffered(conn->wsi)) {
		size_t len = ws_queued(conn) < WS_WRITE_BYTES ? ws_queued(conn) : WS_WRITE_BYTES;
		unsigned char *at = (unsigned char *)conn->out.at + conn->out_sent;
		if (lws_write(conn->wsi, at, len, LWS_WRITE_RAW) < (int)len) {
			ws_conn_hang_up(conn);
			return;
		}
		conn->out_sent += len;
	}
	bool all = ws_queued(conn) == 0 && !lws_partial_buffered(conn->wsi);
	trim(conn);
	if (all && conn->awaited)
		loop_again(conn->house->loop);
	conn->awaited &= !all;
	if (!all)
		lws_callback_on_writable(conn->wsi);
	else if (conn->stage == STAGE_ENDING)
		half_close(conn);
}

static bool rests(const struct ws_conn *conn)
{
	return conn->rests == conn->house->rest + 1;
}

static bool is_crowd(const struct ws_conn *list)
{
	size_t count = 0;
	for (; list && count < WS_CROWD; list = list->full_next)
		count += !rests(list);
	return count == WS_CROWD;
}

static void write_one(struct ws_conn *conn, bool of_crowd)
{
	conn->is_full = false;
	if (of_crowd)
		conn->rests = conn->house->rest + 1;
	if (conn->wsi &&
		!lws_partial_buffered(conn->wsi)) /* else it calls back, when that has left */
		ws_queue_write(conn);
}

bool ws_queues_write(struct ws_house *house)
{
	bool crowd = is_crowd(house->full);
	struct ws_conn **at = &house->full, *conn;
	while ((conn = *at)) {
		if (rests(conn)) {
			at = &conn->full_next;
			continue;
		}
		*at = conn->full_next;
		write_one(conn, crowd);
	}
	return crowd;
}

void ws_queues_rested(struct ws_house *house)
{
	house->rest++;
}

void ws_queue_leave(struct ws_conn *conn)
{
	struct ws_conn **at = &conn->house->full;
	if (!conn->is_full)
		return;
	while (*at != conn)
		at = &(*at)->full_next;
	*at = conn->full_next;
	conn->is_full = false;
}
