/*
 * leaf.h: some two thousand bytes of a text, with a gap in them where they were changed last. Inside of text.h.
 *
 * Of all that a leaf holds it knows code points and newlines, so finding a place reads the bytes of one leaf at most, and none where
 * all of them are ASCII.
 *
 * Units: offsets are bytes from the start of the leaf, as if there were no gap.
 */
#ifndef OT_LEAF_H
#define OT_LEAF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "ot/utf8.h"

/*
 * A leaf with what malloc adds is 2 KB: below that loading and long deletions pay for more leaves, above it random edits pay
 * for moving the gap; its counts fit 16 bits.
 */
#ifdef OT_TINY
#define LEAF_BYTES 16
#else
#define LEAF_BYTES 1990
#endif

#define LEAF_MIN  (LEAF_BYTES / 8)         /* of all leaves, but of one that is the root */
#define LEAF_LOW  (LEAF_BYTES / 2)         /* below it a deletion looks for a neighbour to join */
#define LEAF_EDGE (LEAF_BYTES / 32 + 3)    /* for first edits, and the rest of a character */
#define LEAF_FULL (LEAF_BYTES - LEAF_EDGE) /* as loaded */

enum axis { BYTES, POINTS, LINES, AXES };

struct size {
	uint32_t n[AXES];
};

/* What leaves and inner nodes have in common: always their first member. */
struct node {
	struct inner *up;
	uint64_t hash;  /* of the bytes below */
	uint64_t power; /* of the hash's base, to the number of bytes below */
	uint8_t slot;   /* up->child[slot] is this node */
	bool hashed;    /* hash and power are right; never true above a node where it is false */
};

/* A gap buffer: head bytes at the start, tail bytes at the end, and room between them. */
struct leaf {
	struct node node;
	uint16_t head, tail;
	uint16_t head_points, tail_points;
	uint16_t lines;
	char at[LEAF_BYTES];
};

static inline const char *leaf_tail(const struct leaf *l)
{
	return l->at + LEAF_BYTES - l->tail;
}

static inline size_t leaf_bytes(const struct leaf *l)
{
	return (size_t)l->head + l->tail;
}

static inline size_t leaf_points(const struct leaf *l)
{
	return (size_t)l->head_points + l->tail_points;
}

static inline struct size leaf_size(const struct leaf *l)
{
	return (struct size){{(uint32_t)leaf_bytes(l), (uint32_t)leaf_points(l), l->lines}};
}

static inline size_t leaf_amount(const struct leaf *l, enum axis axis)
{
	return axis == BYTES ? leaf_bytes(l) : axis == POINTS ? leaf_points(l) : l->lines;
}

/* A text of `total` bytes is cut into so many leaves. */
static inline size_t leaf_pieces(size_t total)
{
	return total ? (total + LEAF_FULL - 1) / LEAF_FULL : 1;
}

/* Where piece i of pieces made from `total` bytes begins, before rounding to characters: all full, the last not too small. */
static inline size_t leaf_full_cut(size_t total, size_t i)
{
	size_t cut = i * LEAF_FULL;

	return cut + LEAF_MIN > total ? total - LEAF_MIN : cut;
}

struct leaf *leaf_new(void); /* empty; give back with free() */

/* The byte at which code point number `points` begins. */
size_t leaf_offset(const struct leaf *l, size_t points);
/* What is counted in the bytes before `byte`, which begins a character. */
struct utf8_count leaf_count(const struct leaf *l, size_t byte);

/* In front of the gap; there must be room, and count must be right. */
static inline void leaf_put(struct leaf *l, const char *utf8, size_t bytes, struct utf8_count count)
{
	mem_copy(l->at + l->head, utf8, bytes);
	l->head = (uint16_t)(l->head + bytes);
	l->head_points = (uint16_t)(l->head_points + count.points);
	l->lines = (uint16_t)(l->lines + count.lines);
	l->node.hashed = false;
}

/* Characters [from, to) go; `cut`, unless it is NULL, gets them behind what it has. */
void leaf_cut(struct leaf *l, size_t from, size_t to, struct buf *cut);
/* The first so many bytes behind the gap, which are so many characters, become part of it. Gives the newlines in them. */
size_t leaf_skip(struct leaf *l, size_t bytes, size_t points);
/* The first bytes of at[] have been written, and are all that the leaf holds. */
void leaf_fill(struct leaf *l, size_t bytes, struct utf8_count count);
void leaf_read(const struct leaf *l, char *out); /* all of it */

/* Moves the gap behind the first `points` characters, where it mostly is. */
void leaf_seek_on(struct leaf *l, size_t points);
static inline void leaf_seek(struct leaf *l, size_t points)
{
	if (points != l->head_points)
		leaf_seek_on(l, points);
}

#endif
