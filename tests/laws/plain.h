/*
 * plain.h: a text as a plain array of code points: what the laws compare the real one with.
 *
 * Everything here is done the simplest way there is, and knows of ops only what op_next tells.
 */
#ifndef TESTS_LAWS_PLAIN_H
#define TESTS_LAWS_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/op.h"
#include "ot/text.h"
#include "ot/utf8.h"

struct plain {
	uint32_t *at;
	size_t len, cap;
};

static inline void plain_fini(struct plain *p)
{
	free(p->at);
	*p = (struct plain){0};
}

static inline void plain_add(struct plain *p, uint32_t point)
{
	p->at = mem_grow(p->at, &p->cap, p->len + 1, sizeof(*p->at));
	p->at[p->len++] = point;
}

static inline void plain_add_utf8(struct plain *p, const char *utf8, size_t bytes)
{
	for (size_t i = 0, width; i < bytes; i += width)
		plain_add(p, utf8_decode(utf8 + i, &width));
}

static inline struct plain plain_of(const struct text *text)
{
	size_t bytes;
	char *all = text_slice(text, 0, text_size(text).points, &bytes);
	struct plain p = {0};

	plain_add_utf8(&p, all, bytes);
	free(all);
	return p;
}

static inline bool plain_equal(const struct plain *a, const struct plain *b)
{
	return a->len == b->len && (!a->len || memcmp(a->at, b->at, a->len * sizeof(*a->at)) == 0);
}

static inline bool plain_is(const struct plain *p, const struct text *text)
{
	struct plain other = plain_of(text);
	bool same = plain_equal(p, &other);

	plain_fini(&other);
	return same;
}

static inline struct plain plain_copy(const struct plain *p)
{
	struct plain copy = {0};

	for (size_t i = 0; i < p->len; i++)
		plain_add(&copy, p->at[i]);
	return copy;
}

/* What the op makes of p; the caller has seen that it fits. */
static inline struct plain plain_after(const struct plain *p, const struct op *op)
{
	struct op_iter it = op_iter(op);
	struct plain out = {0};
	size_t from = 0;

	for (struct op_component c; op_next(&it, &c);) {
		if (c.kind == OP_INSERT)
			plain_add_utf8(&out, c.text, c.bytes);
		for (size_t i = 0; c.kind == OP_RETAIN && i < c.points; i++)
			plain_add(&out, p->at[from + i]);
		if (c.kind != OP_INSERT)
			from += c.points;
	}
	for (; from < p->len; from++)
		plain_add(&out, p->at[from]);
	return out;
}

static inline void plain_apply(struct plain *p, const struct op *op)
{
	struct plain out = plain_after(p, op);

	plain_fini(p);
	*p = out;
}

/* Index of a character that occurs once, or p->len. */
static inline size_t plain_find(const struct plain *p, uint32_t point)
{
	size_t i = 0;

	while (i < p->len && p->at[i] != point)
		i++;
	return i;
}

static inline bool plain_has(const struct plain *p, uint32_t point)
{
	return plain_find(p, point) < p->len;
}

static inline struct text *plain_text(const struct plain *p)
{
	char *utf8 = mem_alloc(p->len * 4 + 1);
	size_t bytes = 0;
	struct text *text;

	for (size_t i = 0; i < p->len; i++)
		bytes += utf8_encode(p->at[i], utf8 + bytes);
	if (text_load(&text, utf8, bytes))
		abort();
	free(utf8);
	return text;
}

#endif
