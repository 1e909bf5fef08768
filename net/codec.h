/*
 * codec.h: messages to bytes and back, in the protocol's two encodings.
 *
 *	binary  a frame is one or more messages back to back, each: uint length, uint type, fields
 *	JSON    a frame is one object, {"t":"edit", …}
 *
 * Both walk message_table. What is unknown is skipped as section 3 of the protocol says: bytes behind the known fields, unknown
 * JSON fields, unknown message types. What is malformed is refused before memory is asked for: ERR_FORM, ERR_LIMIT, ERR_UTF8.
 * Decoders demand canonical ops (canon.h), valid UTF-8 without U+0000, and numbers that are whole and below 2^53, in both
 * encodings, so that what came in one can always be told in the other. A field marked optional in the table may be missing: in
 * JSON anywhere, in binary at the end of a message.
 *
 * Limits: ERR_LIMIT beyond MESSAGE_MAX_BYTES (_SERVER_BYTES) for a message, _ITEMS, _SELS, _UINT, OP_MAX_POINTS. What a decoder
 *         allocates is bounded by what was sent: a count is believed only as far as bytes follow it.
 * Cost:   linear. Encoding asks for memory only when the buffer grows, decoding only for lists, long ops and JSON.
 */
#ifndef NET_CODEC_H
#define NET_CODEC_H

#include <stdbool.h>
#include <stddef.h>

#include "net/message.h"
#include "ot/buf.h"
#include "ot/err.h"

enum codec {
	CODEC_BIN,
	CODEC_JSON,
};

extern const char *const codec_subprotocol[]; /* by enum codec: "codecollab.v1.bin", "codecollab.v1.json" */

/* Append m to out. In JSON every message is a frame of its own, in binary several may follow each other in one. */
void codec_encode(enum codec codec, const struct message *m, struct buf *out);

/*
 * Read the first message of a frame that comes from_server or from a client; *used gets the bytes it took (all, in JSON).
 * A type that is unknown, or not for that direction, gives ERR_NONE with out->type 0: skip it. Strings borrow from `at`.
 * Pair with message_fini(); on error there is nothing to finish.
 */
enum err codec_decode(enum codec codec, bool from_server, const char *at, size_t len, size_t *used, struct message *out);

/* An op alone, in the binary form: for storage. */
void codec_put_op(struct buf *out, const struct op *op);
enum err codec_get_op(const char *at, size_t len, struct op *out); /* the whole of it; out is untouched on error */

#endif
