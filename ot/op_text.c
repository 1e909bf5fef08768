/* Ops and the text they are done to. */
#include <stdlib.h>

#include "ot/op_part.h"

static enum err apply_one(const struct op *op, struct text *text)
{
	enum err e = ERR_NONE;

	if (op_base_points(op) > text_size(text).points)
		return ERR_RANGE;
	if (op->one.points)
		e = text_insert(text, op->one.pos, op_text(op), op->bytes);
	if (!e && op->one.drop)
		e = text_delete(text, op->one.pos + op->one.points, op->one.drop);
	return e;
}

static enum err apply_many(const struct op *op, struct text *text)
{
	struct text_size size = text_size(text);
	struct op_iter it = op_iter(op);
	size_t pos = 0;
	enum err e = ERR_NONE;

	if (op_base_points(op) > size.points)
		return ERR_RANGE;
	if (op->bytes > TEXT_MAX_BYTES - size.bytes)
		return ERR_LIMIT;
	for (struct op_component c; !e && op_next(&it, &c);) {
		if (c.kind == OP_DELETE) {
			e = text_delete(text, pos, c.points);
			continue;
		}
		if (c.kind == OP_INSERT)
			e = text_insert(text, pos, c.text, c.bytes);
		pos += c.points;
	}
	return e;
}

enum err op_apply(const struct op *op, struct text *text)
{
	return op->cap ? apply_many(op, text) : apply_one(op, text);
}

#define SLICE_POINTS (OP_LITTLE / 4) /* read without asking for memory, whatever they are */

static void op_insert_slice(struct op *op, const struct text *text, size_t pos, size_t points)
{
	size_t bytes;
	char *slice = text_slice(text, pos, points, &bytes);

	op_add_text(op, slice, bytes, points);
	free(slice);
}

static void invert_one(const struct op *op, const struct text *base, struct op *out)
{
	*out = (struct op){.one = {.pos = op->one.pos, .drop = op->one.points}};
	if (op->one.drop > SLICE_POINTS) {
		op_insert_slice(out, base, op->one.pos, op->one.drop);
	} else if (op->one.drop) {
		out->bytes = (uint32_t)text_read(base, op->one.pos, op->one.drop, out->little);
		out->one.points = op->one.drop;
	}
}

static void invert_many(const struct op *op, const struct text *base, struct op *out)
{
	struct op_iter it = op_iter(op);
	struct op inverse = {0};
	size_t pos = 0;

	for (struct op_component c; op_next(&it, &c);) {
		if (c.kind == OP_INSERT) {
			op_delete(&inverse, c.points);
			continue;
		}
		if (c.kind == OP_DELETE)
			op_insert_slice(&inverse, base, pos, c.points);
		else
			op_retain(&inverse, c.points);
		pos += c.points;
	}
	*out = inverse;
}

enum err op_invert(const struct op *op, const struct text *base, struct op *out)
{
	if (op_base_points(op) > text_size(base).points)
		return ERR_RANGE;
	if (op->cap)
		invert_many(op, base, out);
	else
		invert_one(op, base, out);
	return ERR_NONE;
}
