/* A replica whose server starts over with a fresh text: what was typed here is carried to it. */
#include <stdlib.h>
#include <string.h>

#include "ot/diff.h"
#include "ot/replica_part.h"
#include "ot/utf8.h"

#define UNKNOWN "\xef\xbf\xbd" /* U+FFFD, for a deleted character that nobody knows any more */

/* Does `text` hold at `pos` what `other` holds at `from`? */
static bool same_at(
	const struct text *text, size_t pos, const struct text *other, size_t from, size_t points)
{
	struct text_iter x = text_iter(text, pos), y = text_iter(other, from);

	for (uint32_t p, q; points; points--) {
		if (!text_iter_next(&x, &p) || !text_iter_next(&y, &q) || p != q)
			return false;
	}
	return true;
}

/* Text of which the server's fresh one may know what stood in the places that we deleted. */
struct rebuild {
	struct text *text; /* ours; from `at` on still with our edits */
	const struct text *fresh;
	size_t at, end; /* end: how long it is to be */
	bool matches;   /* so far it is how fresh begins */
};

static void rebuild_kept(struct rebuild *b, size_t points)
{
	b->matches = b->matches && same_at(b->text, b->at, b->fresh, b->at, points);
	b->at += points;
}

/* Characters of fresh, or placeholders where it has none: transformed, our deletion of these is nobody's. */
static void rebuild_hole(struct rebuild *b, size_t points)
{
	size_t size = text_size(b->fresh).points, back = b->end - b->at;
	size_t from = b->matches ? b->at : size > back ? size - back : 0, bytes;
	char *fill = text_slice(b->fresh, from, points, &bytes);
	size_t filled = utf8_count(fill, bytes).points;

	text_insert(b->text, b->at, fill, bytes);
	for (size_t i = filled; i < points; i++)
		text_insert(b->text, b->at + i, UNKNOWN, strlen(UNKNOWN));
	b->matches = b->matches && filled == points;
	b->at += points;
	free(fill);
}

/* The text without `own`, as far as we or the server know it. */
static struct text *rebuild_known(
	const struct replica *r, const struct op *own, const struct text *fresh)
{
	struct rebuild b = {text_copy(r->text), fresh, 0, r->known_points, true};
	struct op_iter it = op_iter(own);

	for (struct op_component c; op_next(&it, &c);) {
		if (c.kind == OP_INSERT)
			text_delete(b.text, b.at, c.points);
		else if (c.kind == OP_RETAIN)
			rebuild_kept(&b, c.points);
		else
			rebuild_hole(&b, c.points);
	}
	return b.text;
}

/* No room for our edits in the new text: give them up rather than part from the server. */
static void give_up(struct replica *r, const struct text *fresh, struct op *shown)
{
	op_fini(shown);
	*shown = op_diff(r->text, fresh);
	text_destroy(r->text);
	r->text = text_copy(fresh);
	chain_fini(&r->buffered);
}

/* Carry our edits over to the fresh text; gives what that changes on screen. */
static struct op carry_over(struct replica *r, const struct text *fresh)
{
	struct op own = chain_take(&r->buffered), past, moved;
	struct text *known = rebuild_known(r, &own, fresh);
	struct op news = op_diff(known, fresh);
	bool whole = text_size(known).points == r->known_points; /* what we deleted had room */

	op_transform(&news, &own, true, &past, &moved);
	chain_add(&r->buffered, &moved);
	op_fini(&own);
	op_fini(&news);
	text_destroy(known);
	if (!whole || op_apply(&past, r->text))
		give_up(r, fresh, &past);
	return past;
}

void replica_restart(
	struct replica *r, struct text *takes, uint64_t rev, uint64_t user, struct op *shown)
{
	struct op all = {0}, more;

	replica_show_missed(r, &all);
	replica_take_back(r, 0);
	more = carry_over(r, takes);
	replica_add_shown(&all, &more);
	r->known_points = text_size(takes).points;
	r->rev = r->resume_rev = rev;
	r->seq = user == r->user ? r->seq : 0;
	r->user = user;
	text_destroy(takes);
	replica_give(shown, &all);
}
