/*
 * ws_frame.h: WebSocket frames as bytes (RFC 6455, section 5), the server's side of them. No I/O.
 *
 *	size_t used;
 *	while ((event = ws_frame_read(&reader, at, len, &used)) != WS_EVENT_MORE) {
 *		at += used, len -= used;
 *		...
 *	}
 *
 * The reader takes bytes as they come, unmasks and gathers fragments, and tells one event at a time. It is strict: a frame
 * that is not masked, a reserved bit or opcode, a length not in its shortest form, a fragmented or long control frame, text that
 * is not UTF-8 and a message above MESSAGE_MAX_BYTES are WS_EVENT_BAD, and reader->code says what to close with.
 *
 * Memory: the reader owns what it gathers, until the next ws_frame_read() or ws_frame_reader_fini(). It never holds more than
 *         has come, nor more than MESSAGE_MAX_BYTES.
 */
#ifndef NET_WS_FRAME_H
#define NET_WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"

enum ws_opcode {
	WS_OP_CONTINUATION = 0,
	WS_OP_TEXT = 1,
	WS_OP_BINARY = 2,
	WS_OP_CLOSE = 8,
	WS_OP_PING = 9,
	WS_OP_PONG = 10,
};

/* RFC 6455, 7.4.1 */
enum ws_code {
	WS_CODE_NORMAL = 1000,
	WS_CODE_AWAY = 1001,
	WS_CODE_PROTOCOL = 1002,
	WS_CODE_DATA = 1003,
	WS_CODE_NONE = 1005, /* a close frame without code; never sent */
	WS_CODE_LOST = 1006, /* no close frame at all; never sent */
	WS_CODE_TEXT = 1007,
	WS_CODE_POLICY = 1008,
	WS_CODE_SIZE = 1009,
	WS_CODE_AGAIN = 1013,
};

enum ws_event {
	WS_EVENT_MORE,   /* all bytes are taken, nothing is whole yet */
	WS_EVENT_TEXT,   /* reader->message is whole */
	WS_EVENT_BINARY, /* the same */
	WS_EVENT_PING,   /* reader->control, reader->control_len */
	WS_EVENT_PONG,
	WS_EVENT_CLOSE, /* reader->code; the reason is control[2..control_len) */
	WS_EVENT_BAD,   /* reader->code is what to close with; read no more */
};

#define WS_CONTROL_MAX_BYTES 125
#define WS_REASON_MAX_BYTES  120

/* The patience of both ends. */
#define WS_SILENCE_MS 15000U /* without a byte: ping; gone after twice that */
#define WS_RTT_MS     5000U  /* least time between two pings that only measure */
#define WS_CLOSE_MS   5000U  /* for the peer to answer a close frame */

struct ws_frame_reader {
	size_t most; /* bytes of a message; 0: MESSAGE_MAX_BYTES */
	struct buf message;
	char control[WS_CONTROL_MAX_BYTES];
	size_t control_len;
	unsigned code;

	unsigned char head[14]; /* of the frame being read */
	size_t head_len;
	bool in_payload;
	uint64_t left; /* payload bytes still to come */
	unsigned char mask[4];
	unsigned mask_at;
	enum ws_opcode opcode;
	bool fin;
	enum ws_opcode gathering; /* WS_OP_CONTINUATION: no message has begun */
	bool told;                /* message was told and goes with the next read */
};

enum ws_event ws_frame_read(struct ws_frame_reader *reader, const char *at, size_t len, size_t *used);
void ws_frame_reader_fini(struct ws_frame_reader *reader);

/* Append one unmasked frame. */
void ws_frame_put(struct buf *out, enum ws_opcode opcode, const char *at, size_t len);

/* Append a close frame; a reason beyond WS_REASON_MAX_BYTES is cut at a character. WS_CODE_NONE: without a code. */
void ws_frame_put_close(struct buf *out, unsigned code, const char *reason);

/* The Sec-WebSocket-Accept of a Sec-WebSocket-Key (section 4.2.2). false: the key is not base64 of 16 bytes. */
#define WS_ACCEPT_BYTES 28
bool ws_frame_accept(const char *key, size_t len, char out[WS_ACCEPT_BYTES + 1]);

#endif
