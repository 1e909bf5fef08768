#include "tests/bench/gap.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

#define FIRST_BYTES 4096

void gap_fini(struct gap *g)
{
	free(g->at);
	*g = (struct gap){0};
}

static void grow(struct gap *g, size_t need)
{
	size_t cap = g->cap ? g->cap : FIRST_BYTES;

	while (cap < need)
		cap *= 2;
	g->at = mem_realloc(g->at, cap, 1);
	memmove(g->at + cap - g->tail, g->at + g->cap - g->tail, g->tail);
	g->cap = cap;
}

static void seek(struct gap *g, size_t pos)
{
	char *tail = g->at + g->cap - g->tail;

	if (pos < g->head)
		memmove(tail - (g->head - pos), g->at + pos, g->head - pos);
	else
		memmove(g->at + g->head, tail, pos - g->head);
	g->tail = g->tail + g->head - pos;
	g->head = pos;
}

void gap_replace(struct gap *g, size_t pos, size_t del, const char *text, size_t bytes)
{
	if (g->head + g->tail + bytes > g->cap)
		grow(g, g->head + g->tail + bytes);
	if (pos != g->head)
		seek(g, pos);
	g->tail -= del;
	if (bytes == 1)
		g->at[g->head] = *text;
	else
		memcpy(g->at + g->head, text, bytes);
	g->head += bytes;
}
