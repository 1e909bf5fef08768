/*
 * tree.h: the tree above the leaves: who is where, and what is counted. Inside of text.h.
 *
 * A B+ tree: all leaves are equally deep; an inner node counts bytes, code points and newlines below each of its children, so a
 * place is found on either axis by one walk down. Two megabytes of full leaves are two levels of 32 high.
 *
 * `hot` is the leaf of the newest edit. The counts above it, and the hashed marks, lag behind until tree_settle(): so a letter typed
 * next to the last one touches one leaf and nothing else. What is before it stays right, since only it changes. Settling is no change
 * of the text but of what is known about it, so it is done for const callers, too.
 */
#ifndef OT_TREE_H
#define OT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "ot/leaf.h"
#include "ot/text.h"

#ifdef OT_TINY
#define FAN 4
#else
#define FAN 32
#endif

#define FAN_MIN (FAN / 2)

struct inner {
	struct node node;
	uint32_t count;
	struct size size[FAN];
	struct node *child[FAN];
};

struct place {
	struct leaf *leaf;
	struct size before; /* all that is left of the leaf */
};

struct text {
	struct text_size size;
	struct node *root;
	unsigned height; /* inner nodes above each leaf */
	struct place hot;
	struct buf cut; /* what the newest splice dropped, unless it still stands in the hot leaf's gap */
};

/* A text of these leaves, one at least: level by level, until one node is left. It takes the leaves; the row is written over. */
struct text *tree_build(struct node **row, size_t count);

struct size inner_size(const struct inner *in);
struct size node_size(const struct node *n, unsigned height);
void inner_number(struct inner *in, uint32_t first); /* tells its children from `first` on where they are */

struct place tree_find(const struct text *t, size_t at, enum axis axis);
void tree_settle(struct text *t); /* carries up what was changed in the hot leaf */

/* Is unit number `at` of an axis in the hot leaf? */
static inline bool tree_is_hot(const struct text *t, size_t at, enum axis axis)
{
	/* What is before it wraps to a huge number. */
	return at - t->hot.before.n[axis] < leaf_amount(t->hot.leaf, axis);
}

/* The leaf that holds unit number `at` of an axis, or the last leaf. */
struct place tree_place(const struct text *t, size_t at, enum axis axis);
void tree_heat(struct text *t, size_t pos); /* makes the leaf of that code point hot */

/* These want a settled tree, and leave t->hot to be found again. */
void tree_add_leaf(struct text *t, struct leaf *l, struct leaf *behind); /* behind l */
void tree_remove(struct text *t, struct inner *in, uint32_t at);         /* the child there, which stays the caller's */
void tree_refresh(struct node *n, struct size size); /* n was changed: makes counts and marks right above it */

/* Are its hash, and those below, what they are said to be? For text_verify. */
bool tree_hash_holds(struct node *n, unsigned height);

#endif
