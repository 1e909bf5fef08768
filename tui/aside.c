#include "tui/aside.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

static size_t aside_find(const struct aside *aside, const char *path)
{
	size_t i = 0;

	while (i < aside->count && strcmp(aside->at[i].path, path) != 0)
		i++;
	return i;
}

static struct document aside_take(struct aside *aside, size_t i)
{
	struct document doc = aside->at[i];

	aside->at[i] = aside->at[--aside->count];
	return doc;
}

static void aside_put(struct aside *aside, const struct document *doc)
{
	aside->at = mem_grow(aside->at, &aside->cap, aside->count + 1, sizeof(*aside->at));
	aside->at[aside->count++] = *doc;
}

void aside_swap(struct aside *aside, struct document *doc, const char *path)
{
	size_t i = aside_find(aside, path);
	struct document next = {.changed = doc->changed, .ctx = doc->ctx, .changes = doc->changes};

	if (i < aside->count) {
		next = aside_take(aside, i);
		next.changes = doc->changes + 1; /* another text than before */
	}
	if (doc->path && doc->replica)
		aside_put(aside, doc);
	else
		document_fini(doc);
	*doc = next;
}

void aside_drop(struct aside *aside, const char *path)
{
	size_t i = aside_find(aside, path);

	if (i == aside->count)
		return;
	struct document doc = aside_take(aside, i);
	document_fini(&doc);
}

void aside_fini(struct aside *aside)
{
	while (aside->count)
		aside_drop(aside, aside->at[0].path);
	free(aside->at);
	*aside = (struct aside){0};
}
