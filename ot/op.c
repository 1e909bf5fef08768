#include "ot/op.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/op_part.h"
#include "ot/utf8.h"

#define FIRST_CAP 8

void op_clear(struct op *op)
{
	if (op->cap)
		free(op->many.parts);
	op->cap = op->bytes = 0;
	op->one.pos = op->one.points = op->one.drop = op->one.tail = 0;
}

void op_release(struct op *op)
{
	op_clear(op);
	if (op->bytes_cap)
		free(op->text);
	op->bytes_cap = 0;
}

struct op op_copy(const struct op *op)
{
	struct op copy = *op;

	if (op->cap) {
		copy.cap = op->many.count;
		copy.many.parts = mem_realloc(NULL, copy.cap, sizeof(*copy.many.parts));
		memcpy(copy.many.parts, op->many.parts, copy.cap * sizeof(*copy.many.parts));
	}
	if (op->bytes_cap) {
		copy.bytes_cap = op->bytes > OP_LITTLE ? op->bytes : 0;
		if (copy.bytes_cap)
			copy.text = mem_realloc(NULL, op->bytes, 1);
		memcpy(copy.bytes_cap ? copy.text : copy.little, op->text, op->bytes);
	}
	return copy;
}

/* Building */

/*
 * The doubled capacity that holds `need`; op's counts are 32 bits wide, far beyond what any text
 * may hold.
 */
static uint32_t grown(uint32_t cap, size_t need)
{
	size_t want = cap;

	while (want < need)
		want *= 2;
	if (want > UINT32_MAX)
		abort();
	return (uint32_t)want;
}

char *op_room_text(struct op *op, size_t need)
{
	if (need <= (op->bytes_cap ? op->bytes_cap : OP_LITTLE))
		return op->bytes_cap ? op->text : op->little;
	uint32_t cap = grown(op->bytes_cap ? op->bytes_cap : OP_LITTLE, need);
	char *text = mem_realloc(op->bytes_cap ? op->text : NULL, cap, 1);
	if (!op->bytes_cap)
		memcpy(text, op->little, op->bytes);
	op->text = text;
	op->bytes_cap = cap;
	return text;
}

void op_append_text(struct op *op, const char *utf8, size_t bytes)
{
	char *text = op_room_text(op, (size_t)op->bytes + bytes);

	mem_copy(text + op->bytes, utf8, bytes);
	op->bytes += (uint32_t)bytes;
}

uint32_t op_one_parts(const struct op *op, struct op_part parts[ONE_PARTS])
{
	uint32_t count = 0;

	if (op->one.pos)
		parts[count++] = part_of(OP_RETAIN, op->one.pos, 0);
	if (op->one.points)
		parts[count++] = part_of(OP_INSERT, op->one.points, op->bytes);
	if (op->one.drop)
		parts[count++] = part_of(OP_DELETE, op->one.drop, 0);
	if (op->one.tail)
		parts[count++] = part_of(OP_RETAIN, op->one.tail, 0);
	return count;
}

void op_become_many(struct op *op, uint32_t cap)
{
	struct op_part *parts = mem_realloc(NULL, cap, sizeof(*parts));
	uint32_t count = op_one_parts(op, parts);

	op->cap = cap;
	op->many.parts = parts;
	op->many.count = count;
}

void op_become_one(struct op *op)
{
	static const enum op_kind order[] = {OP_RETAIN, OP_INSERT, OP_DELETE};
	uint32_t points[3] = {0}, count = (uint32_t)op_count(op), at = 0;

	if (!op->cap || count > 3)
		return;
	for (int i = 0; i < 3; i++)
		if (at < count && part_kind(op->many.parts[at]) == order[i])
			points[i] = (uint32_t)part_points(op->many.parts[at++]);
	if (at < count)
		return;
	free(op->many.parts);
	op->cap = op->one.tail = 0;
	op->one.pos = points[0];
	op->one.points = points[1];
	op->one.drop = points[2];
}

/*
 * Lengthen the component at `at` if it is of this kind. What no text can be long enough for stays
 * apart.
 */
static bool merge(struct op *op, uint32_t at, enum op_kind kind, size_t points, size_t bytes)
{
	struct op_part *part = op->many.parts + at;

	if (part_kind(*part) != kind || part_points(*part) + points > OP_MAX_POINTS)
		return false;
	part->head += (uint32_t)points << KIND_BITS;
	part->bytes += (uint32_t)bytes;
	return true;
}

static void place(struct op *op, uint32_t at, enum op_kind kind, size_t points, size_t bytes)
{
	if (op->many.count == op->cap) {
		op->cap = grown(op->cap, (size_t)op->cap + 1);
		op->many.parts = mem_realloc(op->many.parts, op->cap, sizeof(struct op_part));
	}
	for (uint32_t i = op->many.count; i > at; i--)
		op->many.parts[i] = op->many.parts[i - 1];
	op->many.parts[at] = part_of(kind, (uint32_t)points, (uint32_t)bytes);
	op->many.count++;
}

static void add(struct op *op, uint32_t at, enum op_kind kind, size_t points, size_t bytes)
{
	if (at == 0 || !merge(op, at - 1, kind, points, bytes))
		place(op, at, kind, points, bytes);
}

/* Where an op that changes one place, or none yet, counts this; NULL when that makes it a list. */
static uint32_t *one_slot(struct op *op, enum op_kind kind)
{
	bool changes = op->one.points || op->one.drop;

	if (kind == OP_RETAIN)
		return changes ? &op->one.tail : &op->one.pos;
	if (op->one.tail)
		return NULL;
	return kind == OP_INSERT ? &op->one.points : &op->one.drop;
}

static bool add_to_one(struct op *op, enum op_kind kind, size_t points)
{
	uint32_t *slot = op->cap ? NULL : one_slot(op, kind);

	if (slot && *slot + points <= OP_MAX_POINTS) {
		*slot += (uint32_t)points;
		return true;
	}
	if (!op->cap)
		op_become_many(op, FIRST_CAP);
	return false;
}

void op_add_points(struct op *op, enum op_kind kind, size_t points)
{
	for (; points > OP_MAX_POINTS; points -= OP_MAX_POINTS)
		op_add_points(op, kind, OP_MAX_POINTS);
	if (points && !add_to_one(op, kind, points))
		add(op, op->many.count, kind, points, 0);
}

void op_add_text(struct op *op, const char *utf8, size_t bytes, size_t points)
{
	if (!bytes)
		return;
	if (points > OP_MAX_POINTS)
		abort();
	bool one = add_to_one(op, OP_INSERT, points);
	op_append_text(op, utf8, bytes);
	if (one)
		return;
	uint32_t at = op->many.count;
	if (at && part_kind(op->many.parts[at - 1]) == OP_DELETE)
		at--;
	add(op, at, OP_INSERT, points, bytes);
}

void op_retain_on(struct op *op, size_t points)
{
	op_add_points(op, OP_RETAIN, points);
}

void op_insert_on(struct op *op, const char *utf8, size_t bytes)
{
	op_add_text(op, utf8, bytes, utf8_count(utf8, bytes).points);
}

void op_delete_on(struct op *op, size_t points)
{
	op_add_points(op, OP_DELETE, points);
}

/* Reading */

static size_t one_count(const struct op *op)
{
	size_t changes = (size_t)(op->one.points > 0) + (op->one.drop > 0);

	return changes ? changes + (op->one.pos > 0) : 0;
}

static size_t one_base_points(const struct op *op)
{
	return op->one.points | op->one.drop ? (size_t)op->one.pos + op->one.drop : 0;
}

size_t op_count(const struct op *op)
{
	size_t count;

	if (!op->cap)
		return one_count(op);
	for (count = op->many.count; count; count--)
		if (part_kind(op->many.parts[count - 1]) != OP_RETAIN)
			break;
	return count;
}

struct op_iter op_iter(const struct op *op)
{
	return (struct op_iter){.op = op};
}

static bool one_next(struct op_iter *it, struct op_component *out)
{
	static const enum op_kind kinds[] = {OP_RETAIN, OP_INSERT, OP_DELETE};
	const struct op *op = it->op;
	const uint32_t points[] = {op->one.pos, op->one.points, op->one.drop};

	while (it->next < 3 && !points[it->next])
		it->next++;
	if (it->next == 3 || op_is_identity(op))
		return false;
	*out = (struct op_component){.kind = kinds[it->next],
		.points = points[it->next],
		.text = op_text(op),
		.bytes = kinds[it->next] == OP_INSERT ? op->bytes : 0};
	it->next++;
	return true;
}

bool op_next(struct op_iter *it, struct op_component *out)
{
	if (!it->op->cap)
		return one_next(it, out);
	if (it->next >= op_count(it->op))
		return false;
	struct op_part part = it->op->many.parts[it->next++];
	*out = (struct op_component){
		.kind = part_kind(part),
		.points = part_points(part),
		.text = op_text(it->op) + it->byte,
		.bytes = part.bytes,
	};
	it->byte += part.bytes;
	return true;
}

bool op_equal(const struct op *a, const struct op *b)
{
	struct op_iter x = op_iter(a), y = op_iter(b);
	struct op_component p, q;

	if (op_count(a) != op_count(b) || a->bytes != b->bytes)
		return false;
	while (op_next(&x, &p) && op_next(&y, &q)) {
		if (p.kind != q.kind || p.points != q.points || p.bytes != q.bytes)
			return false;
	}
	return memcmp(op_text(a), op_text(b), a->bytes) == 0;
}

size_t op_base_points(const struct op *op)
{
	size_t count, points = 0;

	if (!op->cap)
		return one_base_points(op);
	count = op_count(op);
	for (size_t i = 0; i < count; i++)
		if (part_kind(op->many.parts[i]) != OP_INSERT)
			points += part_points(op->many.parts[i]);
	return points;
}

ptrdiff_t op_growth(const struct op *op)
{
	static const int sign[] = {[OP_RETAIN] = 0, [OP_DELETE] = -1, [OP_INSERT] = 1};
	ptrdiff_t growth = 0;

	if (!op->cap)
		return (ptrdiff_t)op->one.points - (ptrdiff_t)op->one.drop;
	for (uint32_t i = 0; i < op->many.count; i++) {
		struct op_part part = op->many.parts[i];
		growth += sign[part_kind(part)] * (ptrdiff_t)part_points(part);
	}
	return growth;
}
