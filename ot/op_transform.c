/* Two ops on one text, each to be done after the other. */
#include "ot/op_walk.h"

static void transform_insert(struct op_cursor *from, struct op *own, struct op *other)
{
	struct op_component piece = op_take(from, from->points);

	op_emit(own, &piece);
	if (other)
		op_retain(other, piece.points);
}

static void transform_span(struct op_cursor *a, struct op_cursor *b, struct op *a2, struct op *b2)
{
	size_t points = op_common(a, b);
	struct op_component x = op_take(a, points), y = op_take(b, points);

	if (y.kind == OP_RETAIN)
		op_emit(a2, &x);
	if (x.kind == OP_RETAIN)
		op_emit(b2, &y);
	/* what both delete is gone already, for either */
}

void op_transform(
	const struct op *a, const struct op *b, bool a_first, struct op *a2, struct op *b2)
{
	struct op_cursor x, y;

	op_cursor_start(&x, a);
	op_cursor_start(&y, b);
	if (a2)
		*a2 = (struct op){0};
	if (b2)
		*b2 = (struct op){0};
	while (!op_cursor_done(&x) || !op_cursor_done(&y)) {
		if (x.kind == OP_INSERT && (a_first || y.kind != OP_INSERT))
			transform_insert(&x, a2, b2);
		else if (y.kind == OP_INSERT)
			transform_insert(&y, b2, a2);
		else
			transform_span(&x, &y, a2, b2);
	}
}

/* Is all that a does before all that b does, or by rank where both insert at one place? Then only b moves. */
static bool one_before(const struct op *a, const struct op *b, bool a_first)
{
	if ((size_t)a->one.pos + a->one.drop > b->one.pos)
		return false;
	return a->one.pos < b->one.pos || a_first || !b->one.points;
}

static void one_shift(struct op *op, const struct op *by)
{
	op->one.pos += by->one.points - by->one.drop; /* may wrap, and wraps back */
}

static bool cross_ones(struct op *a, struct op *b, bool a_first)
{
	if (a->cap || b->cap)
		return false;
	if (one_before(a, b, a_first))
		one_shift(b, a);
	else if (one_before(b, a, !a_first))
		one_shift(a, b);
	else
		return false;
	return true;
}

/* Where an op changes its base: end is behind the last character it deletes, and behind the one where it last inserts. */
struct span {
	size_t start, end;
	ptrdiff_t growth;
};

static struct span span_of(const struct op *op)
{
	struct op_iter it = op_iter(op);
	struct span s = {.growth = op_growth(op)};
	struct op_component c;
	size_t pos = 0;

	if (op_next(&it, &c) && c.kind == OP_RETAIN)
		s.start = c.points;
	for (it = op_iter(op); op_next(&it, &c);) {
		pos += c.kind == OP_INSERT ? 0 : c.points;
		if (c.kind != OP_RETAIN)
			s.end = pos + (c.kind == OP_INSERT);
	}
	return s;
}

/* Everything that op does, it does farther on, or less far. */
static bool shift(struct op *op, size_t start, ptrdiff_t by)
{
	size_t to = (size_t)((ptrdiff_t)start + by);

	if (!start || !to || to > OP_MAX_POINTS)
		return false;
	if (op->cap)
		op->many.parts[0] = part_of(OP_RETAIN, (uint32_t)to, 0);
	else
		op->one.pos = (uint32_t)to;
	return true;
}

static bool cross_apart(struct op *a, struct op *b)
{
	struct span x = span_of(a), y = span_of(b);

	if (x.end <= y.start)
		return shift(b, y.start, x.growth);
	if (y.end <= x.start)
		return shift(a, x.start, y.growth);
	return false;
}

void op_cross(struct op *a, struct op *b, bool a_first)
{
	struct op a2, b2;

	if (cross_ones(a, b, a_first) || cross_apart(a, b))
		return;
	op_transform(a, b, a_first, &a2, &b2);
	op_fini(a);
	op_fini(b);
	*a = a2;
	*b = b2;
}

size_t op_transform_pos(const struct op *op, size_t pos, bool push)
{
	struct op_iter it = op_iter(op);
	size_t at = 0, moved = pos;

	for (struct op_component c; at <= pos && op_next(&it, &c);) {
		if (c.kind == OP_INSERT) {
			moved += at < pos || push ? c.points : 0;
			continue;
		}
		if (c.kind == OP_DELETE)
			moved -= c.points < pos - at ? c.points : pos - at;
		at += c.points;
	}
	return moved;
}
