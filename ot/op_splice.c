/* Ops of one place, joined where they touch. */
#include <string.h>

#include "ot/mem.h"
#include "ot/op_part.h"
#include "ot/utf8.h"

struct op op_of_splice(const struct splice *s)
{
	struct op op = {.one = {(uint32_t)s->pos, (uint32_t)s->points, (uint32_t)s->drop, 0}};

	if (s->bytes)
		op_append_text(&op, s->text, s->bytes);
	return op;
}

/* The text's bytes from `from` to `to` become others. */
static void replace_text(struct op *op, size_t from, size_t to, const char *utf8, size_t bytes)
{
	size_t behind = op->bytes - to;
	char *text = op_room_text(op, from + bytes + behind);

	if (behind)
		memmove(text + from + bytes, text + to, behind);
	mem_copy(text + from, utf8, bytes);
	op->bytes = (uint32_t)(from + bytes + behind);
}

#define JOINT_MOVES 4096 /* bytes at most for a letter: beyond it an op of its own costs less */

static size_t over(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

static size_t text_offset(const struct splice *s, size_t points)
{
	if (points == 0 || points == s->points)
		return points ? s->bytes : 0;
	return utf8_offset_known(s->text, s->bytes, s->points, points);
}

bool splice_join(const struct splice *first, const struct splice *then, struct splice_joint *out)
{
	size_t pos = first->pos, end = pos + first->points;
	size_t at = then->pos, reach = at + then->drop;

	if (at > end || reach < pos)
		return false;
	size_t from = over(at, pos), to = first->points - over(end, reach);
	out->pos = pos < at ? pos : at;
	out->points = first->points - (to - from) + then->points;
	out->drop = first->drop + over(pos, at) + over(reach, end);
	out->from = text_offset(first, from);
	out->to = text_offset(first, to);
	return out->points <= OP_MAX_POINTS && out->drop <= OP_MAX_POINTS;
}

static void set_one(struct op *op, const struct splice_joint *j)
{
	op->one.pos = (uint32_t)j->pos;
	op->one.points = (uint32_t)j->points;
	op->one.drop = (uint32_t)j->drop;
	op->one.tail = 0;
}

bool op_join(struct op *first, const struct op *then)
{
	struct splice a, b;
	struct splice_joint j;

	if (!op_as_splice(first, &a) || !op_as_splice(then, &b) || !splice_join(&a, &b, &j) ||
		a.bytes - j.to > JOINT_MOVES)
		return false;
	replace_text(first, j.from, j.to, b.text, b.bytes);
	set_one(first, &j);
	return true;
}

size_t splice_transform_pos(const struct splice *s, size_t pos, bool push)
{
	if (pos < s->pos || (pos == s->pos && !push))
		return pos;
	size_t dropped = pos - s->pos < s->drop ? pos - s->pos : s->drop;
	return pos + s->points - dropped;
}
