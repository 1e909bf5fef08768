/*
 * The laws of authors, against an array with an author and a time for each character:
 *
 * - each character is its author's, whatever was done around it;
 * - the time of its run is not before it was written;
 * - runs follow each other without gaps, and make up the text;
 * - an op that runs past the text changes nothing.
 */
#include "ot/authors.h"
#include "tests/laws/choice.h"

#include <string.h>

#define MOST  3000
#define EDITS 200

struct model {
	size_t points;
	struct {
		uint64_t user, at_ms;
	} at[MOST];
};

static void insert(struct model *m, size_t pos, size_t points, uint64_t user, uint64_t at_ms)
{
	memmove(m->at + pos + points, m->at + pos, (m->points - pos) * sizeof(*m->at));
	for (size_t i = pos; i < pos + points; i++) {
		m->at[i].user = user;
		m->at[i].at_ms = at_ms;
	}
	m->points += points;
}

static void erase(struct model *m, size_t pos, size_t points)
{
	m->points -= points;
	memmove(m->at + pos, m->at + pos + points, (m->points - pos) * sizeof(*m->at));
}

/* A few places of it, in the model and as an op. */
static struct op edit(struct choice *c, struct model *m, uint64_t user, uint64_t at_ms)
{
	static const char letters[] = "abcdefgh";
	struct op op = {0};
	size_t pos = 0;

	for (size_t n = 1 + pick(c, 3); n; n--) {
		size_t keep = pick(c, m->points - pos + 1), add = pick(c, 5);
		pos += keep;
		op_retain(&op, keep);
		if (m->points + add < MOST) {
			op_insert(&op, letters, add);
			insert(m, pos, add, user, at_ms);
			pos += add;
		}
		size_t less = pick(c, 4) ? 0 : pick(c, m->points - pos + 1) / 4;
		op_delete(&op, less);
		erase(m, pos, less);
	}
	return op;
}

static void compare(struct choice *c, const struct model *m, const struct authors *authors)
{
	size_t pos = 0, runs = 0;

	LAW(c, authors_points(authors) == m->points);
	for (; pos < m->points; runs++) {
		struct authors_run run = authors_at(authors, pos);
		LAW(c, run.start == pos && run.points);
		for (; pos < run.start + run.points; pos++) {
			LAW(c, m->at[pos].user == run.user);
			LAW(c, run.at_ms >= m->at[pos].at_ms);
		}
		LAW(c, authors_at(authors, pos - 1).start == run.start);
	}
	LAW(c, runs == authors_runs(authors));
	LAW(c, !authors_at(authors, pos).points && authors_at(authors, pos).start == pos);
}

static void law(struct choice *c)
{
	static struct model m;
	struct authors *authors;
	uint64_t at_ms = 1;
	struct op too_long = {0};

	m.points = 0;
	insert(&m, 0, pick(c, 300), AUTHORS_BEFORE, 0);
	authors = authors_create(m.points);
	for (int i = 0; i < EDITS; i++) {
		uint64_t user = pick(c, 4);
		at_ms += pick(c, 3) ? 10 : AUTHORS_PAUSE_MS + 10;
		struct op op = edit(c, &m, user, at_ms);
		LAW(c, authors_apply(authors, &op, user, at_ms));
		op_fini(&op);
		compare(c, &m, authors);
	}
	op_delete(&too_long, m.points + 1);
	LAW(c, !authors_apply(authors, &too_long, 1, at_ms));
	compare(c, &m, authors);
	op_fini(&too_long);
	size_t keep = pick(c, m.points + 1);
	authors_trim(authors, keep);
	erase(&m, keep, m.points - keep);
	compare(c, &m, authors);
	authors_destroy(authors);
}

int main(void)
{
	return laws_run(60, law);
}
