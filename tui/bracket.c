#include "tui/bracket.h"

#include <stdint.h>
#include <string.h>

static const char pairs[] = "([{)]}";

#define KINDS 3

/* Which of pairs; -1: none. */
static int kind_of(uint32_t c)
{
	const char *at = c && c < 0x80 ? strchr(pairs, (int)c) : NULL;

	return at ? (int)(at - pairs) : -1;
}

static bool find_close(const struct text *t, size_t pos, int kind, size_t limit, size_t *partner)
{
	struct text_iter it = text_iter(t, pos);
	size_t depth = 0;

	for (uint32_t c; it.pos - pos < limit && text_iter_next(&it, &c);) {
		depth += c == (uint32_t)pairs[kind];
		if (c == (uint32_t)pairs[kind + KINDS] && --depth == 0) {
			*partner = it.pos - 1;
			return true;
		}
	}
	return false;
}

static bool find_open(const struct text *t, size_t pos, int kind, size_t limit, size_t *partner)
{
	struct text_iter it = text_iter(t, pos + 1);
	size_t depth = 0;

	for (uint32_t c; pos - it.pos + 1 < limit + 1 && text_iter_prev(&it, &c);) {
		depth += c == (uint32_t)pairs[kind];
		if (c == (uint32_t)pairs[kind - KINDS] && --depth == 0) {
			*partner = it.pos;
			return true;
		}
	}
	return false;
}

static bool partner_of(const struct text *t, size_t pos, size_t limit, struct bracket *out)
{
	struct text_iter it = text_iter(t, pos);
	uint32_t c;
	int kind = text_iter_next(&it, &c) ? kind_of(c) : -1;

	out->at = pos;
	if (kind < 0)
		return false;
	return kind < KINDS ? find_close(t, pos, kind, limit, &out->partner)
			    : find_open(t, pos, kind, limit, &out->partner);
}

bool bracket_at(const struct text *t, size_t pos, size_t limit, struct bracket *out)
{
	return partner_of(t, pos, limit, out) || (pos && partner_of(t, pos - 1, limit, out));
}
