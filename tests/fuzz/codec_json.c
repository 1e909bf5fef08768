/* A JSON frame, taken as a client's and as the server's. */
#include <stdint.h>

#include "recode.h"

#define MAX_BYTES ((size_t)100000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(bool from_server, const char *at, size_t len)
{
	struct message m;
	size_t used;

	if (codec_decode(CODEC_JSON, from_server, at, len, &used, &m))
		return;
	if (used != len)
		abort();
	if (m.type)
		recode(from_server, &m);
	message_fini(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > MAX_BYTES)
		return 0;
	run(false, (const char *)data, size);
	run(true, (const char *)data, size);
	return 0;
}
