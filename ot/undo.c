#include "ot/undo.h"

#include <stdlib.h>
#include <string.h>

#include "ot/chain.h"
#include "ot/mem.h"

struct step {
	struct op inverse;
	struct chain since; /* others' edits after it, up to the step above or to now */
};

struct pile {
	struct step *steps; /* the newest last */
	size_t first, count, cap;
};

struct undo {
	struct pile done, undone;
};

struct undo *undo_create(void)
{
	return mem_alloc(sizeof(struct undo));
}

static void step_fini(struct step *step)
{
	op_fini(&step->inverse);
	chain_fini(&step->since);
}

static struct step *top(struct pile *pile)
{
	return pile->count ? &pile->steps[pile->first + pile->count - 1] : NULL;
}

static void pile_clear(struct pile *pile)
{
	for (; pile->count; pile->count--)
		step_fini(top(pile));
	pile->first = 0;
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
	step_fini(&pile->steps[pile->first]);
	pile->first++;
	pile->count--;
}

static void make_room(struct pile *pile)
{
	if (pile->first > UNDO_STEPS) {
		memmove(pile->steps, pile->steps + pile->first, pile->count * sizeof(*pile->steps));
		pile->first = 0;
	}
	size_t need = pile->first + pile->count + 1;
	pile->steps = mem_grow(pile->steps, &pile->cap, need, sizeof(*pile->steps));
}

static void push(struct pile *pile, struct op *takes)
{
	if (pile->count == UNDO_STEPS)
		drop_oldest(pile);
	make_room(pile);
	pile->count++;
	*top(pile) = (struct step){.inverse = *takes};
	*takes = (struct op){0};
}

/*
 * Bring the newest step to the text as it is now; what came after it then came after the step
 * below.
 */
static void rebase_top(struct pile *pile)
{
	struct step *step = top(pile);

	if (chain_is_empty(&step->since))
		return;
	struct op since = chain_take(&step->since);
	op_cross(&step->inverse, &since, true);
	if (pile->count > 1)
		chain_add(&step[-1].since, &since);
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
		push(&u->done, inverse);
		return;
	}
	rebase_top(&u->done);
	lengthen(top(&u->done), inverse);
}

static void note(struct pile *pile, const struct op *op)
{
	if (!pile->count)
		return;
	chain_add_copy(&top(pile)->since, op);
}

void undo_remote(struct undo *u, const struct op *op)
{
	note(&u->done, op);
	note(&u->undone, op);
}

/* The newest step that still does something, brought to now; its place in the pile is given up. */
static bool pop(struct pile *pile, struct op *out)
{
	*out = (struct op){0};
	while (pile->count && op_is_identity(out)) {
		rebase_top(pile);
		op_fini(out);
		*out = top(pile)->inverse;
		chain_fini(&top(pile)->since);
		pile->count--;
	}
	return !op_is_identity(out);
}

static bool swap_step(struct pile *from, struct pile *to, const struct text *text, struct op *out)
{
	struct op inverse;

	if (!pop(from, out))
		return false;
	if (op_invert(out, text, &inverse)) {
		op_fini(out);
		return false;
	}
	push(to, &inverse);
	return true;
}

bool undo_undo(struct undo *u, const struct text *text, struct op *out)
{
	return swap_step(&u->done, &u->undone, text, out);
}

bool undo_redo(struct undo *u, const struct text *text, struct op *out)
{
	return swap_step(&u->undone, &u->done, text, out);
}
