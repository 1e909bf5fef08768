/*
 * op_part.h: what an op is inside, for the files that op.h is made of: op.c builds and reads, op_splice.c joins, op_compose.c and
 * op_transform.c walk over two at once, op_text.c does them to a text.
 *
 * An op that changes one place is four numbers (op.h); any other is a list of parts, each a component of eight bytes. The text of
 * all insertions stands in one piece, in their order.
 */
#ifndef OT_OP_PART_H
#define OT_OP_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ot/op.h"

#define KIND_BITS 2
#define ONE_PARTS 4 /* of an op that changes one place: retain, insert, delete, retain */

struct op_part {        /* a component in a list */
	uint32_t head;  /* points << 2 | kind */
	uint32_t bytes; /* of an insert */
};

static inline enum op_kind part_kind(struct op_part part)
{
	return (enum op_kind)(part.head & ((1U << KIND_BITS) - 1));
}

static inline size_t part_points(struct op_part part)
{
	return part.head >> KIND_BITS;
}

static inline struct op_part part_of(enum op_kind kind, uint32_t points, uint32_t bytes)
{
	return (struct op_part){points << KIND_BITS | (uint32_t)kind, bytes};
}

static inline const char *op_text(const struct op *op)
{
	return op->bytes_cap ? op->text : op->little;
}

/* Room for `need` bytes of text in all. */
char *op_room_text(struct op *op, size_t need);
void op_append_text(struct op *op, const char *utf8, size_t bytes); /* bytes only: no component */
void op_add_points(struct op *op, enum op_kind kind, size_t points); /* a retain or a delete at the end */
void op_add_text(struct op *op, const char *utf8, size_t bytes, size_t points); /* an insert there */

/* The components of an op that changes one place; how many. */
uint32_t op_one_parts(const struct op *op, struct op_part parts[ONE_PARTS]);
/* A list, with room for `cap` components. */
void op_become_many(struct op *op, uint32_t cap);
/* A list that turned out to change one place at most is kept as such. */
void op_become_one(struct op *op);

#endif
