#include "ot/chain.h"

#include <stdlib.h>

#include "ot/mem.h"

#define BYTES_PER_WEIGHT 32 /* copying this much text costs about what a component does */

static const struct op identity;

void chain_fini(struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		op_fini(&chain->runs[i]);
	free(chain->runs);
	strokes_fini(&chain->strokes);
	*chain = (struct chain){0};
}

static size_t weight(const struct op *op)
{
	return op_count(op) + op_bytes(op) / BYTES_PER_WEIGHT;
}

/* What `then` does after first, in first's place. */
static void join_runs(struct op *first, struct op *then)
{
	if (!op_join(first, then)) {
		struct op both = op_compose(first, then);
		op_fini(first);
		*first = both;
	}
	op_fini(then);
}

/* What cancelled out is no run. */
static void drop_hollow(struct chain *chain)
{
	struct op *last = &chain->runs[chain->count - 1];

	if (!op_is_identity(last))
		return;
	op_fini(last);
	chain->count--;
}

/* Compose neighbours, and then the neighbours that are left, until the fresh runs are one. */
static void compose_fresh(struct chain *chain)
{
	struct op *fresh = chain->runs + chain->old;
	size_t count = chain->count - chain->old;

	for (; count > 1; count = (count + 1) / 2) {
		for (size_t i = 0; i + 1 < count; i += 2) {
			join_runs(&fresh[i], &fresh[i + 1]);
			fresh[i / 2] = fresh[i];
		}
		if (count % 2)
			fresh[count / 2] = fresh[count - 1];
	}
	chain->count = chain->old + count;
}

static bool last_too_heavy(const struct chain *chain)
{
	const struct op *last = &chain->runs[chain->count - 1];

	return chain->count > 1 && weight(last - 1) <= weight(last);
}

static void join_last(struct chain *chain)
{
	struct op *last = &chain->runs[--chain->count];

	join_runs(last - 1, last);
	drop_hollow(chain);
}

static void push(struct chain *chain, struct op *takes)
{
	chain->runs = mem_grow(chain->runs, &chain->cap, chain->count + 1, sizeof(*chain->runs));
	chain->runs[chain->count++] = *takes;
	*takes = identity;
	drop_hollow(chain);
}

static void push_strokes(struct chain *chain)
{
	if (!chain->strokes.count)
		return;
	struct op all = strokes_compose(&chain->strokes);
	push(chain, &all);
}

/* All that is fresh becomes old. */
static void settle(struct chain *chain)
{
	push_strokes(chain);
	if (chain->count == chain->old)
		return;
	compose_fresh(chain);
	drop_hollow(chain);
	while (chain->count > 1 && last_too_heavy(chain))
		join_last(chain);
	chain->old = chain->count;
}

void chain_splice_on(struct chain *chain, const struct splice *s)
{
	strokes_add(&chain->strokes, s);
	if (chain->strokes.count > CHAIN_STROKES)
		settle(chain);
}

static bool add_splice(struct chain *chain, const struct op *op)
{
	struct splice s;

	if (!op_as_splice(op, &s))
		return false;
	if (!op_is_identity(op))
		chain_splice(chain, &s);
	return true;
}

void chain_add(struct chain *chain, struct op *takes)
{
	if (op_is_identity(takes) || add_splice(chain, takes)) {
		op_fini(takes);
		return;
	}
	push_strokes(chain);
	if (chain->count - chain->old >= CHAIN_FRESH)
		settle(chain);
	push(chain, takes);
}

void chain_add_copy(struct chain *chain, const struct op *op)
{
	if (add_splice(chain, op))
		return;
	struct op copy = op_copy(op);
	chain_add(chain, &copy);
}

const struct op *chain_whole(struct chain *chain)
{
	settle(chain);
	while (chain->count > 1)
		join_last(chain);
	chain->old = chain->count;
	return chain->count ? chain->runs : &identity;
}

struct op chain_take(struct chain *chain)
{
	struct op whole = identity;

	if (!chain->count)
		return strokes_compose(&chain->strokes);
	chain_whole(chain);
	if (chain->count)
		whole = chain->runs[0];
	chain->count = chain->old = 0;
	return whole;
}

size_t chain_shift(const struct chain *chain, size_t pos, bool push)
{
	for (size_t i = 0; i < chain->count; i++)
		pos = op_transform_pos(&chain->runs[i], pos, push);
	return strokes_shift(&chain->strokes, pos, push);
}
