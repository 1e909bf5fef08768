/*
 * op_walk.h: taking an op apart piece by piece, as long as another's pieces are: the walk that composing and transforming share.
 *
 *	op_cursor_start(&a, op);
 *	while (!op_cursor_done(&a))
 *		piece = op_take(&a, some points);
 *	op_emit(&out, &piece);
 */
#ifndef OT_OP_WALK_H
#define OT_OP_WALK_H

#include "ot/op_part.h"
#include "ot/utf8.h"

struct op_cursor {
	struct op_part one[ONE_PARTS];
	const struct op_part *part, *end;
	const char *text;
	size_t points, bytes; /* what is left of this component */
	enum op_kind kind;
};

/* Behind its last component an op retains whatever is there. */
static inline void op_cursor_load(struct op_cursor *c)
{
	if (c->part == c->end) {
		c->kind = OP_RETAIN;
		c->points = SIZE_MAX;
		c->bytes = 0;
		return;
	}
	c->kind = part_kind(*c->part);
	c->points = part_points(*c->part);
	c->bytes = c->part->bytes;
}

static inline void op_cursor_start(struct op_cursor *c, const struct op *op)
{
	if (!op->cap)
		op_one_parts(op, c->one);
	c->part = op->cap ? op->many.parts : c->one;
	c->end = c->part + op_count(op);
	c->text = op_text(op);
	op_cursor_load(c);
}

static inline bool op_cursor_done(const struct op_cursor *c)
{
	return c->part == c->end;
}

static inline size_t op_cursor_bytes(const struct op_cursor *c, size_t points)
{
	return utf8_offset_known(c->text, c->bytes, c->points, points);
}

static inline struct op_component op_take(struct op_cursor *c, size_t points)
{
	struct op_component piece = {.kind = c->kind, .points = points, .text = c->text};

	if (op_cursor_done(c))
		return piece;
	if (c->kind == OP_INSERT)
		piece.bytes = op_cursor_bytes(c, points);
	c->text += piece.bytes;
	c->bytes -= piece.bytes;
	c->points -= points;
	if (!c->points) {
		c->part++;
		op_cursor_load(c);
	}
	return piece;
}

static inline size_t op_common(const struct op_cursor *a, const struct op_cursor *b)
{
	return a->points < b->points ? a->points : b->points;
}

static inline void op_emit(struct op *out, const struct op_component *piece)
{
	if (!out)
		return;
	if (piece->kind == OP_INSERT)
		op_add_text(out, piece->text, piece->bytes, piece->points);
	else
		op_add_points(out, piece->kind, piece->points);
}

#endif
