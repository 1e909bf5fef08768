/*
 * base64url.h: bytes as URL-safe text without padding (RFC 4648, section 5), strictly.
 */
#ifndef NET_BASE64URL_H
#define NET_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/buf.h"

void base64url_encode(const void *bytes, size_t len, struct buf *out);
/* false on a foreign character, a length of 1 mod 4, or non-zero bits behind the end: one text for one value. */
bool base64url_decode(const char *at, size_t len, struct buf *out);

#endif
