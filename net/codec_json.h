/*
 * codec_json.h: the JSON encoding; codec.h tells what its functions promise.
 *
 *	{"t":"edit","doc":1,"rev":7,"seq":3,"op":[5,"abc",-3]}
 *
 * An op is an array: a positive number retains, a string inserts, a negative number deletes. A sel is [[anchor,head],…].
 * Members come in any order; a doubled one is refused. Strings of a decoded message lie in one block that it owns.
 */
#ifndef NET_CODEC_JSON_H
#define NET_CODEC_JSON_H

#include "net/codec.h"

void codec_json_encode(const struct message_row *row, const struct message *m, struct buf *out);
enum err codec_json_decode(bool from_server, const char *at, size_t len, size_t *used, struct message *out);

#endif
