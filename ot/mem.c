#include "ot/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *mem_alloc(size_t bytes)
{
	void *at = calloc(1, bytes ? bytes : 1);

	if (!at)
		abort();
	return at;
}

void *mem_realloc(void *at, size_t count, size_t item_bytes)
{
	if (item_bytes && count > SIZE_MAX / item_bytes)
		abort();
	at = realloc(at, count * item_bytes > 0 ? count * item_bytes : 1);
	if (!at)
		abort();
	return at;
}

char *mem_dup(const char *at, size_t bytes)
{
	char *copy = mem_alloc(bytes + 1);

	if (bytes)
		memcpy(copy, at, bytes);
	return copy;
}

void *mem_grow_on(void *at, size_t *cap, size_t need, size_t item_bytes)
{
	size_t grown = *cap ? *cap : 8;
	while (grown < need)
		grown *= 2;
	*cap = grown;
	return mem_realloc(at, grown, item_bytes);
}
