#include "ot/loader.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/tree.h"

static void close_leaf(struct loader *loader, struct leaf *leaf, size_t bytes)
{
	struct utf8_count count = {0};

	if (bytes && !utf8_check_count(leaf->at, bytes, &count))
		loader->err = ERR_UTF8;
	leaf_fill(leaf, bytes, count);
	loader->row = mem_grow(loader->row, &loader->cap, loader->count + 1, sizeof(*loader->row));
	loader->row[loader->count++] = &leaf->node;
}

/* The bytes of whole characters. Where nothing is valid anything is right. */
static size_t whole(const char *at, size_t bytes)
{
	for (size_t back = 1; back <= 3 && back < bytes; back++)
		if (!utf8_is_rest(at[bytes - back]))
			return utf8_width(at[bytes - back]) > back ? bytes - back : bytes;
	return bytes;
}

/* The start of a character that is not whole goes on in the next leaf. */
static void next_leaf(struct loader *loader)
{
	struct leaf *full = loader->leaf, *next = leaf_new();

	loader->leaf = next;
	if (!full)
		return;
	size_t cut = whole(full->at, loader->filled);
	loader->filled -= cut;
	memcpy(next->at, full->at + cut, loader->filled);
	close_leaf(loader, full, cut);
}

enum err loader_add(struct loader *loader, const char *utf8, size_t bytes)
{
	if (bytes > TEXT_MAX_BYTES - loader->bytes)
		loader->err = ERR_LIMIT;
	while (bytes && !loader->err) {
		if (!loader->leaf || loader->filled == LEAF_FULL)
			next_leaf(loader);
		size_t room = LEAF_FULL - loader->filled, part = bytes < room ? bytes : room;
		memcpy(loader->leaf->at + loader->filled, utf8, part);
		loader->filled += part;
		loader->bytes += part;
		utf8 += part;
		bytes -= part;
	}
	return loader->err;
}

/* The last leaf must not be too small: what it lacks comes from the one before. */
static void borrow(struct loader *loader)
{
	struct leaf *last = loader->leaf, *before = (struct leaf *)loader->row[loader->count - 1];
	size_t bytes = leaf_bytes(before), keep = bytes - (LEAF_MIN - loader->filled);

	while (utf8_is_rest(before->at[keep]))
		keep--;
	memmove(last->at + (bytes - keep), last->at, loader->filled);
	memcpy(last->at, before->at + keep, bytes - keep);
	loader->filled += bytes - keep;
	leaf_fill(before, keep, utf8_count(before->at, keep));
}

static void close_last(struct loader *loader)
{
	if (!loader->leaf)
		next_leaf(loader);
	if (!loader->err && loader->count && loader->filled < LEAF_MIN)
		borrow(loader);
	close_leaf(loader, loader->leaf, loader->filled);
}

enum err loader_finish(struct loader *loader, struct text **out)
{
	enum err err;

	close_last(loader);
	err = loader->err;
	if (!err)
		*out = tree_build(loader->row, loader->count);
	for (size_t i = 0; err && i < loader->count; i++)
		free(loader->row[i]);
	free(loader->row);
	*loader = (struct loader){0};
	return err;
}
