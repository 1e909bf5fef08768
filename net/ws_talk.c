#include "net/ws_talk.h"

#include <stdlib.h>
#include <string.h>

#include "net/message.h"
#include "ot/mem.h"

/* --- what goes out ----------------------------------------------------------------------------------------------- */

void ws_talk_drop(struct ws_client *client)
{
	while (client->first) {
		struct parcel *parcel = client->first;
		client->first = parcel->next;
		free(parcel);
	}
	client->last = &client->first;
	client->queued = 0;
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

static void write_ping(struct ws_client *client)
{
	unsigned char bytes[LWS_PRE + sizeof(uint64_t)];
	uint64_t now_us = (uint64_t)lws_now_usecs();
	memcpy(bytes + LWS_PRE, &now_us, sizeof(now_us)); /* only we read it again */
	client->ping_due = false;
	client->pinged_ms = loop_now_ms(client->loop);
	if (lws_write(client->wsi, bytes + LWS_PRE, sizeof(now_us), LWS_WRITE_PING) < 0)
		ws_client_cut_off(client);
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
	ws_client_enter(client, STAGE_LAST);
	lws_close_reason(client->wsi, (enum lws_close_status)client->code,
		(unsigned char *)client->reason, strlen(client->reason));
	lws_set_timeout(client->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

void ws_talk_writable(struct ws_client *client)
{
	if (client->stage != STAGE_OPEN && client->stage != STAGE_CLOSING)
		return;
	if (client->ping_due)
		write_ping(client);
	while (client->first && !lws_partial_buffered(client->wsi) &&
		!lws_send_pipe_choked(client->wsi))
		if (!write_parcel(client)) {
			ws_client_cut_off(client);
			return;
		}
	if (client->first || lws_partial_buffered(client->wsi))
		lws_callback_on_writable(client->wsi);
	else if (client->stage == STAGE_CLOSING)
		write_close(client);
}

void ws_talk_ping(struct ws_client *client)
{
	client->ping_due = true;
	lws_callback_on_writable(client->wsi);
}

/* --- what comes in ----------------------------------------------------------------------------------------------- */

static void give_up(struct ws_client *client, unsigned code, const char *reason)
{
	ws_client_end(client, WS_END_LOST, code, reason);
	ws_talk_drop(client);
	client->code = code;
	write_close(client);
}

static void on_whole(struct ws_client *client)
{
	struct buf message = client->in;
	client->in = (struct buf){0};
	if (loop_now_ms(client->loop) - client->pinged_ms >= WS_RTT_MS)
		ws_talk_ping(client);
	client->handler->frame(client->ctx, message.at, message.len);
	buf_fini(&message);
}

void ws_talk_piece(struct ws_client *client, struct lws *wsi, const char *at, size_t len)
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

void ws_talk_pong(struct ws_client *client, const char *at, size_t len)
{
	uint64_t sent_us, now_us = (uint64_t)lws_now_usecs();
	client->heard_ms = loop_now_ms(client->loop);
	if (len != sizeof(sent_us) || !client->handler->rtt)
		return;
	memcpy(&sent_us, at, sizeof(sent_us));
	if (sent_us <= now_us && (now_us - sent_us) / 1000 <= 2 * (uint64_t)client->silence_ms)
		client->handler->rtt(client->ctx, (unsigned)((now_us - sent_us + 999) / 1000));
}

void ws_talk_opened(struct ws_client *client)
{
	ws_client_enter(client, STAGE_OPEN);
	client->heard_ms = loop_now_ms(client->loop);
	ws_client_drop_ways(client);
	ws_talk_ping(client);
	client->handler->opened(client->ctx);
}

void ws_talk_closing(struct ws_client *client, const unsigned char *at, size_t len)
{
	unsigned code = len >= 2 ? (unsigned)(at[0] << 8 | at[1]) : WS_CODE_NONE;
	if (client->end_known)
		return;
	ws_client_end(client, WS_END_CLOSED, code, "");
	if (len > 2)
		ws_client_reason(client, (const char *)at + 2, len - 2);
}
