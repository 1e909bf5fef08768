/*
 * The laws of undo, among others' edits, told by the identity of characters (each is another code
 * point):
 *
 * - undoing all of one's edits removes exactly one's own characters and brings back those one
 *   deleted; what others wrote stays, and what others deleted stays deleted;
 * - with nobody else, each undo gives exactly the text before the step, and each redo the text
 *   after it;
 * - characters that were ever seen together keep their order;
 * - undo and redo say false only when there is nothing to do.
 */
#include "tests/laws/choice.h"
#include "tests/laws/plain.h"
#include "ot/undo.h"

#define LETTERS 200

struct world {
	struct choice *c;
	struct text *text;
	struct plain seen;
	struct undo *undo;
	uint32_t next;
	bool own[LETTERS];
	bool dead[LETTERS];            /* deleted by others */
	bool before[LETTERS][LETTERS]; /* [a][b]: a was seen before b */
};

#define ASCII_LETTERS 90 /* the first ones, and then others, wider */

static uint32_t letter(uint32_t number)
{
	return number < ASCII_LETTERS ? '!' + number : 0x4e00 + number;
}

static uint32_t letter_number(uint32_t point)
{
	return point < 0x4e00 ? point - '!' : point - 0x4e00;
}

/* All pairs on the screen: in an order that no earlier screen contradicts. */
static void note_order(struct world *w)
{
	for (size_t i = 0; i < w->seen.len; i++) {
		uint32_t a = letter_number(w->seen.at[i]);
		for (size_t j = i + 1; j < w->seen.len; j++) {
			uint32_t b = letter_number(w->seen.at[j]);
			LAW(w->c, a != b && !w->before[b][a]);
			w->before[a][b] = true;
		}
	}
}

static void change(struct world *w, const struct op *op)
{
	LAW(w->c, op_apply(op, w->text) == ERR_NONE);
	plain_apply(&w->seen, op);
	LAW(w->c, plain_is(&w->seen, w->text));
	note_order(w);
}

static void insert_letters(struct world *w, struct op *op, size_t n, bool own)
{
	for (; n && w->next < LETTERS; n--) {
		char utf8[4];
		w->own[w->next] = own;
		op_insert(op, utf8, utf8_encode(letter(w->next++), utf8));
	}
}

static struct op random_op(struct world *w, bool own)
{
	struct op op = {0};
	size_t at = 0;

	for (size_t places = 1 + pick(w->c, 2); places; places--) {
		size_t left = w->seen.len - at;
		size_t skip = pick(w->c, left + 1);
		size_t drop = pick(w->c, 3) ? 0 : pick(w->c, 5);
		drop = drop < left - skip ? drop : left - skip;
		op_retain(&op, skip);
		op_delete(&op, drop);
		for (size_t i = 0; !own && i < drop; i++)
			w->dead[letter_number(w->seen.at[at + skip + i])] = true;
		insert_letters(w, &op, pick(w->c, 4), own);
		at += skip + drop;
	}
	return op;
}

static void own_edit(struct world *w, bool join)
{
	struct op op = random_op(w, true), inverse;

	LAW(w->c, op_invert(&op, w->text, &inverse) == ERR_NONE);
	undo_record(w->undo, &inverse, join);
	change(w, &op);
	op_fini(&op);
}

static void others_edit(struct world *w)
{
	struct op op = random_op(w, false);

	change(w, &op);
	undo_remote(w->undo, &op);
	op_fini(&op);
}

static bool take(struct world *w, bool (*how)(struct undo *, const struct text *, struct op *))
{
	struct op op;
	bool done = how(w->undo, w->text, &op);

	LAW(w->c, done != op_is_identity(&op));
	change(w, &op);
	op_fini(&op);
	return done;
}

static struct world open_world(struct choice *c)
{
	struct world w = {.c = c, .undo = undo_create()};
	struct op op = {0};

	w.text = text_create();
	insert_letters(&w, &op, pick(c, 12), false);
	change(&w, &op);
	op_fini(&op);
	return w;
}

static void close_world(struct world *w)
{
	text_destroy(w->text);
	plain_fini(&w->seen);
	undo_destroy(w->undo);
}

/*
 * Nothing of one's own is left, and everything of the others' that they did not delete themselves.
 */
static void check_undone(struct world *w)
{
	for (uint32_t i = 0; i < w->next; i++) {
		bool here = plain_find(&w->seen, letter(i)) < w->seen.len;
		LAW(w->c, here == (!w->own[i] && !w->dead[i]));
	}
}

static void law_among_others(struct choice *c)
{
	static struct world w;

	w = open_world(c);
	for (size_t steps = pick(c, 40); steps; steps--) {
		switch (pick(c, 6)) {
		case 0:
		case 1: own_edit(&w, pick(c, 3) == 0); break;
		case 2: take(&w, undo_undo); break;
		case 3: take(&w, undo_redo); break;
		default: others_edit(&w);
		}
	}
	while (take(&w, undo_undo))
		if (pick(c, 3) == 0)
			others_edit(&w);
	check_undone(&w);
	if (pick(c, 2)) { /* there and back again */
		while (take(&w, undo_redo))
			if (pick(c, 3) == 0)
				others_edit(&w);
		while (take(&w, undo_undo))
			;
		check_undone(&w);
	}
	close_world(&w);
}

/* The texts before the first step, after it, after the second, ... */
static void law_alone(struct choice *c)
{
	static struct world w;
	struct plain texts[12] = {0};
	size_t count = 0, at;
	bool hollow = false; /* the newest step came to nothing, and is no step any more */

	w = open_world(c);
	texts[count++] = plain_copy(&w.seen);
	for (size_t edits = pick(c, 20); edits && count < 12; edits--) {
		bool join = (count > 1 || hollow) && pick(c, 3) == 0;
		own_edit(&w, join);
		if (plain_equal(&w.seen, &texts[count - 1]))
			continue;
		if (join && !hollow)
			plain_fini(&texts[--count]);
		hollow = plain_equal(&w.seen, &texts[count - 1]);
		if (!hollow)
			texts[count++] = plain_copy(&w.seen);
	}
	at = count - 1;
	for (size_t moves = pick(c, 40); moves; moves--) {
		bool back = pick(c, 2);
		bool can = back ? at > 0 : at + 1 < count;
		LAW(c, take(&w, back ? undo_undo : undo_redo) == can);
		at = !can ? at : back ? at - 1 : at + 1;
		LAW(c, plain_equal(&w.seen, &texts[at]));
	}
	while (count)
		plain_fini(&texts[--count]);
	close_world(&w);
}

static void law(struct choice *c)
{
	law_among_others(c);
	law_alone(c);
}

int main(void)
{
	return laws_run(4000, law);
}
