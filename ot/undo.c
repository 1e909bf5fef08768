#include "ot/undo.h"

#include <stdlib.h>

#include "ot/mem.h"
#include "ot/pile.h"
#include "ot/utf8.h"

struct undo {
	struct pile done, undone;
	uint64_t marked; /* of the step taken back or redone last */
};

struct undo *undo_create(void)
{
	return mem_alloc(sizeof(struct undo));
}

void undo_destroy(struct undo *u)
{
	if (!u)
		return;
	pile_fini(&u->done);
	pile_fini(&u->undone);
	free(u);
}

/* Is there a step to join? It is brought to now. Nothing can be redone any more. */
static bool goes_on(struct undo *u, bool join)
{
	if (u->undone.count)
		pile_clear(&u->undone);
	if (!join || !u->done.count)
		return false;
	pile_rebase(&u->done);
	return true;
}

void undo_record(struct undo *u, struct op *inverse, bool join)
{
	struct splice place;

	if (op_as_splice(inverse, &place)) {
		undo_splice(u, &place, join);
		op_fini(inverse);
	} else if (goes_on(u, join)) {
		pile_lead_op(&u->done, inverse);
	} else {
		pile_push_op(&u->done, inverse);
	}
}

/* What is no letter typed, apart: so that letters cost no call. */
static __attribute__((noinline)) void splice_on(
	struct undo *u, const struct splice *inverse, bool join)
{
	if (!(inverse->points | inverse->drop))
		return;
	if (join && !u->undone.count && pile_deleted(&u->done, inverse))
		return;
	if (goes_on(u, join))
		pile_lead(&u->done, inverse);
	else
		pile_push(&u->done, inverse);
}

void undo_splice(struct undo *u, const struct splice *inverse, bool join)
{
	if (inverse->points || u->undone.count || !pile_typed(&u->done, inverse, join))
		splice_on(u, inverse, join);
}

void undo_remote(struct undo *u, const struct op *op)
{
	pile_note(&u->done, op);
	pile_note(&u->undone, op);
}

/* The newest step that still does something, brought to now; its place in the pile is given up. The oldest `least` stay. */
static bool pop(struct pile *pile, size_t least, struct op *out, uint64_t *mark)
{
	*out = (struct op){0};
	while (pile->count > least && op_is_identity(out)) {
		op_fini(out);
		*mark = pile_top(pile)->mark;
		*out = pile_pop(pile);
	}
	return !op_is_identity(out);
}

static bool swap_step(struct undo *u, struct pile *from, size_t least, struct pile *to,
	const struct text *text, struct op *out)
{
	struct op inverse;

	if (!pop(from, least, out, &u->marked))
		return false;
	if (op_invert(out, text, &inverse)) {
		op_fini(out);
		return false;
	}
	pile_push_op(to, &inverse);
	pile_top(to)->mark = u->marked;
	return true;
}

bool undo_undo(struct undo *u, const struct text *text, struct op *out)
{
	return undo_down_to(u, 0, text, out);
}

bool undo_down_to(struct undo *u, size_t least, const struct text *text, struct op *out)
{
	return swap_step(u, &u->done, least, &u->undone, text, out);
}

bool undo_redo(struct undo *u, const struct text *text, struct op *out)
{
	return swap_step(u, &u->undone, 0, &u->done, text, out);
}

size_t undo_count(const struct undo *u)
{
	return u->done.count;
}

bool undo_peek(const struct undo *u, size_t i, struct undo_step *step)
{
	struct pile_glance seen;

	if (i >= u->done.count)
		return false;
	pile_glance(&u->done, i, &seen);
	if (seen.bytes > UNDO_EXCERPT) {
		seen.bytes = UNDO_EXCERPT;
		while (utf8_is_rest(seen.text[seen.bytes]))
			seen.bytes--;
	}
	*step = (struct undo_step){seen.typed, seen.deleted, seen.text, seen.bytes, seen.mark};
	return true;
}

void undo_mark(struct undo *u, uint64_t mark)
{
	if (u->done.count)
		pile_top(&u->done)->mark = mark;
}

uint64_t undo_marked(const struct undo *u)
{
	return u->marked;
}
