/*
 * The header of a balancer: what is said of a beginning holds for the whole. NONE stays none, ALL stays all, with the same bytes used
 * and the same address, whatever comes behind; and a whole header was PART before its last byte.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/origin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sockaddr_storage from = {0}, whole = {0};
	enum origin before = ORIGIN_PART;
	size_t used = 0, all = 0;

	if (size > ORIGIN_MAX_BYTES + 64)
		size = ORIGIN_MAX_BYTES + 64;
	for (size_t len = 0; len <= size; len++) {
		char *at = malloc(len + 1); /* so that a byte too many is seen */
		must(at != NULL);
		if (len)
			memcpy(at, data, len);
		char *tight = len ? realloc(at, len) : at;
		enum origin now = origin_read(tight, len, &used, &from);
		free(tight);
		must(before == ORIGIN_PART || now == before);
		must(len < ORIGIN_MAX_BYTES || now != ORIGIN_PART);
		if (now == ORIGIN_ALL && before == ORIGIN_PART) {
			must(used == len);
			all = used;
			whole = from;
		}
		must(now != ORIGIN_ALL ||
			(used == all && memcmp(&from, &whole, sizeof(from)) == 0));
		before = now;
	}
	return 0;
}
