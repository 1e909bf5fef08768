#include "ot/op.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/utf8.h"

#define KIND_BITS 2
#define ONE_PARTS 4 /* of an op that changes one place: retain, insert, delete, retain */
#define FIRST_CAP 8

struct op_part {        /* a component in a list */
	uint32_t head;  /* points << 2 | kind */
	uint32_t bytes; /* of an insert */
};

static enum op_kind part_kind(struct op_part part)
{
	return (enum op_kind)(part.head & ((1U << KIND_BITS) - 1));
}

static size_t part_points(struct op_part part)
{
	return part.head >> KIND_BITS;
}

static struct op_part part_of(enum op_kind kind, uint32_t points, uint32_t bytes)
{
	return (struct op_part){points << KIND_BITS | (uint32_t)kind, bytes};
}

static const char *op_text(const struct op *op)
{
	return op->bytes_cap ? op->text : op->little;
}

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

/* Room for `need` bytes of text in all. */
static char *room_text(struct op *op, size_t need)
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

static void copy_text(char *to, const char *from, size_t bytes)
{
	if (bytes == 1)
		*to = *from; /* a letter typed: without a call */
	else
		memcpy(to, from, bytes);
}

static void append_text(struct op *op, const char *utf8, size_t bytes)
{
	char *text = room_text(op, (size_t)op->bytes + bytes);

	copy_text(text + op->bytes, utf8, bytes);
	op->bytes += (uint32_t)bytes;
}

struct op op_of_splice(const struct splice *s)
{
	struct op op = {.one = {(uint32_t)s->pos, (uint32_t)s->points, (uint32_t)s->drop, 0}};

	if (s->bytes)
		append_text(&op, s->text, s->bytes);
	return op;
}

/* The components of an op that changes one place; how many. */
static uint32_t one_parts(const struct op *op, struct op_part parts[ONE_PARTS])
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

/* A list, with room for `cap` components. */
static void become_many(struct op *op, uint32_t cap)
{
	struct op_part *parts = mem_realloc(NULL, cap, sizeof(*parts));
	uint32_t count = one_parts(op, parts);

	op->cap = cap;
	op->many.parts = parts;
	op->many.count = count;
}

/* A list that turned out to change one place at most is kept as such. */
static void become_one(struct op *op)
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
		become_many(op, FIRST_CAP);
	return false;
}

static void add_points(struct op *op, enum op_kind kind, size_t points)
{
	for (; points > OP_MAX_POINTS; points -= OP_MAX_POINTS)
		add_points(op, kind, OP_MAX_POINTS);
	if (points && !add_to_one(op, kind, points))
		add(op, op->many.count, kind, points, 0);
}

/* Deletions own no text, so stepping before one leaves the texts in the order of their inserts. */
static void add_text(struct op *op, const char *utf8, size_t bytes, size_t points)
{
	if (!bytes)
		return;
	if (points > OP_MAX_POINTS)
		abort();
	bool one = add_to_one(op, OP_INSERT, points);
	append_text(op, utf8, bytes);
	if (one)
		return;
	uint32_t at = op->many.count;
	if (at && part_kind(op->many.parts[at - 1]) == OP_DELETE)
		at--;
	add(op, at, OP_INSERT, points, bytes);
}

void op_retain_on(struct op *op, size_t points)
{
	add_points(op, OP_RETAIN, points);
}

void op_insert_on(struct op *op, const char *utf8, size_t bytes)
{
	add_text(op, utf8, bytes, utf8_count(utf8, bytes).points);
}

void op_delete_on(struct op *op, size_t points)
{
	add_points(op, OP_DELETE, points);
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

/* One place: joining what touches */

/* The text's bytes from `from` to `to` become others. */
static void replace_text(struct op *op, size_t from, size_t to, const char *utf8, size_t bytes)
{
	size_t behind = op->bytes - to;
	char *text = room_text(op, from + bytes + behind);

	if (behind)
		memmove(text + from + bytes, text + to, behind);
	copy_text(text + from, utf8, bytes);
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

/* A letter comes back in front of those deleted after it, or behind those deleted before. */
static bool lead_letter(const struct splice *first, struct op *then)
{
	uint32_t room = then->bytes_cap ? then->bytes_cap : OP_LITTLE;
	char *text = then->bytes_cap ? then->text : then->little;

	if (first->bytes != 1 || first->drop || then->one.drop || then->bytes >= room)
		return false;
	if (then->one.pos == first->pos + 1) {
		memmove(text + 1, text, then->bytes);
		text[0] = *first->text;
		then->one.pos--;
	} else if (then->one.pos == first->pos) {
		text[then->bytes] = *first->text;
	} else {
		return false;
	}
	then->bytes++;
	then->one.points++;
	then->one.tail = 0;
	return true;
}

static __attribute__((noinline)) bool lead_text(const struct splice *first, struct op *then)
{
	struct splice next;
	struct splice_joint j;

	op_as_splice(then, &next);
	if (!splice_join(first, &next, &j) || then->bytes > JOINT_MOVES)
		return false;
	replace_text(then, 0, 0, first->text, j.from);
	replace_text(then, then->bytes, then->bytes, first->text + j.to, first->bytes - j.to);
	set_one(then, &j);
	return true;
}

bool op_lead_on(const struct splice *first, struct op *then)
{
	return !then->cap && (lead_letter(first, then) || lead_text(first, then));
}

/* Taking an op apart piece by piece: the walk that compose and transform share */

struct cursor {
	struct op_part one[ONE_PARTS];
	const struct op_part *part, *end;
	const char *text;
	size_t points, bytes; /* what is left of this component */
	enum op_kind kind;
};

/* Behind its last component an op retains whatever is there. */
static void cursor_load(struct cursor *c)
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

static void cursor_start(struct cursor *c, const struct op *op)
{
	if (!op->cap)
		one_parts(op, c->one);
	c->part = op->cap ? op->many.parts : c->one;
	c->end = c->part + op_count(op);
	c->text = op_text(op);
	cursor_load(c);
}

static bool cursor_done(const struct cursor *c)
{
	return c->part == c->end;
}

static size_t bytes_of(const struct cursor *c, size_t points)
{
	return utf8_offset_known(c->text, c->bytes, c->points, points);
}

static struct op_component take(struct cursor *c, size_t points)
{
	struct op_component piece = {.kind = c->kind, .points = points, .text = c->text};

	if (cursor_done(c))
		return piece;
	if (c->kind == OP_INSERT)
		piece.bytes = bytes_of(c, points);
	c->text += piece.bytes;
	c->bytes -= piece.bytes;
	c->points -= points;
	if (!c->points) {
		c->part++;
		cursor_load(c);
	}
	return piece;
}

static size_t common(const struct cursor *a, const struct cursor *b)
{
	return a->points < b->points ? a->points : b->points;
}

static void emit(struct op *out, const struct op_component *piece)
{
	if (!out)
		return;
	if (piece->kind == OP_INSERT)
		add_text(out, piece->text, piece->bytes, piece->points);
	else
		add_points(out, piece->kind, piece->points);
}

static void compose_step(struct cursor *a, struct cursor *b, struct op *out)
{
	struct op_component first, then;

	if (b->kind == OP_INSERT) {
		then = take(b, b->points);
		emit(out, &then);
	} else if (a->kind == OP_DELETE) {
		first = take(a, a->points);
		emit(out, &first);
	} else {
		size_t points = common(a, b);
		first = take(a, points);
		then = take(b, points);
		if (then.kind == OP_RETAIN)
			emit(out, &first);
		else if (first.kind == OP_RETAIN)
			emit(out, &then);
		/* what a inserted and b deleted was never there */
	}
}

/* Just as much as a composition may take: most of them are not added to. */
static void reserve_text(struct op *op, size_t bytes)
{
	if (bytes <= OP_LITTLE || bytes > UINT32_MAX)
		return;
	op->text = mem_realloc(NULL, bytes, 1);
	op->bytes_cap = (uint32_t)bytes;
}

struct op op_compose(const struct op *a, const struct op *b)
{
	struct cursor x, y;
	struct op out = {0};

	cursor_start(&x, a);
	cursor_start(&y, b);
	reserve_text(&out, (size_t)a->bytes + b->bytes);
	if (a->cap || b->cap)
		become_many(&out, (uint32_t)(x.end - x.part + y.end - y.part) * 2 + ONE_PARTS);
	while (!cursor_done(&x) || !cursor_done(&y))
		compose_step(&x, &y, &out);
	become_one(&out);
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
static size_t fitting(const struct cursor *c, size_t bytes)
{
	if (c->kind != OP_INSERT || c->bytes <= bytes)
		return c->points;
	while (utf8_is_rest(c->text[bytes]))
		bytes--;
	return utf8_count(c->text, bytes).points;
}

void op_split(const struct op *op, size_t parts, size_t bytes, struct op *first, struct op *rest)
{
	struct cursor c;
	size_t points, kept = 0;

	cursor_start(&c, op);
	*first = *rest = (struct op){0};
	for (; !cursor_done(&c) && parts; parts--) {
		if (!(points = fitting(&c, bytes - first->bytes)))
			break;
		struct op_component piece = take(&c, points);
		emit(first, &piece);
		kept += piece.kind == OP_DELETE ? 0 : points;
	}
	op_retain(rest, kept);
	while (!cursor_done(&c)) {
		struct op_component piece = take(&c, c.points);
		emit(rest, &piece);
	}
}

static void transform_insert(struct cursor *from, struct op *own, struct op *other)
{
	struct op_component piece = take(from, from->points);

	emit(own, &piece);
	if (other)
		op_retain(other, piece.points);
}

static void transform_span(struct cursor *a, struct cursor *b, struct op *a2, struct op *b2)
{
	size_t points = common(a, b);
	struct op_component x = take(a, points), y = take(b, points);

	if (y.kind == OP_RETAIN)
		emit(a2, &x);
	if (x.kind == OP_RETAIN)
		emit(b2, &y);
	/* what both delete is gone already, for either */
}

void op_transform(
	const struct op *a, const struct op *b, bool a_first, struct op *a2, struct op *b2)
{
	struct cursor x, y;

	cursor_start(&x, a);
	cursor_start(&y, b);
	if (a2)
		*a2 = (struct op){0};
	if (b2)
		*b2 = (struct op){0};
	while (!cursor_done(&x) || !cursor_done(&y)) {
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

size_t splice_transform_pos(const struct splice *s, size_t pos, bool push)
{
	if (pos < s->pos || (pos == s->pos && !push))
		return pos;
	size_t dropped = pos - s->pos < s->drop ? pos - s->pos : s->drop;
	return pos + s->points - dropped;
}

/* Meeting a text */

static enum err apply_one(const struct op *op, struct text *text)
{
	enum err e = ERR_NONE;

	if (one_base_points(op) > text_size(text).points)
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

static void insert_slice(struct op *op, const struct text *text, size_t pos, size_t points)
{
	size_t bytes;
	char *slice = text_slice(text, pos, points, &bytes);

	add_text(op, slice, bytes, points);
	free(slice);
}

static void invert_one(const struct op *op, const struct text *base, struct op *out)
{
	*out = (struct op){.one = {.pos = op->one.pos, .drop = op->one.points}};
	if (op->one.drop > SLICE_POINTS) {
		insert_slice(out, base, op->one.pos, op->one.drop);
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
			insert_slice(&inverse, base, pos, c.points);
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
