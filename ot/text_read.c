/* Reading on from a place in a text. */
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/tree.h"

static const struct leaf *leaf_beside(const struct leaf *l, bool behind)
{
	const struct node *n = &l->node;
	unsigned down = 0;

	while (n->up && n->slot == (behind ? n->up->count - 1 : 0)) {
		n = &n->up->node;
		down++;
	}
	if (!n->up)
		return NULL;
	for (n = n->up->child[behind ? n->slot + 1 : n->slot - 1]; down; down--) {
		const struct inner *in = (const struct inner *)n;
		n = in->child[behind ? 0 : in->count - 1];
	}
	return (const struct leaf *)n;
}

/* Part 0 is what is before the gap, part 1 what is behind it. */
static void iter_enter(struct text_iter *it, const struct leaf *l, size_t part)
{
	it->leaf = l;
	it->part = part;
	it->run = part ? leaf_tail(l) : l->at;
	it->end = it->run + (part ? l->tail : l->head);
}

struct text_iter text_iter(const struct text *t, size_t pos)
{
	struct text_iter it = {.text = t, .pos = pos < t->size.points ? pos : t->size.points};
	struct place p = tree_place(t, it.pos, POINTS);
	size_t byte = leaf_offset(p.leaf, it.pos - p.before.n[POINTS]);
	bool part = byte >= p.leaf->head;

	iter_enter(&it, p.leaf, part);
	it.at = it.run + (part ? byte - p.leaf->head : byte);
	return it;
}

static bool iter_forward(struct text_iter *it)
{
	const struct leaf *l = it->part ? leaf_beside(it->leaf, true) : it->leaf;

	if (!l)
		return false;
	iter_enter(it, l, !it->part);
	it->at = it->run;
	return true;
}

static bool iter_backward(struct text_iter *it)
{
	const struct leaf *l = it->part ? it->leaf : leaf_beside(it->leaf, false);

	if (!l)
		return false;
	iter_enter(it, l, !it->part);
	it->at = it->end;
	return true;
}

bool text_iter_next(struct text_iter *it, uint32_t *point)
{
	size_t width;

	while (it->at == it->end) {
		if (!iter_forward(it))
			return false;
	}
	*point = (unsigned char)*it->at;
	width = 1;
	if (*point >= 0x80)
		*point = utf8_decode(it->at, &width);
	it->at += width;
	it->pos++;
	return true;
}

bool text_iter_prev(struct text_iter *it, uint32_t *point)
{
	size_t width;

	while (it->at == it->run) {
		if (!iter_backward(it))
			return false;
	}
	do
		it->at--;
	while (utf8_is_rest(*it->at));
	*point = utf8_decode(it->at, &width);
	it->pos--;
	return true;
}

bool text_iter_run(struct text_iter *it, const char **at, size_t *bytes)
{
	while (it->at == it->end) {
		if (!iter_forward(it))
			return false;
	}
	const struct leaf *l = it->leaf;
	*at = it->at;
	*bytes = (size_t)(it->end - it->at);
	if (it->at == it->run)
		it->pos += it->part ? l->tail_points : l->head_points;
	else
		it->pos += utf8_count(*at, *bytes).points;
	it->at = it->end;
	return true;
}

size_t text_iter_rest(const struct text_iter *it, const char **at)
{
	*at = it->at;
	return (size_t)(it->end - it->at);
}

void text_iter_skip(struct text_iter *it, size_t points, size_t bytes)
{
	it->at += bytes;
	it->pos += points;
}

/* Bytes of the next `points` characters of this run, or of all that it has; *points is less by those. */
static size_t run_bytes(const struct text_iter *it, size_t *points)
{
	size_t left = (size_t)(it->end - it->at), bytes, all;

	if (leaf_bytes(it->leaf) == leaf_points(it->leaf)) {
		bytes = *points < left ? *points : left;
		*points -= bytes;
		return bytes;
	}
	all = utf8_count(it->at, left).points;
	bytes = *points < all ? utf8_offset_known(it->at, left, all, *points) : left;
	*points -= *points < all ? *points : all;
	return bytes;
}

size_t text_read(const struct text *t, size_t pos, size_t points, char *out)
{
	struct text_iter it = text_iter(t, pos);
	size_t done = 0;

	do {
		size_t bytes = run_bytes(&it, &points);
		if (bytes == 1)
			out[done] = *it.at;
		else
			memcpy(out + done, it.at, bytes);
		done += bytes;
	} while (points && iter_forward(&it));
	return done;
}

char *text_slice(const struct text *t, size_t pos, size_t points, size_t *bytes)
{
	size_t from = text_byte_at(t, pos), room = pos < t->size.points ? t->size.points - pos : 0;
	size_t len = text_byte_at(t, pos + (points < room ? points : room)) - from, done = 0, run;
	struct text_iter it = text_iter(t, pos);
	char *out = mem_realloc(NULL, len + 1, 1);

	for (const char *at; done < len && text_iter_run(&it, &at, &run); done += run) {
		if (run > len - done)
			run = len - done;
		memcpy(out + done, at, run);
	}
	out[len] = '\0';
	if (bytes)
		*bytes = len;
	return out;
}

bool text_equal(const struct text *a, const struct text *b)
{
	struct text_iter left = text_iter(a, 0), right = text_iter(b, 0);
	const char *p = NULL, *q = NULL;
	size_t m = 0, n = 0;

	if (a->size.bytes != b->size.bytes)
		return false;
	while ((m || text_iter_run(&left, &p, &m)) && (n || text_iter_run(&right, &q, &n))) {
		size_t both = m < n ? m : n;
		if (memcmp(p, q, both) != 0)
			return false;
		p += both;
		q += both;
		m -= both;
		n -= both;
	}
	return true;
}
