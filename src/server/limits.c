#include "src/server/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/utf8.h"

#define ROW(name, value, field, normal, least, most, help)                                         \
	{                                                                                          \
		name, value, help, offsetof(struct limits, field), normal, least, most             \
	}

const struct limits_row limits_rows[LIMITS_ROWS] = {
	ROW("max-document", "BYTES", document_bytes, LIMIT_DOCUMENT_BYTES, 1024,
		LIMIT_DOCUMENT_BYTES, "how large a document may grow (default 64M)"),
	ROW("max-message", "BYTES", message_bytes, MESSAGE_MAX_BYTES, LIMIT_MESSAGE_BYTES,
		MESSAGE_MAX_BYTES, "one message that comes in (default 1M)"),
	ROW("max-edits", "N", edits, 500, 1, 1000000,
		"messages a second from one connection (default 500)"),
	ROW("max-open", "N", open, 64, 1, 1024,
		"documents that one person may have open (default 64)"),
	ROW("max-people", "N", people, 1000, 1, 10000, "people in the room (default 1000)"),
	ROW("max-connections", "N", connections, 2000, 1, 20000,
		"connections at a time (default 2000)"),
	ROW("max-queue", "BYTES", queue_bytes, (size_t)4 << 20, (size_t)64 << 10, (size_t)1 << 30,
		"unsent bytes of one connection (default 4M)"),
	ROW("max-queues", "BYTES", queues_bytes, (size_t)1 << 30, (size_t)1 << 20, (size_t)1 << 40,
		"unsent bytes of all connections (default 1024M)"),
	ROW("max-handshake", "SECONDS", handshake_s, 10, 1, 600, "for a handshake (default 10)"),
	ROW("max-failures", "N", failures, 30, 1, 1000000,
		"failed handshakes a minute from one address (default 30)"),
	ROW("max-files", "N", files, 1000, 1, 2000, "documents in a room (default 1000)"),
	ROW("max-rooms", "N", rooms, 1000, 1, 20000,
		"with --rooms: rooms in memory at a time (default 1000)"),
	ROW("idle", "SECONDS", idle_s, 60, 1, 86400,
		"with --rooms: what nobody uses leaves memory after that (default 60)"),
};

void limits_init(struct limits *limits)
{
	for (size_t i = 0; i < LIMITS_ROWS; i++)
		*limits_field(limits, &limits_rows[i]) = limits_rows[i].normal;
}

size_t *limits_field(struct limits *limits, const struct limits_row *row)
{
	return (size_t *)(void *)((char *)limits + row->offset);
}

/* Characters that draw nothing, or change how others are drawn: they can make one name look like another. */
static const struct {
	uint32_t first, last;
} invisible[] = {
	{0x0000, 0x001f},
	{0x007f, 0x009f},
	{0x00ad, 0x00ad},
	{0x034f, 0x034f},
	{0x061c, 0x061c},
	{0x115f, 0x1160},
	{0x17b4, 0x17b5},
	{0x180b, 0x180f},
	{0x200b, 0x200f},
	{0x2028, 0x202e},
	{0x2060, 0x206f},
	{0x3164, 0x3164},
	{0xd800, 0xdfff},
	{0xe000, 0xf8ff},
	{0xfe00, 0xfe0f},
	{0xfeff, 0xfeff},
	{0xffa0, 0xffa0},
	{0xfff0, 0xfffb},
	{0x1bca0, 0x1bca3},
	{0x1d173, 0x1d17a},
	{0xe0000, 0x10ffff},
};

bool limits_invisible(uint32_t point)
{
	for (size_t i = 0; i < sizeof(invisible) / sizeof(invisible[0]); i++)
		if (point >= invisible[i].first && point <= invisible[i].last)
			return true;
	return false;
}

/* Visible characters of `from` behind out, white space folded to single spaces, none at the ends. */
static void clean(struct str from, size_t max_points, size_t max_bytes, struct buf *out)
{
	size_t points = 0, space = 0;

	for (size_t i = 0, width; i < from.len; i += width) {
		uint32_t c = utf8_decode(from.at + i, &width);
		if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xa0)
			space = out->len > 0;
		else if (!limits_invisible(c)) {
			if (points + space >= max_points || out->len + space + width > max_bytes)
				return;
			buf_add(out, " ", space);
			buf_add(out, from.at + i, width);
			points += space + 1;
			space = 0;
		}
	}
}

void limits_clean_name(struct str name, const char *instead, char out[NAME_CLEAN_BYTES])
{
	struct buf b = {0};

	clean(name, LIMIT_NAME_POINTS, NAME_CLEAN_BYTES - 1, &b);
	if (!b.len)
		clean(str(instead), LIMIT_NAME_POINTS, NAME_CLEAN_BYTES - 1, &b);
	if (b.len)
		memcpy(out, b.at, b.len);
	out[b.len] = '\0';
	buf_fini(&b);
}

char *limits_utf8(const char *text)
{
	size_t len = strlen(text), from = 0, bad;
	char *copy = mem_dup(text, len);

	while (!utf8_check(copy + from, len - from, &bad)) {
		copy[from + bad] = '?';
		from += bad + 1;
	}
	return copy;
}

void limits_clean_chat(struct str text, struct buf *out)
{
	clean(text, SIZE_MAX, LIMIT_CHAT_BYTES, out);
}
