/*
 * gaps.h: the laws of ops, on random texts and ops, against a model that sees a text as characters
 * and the gaps between them.
 *
 * An op puts some text into each gap and keeps or drops each character. Two ops on one text drop
 * what either drops and fill each gap with what both put there; that is all there is to a
 * transform.
 */
#ifndef TESTS_LAWS_GAPS_H
#define TESTS_LAWS_GAPS_H

#include "ot/strokes.h"
#include "tests/laws/choice.h"
#include "tests/laws/plain.h"

#define MOST_POINTS 24

/* Characters of one to four bytes, few enough that equal ones meet. */
static const uint32_t letters[] = {'a', 'b', '\n', 0xe9, 0x3b2, 0x20ac, 0x1f600, 0x10ffff};

static inline uint32_t pick_letter(struct choice *c)
{
	return letters[pick(c, sizeof(letters) / sizeof(letters[0]))];
}

static inline struct plain random_plain(struct choice *c)
{
	struct plain p = {0};

	for (size_t n = pick(c, MOST_POINTS); n; n--)
		plain_add(&p, pick_letter(c));
	return p;
}

static inline void insert_some(struct choice *c, struct op *op)
{
	char utf8[4 * 6];
	size_t bytes = 0;

	for (size_t n = pick(c, 6); n; n--)
		bytes += utf8_encode(pick_letter(c), utf8 + bytes);
	op_insert(op, utf8, bytes);
}

/* Pieces as they come, so the builders have something to put in order. */
static inline struct op random_op(struct choice *c, size_t points)
{
	struct op op = {0};

	for (size_t pieces = pick(c, 12); pieces; pieces--) {
		size_t n = pick(c, points < 5 ? points + 1 : 5);
		switch (pick(c, 3)) {
		case 0: op_retain(&op, n); break;
		case 1: op_delete(&op, n); break;
		default: n = 0; insert_some(c, &op);
		}
		points -= n;
	}
	return op;
}

/*
 * The model: gap[i] is what comes before character i (the last gap is behind all), dropped[i]
 * whether i goes.
 */
struct gaps {
	struct plain gap[MOST_POINTS + 1];
	bool dropped[MOST_POINTS];
};

static inline struct gaps gaps_of(const struct op *op)
{
	struct op_iter it = op_iter(op);
	struct gaps g = {0};
	size_t at = 0;

	for (struct op_component c; op_next(&it, &c);) {
		if (c.kind == OP_INSERT) {
			plain_add_utf8(&g.gap[at], c.text, c.bytes);
			continue;
		}
		for (size_t i = 0; i < c.points; i++)
			g.dropped[at++] = c.kind == OP_DELETE;
	}
	return g;
}

static inline void gaps_fini(struct gaps *g)
{
	for (size_t i = 0; i <= MOST_POINTS; i++)
		plain_fini(&g->gap[i]);
}

static inline void add_all(struct plain *out, const struct plain *more)
{
	for (size_t i = 0; i < more->len; i++)
		plain_add(out, more->at[i]);
}

static inline struct plain merged(
	const struct plain *base, const struct gaps *first, const struct gaps *then)
{
	struct plain out = {0};

	for (size_t i = 0; i <= base->len; i++) {
		add_all(&out, &first->gap[i]);
		add_all(&out, &then->gap[i]);
		if (i < base->len && !first->dropped[i] && !then->dropped[i])
			plain_add(&out, base->at[i]);
	}
	return out;
}

static inline void check_normal(struct choice *c, const struct op *op)
{
	struct op_iter it = op_iter(op);
	int last = -1;
	size_t count = 0, base = 0, bytes = 0;
	ptrdiff_t growth = 0;

	for (struct op_component part; op_next(&it, &part);) {
		LAW(c, part.points > 0 && (int)part.kind != last);
		LAW(c, !(part.kind == OP_INSERT && last == OP_DELETE));
		base += part.kind == OP_INSERT ? 0 : part.points;
		bytes += part.kind == OP_INSERT ? part.bytes : 0;
		growth += part.kind == OP_INSERT ? (ptrdiff_t)part.points : 0;
		growth -= part.kind == OP_DELETE ? (ptrdiff_t)part.points : 0;
		last = (int)part.kind;
		count++;
	}
	LAW(c, last != OP_RETAIN);
	LAW(c, op_count(op) == count && op_base_points(op) == base);
	LAW(c, op_bytes(op) == bytes && op_growth(op) == growth);
	LAW(c, op_is_identity(op) == (count == 0));
}

static inline void check_apply(struct choice *c, const struct plain *base, const struct op *op)
{
	struct plain want = plain_after(base, op);
	struct text *text = plain_text(base), *before = text_copy(text);
	struct op inverse;

	check_normal(c, op);
	LAW(c, op_apply(op, text) == ERR_NONE);
	LAW(c, plain_is(&want, text));
	LAW(c, op_invert(op, before, &inverse) == ERR_NONE);
	check_normal(c, &inverse);
	LAW(c, op_apply(&inverse, text) == ERR_NONE);
	LAW(c, plain_is(base, text));
	op_fini(&inverse);
	text_destroy(before);
	text_destroy(text);
	plain_fini(&want);
}

/* The same in place. */
static inline void check_cross(struct choice *c, const struct op *a, const struct op *b,
	bool a_first, const struct op *a2, const struct op *b2)
{
	struct op x = op_copy(a), y = op_copy(b);

	op_cross(&x, &y, a_first);
	check_normal(c, &x);
	check_normal(c, &y);
	LAW(c, op_equal(&x, a2) && op_equal(&y, b2));
	op_fini(&x);
	op_fini(&y);
}

static inline void check_transform(struct choice *c, const struct plain *base, const struct op *a,
	const struct op *b, bool a_first)
{
	struct gaps x = gaps_of(a), y = gaps_of(b);
	struct plain want = a_first ? merged(base, &x, &y) : merged(base, &y, &x);
	struct plain after_a = plain_after(base, a), after_b = plain_after(base, b);
	struct op a2, b2, alone;

	op_transform(a, b, a_first, &a2, &b2);
	check_normal(c, &a2);
	check_normal(c, &b2);
	plain_apply(&after_a, &b2);
	plain_apply(&after_b, &a2);
	LAW(c, plain_equal(&after_a, &want));
	LAW(c, plain_equal(&after_b, &want));
	op_transform(a, b, a_first, &alone, NULL);
	LAW(c, op_equal(&alone, &a2));
	op_fini(&alone);
	op_transform(a, b, a_first, NULL, &alone);
	LAW(c, op_equal(&alone, &b2));
	op_fini(&alone);
	check_cross(c, a, b, a_first, &a2, &b2);
	op_fini(&a2);
	op_fini(&b2);
	plain_fini(&after_a);
	plain_fini(&after_b);
	plain_fini(&want);
	gaps_fini(&x);
	gaps_fini(&y);
}

static inline void check_compose(struct choice *c, const struct plain *base)
{
	struct op ops[5];
	const struct op *in_order[5];
	struct plain want = plain_copy(base), got;
	size_t count = pick(c, 6);

	for (size_t i = 0; i < count; i++) {
		ops[i] = random_op(c, want.len);
		in_order[i] = &ops[i];
		plain_apply(&want, &ops[i]);
	}
	struct op all = op_compose_all(in_order, count), one = {0};
	for (size_t i = 0; i < count; i++) {
		struct op more = op_compose(&one, &ops[i]);
		op_fini(&one);
		one = more;
	}
	check_normal(c, &all);
	check_normal(c, &one);
	got = plain_after(base, &all);
	LAW(c, plain_equal(&got, &want));
	plain_fini(&got);
	got = plain_after(base, &one);
	LAW(c, plain_equal(&got, &want));
	plain_fini(&got);
	plain_fini(&want);
	op_fini(&all);
	op_fini(&one);
	for (size_t i = 0; i < count; i++)
		op_fini(&ops[i]);
}

/* An op that holds nothing but room for text that is gone. */
static inline struct op used_op(void)
{
	char text[2 * OP_LITTLE] = {0};
	struct op op = {0};

	memset(text, 'x', sizeof(text));
	op_insert(&op, text, sizeof(text));
	op_clear(&op);
	return op;
}

/* What changes one place only. */
static inline struct op random_splice(struct choice *c, size_t points)
{
	struct op op = pick(c, 4) ? (struct op){0} : used_op();
	size_t at = pick(c, points + 1), drop = pick(c, 2) ? pick(c, 4) : 0;

	op_retain(&op, at);
	if (!drop || pick(c, 2))
		pick(c, 2) ? op_insert(&op, "y", 1) : insert_some(c, &op);
	op_delete(&op, drop < points - at ? drop : points - at);
	return op;
}

/* One place changed again and again: joined as ops and as strokes it is what it is composed. */
static inline void check_join(struct choice *c, const struct plain *base)
{
	struct plain now = plain_copy(base);
	struct strokes strokes = {0};
	struct splice s;
	struct op forth = {0};

	for (size_t n = pick(c, 12); n; n--) {
		struct op op = random_splice(c, now.len), all = op_compose(&forth, &op);
		if (op_join(&forth, &op))
			LAW(c, op_equal(&forth, &all));
		LAW(c, op_as_splice(&op, &s));
		if (!op_is_identity(&op) && !strokes_key(&strokes, &s))
			strokes_add(&strokes, &s);
		size_t pos = pick(c, base->len + 1);
		bool push = pick(c, 2);
		if (strokes.count == 1)
			LAW(c, strokes_shift(&strokes, pos, push) ==
					op_transform_pos(&all, pos, push));
		op_fini(&forth);
		forth = all;
		check_normal(c, &forth);
		plain_apply(&now, &op);
		op_fini(&op);
	}
	struct op typed = strokes_compose(&strokes);
	LAW(c, op_equal(&typed, &forth) && strokes.count == 0);
	op_fini(&typed);
	op_fini(&forth);
	strokes_fini(&strokes);
	plain_fini(&now);
}

/* Two halves, of which the first keeps to its bounds, and which are the whole again. */
static inline void check_split(struct choice *c, const struct plain *base, const struct op *op)
{
	size_t parts = 2 + pick(c, 4), bytes = 4 + pick(c, 8);
	struct op first, rest, both;

	op_split(op, parts, bytes, &first, &rest);
	check_normal(c, &first);
	check_normal(c, &rest);
	LAW(c, op_count(&first) <= parts && op_bytes(&first) <= bytes);
	LAW(c, op_is_identity(op) || !op_is_identity(&first));
	if (op_count(op) <= parts && op_bytes(op) <= bytes)
		LAW(c, op_is_identity(&rest) && op_equal(&first, op));
	both = op_compose(&first, &rest);
	LAW(c, op_equal(&both, op));
	struct plain want = plain_after(base, op), got = plain_after(base, &first);
	plain_apply(&got, &rest);
	LAW(c, plain_equal(&got, &want));
	plain_fini(&want);
	plain_fini(&got);
	op_fini(&first);
	op_fini(&rest);
	op_fini(&both);
}

/*
 * A position is behind the characters that survive of those before it, and behind what is put into
 * the gaps before it.
 */
static inline void check_pos(struct choice *c, const struct plain *base, const struct op *op)
{
	struct gaps g = gaps_of(op);
	size_t moved = 0;

	for (size_t pos = 0; pos <= base->len; pos++) {
		LAW(c, op_transform_pos(op, pos, false) == moved);
		LAW(c, op_transform_pos(op, pos, true) == moved + g.gap[pos].len);
		moved += g.gap[pos].len;
		if (pos < base->len)
			moved += !g.dropped[pos];
	}
	gaps_fini(&g);
}

static inline void check_refusal(struct choice *c, const struct plain *base, const struct op *op)
{
	struct text *text = plain_text(base);
	struct op far = {0}, inverse, both;

	op_retain(&far, base->len);
	op_delete(&far, 1 + pick(c, 3));
	op_insert(&far, "x", 1);
	LAW(c, op_apply(&far, text) == ERR_RANGE);
	LAW(c, op_invert(&far, text, &inverse) == ERR_RANGE);
	LAW(c, plain_is(base, text));
	both = op_copy(op);
	LAW(c, op_equal(&both, op));
	op_insert(&both, "x", 1);
	LAW(c, !op_equal(&both, op));
	op_fini(&both);
	op_fini(&far);
	text_destroy(text);
}

static inline void gaps_law(struct choice *c)
{
	struct plain base = random_plain(c);
	struct op a = random_op(c, base.len), b = random_op(c, base.len);

	check_apply(c, &base, &a);
	check_transform(c, &base, &a, &b, true);
	check_transform(c, &base, &a, &b, false);
	check_compose(c, &base);
	check_split(c, &base, &a);
	check_join(c, &base);
	check_pos(c, &base, &a);
	check_refusal(c, &base, &a);
	op_fini(&a);
	op_fini(&b);
	plain_fini(&base);
}

#endif
