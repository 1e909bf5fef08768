/*
 * chain.h: edits one after the other, kept so that they compose cheaply.
 *
 *	struct chain c = {0};
 *	chain_splice(&c, &s);		-- what a key does
 *	chain_add(&c, &op);		-- takes op
 *	chain_whole(&c);		-- all of them as one op
 *	chain_fini(&c);
 *
 * Composing each new edit into everything before it is quadratic. So a chain holds runs, and behind them the newest changes
 * of one place each as strokes, which cost next to nothing to add to. Strokes become a run when something else comes, or
 * someone wants the whole, or there are CHAIN_STROKES of them. Runs are collected, and only when CHAIN_FRESH have come
 * are they composed, as a balanced tree. What they give joins the runs from before, each heavier than the next one, like a
 * binary counter. So every component is touched O(log n) times, and none while somebody types.
 *
 * Invariant: no run is the identity; each weighs more than the one after it, but for the fresh ones.
 * Memory:    a chain owns its ops. A zeroed struct is an empty chain.
 */
#ifndef OT_CHAIN_H
#define OT_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/op.h"
#include "ot/strokes.h"

#ifdef OT_TINY
#define CHAIN_FRESH   4
#define CHAIN_STROKES 3
#else
#define CHAIN_FRESH   1024
#define CHAIN_STROKES ((size_t)1 << 18) /* 4 MB, by whoever jumps about so often without a server */
#endif

struct chain {
	struct op *runs; /* in order; each stands on the text that the one before gives */
	size_t count, cap;
	size_t old; /* so many were composed before; the others are fresh */
	struct strokes strokes; /* behind the runs */
};

static inline bool chain_is_empty(const struct chain *chain) /* or all of it cancelled out */
{
	return chain->count == 0 && chain->strokes.count == 0;
}

void chain_fini(struct chain *chain);
void chain_splice_on(struct chain *chain, const struct splice *s);
void chain_add(struct chain *chain, struct op *takes);
void chain_add_copy(struct chain *chain, const struct op *op);
const struct op *chain_whole(
	struct chain *chain); /* borrows until the next change; an empty one gives the identity */
struct op chain_take(struct chain *chain); /* the whole, owned; the chain is empty afterwards */
static inline void chain_splice(struct chain *chain, const struct splice *s)
{
	if (!strokes_key(&chain->strokes, s))
		chain_splice_on(chain, s);
}

size_t chain_shift(
	const struct chain *chain, size_t pos, bool push); /* op_transform_pos past all of it */

#endif
