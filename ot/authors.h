/*
 * authors.h: who wrote each character of a text, and when.
 *
 *	struct authors *authors = authors_create(points)	-- all of it from before anybody is known
 *	authors_apply(authors, &op, user, at_ms)		-- in step with the text
 *	run = authors_at(authors, pos)				-- Ada, 12:01, 40 characters from here on
 *
 * Runs of one author are joined while no more than AUTHORS_PAUSE_MS lie between them, and have the time of the newest.
 *
 * Units:   code points; times are the caller's, in milliseconds.
 * Cost:    O(log runs) for each component of an op, expected, and for each look.
 * Memory:  one node a run; what was there before is one.
 * Source:  Seidel & Aragon 1996 (treaps), ordered by place; priorities are numbers in a fixed sequence, so the same edits
 *          always make the same tree.
 */
#ifndef OT_AUTHORS_H
#define OT_AUTHORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/op.h"

#define AUTHORS_BEFORE   UINT64_MAX /* the author of what was there before */
#define AUTHORS_PAUSE_MS 60000

struct authors;

struct authors_run {
	size_t start, points;
	uint64_t user, at_ms;
};

struct authors *authors_create(size_t points);
void authors_destroy(struct authors *authors); /* NULL is fine */
size_t authors_points(const struct authors *authors);
size_t authors_runs(const struct authors *authors);

/* Like op_apply: false, and nothing has changed, when op runs past the text. */
bool authors_apply(struct authors *authors, const struct op *op, uint64_t user, uint64_t at_ms);

/* What is behind so many code points was never there: for a text whose length is known last. */
void authors_trim(struct authors *authors, size_t points);

/* The run that pos is in; behind the end, or where there is nothing, one of AUTHORS_BEFORE without points. */
struct authors_run authors_at(const struct authors *authors, size_t pos);

#endif
