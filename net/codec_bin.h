/*
 * codec_bin.h: the binary encoding; codec.h tells what its functions promise.
 *
 *	uint  LEB128, at most 10 bytes, at most MESSAGE_MAX_UINT        str   uint bytes, UTF-8
 *	bool  one byte, 0 or 1                                          list  uint count, items
 *	sel   list of two uint                                          op    uint count, components: uint n << 2 | kind, text
 *
 * Strings of a decoded message lie in the frame; nothing is copied.
 */
#ifndef NET_CODEC_BIN_H
#define NET_CODEC_BIN_H

#include "net/codec.h"

void codec_bin_encode(const struct message_row *row, const struct message *m, struct buf *out);
enum err codec_bin_decode(bool from_server, const char *at, size_t len, size_t *used, struct message *out);

#endif
