/*
 * pile.h: a person's steps, each kept as what takes it back, and what others did since. undo.h has one of those done, and one of
 * those undone.
 *
 * Nearly every step is a word typed or a row of letters deleted: a splice, whose text stands in one buffer behind that of the
 * step below. So a step is 32 bytes, and ten thousand of them stay in a processor's cache. Steps of any other shape, and those
 * among others' edits, have a `rest` of their own.
 *
 * To bring the newest step to the text as it is now (pile_rebase), it is transformed past the others' edits, and they past it;
 * then they came after the step below: so each edit is carried through only those steps that matter, when it is needed.
 * Others' edits are collected in a chain: amortised O(log n) each.
 *
 * Memory:   owns all it is given. Of more than twice UNDO_STEPS steps the older half goes at once: moving the others down costs
 *           next to nothing a step. A zeroed struct is empty.
 */
#ifndef OT_PILE_H
#define OT_PILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/chain.h"
#include "ot/op.h"

struct step_rest {
	bool many;          /* the step is op, not a splice */
	struct op op;
	struct chain since; /* others' edits after it, up to the step above or to now */
};

struct step {
	uint32_t pos, drop, points, bytes; /* what takes it back, as in struct splice */
	uint64_t mark;                     /* its owner's: undo_mark */
	struct step_rest *rest;            /* NULL for none */
};

struct pile {
	struct step *steps; /* the oldest first */
	size_t count, cap;
	struct buf text;    /* of the splices */
};

static inline struct step *pile_top(const struct pile *p)
{
	return &p->steps[p->count - 1];
}

void pile_clear(struct pile *p);
void pile_fini(struct pile *p);
void pile_push(struct pile *p, const struct splice *inverse);
void pile_push_op(struct pile *p, struct op *takes);
void pile_note(struct pile *p, const struct op *others); /* came after the newest step */
void pile_rebase(struct pile *p);

struct pile_glance { /* at a step as it is kept */
	size_t typed, deleted; /* points it took back would drop, and bring */
	const char *text;      /* what was deleted, or a part of it: borrowed until the next change */
	size_t bytes;
	uint64_t mark;
};
/* The i-th newest step, which is there. O(i). */
void pile_glance(const struct pile *p, size_t i, struct pile_glance *out);
struct op pile_pop(struct pile *p); /* the newest step, brought to now, the caller's to finish */

/* Something was typed, and nothing dropped, without a call: most keys do that. false, and nothing is done, where others wrote since. */
static inline bool pile_typed(struct pile *p, const struct splice *inverse, bool join)
{
	if (!inverse->drop)
		return false;
	if (join) {
		struct step *step = p->count ? pile_top(p) : NULL;
		if (!step || step->rest || inverse->pos - step->pos > step->drop)
			return false;
		step->drop += (uint32_t)inverse->drop;
		return true;
	}
	if (p->count == p->cap)
		return false;
	p->steps[p->count++] = (struct step){
		.pos = (uint32_t)inverse->pos, .drop = (uint32_t)inverse->drop};
	return true;
}

/* The same for one more letter deleted, before or behind those of the newest step, which typed nothing. */
static inline bool pile_deleted(struct pile *p, const struct splice *inverse)
{
	struct step *step = p->count ? pile_top(p) : NULL;

	if (!step || step->rest || (step->drop | inverse->drop) || inverse->bytes != 1 ||
		p->text.len == p->text.cap)
		return false;
	char *end = p->text.at + p->text.len;
	if (inverse->pos + 1 == step->pos) {
		end -= step->bytes;
		memmove(end + 1, end, step->bytes);
		step->pos--;
	} else if (inverse->pos != step->pos) {
		return false;
	}
	*end = *inverse->text;
	p->text.len++;
	step->bytes++;
	step->points++;
	return true;
}

/* The newest step is to take this back first, and then what it did; both stand on the text as it is now. */
void pile_lead(struct pile *p, const struct splice *inverse);
void pile_lead_op(struct pile *p, struct op *takes);

#endif
