#include "ot/myers.h"

#include <stdlib.h>

#include "ot/mem.h"

/* Both ends are looked at from their own side: what is said of the front, of a and of x holds for the back, mirrored. */
struct search {
	const uint32_t *a, *b;
	bool *gone, *fresh;
	ptrdiff_t *front, *back; /* by diagonal x - y: how far along a the furthest path goes */
	size_t budget;
};

struct box { /* [a0, a1) of a, [b0, b1) of b */
	size_t a0, a1, b0, b1;
};

struct place {
	size_t a, b;
};

/* What a round of a search knows: d edits so far, n of a, m of b, on diagonals from `low` to `high`. */
struct round {
	ptrdiff_t d, n, m, low, high;
};

static bool pay(struct search *s, size_t steps)
{
	bool enough = s->budget >= steps;

	s->budget = enough ? s->budget - steps : 0;
	return enough;
}

static struct round round_of(const struct box *box, ptrdiff_t d)
{
	struct round r = {
		.d = d, .n = (ptrdiff_t)(box->a1 - box->a0), .m = (ptrdiff_t)(box->b1 - box->b0)};

	r.low = -(d - 2 * (d > r.m ? d - r.m : 0)); /* beyond are no characters of b, or of a */
	r.high = d - 2 * (d > r.n ? d - r.n : 0);
	return r;
}

/* Where the furthest path of d edits on diagonal k stands before it follows what is equal. */
static ptrdiff_t step(const ptrdiff_t *furthest, const struct round *r, ptrdiff_t k)
{
	if (k == -r->d || (k != r->d && furthest[k - 1] < furthest[k + 1]))
		return furthest[k + 1];
	return furthest[k - 1] + 1;
}

static ptrdiff_t follow_front(const struct search *s, const struct box *box, const struct round *r,
	ptrdiff_t x, ptrdiff_t y)
{
	const uint32_t *a = s->a + box->a0, *b = s->b + box->b0;

	while (x < r->n && y < r->m && a[x] == b[y])
		x++, y++;
	return x;
}

static ptrdiff_t follow_back(const struct search *s, const struct box *box, const struct round *r,
	ptrdiff_t x, ptrdiff_t y)
{
	const uint32_t *a = s->a + box->a1 - 1, *b = s->b + box->b1 - 1;

	while (x < r->n && y < r->m && a[-x] == b[-y])
		x++, y++;
	return x;
}

/* Does the path from this side, at x on diagonal k, meet one of the other side that took `most` edits at most? */
static bool meets(
	const ptrdiff_t *other, const struct round *r, ptrdiff_t k, ptrdiff_t x, ptrdiff_t most)
{
	ptrdiff_t across = r->n - r->m - k;

	return across >= -most && across <= most && x + other[across] >= r->n;
}

static bool round_front(
	struct search *s, const struct box *box, const struct round *r, struct place *out)
{
	bool odd = (r->n - r->m) & 1;

	for (ptrdiff_t k = r->low; k <= r->high; k += 2) {
		ptrdiff_t from = step(s->front, r, k);
		ptrdiff_t x = s->front[k] = follow_front(s, box, r, from, from - k);
		pay(s, (size_t)(x - from));
		if (odd && meets(s->back, r, k, x, r->d - 1)) {
			*out = (struct place){box->a0 + (size_t)x, box->b0 + (size_t)(x - k)};
			return true;
		}
	}
	return false;
}

static bool round_back(
	struct search *s, const struct box *box, const struct round *r, struct place *out)
{
	bool even = !((r->n - r->m) & 1);

	for (ptrdiff_t k = r->low; k <= r->high; k += 2) {
		ptrdiff_t from = step(s->back, r, k);
		ptrdiff_t x = s->back[k] = follow_back(s, box, r, from, from - k);
		pay(s, (size_t)(x - from));
		if (even && meets(s->front, r, k, x, r->d)) {
			*out = (struct place){box->a1 - (size_t)x, box->b1 - (size_t)(x - k)};
			return true;
		}
	}
	return false;
}

/* A place that a shortest way through the box leads past, half its edits on either side. false: too dear. */
static bool find_middle(struct search *s, const struct box *box, struct place *out)
{
	s->front[1] = s->back[1] = 0;
	for (ptrdiff_t d = 0;; d++) {
		struct round r = round_of(box, d);
		if (!pay(s, 2 * (size_t)d + 2))
			return false;
		if (round_front(s, box, &r, out) || round_back(s, box, &r, out))
			return true;
	}
}

static void mark(bool *marks, size_t from, size_t to)
{
	while (from < to)
		marks[from++] = true;
}

static void trim(const struct search *s, struct box *box)
{
	while (box->a0 < box->a1 && box->b0 < box->b1 && s->a[box->a0] == s->b[box->b0])
		box->a0++, box->b0++;
	while (box->a0 < box->a1 && box->b0 < box->b1 && s->a[box->a1 - 1] == s->b[box->b1 - 1])
		box->a1--, box->b1--;
}

/* Each call has half the edits of its caller's: the depth is their logarithm. */
static void compare(struct search *s, struct box box)
{
	struct place middle;

	trim(s, &box);
	if (box.a0 == box.a1 || box.b0 == box.b1 || !find_middle(s, &box, &middle)) {
		mark(s->gone, box.a0, box.a1);
		mark(s->fresh, box.b0, box.b1);
		return;
	}
	compare(s, (struct box){box.a0, middle.a, box.b0, middle.b});
	compare(s, (struct box){middle.a, box.a1, middle.b, box.b1});
}

/* How many edits a search may count before its budget is gone, or all is an edit. */
static size_t most_edits(size_t n, size_t m, size_t budget)
{
	size_t most = (n + m + 1) / 2, paid = 0;

	for (size_t d = 0; d < most; d++)
		if ((paid += 2 * d + 2) > budget)
			return d;
	return most;
}

size_t myers_mark(const uint32_t *a, size_t n, const uint32_t *b, size_t m, bool *gone, bool *fresh,
	size_t budget)
{
	size_t reach = most_edits(n, m, budget) + 2;
	ptrdiff_t *paths = mem_alloc(2 * (2 * reach + 1) * sizeof(*paths));
	struct search s = {.a = a,
		.b = b,
		.gone = gone,
		.fresh = fresh,
		.front = paths + reach,
		.back = paths + 3 * reach + 1,
		.budget = budget};

	compare(&s, (struct box){0, n, 0, m});
	free(paths);
	return s.budget;
}
