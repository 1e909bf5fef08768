/* A binary frame: its first byte tells who sends (odd: the server), the rest is the frame. */
#include <stdint.h>

#include "recode.h"

#define MAX_BYTES                                                                                  \
	((size_t)100000) /* so that JSON, six times as long at worst, stays below the limit too */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2 || size > MAX_BYTES)
		return 0;
	bool from_server = data[0] & 1;
	const char *at = (const char *)data + 1, *end = (const char *)data + size;
	while (at < end) {
		struct message m;
		size_t used;
		if (codec_decode(CODEC_BIN, from_server, at, (size_t)(end - at), &used, &m))
			return 0;
		if (used == 0 || used > (size_t)(end - at))
			abort();
		if (m.type)
			recode(from_server, &m);
		message_fini(&m);
		at += used;
	}
	return 0;
}
