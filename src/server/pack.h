/*
 * pack.h: bytes made smaller for the disk, with a checksum.
 *
 * Memory: what is added to *out is the caller's. Any thread.
 * Source: Zstandard (RFC 8878), level 3, one frame that names its size.
 */
#ifndef SERVER_PACK_H
#define SERVER_PACK_H

#include <stdbool.h>
#include <stddef.h>

#include "net/message.h"
#include "ot/buf.h"

void pack(struct str bytes, struct buf *out);
/* false: damaged, not a frame, or it says that it holds more than `most`; nothing is added then. Asks for memory only after that. */
bool unpack(struct str packed, size_t most, struct buf *out);

#endif
