#include "tui/find.h"

#include <stdlib.h>

#include <utf8proc.h>

#include "ot/mem.h"
#include "ot/utf8.h"

struct needle {
	uint32_t *points;
	size_t count;
	bool fold;
};

static uint32_t lower(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
	return (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
}

static struct needle needle_make(const char *at, size_t bytes)
{
	struct needle n = {.points = mem_alloc((bytes + 1) * sizeof(uint32_t)), .fold = true};

	for (size_t i = 0, width; i < bytes; i += width) {
		uint32_t c = utf8_decode(at + i, &width);
		n.points[n.count++] = c;
		n.fold = n.fold && lower(c) == c;
	}
	return n;
}

static bool same(const struct needle *n, uint32_t c, size_t at)
{
	return (n->fold ? lower(c) : c) == n->points[at];
}

/* Does the rest of the needle, behind its first character, follow here? */
static bool follows(const struct needle *n, struct text_iter it)
{
	uint32_t c;

	for (size_t i = 1; i < n->count; i++)
		if (!text_iter_next(&it, &c) || !same(n, c, i))
			return false;
	return true;
}

static bool found(const struct needle *n, size_t start, struct sel *out)
{
	*out = (struct sel){start, start + n->count};
	return true;
}

static bool search_forward(
	const struct text *t, size_t pos, const struct needle *n, struct sel *out)
{
	struct text_iter it = text_iter(t, pos);

	for (uint32_t c; n->count && text_iter_next(&it, &c);)
		if (same(n, c, 0) && follows(n, it))
			return found(n, it.pos - 1, out);
	return false;
}

static bool search_back(const struct text *t, size_t pos, const struct needle *n, struct sel *out)
{
	struct text_iter it = text_iter(t, pos);

	for (uint32_t c; n->count && text_iter_prev(&it, &c);)
		if (same(n, c, 0) && follows(n, text_iter(t, it.pos + 1)))
			return found(n, it.pos, out);
	return false;
}

bool find_next(const struct text *t, size_t pos, const char *needle, size_t bytes, struct sel *out)
{
	struct needle n = needle_make(needle, bytes);
	bool is = search_forward(t, pos, &n, out);

	free(n.points);
	return is;
}

bool find_previous(
	const struct text *t, size_t pos, const char *needle, size_t bytes, struct sel *out)
{
	struct needle n = needle_make(needle, bytes);
	bool is = search_back(t, pos, &n, out);

	free(n.points);
	return is;
}
