#include "ot/tree.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

struct size inner_size(const struct inner *in)
{
	struct size sum = {0};

	for (uint32_t i = 0; i < in->count; i++) {
		for (int a = 0; a < AXES; a++)
			sum.n[a] += in->size[i].n[a];
	}
	return sum;
}

struct size node_size(const struct node *n, unsigned height)
{
	return height ? inner_size((const struct inner *)n) : leaf_size((const struct leaf *)n);
}

void inner_number(struct inner *in, uint32_t first)
{
	for (uint32_t i = first; i < in->count; i++) {
		in->child[i]->up = in;
		in->child[i]->slot = (uint8_t)i;
	}
	in->node.hashed = false;
}

/* Room for n children at `at`, which the caller fills and numbers. */
static void inner_open(struct inner *in, uint32_t at, uint32_t n)
{
	memmove(in->size + at + n, in->size + at, (in->count - at) * sizeof(in->size[0]));
	memmove(in->child + at + n, in->child + at, (in->count - at) * sizeof(in->child[0]));
	in->count += n;
}

static void inner_close(struct inner *in, uint32_t at, uint32_t n)
{
	in->count -= n;
	memmove(in->size + at, in->size + at + n, (in->count - at) * sizeof(in->size[0]));
	memmove(in->child + at, in->child + at + n, (in->count - at) * sizeof(in->child[0]));
	inner_number(in, at);
}

/* n children of `from`, beginning with `first`, go to place `at` of `to`. */
static void inner_move(
	struct inner *to, uint32_t at, struct inner *from, uint32_t first, uint32_t n)
{
	inner_open(to, at, n);
	memcpy(to->size + at, from->size + first, n * sizeof(to->size[0]));
	memcpy(to->child + at, from->child + first, n * sizeof(to->child[0]));
	inner_number(to, at);
	inner_close(from, first, n);
}

static void inner_set(struct inner *in, uint32_t at, struct node *child, struct size size)
{
	in->size[at] = size;
	in->child[at] = child;
	inner_number(in, at);
}

/* The tree */

static void raise_root(struct text *t)
{
	struct inner *in = mem_alloc(sizeof(*in));

	in->count = 1;
	inner_set(in, 0, t->root, node_size(t->root, t->height));
	t->root = &in->node;
	t->height++;
}

static void inner_insert(
	struct text *t, struct inner *in, uint32_t at, struct node *child, struct size size);

/* The upper half of a full node goes to a new one behind it, which is returned. */
static struct inner *inner_split(struct text *t, struct inner *in)
{
	struct inner *behind = mem_alloc(sizeof(*behind));

	if (!in->node.up)
		raise_root(t);
	inner_move(behind, 0, in, FAN / 2, FAN - FAN / 2);
	inner_insert(t, in->node.up, in->node.slot + 1u, &behind->node, inner_size(behind));
	in->node.up->size[in->node.slot] = inner_size(in);
	return behind;
}

static void inner_insert(
	struct text *t, struct inner *in, uint32_t at, struct node *child, struct size size)
{
	if (in->count == FAN) {
		struct inner *behind = inner_split(t, in);
		if (at > in->count) {
			at -= in->count;
			in = behind;
		}
	}
	inner_open(in, at, 1);
	inner_set(in, at, child, size);
}

void tree_refresh(struct node *n, struct size size)
{
	for (struct inner *in = n->up; in; in = in->node.up) {
		in->size[n->slot] = size;
		in->node.hashed = false;
		size = inner_size(in);
		n = &in->node;
	}
}

void tree_add_leaf(struct text *t, struct leaf *l, struct leaf *behind)
{
	if (!l->node.up)
		raise_root(t);
	inner_insert(t, l->node.up, l->node.slot + 1u, &behind->node, leaf_size(behind));
}

/* Two neighbours of which one has too few children: one takes from the other. */
static void inner_share(struct inner *a, struct inner *b)
{
	uint32_t want = (a->count + b->count) / 2;

	if (a->count < want)
		inner_move(a, a->count, b, 0, want - a->count);
	else
		inner_move(b, 0, a, want, a->count - want);
	a->node.up->size[a->node.slot] = inner_size(a);
	b->node.up->size[b->node.slot] = inner_size(b);
	a->node.up->node.hashed = false;
}

static void lower_root(struct text *t)
{
	struct node *root = t->root;

	t->root = ((struct inner *)root)->child[0];
	t->root->up = NULL;
	t->root->slot = 0;
	t->height--;
	free(root);
}

static void inner_tidy(struct text *t, struct inner *in)
{
	struct inner *up = in->node.up;

	if (!up && in->count == 1)
		lower_root(t);
	if (!up || in->count >= FAN_MIN)
		return;
	uint32_t left = in->node.slot ? in->node.slot - 1u : 0;
	struct inner *a = (struct inner *)up->child[left], *b = (struct inner *)up->child[left + 1];
	if (a->count + b->count > FAN) {
		inner_share(a, b);
		return;
	}
	inner_move(a, a->count, b, 0, b->count);
	up->size[left] = inner_size(a);
	tree_remove(t, up, left + 1);
	free(b);
}

void tree_remove(struct text *t, struct inner *in, uint32_t at)
{
	inner_close(in, at, 1);
	inner_tidy(t, in);
}

struct place tree_find(const struct text *t, size_t at, enum axis axis)
{
	struct place p = {0};
	struct node *n = t->root;

	for (unsigned h = t->height; h; h--) {
		struct inner *in = (struct inner *)n;
		uint32_t i = 0, last = in->count - 1;
		for (; i < last && at >= (size_t)p.before.n[axis] + in->size[i].n[axis]; i++) {
			for (int a = 0; a < AXES; a++)
				p.before.n[a] += in->size[i].n[a];
		}
		n = in->child[i];
	}
	p.leaf = (struct leaf *)n;
	return p;
}

void tree_settle(struct text *t)
{
	struct node *n = &t->hot.leaf->node;
	struct size now = leaf_size(t->hot.leaf), more;

	if (!n->up)
		return;
	for (int a = 0; a < AXES; a++)
		more.n[a] = now.n[a] - n->up->size[n->slot].n[a]; /* may wrap, and wraps back */
	for (const struct node *m = n; m->up; m = &m->up->node) {
		for (int a = 0; a < AXES; a++)
			m->up->size[m->slot].n[a] += more.n[a];
	}
	for (struct inner *in = n->up; !n->hashed && in && in->node.hashed; in = in->node.up)
		in->node.hashed = false;
}

struct place tree_place(const struct text *t, size_t at, enum axis axis)
{
	if (tree_is_hot(t, at, axis))
		return t->hot;
	tree_settle((struct text *)t);
	return tree_find(t, at, axis);
}

void tree_heat(struct text *t, size_t pos)
{
	if (tree_is_hot(t, pos, POINTS))
		return;
	tree_settle(t);
	t->hot = tree_find(t, pos, POINTS);
}
