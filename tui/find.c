#include "tui/find.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/utf8.h"
#include "tui/skip.h"

#define WINDOW                                                                                     \
	((size_t)64 << 10) /* bytes: stays in the processor's cache between copying and looking */

void find_use(struct find *find, struct pattern *takes)
{
	pattern_free(find->pattern);
	find->pattern = takes;
	find->filled = false;
}

void find_fini(struct find *find)
{
	pattern_free(find->pattern);
	free(find->at);
	*find = (struct find){0};
}

void find_changed(struct find *find)
{
	find->filled = false;
}

size_t find_reach_before(const struct find *find)
{
	return pattern_ahead(find->pattern);
}

size_t find_reach_behind(const struct find *find)
{
	return pattern_behind(find->pattern);
}

size_t find_behind(struct sel match)
{
	return match.head > match.anchor ? match.head : match.anchor + 1;
}

/* ---- the window ---- */

/* From a little before pos on; as much as a window takes, or to the end of the text. */
static void fill(struct find *find, const struct text *t, size_t pos)
{
	size_t behind = pattern_behind(find->pattern), want = WINDOW + pattern_ahead(find->pattern);
	struct text_iter it = text_iter(t, pos > behind ? pos - behind : 0);
	size_t run;

	find->start = find->mark_pos = it.pos;
	find->mark_byte = find->bytes = 0;
	find->at = mem_grow(find->at, &find->cap, want, 1);
	for (const char *at; find->bytes < want && text_iter_run(&it, &at, &run);) {
		find->at = mem_grow(find->at, &find->cap, find->bytes + run, 1);
		memcpy(find->at + find->bytes, at, run);
		find->bytes += run;
	}
	find->end = it.pos;
	find->first = find->start == 0;
	find->last = it.pos == text_size(t).points;
	find->limit_pos = SIZE_MAX;
	find->filled = true;
}

/* The byte of a position in the window, from the last place known. */
static size_t byte_of(struct find *find, size_t pos)
{
	if (pos < find->mark_pos) {
		find->mark_pos = find->start;
		find->mark_byte = 0;
	}
	find->mark_byte += utf8_offset(
		find->at + find->mark_byte, find->bytes - find->mark_byte, pos - find->mark_pos);
	find->mark_pos = pos;
	return find->mark_byte;
}

static size_t pos_of(struct find *find, size_t byte)
{
	if (byte < find->mark_byte) {
		find->mark_pos = find->start;
		find->mark_byte = 0;
	}
	find->mark_pos += utf8_count(find->at + find->mark_byte, byte - find->mark_byte).points;
	find->mark_byte = byte;
	return find->mark_pos;
}

/* Before which byte matches may begin: what follows would see too little of what comes behind them. */
static size_t starts_end(const struct find *find)
{
	size_t ahead = pattern_ahead(find->pattern);

	if (find->last)
		return find->bytes + 1;
	size_t end = find->bytes > ahead ? find->bytes - ahead : 0;
	while (end && utf8_is_rest(find->at[end]))
		end--;
	return end;
}

/* The same for matches up to a position; beyond the window there is no limit. Counted once, for many matches on one screen. */
static size_t starts_limit(struct find *find, size_t limit)
{
	if (limit >= find->end)
		return find->bytes + 1;
	if (find->limit_pos != limit)
		find->limit_byte = byte_of(find, limit);
	find->limit_pos = limit;
	return find->limit_byte + 1;
}

static bool holds(const struct find *find, size_t pos)
{
	size_t behind = find->first ? 0 : pattern_behind(find->pattern);

	return find->filled && pos >= find->start + behind && pos <= find->end;
}

/* Makes sure that the window has pos among its starts; gives its byte. */
static size_t enter(struct find *find, const struct text *t, size_t pos)
{
	if (!holds(find, pos) || byte_of(find, pos) >= starts_end(find))
		fill(find, t, pos);
	return byte_of(find, pos);
}

static struct pattern_window window_of(const struct find *find)
{
	return (struct pattern_window){find->at, find->bytes, find->first, find->last};
}

/* ---- forward ---- */

/* In the window that has *pos; moves *pos to where it ends, and *looked on by the bytes. */
static enum find_answer in_window(struct find *find, const struct text *t, size_t *pos,
	size_t limit, struct sel *out, size_t *looked)
{
	size_t from = enter(find, t, *pos), end = starts_end(find),
	       last = starts_limit(find, limit);
	size_t until = last < end ? last : end;
	struct pattern_window window = window_of(find);
	struct pattern_match match;

	*looked += until > from ? until - from : 0;
	switch (pattern_next(find->pattern, &window, from, until, &match)) {
	case PATTERN_HARD: return FIND_HARD;
	case PATTERN_FOUND:
		out->anchor = pos_of(find, match.start);
		out->head = pos_of(find, match.end);
		return FIND_FOUND;
	default: break;
	}
	*pos = last <= end ? limit : pos_of(find, end);
	return last <= end ? FIND_NONE : FIND_MORE;
}

static size_t slice(const struct find *find)
{
	return pattern_is_slow(find->pattern) ? FIND_SLOW : FIND_SLICE;
}

/* From where they are not in sight to where they are, or may be: without copying. */
static void skip(struct find *find, const struct text *t, size_t *pos, size_t limit, size_t *looked)
{
	size_t most = slice(find), budget = most > *looked ? most - *looked : 0;

	if (pattern_is_slow(find->pattern))
		return;
	*pos = skip_to(find->pattern, t, *pos, limit, &budget);
	*looked = most - budget;
}

enum find_answer find_forward(
	struct find *find, const struct text *t, size_t *pos, size_t limit, struct sel *out)
{
	enum find_answer answer = FIND_MORE;

	if (!find->pattern || *pos > limit || *pos > text_size(t).points)
		return FIND_NONE;
	for (size_t looked = 0; answer == FIND_MORE && looked < slice(find);) {
		answer = in_window(find, t, pos, limit, out, &looked);
		if (answer == FIND_MORE)
			skip(find, t, pos, limit, &looked);
		if (*pos > limit)
			return FIND_NONE;
	}
	return answer;
}

/* ---- back ---- */

/* All that begin in [from, *pos), until the last. Nothing is left to do then but further to the left. */
static enum find_answer last_of(
	struct find *find, const struct text *t, size_t from, size_t before, struct sel *out)
{
	enum find_answer answer = FIND_NONE, next = FIND_MORE;
	struct sel match;

	while (before && (next == FIND_MORE || next == FIND_FOUND)) {
		next = find_forward(find, t, &from, before - 1, &match);
		if (next == FIND_FOUND) {
			*out = match;
			answer = FIND_FOUND;
			from = find_behind(match);
		}
	}
	return next == FIND_HARD ? FIND_HARD : answer;
}

enum find_answer find_back(
	struct find *find, const struct text *t, size_t *pos, size_t limit, struct sel *out)
{
	enum find_answer answer = FIND_MORE;

	if (!find->pattern)
		return FIND_NONE;
	for (size_t looked = 0; answer == FIND_MORE && looked < slice(find); looked += WINDOW) {
		size_t from = *pos > limit + WINDOW / 2 ? *pos - WINDOW / 2 : limit;
		answer = last_of(find, t, from, *pos, out);
		*pos = from;
		if (answer == FIND_NONE)
			answer = from == limit ? FIND_NONE : FIND_MORE;
	}
	return answer;
}

bool find_replacement(struct find *find, const char *template, size_t bytes, struct buf *out,
	char *why, size_t why_bytes)
{
	struct pattern_window window = window_of(find);

	return pattern_replacement(find->pattern, &window, template, bytes, out, why, why_bytes);
}
