/* A join URL: one that parses is the same after it is formatted and parsed again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/url.h"
#include "ot/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_agree(const struct url *a, const struct url *b)
{
	if (a->tls != b->tls || strcmp(a->host, b->host) != 0 || a->port != b->port ||
		strcmp(a->room, b->room) != 0 || strcmp(a->token, b->token) != 0 ||
		strcmp(a->pin, b->pin) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_dup((const char *)data, size);
	struct url url, again;

	if (!url_parse(text, &url)) {
		char *formatted = url_format(&url);
		if (url_parse(formatted, &again))
			abort();
		must_agree(&url, &again);
		free(formatted);
	}
	free(text);
	return 0;
}
