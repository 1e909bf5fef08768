/*
 * varint.h: numbers in as few bytes as they need (LEB128): seven bits a byte, the lowest first, and the top bit says that more follow.
 *
 *	char bytes[VARINT_BYTES];
 *	size_t len = varint_put(bytes, 300);		-- ac 02
 *	varint_get(&at, end, &value)			-- moves at
 */
#ifndef NET_VARINT_H
#define NET_VARINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VARINT_BYTES 10 /* the longest, of 64 bits */

static inline size_t varint_put(char out[VARINT_BYTES], uint64_t value)
{
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		out[n++] = (char)(value | 0x80);
	out[n++] = (char)value;
	return n;
}

/* false: it does not end here, or has more than 64 bits; *at is then anywhere up to end. */
static inline bool varint_get(const char **at, const char *end, uint64_t *out)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && *at < end; shift += 7) {
		unsigned char byte = (unsigned char)*(*at)++;
		if (shift == 63 && byte > 1)
			return false;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*out = value;
			return true;
		}
	}
	return false;
}

#endif
