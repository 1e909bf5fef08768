#include "ot/pile.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/undo.h"

#define FIRST_STEPS 16
#define LEAD_MOVES                                                                                 \
	4096 /* bytes at most for a letter: beyond it a step of its own shape costs less */

static bool is_many(const struct step *step)
{
	return step->rest && step->rest->many;
}

static void forget_rest(struct step *step)
{
	if (!step->rest)
		return;
	op_fini(&step->rest->op);
	chain_fini(&step->rest->since);
	free(step->rest);
	step->rest = NULL;
}

static struct step_rest *rest_of(struct step *step)
{
	if (!step->rest)
		step->rest = mem_alloc(sizeof(*step->rest));
	return step->rest;
}

void pile_clear(struct pile *p)
{
	for (; p->count; p->count--)
		forget_rest(pile_top(p));
	buf_clear(&p->text);
}

void pile_fini(struct pile *p)
{
	pile_clear(p);
	free(p->steps);
	buf_fini(&p->text);
	*p = (struct pile){0};
}

static void drop_older_half(struct pile *p)
{
	size_t bytes = 0;

	for (size_t i = 0; i < UNDO_STEPS; i++) {
		bytes += p->steps[i].bytes;
		forget_rest(&p->steps[i]);
	}
	buf_drop(&p->text, bytes);
	p->count -= UNDO_STEPS;
	memmove(p->steps, p->steps + UNDO_STEPS, p->count * sizeof(*p->steps));
}

static void make_room(struct pile *p)
{
	if (p->count == 2 * UNDO_STEPS) {
		drop_older_half(p);
		return;
	}
	p->cap = p->cap ? 2 * p->cap : FIRST_STEPS;
	p->steps = mem_realloc(p->steps, p->cap, sizeof(*p->steps));
}

static void set_splice(struct step *step, const struct splice *s)
{
	step->pos = (uint32_t)s->pos;
	step->drop = (uint32_t)s->drop;
	step->points = (uint32_t)s->points;
	step->bytes = (uint32_t)s->bytes;
}

void pile_push(struct pile *p, const struct splice *inverse)
{
	if (p->count == p->cap)
		make_room(p);
	struct step *step = &p->steps[p->count++];
	set_splice(step, inverse);
	step->mark = 0;
	step->rest = NULL;
	buf_add(&p->text, inverse->text, inverse->bytes);
}

static char *top_text(const struct pile *p)
{
	return p->text.at + p->text.len - pile_top(p)->bytes;
}

static struct splice top_splice(const struct pile *p)
{
	const struct step *step = pile_top(p);

	return (struct splice){
		step->pos, step->drop, step->points, step->bytes, step->bytes ? top_text(p) : NULL};
}

/* The newest step's op, taken out of the pile; the step is a hull then. */
static struct op take_top(struct pile *p)
{
	struct step *step = pile_top(p);
	struct op op;

	if (is_many(step)) {
		op = step->rest->op;
		step->rest->op = (struct op){0};
		step->rest->many = false;
		return op;
	}
	struct splice s = top_splice(p);
	op = op_of_splice(&s);
	p->text.len -= step->bytes;
	step->bytes = 0;
	return op;
}

/* And back into a hull. */
static void put_top(struct pile *p, struct op *takes)
{
	struct step *step = pile_top(p);
	struct splice s;

	if (op_as_splice(takes, &s)) {
		set_splice(step, &s);
		buf_add(&p->text, s.text, s.bytes);
		op_fini(takes);
		return;
	}
	rest_of(step)->op = *takes;
	step->rest->many = true;
	step->bytes = 0;
}

void pile_push_op(struct pile *p, struct op *takes)
{
	pile_push(p, &(struct splice){0});
	put_top(p, takes);
}

void pile_note(struct pile *p, const struct op *others)
{
	if (p->count)
		chain_add_copy(&rest_of(pile_top(p))->since, others);
}

static void glance_at_op(const struct op *op, struct pile_glance *out)
{
	struct op_iter it = op_iter(op);

	for (struct op_component c; op_next(&it, &c);) {
		out->typed += c.kind == OP_DELETE ? c.points : 0;
		if (c.kind != OP_INSERT)
			continue;
		out->deleted += c.points;
		if (!out->text) {
			out->text = c.text;
			out->bytes = c.bytes;
		}
	}
}

void pile_glance(const struct pile *p, size_t i, struct pile_glance *out)
{
	const struct step *step = &p->steps[p->count - 1 - i];
	size_t end = p->text.len;

	*out = (struct pile_glance){.mark = step->mark};
	if (is_many(step)) {
		glance_at_op(&step->rest->op, out);
		return;
	}
	for (size_t newer = p->count - i; newer < p->count; newer++)
		end -= p->steps[newer].bytes;
	out->typed = step->drop;
	out->deleted = step->points;
	out->bytes = step->bytes;
	out->text = step->bytes ? p->text.at + end - step->bytes : NULL;
}

void pile_rebase(struct pile *p)
{
	struct step *step = pile_top(p);

	if (!step->rest || chain_is_empty(&step->rest->since))
		return;
	struct op since = chain_take(&step->rest->since), op = take_top(p);
	forget_rest(step);
	op_cross(&op, &since, true);
	put_top(p, &op);
	if (p->count > 1)
		chain_add(&rest_of(step - 1)->since, &since);
	else
		op_fini(&since);
}

struct op pile_pop(struct pile *p)
{
	pile_rebase(p);
	struct op op = take_top(p);
	forget_rest(pile_top(p));
	p->count--;
	return op;
}

/* [0, from) of this text goes before the newest step's, and the bytes from `to` on behind it. */
static void surround(struct pile *p, const struct splice *inverse, size_t from, size_t to)
{
	size_t behind = inverse->bytes - to;

	if (!(from + behind))
		return;
	buf_room(&p->text, from + behind);
	char *text = top_text(p);
	if (from) {
		memmove(text + from, text, pile_top(p)->bytes);
		memcpy(text, inverse->text, from);
	}
	if (behind)
		memcpy(text + from + pile_top(p)->bytes, inverse->text + to, behind);
	p->text.len += from + behind;
	pile_top(p)->bytes += (uint32_t)(from + behind);
}

static bool lead_splice(struct pile *p, const struct splice *inverse)
{
	struct step *step = pile_top(p);
	struct splice next = top_splice(p);
	struct splice_joint j;

	if (is_many(step) || step->bytes > LEAD_MOVES || !splice_join(inverse, &next, &j))
		return false;
	surround(p, inverse, j.from, j.to);
	step->pos = (uint32_t)j.pos;
	step->drop = (uint32_t)j.drop;
	step->points = (uint32_t)j.points;
	return true;
}

void pile_lead_op(struct pile *p, struct op *takes)
{
	struct op then = take_top(p), both = op_compose(takes, &then);

	op_fini(takes);
	op_fini(&then);
	put_top(p, &both);
}

void pile_lead(struct pile *p, const struct splice *inverse)
{
	if (lead_splice(p, inverse))
		return;
	struct op op = op_of_splice(inverse);
	pile_lead_op(p, &op);
}
