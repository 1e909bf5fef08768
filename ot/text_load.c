/* Building a text, and taking it down. */
#include <stdlib.h>
#include <string.h>

#include "ot/loader.h"
#include "ot/mem.h"
#include "ot/tree.h"

static struct inner *load_inner(struct node **child, size_t count, unsigned height)
{
	struct inner *in = mem_alloc(sizeof(*in));

	for (size_t i = 0; i < count; i++) {
		in->child[i] = child[i];
		in->size[i] = node_size(child[i], height);
	}
	in->count = (uint32_t)count;
	inner_number(in, 0);
	return in;
}

static struct text *text_of(struct node *root, unsigned height)
{
	struct text *t = mem_alloc(sizeof(*t));
	struct size all = node_size(root, height);

	t->root = root;
	t->height = height;
	t->size = (struct text_size){all.n[BYTES], all.n[POINTS], all.n[LINES]};
	t->hot = tree_find(t, 0, POINTS);
	return t;
}

struct text *tree_build(struct node **row, size_t count)
{
	unsigned height = 0;

	for (; count > 1; height++) {
		size_t groups = (count + FAN - 1) / FAN;
		for (size_t g = 0; g < groups; g++) {
			size_t from = g * count / groups, to = (g + 1) * count / groups;
			row[g] = &load_inner(row + from, to - from, height)->node;
		}
		count = groups;
	}
	return text_of(row[0], height);
}

struct text *text_create(void)
{
	return text_of(&leaf_new()->node, 0);
}

enum err text_load(struct text **out, const char *utf8, size_t bytes)
{
	struct loader loader = {0};

	loader_add(&loader, utf8, bytes);
	return loader_finish(&loader, out);
}

static struct node *node_copy(const struct node *n, unsigned height)
{
	size_t bytes = height ? sizeof(struct inner) : sizeof(struct leaf);
	struct node *copy = mem_realloc(NULL, 1, bytes);
	struct inner *in = (struct inner *)copy;

	memcpy(copy, n, bytes);
	copy->up = NULL;
	for (uint32_t i = 0; height && i < in->count; i++) {
		in->child[i] = node_copy(in->child[i], height - 1);
		in->child[i]->up = in;
	}
	return copy;
}

struct text *text_copy(const struct text *t)
{
	tree_settle((struct text *)t);
	return text_of(node_copy(t->root, t->height), t->height);
}

static void node_free(struct node *n, unsigned height)
{
	struct inner *in = (struct inner *)n;

	for (uint32_t i = 0; height && i < in->count; i++)
		node_free(in->child[i], height - 1);
	free(n);
}

void text_destroy(struct text *t)
{
	if (!t)
		return;
	node_free(t->root, t->height);
	buf_fini(&t->cut);
	free(t);
}

struct text_size text_size(const struct text *t)
{
	return t->size;
}
