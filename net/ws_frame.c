#include "net/ws_frame.h"

#include <string.h>

#include <openssl/evp.h>

#include "net/message.h"
#include "ot/utf8.h"

/* The memory of a longer message is given back, that of small ones is used again. */
#define KEEP_BYTES 1024

#define FIN      0x80
#define RESERVED 0x70
#define MASKED   0x80

static enum ws_event bad(struct ws_frame_reader *r, unsigned code)
{
	r->code = code;
	return WS_EVENT_BAD;
}

static bool is_control(enum ws_opcode opcode)
{
	return opcode >= WS_OP_CLOSE;
}

/* Bytes of the head whose first two bytes these are, mask included. */
static size_t head_bytes(const unsigned char *head)
{
	unsigned length = head[1] & 0x7f;
	return 6 + (length == 126 ? 2 : length == 127 ? 8 : 0);
}

static uint64_t big_endian(const unsigned char *at, size_t width)
{
	uint64_t value = 0;
	for (size_t i = 0; i < width; i++)
		value = value << 8 | at[i];
	return value;
}

static unsigned check_first_byte(const struct ws_frame_reader *r)
{
	unsigned char b = r->head[0];
	bool known = (b & 0x0f) <= WS_OP_BINARY ||
		     ((b & 0x0f) >= WS_OP_CLOSE && (b & 0x0f) <= WS_OP_PONG);
	if ((b & RESERVED) || !known)
		return WS_CODE_PROTOCOL;
	enum ws_opcode opcode = (enum ws_opcode)(b & 0x0f);
	bool begun = r->gathering != WS_OP_CONTINUATION;
	if (is_control(opcode))
		return b & FIN ? 0 : WS_CODE_PROTOCOL;
	return begun == (opcode == WS_OP_CONTINUATION) ? 0 : WS_CODE_PROTOCOL;
}

/* 0, or the code to close with. Known before a byte of the payload is kept. */
static unsigned parse_head(struct ws_frame_reader *r)
{
	size_t width = r->head_len - 6;
	unsigned short_length = r->head[1] & 0x7f;
	r->opcode = (enum ws_opcode)(r->head[0] & 0x0f);
	r->fin = r->head[0] & FIN;
	r->left = width ? big_endian(r->head + 2, width) : short_length;
	memcpy(r->mask, r->head + 2 + width, sizeof(r->mask));
	r->mask_at = 0;
	if (is_control(r->opcode))
		return r->left <= WS_CONTROL_MAX_BYTES ? 0 : WS_CODE_PROTOCOL;
	if (width && r->left <= (width == 2 ? 125U : 0xffffU))
		return WS_CODE_PROTOCOL;
	return r->left <= (r->most ? r->most : MESSAGE_MAX_BYTES) - r->message.len ? 0
										   : WS_CODE_SIZE;
}

/* Take bytes until the head is whole; *code is what is wrong with it. */
static size_t take_head(struct ws_frame_reader *r, const char *at, size_t len, unsigned *code)
{
	size_t used = 0;
	while (used < len && !*code && !r->in_payload) {
		r->head[r->head_len++] = (unsigned char)at[used++];
		if (r->head_len == 1)
			*code = check_first_byte(r);
		else if (r->head_len == 2 && !(r->head[1] & MASKED))
			*code = WS_CODE_PROTOCOL;
		if (r->head_len >= 2 && r->head_len == head_bytes(r->head)) {
			*code = parse_head(r);
			r->in_payload = true;
		}
	}
	return used;
}

static void unmask(struct ws_frame_reader *r, char *to, const char *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (char)((unsigned char)from[i] ^ r->mask[(r->mask_at + i) & 3]);
	r->mask_at = (unsigned)((r->mask_at + len) & 3);
}

static size_t take_payload(struct ws_frame_reader *r, const char *at, size_t len)
{
	size_t take = r->left < len ? (size_t)r->left : len;
	if (take == 0)
		return 0;
	if (is_control(r->opcode)) {
		unmask(r, r->control + r->control_len, at, take);
		r->control_len += take;
	} else {
		unmask(r, buf_room(&r->message, take), at, take);
		r->message.len += take;
	}
	r->left -= take;
	return take;
}

/* RFC 6455, 7.4: which codes may be in a close frame. */
static bool code_may_come(unsigned code)
{
	bool defined = code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
	return defined || (code >= 3000 && code <= 4999);
}

static enum ws_event close_event(struct ws_frame_reader *r)
{
	r->code = WS_CODE_NONE;
	if (r->control_len == 0)
		return WS_EVENT_CLOSE;
	if (r->control_len == 1)
		return bad(r, WS_CODE_PROTOCOL);
	unsigned code = (unsigned)big_endian((const unsigned char *)r->control, 2);
	if (!code_may_come(code))
		return bad(r, WS_CODE_PROTOCOL);
	if (r->control_len > 2 && !utf8_check(r->control + 2, r->control_len - 2, NULL))
		return bad(r, WS_CODE_TEXT);
	r->code = code;
	return WS_EVENT_CLOSE;
}

static enum ws_event control_event(struct ws_frame_reader *r)
{
	if (r->opcode == WS_OP_CLOSE)
		return close_event(r);
	return r->opcode == WS_OP_PING ? WS_EVENT_PING : WS_EVENT_PONG;
}

static enum ws_event data_event(struct ws_frame_reader *r)
{
	if (r->opcode != WS_OP_CONTINUATION)
		r->gathering = r->opcode;
	if (!r->fin)
		return WS_EVENT_MORE;
	enum ws_opcode kind = r->gathering;
	r->gathering = WS_OP_CONTINUATION;
	r->told = true;
	if (kind == WS_OP_BINARY)
		return WS_EVENT_BINARY;
	if (r->message.len && !utf8_check(r->message.at, r->message.len, NULL))
		return bad(r, WS_CODE_TEXT);
	return WS_EVENT_TEXT;
}

static enum ws_event frame_end(struct ws_frame_reader *r)
{
	r->in_payload = false;
	r->head_len = 0;
	return is_control(r->opcode) ? control_event(r) : data_event(r);
}

static void forget_told(struct ws_frame_reader *r)
{
	if (!r->told)
		return;
	r->told = false;
	if (r->message.cap > KEEP_BYTES)
		buf_fini(&r->message);
	else
		buf_clear(&r->message);
}

enum ws_event ws_frame_read(struct ws_frame_reader *r, const char *at, size_t len, size_t *used)
{
	enum ws_event event = WS_EVENT_MORE;
	unsigned code = 0;
	*used = 0;
	forget_told(r);
	while (*used < len && event == WS_EVENT_MORE) {
		if (!r->in_payload) {
			*used += take_head(r, at + *used, len - *used, &code);
			if (code)
				return bad(r, code);
			if (!r->in_payload)
				break;
			if (is_control(r->opcode))
				r->control_len = 0;
		}
		*used += take_payload(r, at + *used, len - *used);
		if (r->left == 0)
			event = frame_end(r);
	}
	return event;
}

void ws_frame_reader_fini(struct ws_frame_reader *r)
{
	buf_fini(&r->message);
}

void ws_frame_put(struct buf *out, enum ws_opcode opcode, const char *at, size_t len)
{
	size_t width = len <= 125 ? 0 : len <= 0xffff ? 2 : 8;
	buf_room(out, 2 + width + len);
	buf_add_byte(out, (unsigned char)(FIN | opcode));
	buf_add_byte(out, width == 0 ? (unsigned char)len : width == 2 ? 126 : 127);
	for (size_t i = width; i-- > 0;)
		buf_add_byte(out, (unsigned char)((uint64_t)len >> (8 * i)));
	if (len)
		buf_add(out, at, len);
}

void ws_frame_put_close(struct buf *out, unsigned code, const char *reason)
{
	char payload[2 + WS_REASON_MAX_BYTES];
	size_t len = reason ? strlen(reason) : 0;
	if (code == WS_CODE_NONE) {
		ws_frame_put(out, WS_OP_CLOSE, NULL, 0);
		return;
	}
	if (len > WS_REASON_MAX_BYTES) {
		len = WS_REASON_MAX_BYTES;
		while (len && utf8_is_rest(reason[len]))
			len--;
	}
	payload[0] = (char)(code >> 8);
	payload[1] = (char)(code & 0xff);
	if (len)
		memcpy(payload + 2, reason, len);
	ws_frame_put(out, WS_OP_CLOSE, payload, len + 2);
}

bool ws_frame_accept(const char *key, size_t len, char out[WS_ACCEPT_BYTES + 1])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* RFC 6455, 1.3 */
	unsigned char raw[18], digest[EVP_MAX_MD_SIZE];
	char joined[24 + sizeof(guid) - 1];
	/* 16 bytes are 22 characters and "==", so 18 decoded with two of padding. */
	if (len != 24 || key[22] != '=' || key[23] != '=' || key[21] == '=' ||
		EVP_DecodeBlock(raw, (const unsigned char *)key, 24) != 18)
		return false;
	memcpy(joined, key, len);
	memcpy(joined + len, guid, sizeof(guid) - 1);
	if (!EVP_Digest(joined, sizeof(joined), digest, NULL, EVP_sha1(), NULL))
		return false;
	EVP_EncodeBlock((unsigned char *)out, digest, 20);
	return true;
}
