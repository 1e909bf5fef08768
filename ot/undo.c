#include "ot/undo.h"

#include <stdlib.h>
#include <string.h>

#include "ot/chain.h"
#include "ot/mem.h"

#define FIRST_STEPS 16

struct step {
	uint64_t mark;
	struct op inverse;
	struct chain
		*since; /* others' edits after it, up to the step above or to now; NULL for none */
};

struct pile {
	struct step *steps; /* a ring, the oldest at first */
	size_t first, count, cap;
};

struct undo {
	struct pile done, undone;
	uint64_t marked; /* of the step taken back or redone last */
};

struct undo *undo_create(void)
{
	return mem_alloc(sizeof(struct undo));
}

static struct step *step_at(const struct pile *pile, size_t i)
{
	size_t at = pile->first + i;

	return &pile->steps[at < pile->cap ? at : at - pile->cap];
}

static struct step *top(const struct pile *pile)
{
	return step_at(pile, pile->count - 1);
}

static void forget_since(struct step *step)
{
	if (step->since)
		chain_fini(step->since);
	free(step->since);
	step->since = NULL;
}

static void add_since(struct step *step, struct op *takes)
{
	if (!step->since)
		step->since = mem_alloc(sizeof(*step->since));
	chain_add(step->since, takes);
}

static void step_fini(struct step *step)
{
	op_fini(&step->inverse);
	forget_since(step);
}

static void pile_clear(struct pile *pile)
{
	for (; pile->count; pile->count--)
		step_fini(top(pile));
}

void undo_destroy(struct undo *u)
{
	if (!u)
		return;
	pile_clear(&u->done);
	pile_clear(&u->undone);
	free(u->done.steps);
	free(u->undone.steps);
	free(u);
}

static void drop_oldest(struct pile *pile)
{
	step_fini(step_at(pile, 0));
	pile->first = pile->first + 1 < pile->cap ? pile->first + 1 : 0;
	pile->count--;
}

static void grow(struct pile *pile)
{
	size_t cap = pile->cap ? 2 * pile->cap : FIRST_STEPS;
	struct step *steps;

	cap = cap < UNDO_STEPS ? cap : UNDO_STEPS;
	steps = mem_realloc(NULL, cap, sizeof(*steps));
	for (size_t i = 0; i < pile->count; i++)
		steps[i] = *step_at(pile, i);
	free(pile->steps);
	pile->steps = steps;
	pile->first = 0;
	pile->cap = cap;
}

static void push(struct pile *pile, struct op *takes, uint64_t mark)
{
	if (pile->count == UNDO_STEPS)
		drop_oldest(pile);
	if (pile->count == pile->cap)
		grow(pile);
	pile->count++;
	*top(pile) = (struct step){mark, *takes, NULL};
}

/*
 * Bring the newest step to the text as it is now; what came after it then came after the step
 * below.
 */
static void rebase_top(struct pile *pile)
{
	struct step *step = top(pile);

	if (!step->since)
		return;
	struct op since = chain_take(step->since);
	forget_since(step);
	op_cross(&step->inverse, &since, true);
	if (pile->count > 1)
		add_since(step_at(pile, pile->count - 2), &since);
	else
		op_fini(&since);
}

/* The newest step is to take this back first, too. */
static void lengthen(struct step *step, struct op *inverse)
{
	if (!op_join_front(inverse, &step->inverse)) {
		struct op both = op_compose(inverse, &step->inverse);
		op_fini(&step->inverse);
		step->inverse = both;
	}
	op_fini(inverse);
}

void undo_record(struct undo *u, struct op *inverse, bool join)
{
	if (op_is_identity(inverse)) {
		op_fini(inverse);
		return;
	}
	pile_clear(&u->undone);
	if (!join || !u->done.count) {
		push(&u->done, inverse, 0);
		return;
	}
	rebase_top(&u->done);
	lengthen(top(&u->done), inverse);
}

static void note(struct pile *pile, const struct op *op)
{
	if (!pile->count)
		return;
	struct op copy = op_copy(op);
	add_since(top(pile), &copy);
}

void undo_remote(struct undo *u, const struct op *op)
{
	note(&u->done, op);
	note(&u->undone, op);
}

/* The newest step that still does something, brought to now; its place in the pile is given up. */
static bool pop(struct pile *pile, struct op *out, uint64_t *mark)
{
	*out = (struct op){0};
	while (pile->count && op_is_identity(out)) {
		rebase_top(pile);
		op_fini(out);
		*out = top(pile)->inverse;
		*mark = top(pile)->mark;
		pile->count--;
	}
	return !op_is_identity(out);
}

static bool swap_step(
	struct undo *u, struct pile *from, struct pile *to, const struct text *text, struct op *out)
{
	struct op inverse;

	if (!pop(from, out, &u->marked))
		return false;
	if (op_invert(out, text, &inverse)) {
		op_fini(out);
		return false;
	}
	push(to, &inverse, u->marked);
	return true;
}

bool undo_undo(struct undo *u, const struct text *text, struct op *out)
{
	return swap_step(u, &u->done, &u->undone, text, out);
}

bool undo_redo(struct undo *u, const struct text *text, struct op *out)
{
	return swap_step(u, &u->undone, &u->done, text, out);
}

void undo_mark(struct undo *u, uint64_t mark)
{
	if (u->done.count)
		top(&u->done)->mark = mark;
}

uint64_t undo_marked(const struct undo *u)
{
	return u->marked;
}
