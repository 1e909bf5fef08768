#include "ot/authors.h"

#include <stdlib.h>

#include "ot/mem.h"

struct run {
	struct run *left, *right;
	size_t points, all; /* its own, and with those below it */
	uint64_t user, at_ms;
	uint32_t priority; /* not below its children's */
};

struct authors {
	struct run *root;
	size_t runs;
	uint32_t seed;
};

/* Marsaglia 2003: xorshift, of period 2^32 - 1. */
static uint32_t next_priority(struct authors *authors)
{
	authors->seed ^= authors->seed << 13;
	authors->seed ^= authors->seed >> 17;
	authors->seed ^= authors->seed << 5;
	return authors->seed;
}

static size_t all(const struct run *run)
{
	return run ? run->all : 0;
}

static struct run *refresh(struct run *run)
{
	run->all = all(run->left) + run->points + all(run->right);
	return run;
}

static struct run *make(struct authors *authors, size_t points, uint64_t user, uint64_t at_ms)
{
	struct run *run = mem_alloc(sizeof(*run));

	*run = (struct run){.points = points,
		.all = points,
		.user = user,
		.at_ms = at_ms,
		.priority = next_priority(authors)};
	authors->runs++;
	return run;
}

static void drop(struct authors *authors, struct run *run)
{
	if (!run)
		return;
	drop(authors, run->left);
	drop(authors, run->right);
	free(run);
	authors->runs--;
}

static struct run *merge(struct run *a, struct run *b)
{
	if (!a || !b)
		return a ? a : b;
	if (a->priority >= b->priority) {
		a->right = merge(a->right, b);
		return refresh(a);
	}
	b->left = merge(a, b->left);
	return refresh(b);
}

/* The first `points` and the others: no run lies across. */
static void split(struct run *run, size_t points, struct run **first, struct run **rest)
{
	if (!run) {
		*first = *rest = NULL;
	} else if (points <= all(run->left)) {
		split(run->left, points, first, &run->left);
		*rest = refresh(run);
	} else {
		split(run->right, points - all(run->left) - run->points, &run->right, rest);
		*first = refresh(run);
	}
}

struct authors *authors_create(size_t points)
{
	struct authors *authors = mem_alloc(sizeof(*authors));

	*authors = (struct authors){.seed = 2463534242};
	if (points)
		authors->root = make(authors, points, AUTHORS_BEFORE, 0);
	return authors;
}

void authors_destroy(struct authors *authors)
{
	if (!authors)
		return;
	drop(authors, authors->root);
	free(authors);
}

size_t authors_points(const struct authors *authors)
{
	return all(authors->root);
}

size_t authors_runs(const struct authors *authors)
{
	return authors->runs;
}

struct authors_run authors_at(const struct authors *authors, size_t pos)
{
	size_t start = 0;

	for (const struct run *run = authors->root; run;) {
		size_t before = start + all(run->left);
		if (pos < before) {
			run = run->left;
		} else if (pos < before + run->points) {
			return (struct authors_run){before, run->points, run->user, run->at_ms};
		} else {
			start = before + run->points;
			run = run->right;
		}
	}
	return (struct authors_run){.start = start, .user = AUTHORS_BEFORE};
}

/* ---- edits ---- */

/* The run that holds `pos` becomes longer, or shorter where `more` wraps. */
static struct run *stretch(struct run *run, size_t pos, size_t more)
{
	for (;;) {
		size_t before = all(run->left);
		run->all += more;
		if (pos < before) {
			run = run->left;
		} else if (pos < before + run->points) {
			run->points += more;
			return run;
		} else {
			pos -= before + run->points;
			run = run->right;
		}
	}
}

static void put(struct authors *authors, size_t pos, struct run *run)
{
	struct run *before, *behind;

	split(authors->root, pos, &before, &behind);
	authors->root = merge(merge(before, run), behind);
}

/* So that no run lies across pos. */
static void cut(struct authors *authors, size_t pos)
{
	struct authors_run run = authors_at(authors, pos);
	size_t tail = run.start + run.points - pos;

	if (!run.points || run.start == pos)
		return;
	stretch(authors->root, pos, -tail);
	put(authors, pos, make(authors, tail, run.user, run.at_ms));
}

static void erase(struct authors *authors, size_t pos, size_t points)
{
	struct run *before, *gone, *behind;

	cut(authors, pos);
	cut(authors, pos + points);
	split(authors->root, pos, &before, &behind);
	split(behind, points, &gone, &behind);
	drop(authors, gone);
	authors->root = merge(before, behind);
}

static bool goes_on(struct authors_run run, uint64_t user, uint64_t at_ms)
{
	return run.points && run.user == user && run.at_ms + AUTHORS_PAUSE_MS >= at_ms;
}

static void insert(
	struct authors *authors, size_t pos, size_t points, uint64_t user, uint64_t at_ms)
{
	if (pos && goes_on(authors_at(authors, pos - 1), user, at_ms)) {
		struct run *run = stretch(authors->root, pos - 1, points);
		run->at_ms = at_ms > run->at_ms ? at_ms : run->at_ms;
		return;
	}
	cut(authors, pos);
	put(authors, pos, make(authors, points, user, at_ms));
}

bool authors_apply(struct authors *authors, const struct op *op, uint64_t user, uint64_t at_ms)
{
	struct op_iter it = op_iter(op);
	size_t pos = 0;

	if (op_base_points(op) > authors_points(authors))
		return false;
	for (struct op_component c; op_next(&it, &c);) {
		if (c.kind == OP_INSERT)
			insert(authors, pos, c.points, user, at_ms);
		if (c.kind == OP_DELETE)
			erase(authors, pos, c.points);
		else
			pos += c.points;
	}
	return true;
}

void authors_trim(struct authors *authors, size_t points)
{
	if (points < authors_points(authors))
		erase(authors, points, authors_points(authors) - points);
}
