#include "net/base64url.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_encode(const void *bytes, size_t len, struct buf *out)
{
	const unsigned char *at = bytes;
	uint32_t bits = 0;
	unsigned held = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | at[i];
		for (held += 8; held >= 6; held -= 6)
			buf_add_byte(out, (unsigned char)alphabet[bits >> (held - 6) & 63]);
	}
	if (held)
		buf_add_byte(out, (unsigned char)alphabet[bits << (6 - held) & 63]);
}

bool base64url_decode(const char *at, size_t len, struct buf *out)
{
	size_t before = out->len;
	uint32_t bits = 0;
	unsigned held = 0;

	for (size_t i = 0; i < len; i++) {
		const char *digit = at[i] ? strchr(alphabet, at[i]) : NULL;
		if (!digit)
			goto refuse;
		bits = bits << 6 | (uint32_t)(digit - alphabet);
		held += 6;
		if (held >= 8) {
			held -= 8;
			buf_add_byte(out, (unsigned char)(bits >> held));
		}
	}
	if (held < 6 && (bits & ((1u << held) - 1)) == 0)
		return true;
refuse:
	out->len = before;
	return false;
}
