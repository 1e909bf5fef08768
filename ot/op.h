/*
 * op.h: one edit of a document, as a list of components.
 *
 * An operation walks its base text from the start; each component keeps some of it, adds some, or drops some:
 *
 *	"helo you"  -- retain 3, insert "l", retain 5 -->  "hello you"
 *
 *	struct op op = {0};
 *	op_retain(&op, 3);
 *	op_insert(&op, "l", 1);		-- unlisted text at the end is retained
 *	op_apply(&op, text);
 *	op_fini(&op);
 *
 * Two people change "abc" at the same time. Ada puts an x behind the a, Ben takes the c away, and each sees that at once. Ben's
 * edit as he made it ("keep 2, delete 1") would take the b from Ada, so it is transformed past hers, and hers past his; then
 * both ways around the diamond lead to one text. That is all there is to operational transformation:
 *
 *	                     abc
 *	   Ada: 1 "x"      /     \      Ben: 2 -1
 *	                axbc     ab
 *	   Ben's: 3 -1     \     /      Ada's: 1 "x"
 *	                     axb
 *
 * Units:   lengths are Unicode code points.
 * Normal:  no empty component, no two neighbours of one kind, insert before delete at one place, no trailing retain. The
 *          builders below produce this form whatever they are given, so it always holds.
 * Memory:  an op owns its inserted text; op_fini() gives it back. A zeroed struct is the identity. An op may be moved by
 *          plain assignment (the source must then not be used or finished); small ops live inside the struct.
 * Errors:  ERR_RANGE when the op runs past the text; outputs are untouched on error.
 * Laws:    TP1: for (a', b') = transform(a, b):  apply(apply(t, a), b') = apply(apply(t, b), a').
 *          compose: apply(t, compose(a, b)) = apply(apply(t, a), b).   invert: apply(apply(t, a), invert(a, t)) = t.
 * Cost:    linear in the components; apply is O(log n) for each component that changes something.
 * Source:  Ellis & Gibbs 1989 (transform); Nichols et al. 1995 (Jupiter); Wang, Mah & Lassen 2010 (components).
 */
#ifndef OT_OP_H
#define OT_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/err.h"
#include "ot/text.h"

/* Of one component, and of all retained and deleted together. */
#define OP_MAX_POINTS (((size_t)1 << 30) - 1)

enum op_kind { /* the numbers of the wire */
	OP_RETAIN = 0,
	OP_DELETE = 1,
	OP_INSERT = 2,
};

#define OP_LITTLE 24 /* bytes of inserted text kept inside the struct */

/*
 * Nearly every edit changes one place: at `pos`, `points` characters come in and `drop` go, and behind them `tail` are
 * retained. Such an op is kept as these numbers, and joined, moved and done as they are; others are a list. op.c's business.
 */
struct op {
	uint32_t bytes;     /* of inserted text: one insertion's behind the other's */
	uint32_t bytes_cap; /* 0: the text is in little */
	uint32_t cap;       /* of parts; 0: one place */
	union {
		struct {
			uint32_t pos, points, drop, tail;
		} one;
		struct {
			struct op_part *parts;
			uint32_t count;
		} many;
	};
	union {
		char *text;
		char little[OP_LITTLE];
	};
};

struct op op_copy(const struct op *op);

/* Of a change in one place, and back: *out borrows the op's text. false where op changes several. */
struct op op_of_splice(const struct splice *s);

static inline bool op_as_splice(const struct op *op, struct splice *out)
{
	*out = (struct splice){op->one.pos, op->one.drop, op->one.points, op->bytes,
		op->bytes_cap ? op->text : op->little};
	return !op->cap;
}

/*
 * Builders: append at the end. op_insert's text must be valid (utf8_check); a retain at the end is dropped when read. Every key
 * that is pressed is built, read and finished, so what that takes is inline, and calls are for what is longer.
 */
void op_retain_on(struct op *op, size_t points);
void op_insert_on(struct op *op, const char *utf8, size_t bytes);
void op_delete_on(struct op *op, size_t points);
void op_release(struct op *op);

static inline void op_retain(struct op *op, size_t points)
{
	if ((op->cap | op->one.points | op->one.drop) || points > OP_MAX_POINTS - op->one.pos)
		op_retain_on(op, points);
	else
		op->one.pos += (uint32_t)points;
}

static inline void op_insert(struct op *op, const char *utf8, size_t bytes)
{
	if (bytes != 1 || (op->cap | op->one.tail | op->bytes_cap) || op->bytes == OP_LITTLE) {
		op_insert_on(op, utf8, bytes);
		return;
	}
	op->little[op->bytes++] = *utf8;
	op->one.points++;
}

static inline void op_delete(struct op *op, size_t points)
{
	if ((op->cap | op->one.tail) || points > OP_MAX_POINTS - op->one.drop)
		op_delete_on(op, points);
	else
		op->one.drop += (uint32_t)points;
}

static inline void op_fini(struct op *op)
{
	if (!op)
		return;
	if (op->cap | op->bytes_cap)
		op_release(op);
	op->bytes = op->one.pos = op->one.points = op->one.drop = op->one.tail = 0;
}

void op_clear(struct op *op); /* back to the identity; keeps room for text */

/* Reading:  struct op_iter it = op_iter(op);  for (struct op_component c; op_next(&it, &c);) ... */
struct op_component {
	enum op_kind kind;
	size_t points;
	const char *text; /* of an insert; borrows until the op changes */
	size_t bytes;
};
struct op_iter {
	const struct op *op;
	uint32_t next; /* of the parts, or of pos, points, drop */
	uint32_t byte;
};
struct op_iter op_iter(const struct op *op);
bool op_next(struct op_iter *it, struct op_component *out);

bool op_equal(const struct op *a, const struct op *b);
size_t op_count(const struct op *op);       /* components, without a trailing retain */
size_t op_base_points(const struct op *op); /* the shortest text it fits: retained and deleted */
ptrdiff_t op_growth(const struct op *op);   /* points inserted less points deleted */

/* Asked for every key that is pressed, and so inline. */
static inline bool op_is_identity(const struct op *op)
{
	return op->cap ? !op_count(op) : !(op->one.points | op->one.drop);
}

static inline size_t op_bytes(const struct op *op) /* of inserted text */
{
	return op->bytes;
}

enum err op_apply(const struct op *op, struct text *text);

/* First a, then b, as one. Never fails: the result fits every text on which a, then b fit. */
struct op op_compose(const struct op *a, const struct op *b);

/* The same in place, where each changes one place and these touch: *first does both. false, and nothing has changed, otherwise. */
bool op_join(struct op *first, const struct op *then);

/* Both in numbers, for what keeps its text elsewhere: how first and `then`, done one after the other, are one splice. */
struct splice_joint {
	size_t pos, drop, points;
	size_t from, to; /* bytes of first's text that `then` replaces by its own */
};
bool splice_join(
	const struct splice *first, const struct splice *then, struct splice_joint *out);

/* Many at once, in order, as a balanced tree: O(total log count), where one after the other is quadratic. */
struct op op_compose_all(const struct op *const *ops, size_t count);

/*
 * Cuts op in two: *first does its components from the left, at most `parts` (of 2 or more) of them and `bytes` (4 or more) of
 * inserted text, and *rest, which stands on what first gives, the others; compose(first, rest) = op. An insertion may be
 * cut between characters. rest is the identity when all of op fits. Outputs are overwritten.
 */
void op_split(const struct op *op, size_t parts, size_t bytes, struct op *first, struct op *rest);

/*
 * a and b stand on one text; *a2 is a to be done after b, *b2 is b to be done after a (either may be NULL when it is
 * not wanted; outputs are overwritten, not finished, and may not alias inputs). Where both insert at one place, a's text
 * comes first if a_first: the side of the lower user id.
 */
void op_transform(
	const struct op *a, const struct op *b, bool a_first, struct op *a2, struct op *b2);

/* Both ways past each other in place: *a becomes a to be done after b, *b becomes b to be done after a. */
void op_cross(struct op *a, struct op *b, bool a_first);

/* What takes op back, on the text that op gave. base is the text before op. ERR_RANGE when op does not fit it. */
enum err op_invert(const struct op *op, const struct text *base, struct op *out);

/* Where `pos` is after op. An insertion exactly at pos moves it if push, and leaves it otherwise. */
size_t op_transform_pos(const struct op *op, size_t pos, bool push);
size_t splice_transform_pos(const struct splice *s, size_t pos, bool push);

#endif
