/* The proof that a text's tree is in order. */
#include <stdlib.h>

#include "ot/tree.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool same_size(struct size a, struct size b)
{
	return a.n[BYTES] == b.n[BYTES] && a.n[POINTS] == b.n[POINTS] && a.n[LINES] == b.n[LINES];
}

static struct size verify_leaf(const struct leaf *l)
{
	struct utf8_count head = utf8_count(l->at, l->head),
			  tail = utf8_count(leaf_tail(l), l->tail);

	must(leaf_bytes(l) <= LEAF_BYTES);
	must(leaf_bytes(l) >= LEAF_MIN || !l->node.up);
	must(utf8_check(l->at, l->head, NULL) && utf8_check(leaf_tail(l), l->tail, NULL));
	must(head.points == l->head_points && tail.points == l->tail_points);
	must(head.lines + tail.lines == l->lines);
	return leaf_size(l);
}

static struct size verify_node(struct node *n, unsigned height)
{
	struct inner *in = (struct inner *)n;
	struct size size;

	if (height) {
		must(in->count <= FAN && in->count >= (n->up ? FAN_MIN : 2));
		for (uint32_t i = 0; i < in->count; i++) {
			must(in->child[i]->up == in && in->child[i]->slot == i);
			must(same_size(verify_node(in->child[i], height - 1), in->size[i]));
		}
		size = inner_size(in);
	} else {
		size = verify_leaf((struct leaf *)n);
	}
	must(tree_hash_holds(n, height));
	return size;
}

void text_verify(const struct text *t)
{
	const struct place *hot = &t->hot;
	struct size all;

	tree_settle((struct text *)t);
	all = verify_node(t->root, t->height);
	must(!t->root->up);
	must(all.n[BYTES] == t->size.bytes && all.n[POINTS] == t->size.points &&
		all.n[LINES] == t->size.lines);
	struct place found = tree_find(t, hot->before.n[POINTS], POINTS);
	must(found.leaf == hot->leaf && same_size(found.before, hot->before));
}
