#include "ot/op.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/utf8.h"

#define KIND_BITS 2

static enum op_kind part_kind(struct op_part part)
{
	return (enum op_kind)(part.head & ((1U << KIND_BITS) - 1));
}

static size_t part_points(struct op_part part)
{
	return part.head >> KIND_BITS;
}

static const struct op_part *op_parts(const struct op *op)
{
	return op->cap ? op->parts : op->few;
}

static const char *op_text(const struct op *op)
{
	return op->bytes_cap ? op->text : op->little;
}

void op_fini(struct op *op)
{
	if (!op)
		return;
	if (op->cap)
		free(op->parts);
	if (op->bytes_cap)
		free(op->text);
	*op = (struct op){0};
}

void op_clear(struct op *op)
{
	op->count = 0;
	op->bytes = 0;
}

struct op op_copy(const struct op *op)
{
	struct op copy = {.count = op->count, .bytes = op->bytes};

	if (op->count > OP_FEW) {
		copy.cap = op->count;
		copy.parts = mem_realloc(NULL, op->count, sizeof(*copy.parts));
		memcpy(copy.parts, op->parts, op->count * sizeof(*copy.parts));
	} else {
		memcpy(copy.few, op_parts(op), op->count * sizeof(*copy.few));
	}
	if (op->bytes > OP_LITTLE) {
		copy.bytes_cap = op->bytes;
		copy.text = mem_realloc(NULL, op->bytes, 1);
		memcpy(copy.text, op->text, op->bytes);
	} else {
		memcpy(copy.little, op_text(op), op->bytes);
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

static struct op_part *room_parts(struct op *op)
{
	if (op->count < (op->cap ? op->cap : OP_FEW))
		return op->cap ? op->parts : op->few;
	uint32_t cap = grown(op->cap ? op->cap : OP_FEW + 1, (size_t)op->count + 1);
	struct op_part *parts = mem_realloc(op->cap ? op->parts : NULL, cap, sizeof(*parts));
	if (!op->cap)
		memcpy(parts, op->few, sizeof(op->few));
	op->parts = parts;
	op->cap = cap;
	return parts;
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

static void append_text(struct op *op, const char *utf8, size_t bytes)
{
	char *text = room_text(op, (size_t)op->bytes + bytes);

	memcpy(text + op->bytes, utf8, bytes);
	op->bytes += (uint32_t)bytes;
}

/*
 * Lengthen the component at `at` if it is of this kind. What no text can be long enough for stays
 * apart.
 */
static bool merge(struct op *op, uint32_t at, enum op_kind kind, size_t points, size_t bytes)
{
	struct op_part *part = (op->cap ? op->parts : op->few) + at;

	if (part_kind(*part) != kind || part_points(*part) + points > OP_MAX_POINTS)
		return false;
	part->head += (uint32_t)points << KIND_BITS;
	part->bytes += (uint32_t)bytes;
	return true;
}

static void place(struct op *op, uint32_t at, enum op_kind kind, size_t points, size_t bytes)
{
	struct op_part *parts = room_parts(op);

	for (uint32_t i = op->count; i > at; i--)
		parts[i] = parts[i - 1];
	parts[at].head = (uint32_t)points << KIND_BITS | (uint32_t)kind;
	parts[at].bytes = (uint32_t)bytes;
	op->count++;
}

static void add(struct op *op, uint32_t at, enum op_kind kind, size_t points, size_t bytes)
{
	if (at == 0 || !merge(op, at - 1, kind, points, bytes))
		place(op, at, kind, points, bytes);
}

static void add_points(struct op *op, enum op_kind kind, size_t points)
{
	for (; points > OP_MAX_POINTS; points -= OP_MAX_POINTS)
		add(op, op->count, kind, OP_MAX_POINTS, 0);
	if (points)
		add(op, op->count, kind, points, 0);
}

/* Deletions own no text, so stepping before one leaves the texts in the order of their inserts. */
static void add_text(struct op *op, const char *utf8, size_t bytes, size_t points)
{
	uint32_t at = op->count;

	if (!bytes)
		return;
	if (points > OP_MAX_POINTS)
		abort();
	append_text(op, utf8, bytes);
	if (at && part_kind(op_parts(op)[at - 1]) == OP_DELETE)
		at--;
	add(op, at, OP_INSERT, points, bytes);
}

void op_retain(struct op *op, size_t points)
{
	add_points(op, OP_RETAIN, points);
}

void op_insert(struct op *op, const char *utf8, size_t bytes)
{
	add_text(op, utf8, bytes, bytes == 1 ? 1 : utf8_count(utf8, bytes).points);
}

void op_delete(struct op *op, size_t points)
{
	add_points(op, OP_DELETE, points);
}

/* Reading */

size_t op_count(const struct op *op)
{
	size_t count = op->count;

	while (count && part_kind(op_parts(op)[count - 1]) == OP_RETAIN)
		count--;
	return count;
}

struct op_iter op_iter(const struct op *op)
{
	return (struct op_iter){.op = op};
}

bool op_next(struct op_iter *it, struct op_component *out)
{
	if (it->next >= op_count(it->op))
		return false;
	struct op_part part = op_parts(it->op)[it->next++];
	*out = (struct op_component){
		.kind = part_kind(part),
		.points = part_points(part),
		.text = op_text(it->op) + it->byte,
		.bytes = part.bytes,
	};
	it->byte += part.bytes;
	return true;
}

bool op_is_identity(const struct op *op)
{
	return op_count(op) == 0;
}

bool op_equal(const struct op *a, const struct op *b)
{
	size_t count = op_count(a);

	if (count != op_count(b) || a->bytes != b->bytes)
		return false;
	for (size_t i = 0; i < count; i++) {
		struct op_part x = op_parts(a)[i], y = op_parts(b)[i];
		if (x.head != y.head || x.bytes != y.bytes)
			return false;
	}
	return memcmp(op_text(a), op_text(b), a->bytes) == 0;
}

size_t op_base_points(const struct op *op)
{
	size_t count = op_count(op), points = 0;

	for (size_t i = 0; i < count; i++)
		if (part_kind(op_parts(op)[i]) != OP_INSERT)
			points += part_points(op_parts(op)[i]);
	return points;
}

ptrdiff_t op_growth(const struct op *op)
{
	static const int sign[] = {[OP_RETAIN] = 0, [OP_DELETE] = -1, [OP_INSERT] = 1};
	ptrdiff_t growth = 0;

	for (uint32_t i = 0; i < op->count; i++) {
		struct op_part part = op_parts(op)[i];
		growth += sign[part_kind(part)] * (ptrdiff_t)part_points(part);
	}
	return growth;
}

size_t op_bytes(const struct op *op)
{
	return op->bytes;
}

/*
 * What changes one place, as nearly every edit does: at `pos`, `points` characters come in and `drop` go. Such ops need no
 * walk: they are joined, moved and done as they are.
 */
struct splice {
	size_t pos, points, bytes, drop;
};

static bool splice_of(const struct op *op, struct splice *out)
{
	const struct op_part *part = op_parts(op), *end = part + op->count;

	*out = (struct splice){.bytes = op->bytes};
	if (op->count > OP_FEW)
		return false;
	if (part < end && part_kind(*part) == OP_RETAIN)
		out->pos = part_points(*part++);
	if (part < end && part_kind(*part) == OP_INSERT)
		out->points = part_points(*part++);
	if (part < end && part_kind(*part) == OP_DELETE)
		out->drop = part_points(*part++);
	return part == end;
}

static void put_part(struct op *op, enum op_kind kind, size_t points, size_t bytes)
{
	struct op_part *parts = op->cap ? op->parts : op->few;

	if (!points)
		return;
	parts[op->count].head = (uint32_t)points << KIND_BITS | (uint32_t)kind;
	parts[op->count++].bytes = (uint32_t)bytes;
}

/* The components; op->bytes of text are there already. */
static void put_splice(struct op *op, const struct splice *s)
{
	op->count = 0;
	put_part(op, OP_RETAIN, s->pos, 0);
	put_part(op, OP_INSERT, s->points, op->bytes);
	put_part(op, OP_DELETE, s->drop, 0);
}

/* The text's bytes from `from` to `to` become others. */
static void replace_text(struct op *op, size_t from, size_t to, const char *utf8, size_t bytes)
{
	size_t behind = op->bytes - to;
	char *text = room_text(op, from + bytes + behind);

	if (behind)
		memmove(text + from + bytes, text + to, behind);
	memcpy(text + from, utf8, bytes);
	op->bytes = (uint32_t)(from + bytes + behind);
}

/* Two that touch, as one. */
struct joint {
	struct splice whole;
	size_t from, to; /* bytes of first's text that `then` replaces by its own */
};

#define JOINT_MOVES 4096 /* bytes at most: beyond it a walk costs no more */

static size_t over(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

static bool join(const struct op *first, const struct op *then, struct joint *out)
{
	struct splice a, b;

	if (!splice_of(first, &a) || !splice_of(then, &b))
		return false;
	size_t end = a.pos + a.points, reach = b.pos + b.drop;
	if (b.pos > end || reach < a.pos)
		return false;
	size_t from = over(b.pos, a.pos), to = a.points - over(end, reach);
	out->whole.pos = a.pos < b.pos ? a.pos : b.pos;
	out->whole.points = a.points - (to - from) + b.points;
	out->whole.drop = a.drop + over(a.pos, b.pos) + over(reach, end);
	out->from = utf8_offset_known(op_text(first), a.bytes, a.points, from);
	out->to = utf8_offset_known(op_text(first), a.bytes, a.points, to);
	return out->whole.points <= OP_MAX_POINTS && out->whole.drop <= OP_MAX_POINTS;
}

bool op_join(struct op *first, const struct op *then)
{
	struct joint j;

	if (!join(first, then, &j) || first->bytes - j.to > JOINT_MOVES)
		return false;
	replace_text(first, j.from, j.to, op_text(then), then->bytes);
	put_splice(first, &j.whole);
	return true;
}

bool op_join_front(const struct op *first, struct op *then)
{
	struct joint j;

	if (!join(first, then, &j) || then->bytes > JOINT_MOVES)
		return false;
	replace_text(then, 0, 0, op_text(first), j.from);
	replace_text(then, then->bytes, then->bytes, op_text(first) + j.to, first->bytes - j.to);
	put_splice(then, &j.whole);
	return true;
}

/* Taking an op apart piece by piece: the walk that compose and transform share */

struct cursor {
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
	c->part = op_parts(op);
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

struct op op_compose(const struct op *a, const struct op *b)
{
	struct cursor x, y;
	struct op out = {0};

	cursor_start(&x, a);
	cursor_start(&y, b);
	while (!cursor_done(&x) || !cursor_done(&y))
		compose_step(&x, &y, &out);
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
	while (!cursor_done(&c) && first->count < parts &&
		(points = fitting(&c, bytes - first->bytes))) {
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

/* Where an op changes its base: end is behind the last character it deletes, and behind the one where it last inserts. */
struct span {
	size_t start, end;
	ptrdiff_t growth;
};

static struct span span_of(const struct op *op)
{
	const struct op_part *part = op_parts(op);
	struct span s = {0};
	size_t pos = 0;

	if (op->count && part_kind(*part) == OP_RETAIN)
		s.start = part_points(*part);
	for (uint32_t i = 0; i < op->count; i++) {
		size_t points = part_points(part[i]);
		bool inserts = part_kind(part[i]) == OP_INSERT;
		pos += inserts ? 0 : points;
		if (inserts)
			s.growth += (ptrdiff_t)points;
		else if (part_kind(part[i]) == OP_DELETE)
			s.growth -= (ptrdiff_t)points;
		if (part_kind(part[i]) != OP_RETAIN)
			s.end = pos + inserts;
	}
	return s;
}

/* Everything that op does, it does farther on, or less far. */
static bool shift(struct op *op, size_t start, ptrdiff_t by)
{
	size_t to = (size_t)((ptrdiff_t)start + by);
	struct op_part *part = op->cap ? op->parts : op->few;

	if (!start || !to || to > OP_MAX_POINTS)
		return false;
	part->head = (uint32_t)to << KIND_BITS | OP_RETAIN;
	return true;
}

/*
 * Where one changes only what is before all that the other does, only the other moves. (At one place they would have to be
 * told apart by rank.)
 */
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

	if (cross_apart(a, b))
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

/* Meeting a text */

static enum err apply_splice(
	const struct splice *s, const struct op *op, struct text *text, struct text_size size)
{
	enum err e = ERR_NONE;

	if (s->pos + s->drop > size.points && (s->points || s->drop))
		return ERR_RANGE;
	if (s->points)
		e = text_insert(text, s->pos, op_text(op), s->bytes);
	if (!e && s->drop)
		e = text_delete(text, s->pos + s->points, s->drop);
	return e;
}

enum err op_apply(const struct op *op, struct text *text)
{
	struct text_size size = text_size(text);
	struct op_iter it = op_iter(op);
	struct splice s;
	size_t pos = 0;
	enum err e = ERR_NONE;

	if (splice_of(op, &s))
		return apply_splice(&s, op, text, size);
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

#define SLICE_POINTS 64 /* read without asking for memory */

static void insert_slice(struct op *op, const struct text *text, size_t pos, size_t points)
{
	char few[4 * SLICE_POINTS];
	size_t bytes;

	if (points <= SLICE_POINTS) {
		bytes = text_read(text, pos, points, few);
		add_text(op, few, bytes, points);
		return;
	}
	char *slice = text_slice(text, pos, points, &bytes);
	add_text(op, slice, bytes, points);
	free(slice);
}

enum err op_invert(const struct op *op, const struct text *base, struct op *out)
{
	struct op_iter it = op_iter(op);
	struct op inverse = {0};
	size_t pos = 0;

	if (op_base_points(op) > text_size(base).points)
		return ERR_RANGE;
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
	return ERR_NONE;
}

static size_t common_prefix(const struct text *a, const struct text *b)
{
	struct text_iter x = text_iter(a, 0), y = text_iter(b, 0);
	size_t points = 0;

	for (uint32_t p, q; text_iter_next(&x, &p) && text_iter_next(&y, &q) && p == q;)
		points++;
	return points;
}

static size_t common_suffix(const struct text *a, const struct text *b, size_t most)
{
	struct text_iter x = text_iter(a, text_size(a).points);
	struct text_iter y = text_iter(b, text_size(b).points);
	size_t points = 0;

	for (uint32_t p, q; points < most && text_iter_prev(&x, &p) && text_iter_prev(&y, &q);) {
		if (p != q)
			break;
		points++;
	}
	return points;
}

struct op op_diff(const struct text *from, const struct text *to)
{
	size_t before = text_size(from).points, after = text_size(to).points;
	size_t least = before < after ? before : after;
	size_t prefix = common_prefix(from, to);
	size_t suffix = common_suffix(from, to, least - prefix);
	struct op op = {0};

	op_retain(&op, prefix);
	insert_slice(&op, to, prefix, after - prefix - suffix);
	op_delete(&op, before - prefix - suffix);
	return op;
}
