/* The convergence hash of a text: h(ab) = h(a) * HASH_BASE^|b| + h(b), so a node's is made from its children's. */
#include "ot/tree.h"

#define HASH_PRIME ((UINT64_C(1) << 61) - 1)
#define HASH_BASE  UINT64_C(1000000007)

__extension__ typedef unsigned __int128 wide;

static uint64_t fold(wide x)
{
	uint64_t once = (uint64_t)(x & HASH_PRIME) + (uint64_t)(x >> 61);
	uint64_t twice = (once & HASH_PRIME) + (once >> 61);

	return twice >= HASH_PRIME ? twice - HASH_PRIME : twice;
}

static uint64_t hash_power(size_t exponent)
{
	uint64_t power = 1;

	for (uint64_t square = HASH_BASE; exponent; exponent >>= 1) {
		if (exponent & 1)
			power = fold((wide)power * square);
		square = fold((wide)square * square);
	}
	return power;
}

static uint64_t hash_pair(const unsigned char *at)
{
	return (at[0] + 1u) * HASH_BASE + at[1] + 1u;
}

/* Eight bytes at a time: their products need not wait for each other. */
uint64_t text_hash_bytes(uint64_t h, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	const uint64_t p2 = hash_power(2), p4 = hash_power(4), p6 = hash_power(6),
		       p8 = hash_power(8);

	for (; len >= 8; len -= 8, at += 8) {
		h = fold((wide)h * p8 + (wide)hash_pair(at) * p6 + (wide)hash_pair(at + 2) * p4 +
			 (wide)hash_pair(at + 4) * p2 + hash_pair(at + 6));
	}
	for (; len; len--, at++)
		h = fold((wide)h * HASH_BASE + *at + 1u);
	return h;
}

static void leaf_hash(struct leaf *l)
{
	l->node.hash = text_hash_bytes(text_hash_bytes(0, l->at, l->head), leaf_tail(l), l->tail);
	l->node.power = hash_power(leaf_bytes(l));
	l->node.hashed = true;
}

/* From children that are hashed. */
static void inner_hash(struct inner *in)
{
	uint64_t hash = 0, power = 1;

	for (uint32_t i = 0; i < in->count; i++) {
		hash = fold((wide)hash * in->child[i]->power + in->child[i]->hash);
		power = fold((wide)power * in->child[i]->power);
	}
	in->node.hash = hash;
	in->node.power = power;
	in->node.hashed = true;
}

static void node_hash(struct node *n, unsigned height)
{
	struct inner *in = (struct inner *)n;

	if (n->hashed)
		return;
	if (!height) {
		leaf_hash((struct leaf *)n);
		return;
	}
	for (uint32_t i = 0; i < in->count; i++)
		node_hash(in->child[i], height - 1);
	inner_hash(in);
}

/* The same for leaves of *budget bytes about. false: there are more. */
static bool node_hash_some(struct node *n, unsigned height, size_t *budget)
{
	struct inner *in = (struct inner *)n;

	if (n->hashed)
		return true;
	if (!*budget)
		return false;
	if (!height) {
		size_t bytes = leaf_bytes((struct leaf *)n);
		leaf_hash((struct leaf *)n);
		*budget -= bytes < *budget ? bytes : *budget;
		return true;
	}
	for (uint32_t i = 0; i < in->count; i++)
		if (!node_hash_some(in->child[i], height - 1, budget))
			return false;
	inner_hash(in);
	return true;
}

bool text_hash_ahead(const struct text *t, size_t budget)
{
	tree_settle((struct text *)t);
	return !node_hash_some(t->root, t->height, &budget);
}

uint64_t text_hash(const struct text *t)
{
	tree_settle((struct text *)t);
	node_hash(t->root, t->height);
	return t->root->hash;
}

bool tree_hash_holds(struct node *n, unsigned height)
{
	struct inner *in = (struct inner *)n;
	struct node was = *n;

	if (!n->hashed)
		return true;
	for (uint32_t i = 0; height && i < in->count; i++)
		if (!in->child[i]->hashed)
			return false;
	if (height)
		inner_hash(in);
	else
		leaf_hash((struct leaf *)n);
	return was.hash == n->hash && was.power == n->power;
}
