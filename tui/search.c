#include "tui/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

#define LIST_SLICE 8192 /* matches listed at once */

bool search_start(struct search *s, const char *what, size_t bytes, unsigned flags,
	const struct sel *within, char *why, size_t why_bytes)
{
	struct pattern *pattern = bytes ? pattern_make(what, bytes, flags, why, why_bytes) : NULL;

	search_stop(s);
	find_use(&s->find, pattern);
	s->within = within != NULL;
	if (within) {
		s->low = s->next = anchor_start(*within);
		s->high = anchor_end(*within);
	}
	return pattern || !bytes;
}

void search_stop(struct search *s)
{
	find_fini(&s->find);
	free(s->at);
	*s = (struct search){0};
}

bool search_is_on(const struct search *s)
{
	return s->find.pattern != NULL;
}

static size_t low(const struct search *s)
{
	return s->within ? s->low : 0;
}

static size_t high(const struct search *s, const struct text *t)
{
	return s->within ? s->high : text_size(t).points;
}

/* Forward in [*pos, limit], but nothing that runs out of the part looked at. */
static enum find_answer forward(
	struct search *s, const struct text *t, size_t *pos, size_t limit, struct sel *out)
{
	enum find_answer answer = find_forward(&s->find, t, pos, limit, out);

	s->hard |= answer == FIND_HARD;
	return answer == FIND_FOUND && out->head > high(s, t) ? FIND_NONE : answer;
}

/* ---- the list ---- */

static struct sel sel_of(struct search_place place)
{
	return (struct sel){place.start, place.end};
}

static struct search_place place_of(struct sel match)
{
	return (struct search_place){(uint32_t)match.anchor, (uint32_t)match.head};
}

/* How many of the list begin before pos. */
static size_t before(const struct search *s, size_t pos)
{
	size_t from = 0, to = s->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (s->at[middle].start < pos)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static void append(struct search *s, struct sel match)
{
	s->at = mem_grow(s->at, &s->cap, s->count + 1, sizeof(*s->at));
	s->at[s->count++] = place_of(match);
	s->next = find_behind(match);
	s->full = s->done = s->count == SEARCH_MAX;
}

/* A slice of listing. */
static void list_on(struct search *s, const struct text *t)
{
	enum find_answer answer = FIND_FOUND;
	size_t begun = s->count;
	struct sel match;

	while (!s->done && answer == FIND_FOUND && s->count - begun < LIST_SLICE) {
		answer = forward(s, t, &s->next, high(s, t), &match);
		if (answer == FIND_FOUND)
			append(s, match);
		else if (answer == FIND_NONE)
			s->done = true;
	}
}

size_t search_rank(const struct search *s, struct sel match)
{
	size_t i = before(s, match.anchor);

	return i < s->count && s->at[i].start == match.anchor && s->at[i].end == match.head ? i + 1
											    : 0;
}

/* ---- seeking ---- */

static void found(struct search *s, struct sel match)
{
	s->found = match;
	s->seek = SEARCH_FOUND;
}

/* From a complete list. */
static void seek_listed(struct search *s)
{
	size_t i = before(s, s->from);

	if (!s->count) {
		s->seek = SEARCH_NOWHERE;
		return;
	}
	s->wrapped = s->forward ? i == s->count : i == 0;
	if (s->forward)
		i = i == s->count ? 0 : i;
	else
		i = (i ? i : s->count) - 1;
	found(s, sel_of(s->at[i]));
}

static bool all_seen(const struct search *s)
{
	return s->wrapped || (s->forward && s->from == low(s));
}

/* Once around: to the end it runs to, and from the other end to where it began. */
static void seek_on(struct search *s, const struct text *t)
{
	enum find_answer answer;
	struct sel match;

	if (s->forward)
		answer = forward(s, t, &s->pos, s->wrapped ? s->from - 1 : high(s, t), &match);
	else
		answer = find_back(&s->find, t, &s->pos, s->wrapped ? s->from : low(s), &match);
	if (answer == FIND_FOUND) {
		found(s, match);
	} else if (answer == FIND_HARD || (answer == FIND_NONE && all_seen(s))) {
		s->hard |= answer == FIND_HARD;
		s->seek = SEARCH_NOWHERE;
	} else if (answer == FIND_NONE) {
		s->wrapped = true;
		s->pos = s->forward ? low(s) : high(s, t) + 1;
	}
}

void search_seek(struct search *s, const struct text *t, size_t pos, bool is_forward)
{
	s->forward = is_forward;
	s->from = pos < low(s) ? low(s) : pos;
	s->pos = s->from;
	s->wrapped = false;
	s->seek = search_is_on(s) && !s->hard ? SEARCH_SEEKING : SEARCH_NOWHERE;
	for (int phase = 0; phase < 3; phase++) /* what is small is answered at once */
		search_idle(s, t);
}

bool search_idle(struct search *s, const struct text *t)
{
	if (!search_is_on(s))
		return false;
	if (s->seek == SEARCH_SEEKING && s->done && !s->full)
		seek_listed(s);
	else if (s->seek == SEARCH_SEEKING)
		seek_on(s, t);
	else
		list_on(s, t);
	return s->seek == SEARCH_SEEKING || !(s->done || s->hard);
}

/* ---- edits ---- */

/* What an op changed, from first to last, before and after it. */
struct change {
	size_t from, old_end, new_end;
};

static struct change change_of(const struct op *op)
{
	struct op_iter it = op_iter(op);
	struct change change = {0};
	size_t old = 0, new = 0;
	bool any = false;

	for (struct op_component c; op_next(&it, &c);) {
		if (c.kind != OP_RETAIN && !any)
			change.from = old;
		any |= c.kind != OP_RETAIN;
		old += c.kind == OP_INSERT ? 0 : c.points;
		new += c.kind == OP_DELETE ? 0 : c.points;
		if (c.kind != OP_RETAIN)
			change = (struct change){change.from, old, new};
	}
	return change;
}

static size_t less(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

static void cut_list(struct search *s, size_t count, size_t next)
{
	s->count = count;
	s->next = next;
	s->full = s->done = false;
}

/* Where the list can be taken up again behind its first `count`, not before pos. */
static size_t behind_kept(const struct search *s, size_t count, size_t pos)
{
	size_t end = count ? find_behind(sel_of(s->at[count - 1])) : low(s);

	return end > pos ? end : pos;
}

/* The list's first `kept`, then fresh ones, then those from tail on. */
static void splice(
	struct search *s, size_t kept, size_t tail, const struct search_place *fresh, size_t count)
{
	s->at = mem_grow(s->at, &s->cap, s->count + count, sizeof(*s->at));
	memmove(s->at + kept + count, s->at + tail, (s->count - tail) * sizeof(*s->at));
	if (count)
		memcpy(s->at + kept, fresh, count * sizeof(*fresh));
	s->count = kept + count + (s->count - tail);
}

/*
 * The list's first `kept` and those from `tail` on are right; between them the text up to `until` is looked at again. A match found there may
 * run into one of the tail, which goes then, and what it covered is looked at too.
 */
static void repair(
	struct search *s, const struct text *t, size_t kept, size_t tail, size_t pos, size_t until)
{
	size_t cap = 0, count = 0;
	struct search_place *fresh = NULL;
	struct sel match;

	while (!s->hard && pos <= until) {
		enum find_answer answer = forward(s, t, &pos, until, &match);
		if (answer == FIND_NONE || answer == FIND_HARD)
			break;
		if (answer == FIND_MORE)
			continue;
		fresh = mem_grow(fresh, &cap, count + 1, sizeof(*fresh));
		fresh[count++] = place_of(match);
		pos = find_behind(match);
		for (; tail < s->count && s->at[tail].start < pos; tail++)
			until = s->at[tail].end > until ? s->at[tail].end : until;
	}
	if (count || kept < tail)
		splice(s, kept, tail, fresh, count);
	free(fresh);
}

static void shift_places(struct search *s, size_t from, size_t growth)
{
	for (size_t i = from; i < s->count; i++) {
		s->at[i].start += (uint32_t)growth; /* modulo 2^32: a shrinking is one too */
		s->at[i].end += (uint32_t)growth;
	}
}

static void shift_list(struct search *s, const struct text *t, const struct change *change)
{
	size_t from = less(change->from, find_reach_before(&s->find));
	size_t until = change->old_end + find_reach_behind(&s->find);
	size_t growth = change->new_end - change->old_end; /* modulo */
	size_t kept = before(s, from), tail = before(s, until + 1);

	if (!s->done && s->next <= from)
		return;
	if ((!s->done && s->next <= until) || change->new_end - change->from > SEARCH_REPAIR ||
		s->full) {
		cut_list(s, kept, behind_kept(s, kept, from));
		return;
	}
	shift_places(s, tail, growth);
	s->next += growth;
	repair(s, t, kept, tail, behind_kept(s, kept, from), until + growth);
}

void search_changed(struct search *s, const struct text *t, const struct op *op)
{
	if (!search_is_on(s) || op_is_identity(op))
		return;
	struct change change = change_of(op);
	find_changed(&s->find);
	s->low = op_transform_pos(op, s->low, false);
	s->high = op_transform_pos(op, s->high, true);
	s->from = op_transform_pos(op, s->from, false);
	s->pos = op_transform_pos(op, s->pos, false);
	s->found.anchor = op_transform_pos(op, s->found.anchor, false);
	s->found.head = op_transform_pos(op, s->found.head, false);
	shift_list(s, t, &change);
}

/* ---- what is on the screen ---- */

static size_t visible_listed(
	const struct search *s, size_t first, size_t last, struct sel *out, size_t max)
{
	size_t count = 0;

	for (size_t i = before(s, first); i < s->count && s->at[i].start <= last && count < max;
		i++)
		out[count++] = sel_of(s->at[i]);
	return count;
}

size_t search_visible(struct search *s, const struct text *t, size_t first, size_t last,
	struct sel *out, size_t max)
{
	size_t pos = first > low(s) ? first : low(s), count = 0;
	enum find_answer answer = FIND_FOUND;

	if (!search_is_on(s) || s->hard)
		return 0;
	if ((s->done && !s->full) || s->next > last)
		return visible_listed(s, first, last, out, max);
	while (count < max && (answer == FIND_FOUND || answer == FIND_MORE)) {
		answer = forward(s, t, &pos, last, &out[count]);
		if (answer == FIND_FOUND)
			pos = find_behind(out[count++]);
	}
	return count;
}

/* ---- replacing ---- */

static bool refuse(struct search_with *with, const char *why)
{
	snprintf(with->why, sizeof(with->why), "%s", why);
	return false;
}

bool search_replacement(struct search *s, const struct text *t, struct sel match,
	struct search_with *with, struct buf *out)
{
	size_t pos = match.anchor;
	struct sel again;

	if (forward(s, t, &pos, match.anchor, &again) != FIND_FOUND || again.head != match.head)
		return refuse(with, "this is no match any more");
	return find_replacement(&s->find, with->template ? with->template : "", with->bytes, out,
		with->why, sizeof(with->why));
}

bool search_replace_all(struct search *s, const struct text *t, struct search_with *with,
	size_t max, struct op *out)
{
	struct buf text = {0};
	size_t pos = 0, inserted = 0;
	bool right = true;

	*out = (struct op){0};
	for (size_t i = 0; right && i < s->count; i++, inserted += text.len) {
		struct sel match = sel_of(s->at[i]);
		buf_clear(&text);
		buf_room(&text, 1);
		right = search_replacement(s, t, match, with, &text);
		if (right && text.len > max - inserted)
			right = refuse(with, "too much for one edit");
		if (!right)
			break;
		op_retain(out, match.anchor - pos);
		op_insert(out, text.at, text.len);
		op_delete(out, match.head - match.anchor);
		pos = match.head;
	}
	buf_fini(&text);
	if (!right)
		op_fini(out);
	return right;
}
