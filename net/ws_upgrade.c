#include "net/ws_upgrade.h"

#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

static bool is_word(struct str s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.at, word, s.len) == 0;
}

static void copy_token(struct ws_offer *offer, struct str from, size_t skip)
{
	if (from.len - skip > TOKEN_MAX_BYTES)
		return;
	memcpy(offer->token, from.at + skip, from.len - skip);
	offer->token[from.len - skip] = '\0';
}

static void read_token(const struct http_head *head, struct ws_offer *offer)
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

static void read_codec(const struct http_head *head, struct ws_offer *offer)
{
	size_t from = 0;
	struct str rest = {0}, item;
	while (http_item(head, "Sec-WebSocket-Protocol", &from, &rest, &item))
		for (int codec = CODEC_BIN; codec <= CODEC_JSON; codec++)
			if (is_word(item, codec_subprotocol[codec])) {
				bool better = !offer->has_codec || codec == CODEC_BIN;
				offer->codec = better ? (enum codec)codec : offer->codec;
				offer->has_codec = true;
			}
}

void ws_offer_read(const struct http_head *head, struct ws_offer *out)
{
	out->token[0] = '\0';
	out->has_codec = false;
	out->codec = CODEC_BIN;
	memcpy(out->path, head->path.at, head->path.len);
	out->path[head->path.len] = '\0';
	read_token(head, out);
}

int ws_upgrade_read(const struct http_head *head, struct ws_offer *out)
{
	struct str key, version;
	out->token[0] = '\0';
	if (!is_word(head->method, "GET"))
		return 405;
	if (!http_field_has(head, "Connection", "upgrade"))
		return 400;
	if (!http_field_one(head, "Sec-WebSocket-Version", &version) || !is_word(version, "13"))
		return 426;
	if (!http_field_one(head, "Sec-WebSocket-Key", &key) ||
		!ws_frame_accept(key.at, key.len, out->accept))
		return 400;
	ws_offer_read(head, out);
	read_codec(head, out);
	return 0;
}

void ws_upgrade_accept(const struct ws_offer *offer, struct buf *out)
{
	buf_printf(out,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n",
		offer->accept, codec_subprotocol[offer->codec]);
}

void ws_offer_wipe(struct ws_offer *offer)
{
	OPENSSL_cleanse(offer->token, sizeof(offer->token));
}
