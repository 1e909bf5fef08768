/*
 * recode.h: what must hold for a message that a decoder took, whichever it was: both codecs give it back.
 */
#ifndef FUZZ_RECODE_H
#define FUZZ_RECODE_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "net/codec.h"

static inline void recode_through(
	enum codec codec, bool from_server, const struct message *m, const struct buf *want)
{
	struct buf frame = {0}, again = {0};
	struct message back;
	size_t used;

	codec_encode(codec, m, &frame);
	if (codec_decode(codec, from_server, frame.at, frame.len, &used, &back) ||
		used != frame.len)
		abort();
	codec_encode(CODEC_BIN, &back, &again);
	if (again.len != want->len || memcmp(again.at, want->at, want->len) != 0)
		abort();
	message_fini(&back);
	buf_fini(&frame);
	buf_fini(&again);
}

/* The binary form of m is the same after a way through either codec. */
static inline void recode(bool from_server, const struct message *m)
{
	struct buf want = {0};

	codec_encode(CODEC_BIN, m, &want);
	recode_through(CODEC_BIN, from_server, m, &want);
	recode_through(CODEC_JSON, from_server, m, &want);
	buf_fini(&want);
}

#endif
