/* Positions, lines and bytes of a text, by one walk down its tree and one through a leaf. */
#include <assert.h>
#include <string.h>

#include "ot/tree.h"

/* The newline number *n of these bytes; NULL if they have fewer, and *n is less by those. */
static const char *find_line(const char *at, size_t bytes, size_t *n)
{
	for (const char *end = at + bytes; (at = memchr(at, '\n', (size_t)(end - at))); at++) {
		if (!(*n)--)
			return at;
	}
	return NULL;
}

/* Offset of the leaf's newline number n, which it has. */
static size_t leaf_line(const struct leaf *l, size_t n)
{
	const char *hit = find_line(l->at, l->head, &n);

	if (hit)
		return (size_t)(hit - l->at);
	hit = find_line(leaf_tail(l), l->tail, &n);
	assert(hit);
	return l->head + (size_t)(hit - leaf_tail(l));
}

size_t text_line_end(const struct text *t, size_t line)
{
	if (line >= t->size.lines)
		return t->size.points;
	struct place p = tree_place(t, line, LINES);
	size_t byte = leaf_line(p.leaf, line - p.before.n[LINES]);
	return p.before.n[POINTS] + leaf_count(p.leaf, byte).points;
}

size_t text_line_start(const struct text *t, size_t line)
{
	if (!line)
		return 0;
	return line > t->size.lines ? t->size.points : text_line_end(t, line - 1) + 1;
}

size_t text_line_at(const struct text *t, size_t pos)
{
	if (pos >= t->size.points)
		return t->size.lines;
	struct place p = tree_place(t, pos, POINTS);
	size_t byte = leaf_offset(p.leaf, pos - p.before.n[POINTS]);
	return p.before.n[LINES] + leaf_count(p.leaf, byte).lines;
}

size_t text_byte_at(const struct text *t, size_t pos)
{
	if (pos >= t->size.points)
		return t->size.bytes;
	struct place p = tree_place(t, pos, POINTS);
	return p.before.n[BYTES] + leaf_offset(p.leaf, pos - p.before.n[POINTS]);
}

size_t text_pos_at(const struct text *t, size_t byte)
{
	if (byte >= t->size.bytes)
		return t->size.points;
	struct place p = tree_place(t, byte, BYTES);
	size_t in = byte - p.before.n[BYTES];
	const char *at =
		in < p.leaf->head ? p.leaf->at + in : leaf_tail(p.leaf) + (in - p.leaf->head);
	for (; utf8_is_rest(*at); at--)
		in--;
	return p.before.n[POINTS] + leaf_count(p.leaf, in).points;
}
