/* Two ops that follow each other as one, and one as two. */
#include "ot/mem.h"
#include "ot/op_walk.h"

static void compose_step(struct op_cursor *a, struct op_cursor *b, struct op *out)
{
	struct op_component first, then;

	if (b->kind == OP_INSERT) {
		then = op_take(b, b->points);
		op_emit(out, &then);
	} else if (a->kind == OP_DELETE) {
		first = op_take(a, a->points);
		op_emit(out, &first);
	} else {
		size_t points = op_common(a, b);
		first = op_take(a, points);
		then = op_take(b, points);
		if (then.kind == OP_RETAIN)
			op_emit(out, &first);
		else if (first.kind == OP_RETAIN)
			op_emit(out, &then);
		/* what a inserted and b deleted was never there */
	}
}

/* Just as much as a composition may take: most of them are not added to. */
static void op_reserve_text(struct op *op, size_t bytes)
{
	if (bytes <= OP_LITTLE || bytes > UINT32_MAX)
		return;
	op->text = mem_realloc(NULL, bytes, 1);
	op->bytes_cap = (uint32_t)bytes;
}

struct op op_compose(const struct op *a, const struct op *b)
{
	struct op_cursor x, y;
	struct op out = {0};

	op_cursor_start(&x, a);
	op_cursor_start(&y, b);
	op_reserve_text(&out, (size_t)a->bytes + b->bytes);
	if (a->cap || b->cap)
		op_become_many(&out, (uint32_t)(x.end - x.part + y.end - y.part) * 2 + ONE_PARTS);
	while (!op_cursor_done(&x) || !op_cursor_done(&y))
		compose_step(&x, &y, &out);
	op_become_one(&out);
	return out;
}

struct op op_compose_all(const struct op *const *ops, size_t count)
{
	if (count == 0)
		return (struct op){0};
	if (count == 1)
		return op_copy(ops[0]);
	if (count == 2)
		return op_compose(ops[0], ops[1]);
	struct op first = op_compose_all(ops, count / 2);
	struct op then = op_compose_all(ops + count / 2, count - count / 2);
	struct op all = op_compose(&first, &then);
	op_fini(&first);
	op_fini(&then);
	return all;
}

/* How many code points of this component fit into what is left of `bytes`. */
static size_t fitting(const struct op_cursor *c, size_t bytes)
{
	if (c->kind != OP_INSERT || c->bytes <= bytes)
		return c->points;
	while (utf8_is_rest(c->text[bytes]))
		bytes--;
	return utf8_count(c->text, bytes).points;
}

void op_split(const struct op *op, size_t parts, size_t bytes, struct op *first, struct op *rest)
{
	struct op_cursor c;
	size_t points, kept = 0;

	op_cursor_start(&c, op);
	*first = *rest = (struct op){0};
	for (; !op_cursor_done(&c) && parts; parts--) {
		if (!(points = fitting(&c, bytes - first->bytes)))
			break;
		struct op_component piece = op_take(&c, points);
		op_emit(first, &piece);
		kept += piece.kind == OP_DELETE ? 0 : points;
	}
	op_retain(rest, kept);
	while (!op_cursor_done(&c)) {
		struct op_component piece = op_take(&c, c.points);
		op_emit(rest, &piece);
	}
}
