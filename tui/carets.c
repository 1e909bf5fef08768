#include "tui/carets.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

void carets_fini(struct carets *carets)
{
	free(carets->at);
	*carets = (struct carets){0};
}

bool carets_add(struct carets *carets, struct sel sel)
{
	if (carets->count == CARETS_MAX)
		return false;
	carets->at = mem_grow(carets->at, &carets->cap, carets->count + 1, sizeof(*carets->at));
	carets->at[carets->count++] = sel;
	return true;
}

void carets_copy(struct carets *to, const struct carets *from)
{
	to->count = 0;
	for (size_t i = 0; i < from->count; i++)
		carets_add(to, from->at[i]);
}

bool carets_equal(const struct carets *a, const struct carets *b)
{
	return a->count == b->count &&
	       (!a->count || memcmp(a->at, b->at, a->count * sizeof(*a->at)) == 0);
}

void carets_shift(struct carets *carets, const struct op *op, uint64_t author, uint64_t owner)
{
	for (size_t i = 0; i < carets->count; i++)
		anchor_shift(&carets->at[i], op, author, owner);
}

static int by_start(const void *a, const void *b)
{
	size_t x = anchor_start(*(const struct sel *)a), y = anchor_start(*(const struct sel *)b);

	return (x > y) - (x < y);
}

/* Would an edit at both do something twice in one place? */
static bool meet(struct sel a, struct sel b)
{
	return anchor_start(a) == anchor_start(b) ||
	       (anchor_start(a) < anchor_end(b) && anchor_start(b) < anchor_end(a));
}

void carets_tidy(struct carets *carets, struct sel main)
{
	size_t kept = 0;

	if (carets->count)
		qsort(carets->at, carets->count, sizeof(*carets->at), by_start);
	for (size_t i = 0; i < carets->count; i++) {
		struct sel sel = carets->at[i];
		if (!meet(sel, main) && (!kept || !meet(carets->at[kept - 1], sel)))
			carets->at[kept++] = sel;
	}
	carets->count = kept;
}
