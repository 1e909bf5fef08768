/*
 * A URL of ssh: one that parses is the same after it is formatted and parsed again, and no part of it is an option, or means anything
 * to a shell.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/client/ssh_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_plain(const char *part)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:@+-";

	if (*part == '-' || part[strspn(part, plain)])
		abort();
}

static void must_agree(const struct ssh_url *a, const struct ssh_url *b)
{
	if (strcmp(a->user, b->user) != 0 || strcmp(a->host, b->host) != 0 || a->port != b->port ||
		strcmp(a->owner, b->owner) != 0 || strcmp(a->room, b->room) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_dup((const char *)data, size);
	struct ssh_url url, again;

	if (!ssh_url_parse(text, &url)) {
		const char *const parts[] = {url.user, url.host, url.owner, url.room};
		char *formatted = ssh_url_format(&url);
		if (ssh_url_parse(formatted, &again))
			abort();
		must_agree(&url, &again);
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
			must_be_plain(parts[i]);
		free(formatted);
	}
	free(text);
	return 0;
}
