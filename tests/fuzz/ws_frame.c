/*
 * Frames of a client: however the bytes are split, the events are the same; and what is written as a masked frame comes out
 * as it was. The first bytes choose the splits.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/message.h"
#include "net/ws_frame.h"
#include "tests/laws/choice.h"

#define MOST_SPLITS 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* One event as bytes, with all that it tells. */
static void note(struct buf *events, const struct ws_frame_reader *r, enum ws_event event)
{
	bool data = event == WS_EVENT_TEXT || event == WS_EVENT_BINARY;
	bool control = event == WS_EVENT_PING || event == WS_EVENT_PONG || event == WS_EVENT_CLOSE;
	bool coded = event == WS_EVENT_CLOSE || event == WS_EVENT_BAD;

	buf_printf(events, "%d %u %zu:", (int)event, coded ? r->code : 0,
		data      ? r->message.len
		: control ? r->control_len
			  : 0);
	if (data && r->message.len)
		buf_add(events, r->message.at, r->message.len);
	if (control)
		buf_add(events, r->control, r->control_len);
}

/* false: a bad frame, nothing may follow. */
static bool feed(
	struct ws_frame_reader *r, const char *at, size_t len, size_t come, struct buf *events)
{
	enum ws_event event;
	size_t used;

	while ((event = ws_frame_read(r, at, len, &used)) != WS_EVENT_MORE) {
		must(used <= len && (used > 0 || event == WS_EVENT_BAD));
		must(r->message.len <= come && r->message.len <= MESSAGE_MAX_BYTES);
		must(r->control_len <= WS_CONTROL_MAX_BYTES);
		note(events, r, event);
		if (event == WS_EVENT_BAD)
			return false;
		at += used;
		len -= used;
	}
	must(used == len);
	return true;
}

static struct buf read_split(const char *at, size_t len, const size_t *pieces, size_t count)
{
	struct ws_frame_reader r = {0};
	struct buf events = {0};
	bool fine = true;

	for (size_t i = 0, from = 0; fine && from < len; i++) {
		size_t piece = pieces[i % count] < len - from ? pieces[i % count] : len - from;
		fine = feed(&r, at + from, piece, from + piece, &events);
		from += piece;
	}
	ws_frame_reader_fini(&r);
	return events;
}

static void must_agree(const struct buf *a, const struct buf *b)
{
	must(a->len == b->len && (a->len == 0 || memcmp(a->at, b->at, a->len) == 0));
}

static void any_split(const char *at, size_t len, const size_t *pieces, size_t count)
{
	static const size_t one = 1;
	struct buf whole = read_split(at, len, &len, 1);
	struct buf split = read_split(at, len, pieces, count), bytes = read_split(at, len, &one, 1);

	must_agree(&whole, &split);
	must_agree(&whole, &bytes);
	buf_fini(&whole);
	buf_fini(&split);
	buf_fini(&bytes);
}

/* RFC 6455, 5.2 and 5.3, written down once more. */
static void put_masked(
	struct buf *out, unsigned first, const char *at, size_t len, const unsigned char *mask)
{
	size_t width = len < 126 ? 0 : len < 65536 ? 2 : 8;

	buf_add_byte(out, (unsigned char)first);
	buf_add_byte(out, (unsigned char)(0x80 | (width == 0 ? len : width == 2 ? 126 : 127)));
	for (size_t i = width; i-- > 0;)
		buf_add_byte(out, (unsigned char)(len >> 8 * i));
	buf_add(out, mask, 4);
	for (size_t i = 0; i < len; i++)
		buf_add_byte(out, (unsigned char)at[i] ^ mask[i % 4]);
}

/* A message in two fragments with a ping between them. */
static void what_was_written(const char *at, size_t len, size_t cut, size_t ping)
{
	static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
	struct ws_frame_reader r = {.code = 0};
	struct buf frames = {0}, want = {0}, events = {0};

	cut = cut < len ? cut : len;
	ping = ping < len ? ping : len;
	put_masked(&frames, WS_OP_BINARY, at, cut, mask);
	put_masked(&frames, 0x80 | WS_OP_PING, at, ping, mask);
	put_masked(&frames, 0x80 | WS_OP_CONTINUATION, at + cut, len - cut, mask);
	buf_printf(&want, "%d 0 %zu:", (int)WS_EVENT_PING, ping);
	buf_add(&want, at, ping);
	buf_printf(&want, "%d 0 %zu:", (int)WS_EVENT_BINARY, len);
	buf_add(&want, at, len);
	must(feed(&r, frames.at, frames.len, frames.len, &events));
	must_agree(&events, &want);
	ws_frame_reader_fini(&r);
	buf_fini(&frames);
	buf_fini(&want);
	buf_fini(&events);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct choice c = choice_of_bytes(data, size);
	size_t pieces[MOST_SPLITS], count = 1 + pick(&c, MOST_SPLITS);

	for (size_t i = 0; i < count; i++)
		pieces[i] = 1 + pick(&c, 256);
	if (!c.left)
		return 0;
	any_split((const char *)c.bytes, c.left, pieces, count);
	what_was_written((const char *)c.bytes, c.left, 200 * pieces[0], pieces[count - 1] % 126);
	return 0;
}
