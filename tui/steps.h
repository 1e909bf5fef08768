/*
 * steps.h: what was selected before each own step, and when it was taken, for undo to put back.
 *
 *	undo_mark(undo, steps_add(&steps, main, &more));	-- a step was made: by this mark it is found
 *	steps_remote(&steps);					-- somebody else wrote
 *	step = steps_find(&steps, undo_marked(undo));		-- NULL: too long ago
 *
 * Limits:  the newest STEPS_MOST are known.
 * Memory:  steps_fini() gives it back; {0} is good.
 */
#ifndef TUI_STEPS_H
#define TUI_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "ot/anchor.h"
#include "tui/carets.h"

#define STEPS_MOST 1024

struct step {
	uint64_t mark;
	uint64_t remotes; /* steps.remotes as it was */
	uint64_t when_ms; /* of its last edit; 0: not known */
	struct sel main;  /* before it */
	struct carets more;
};

struct steps {
	struct step *at; /* a ring, by the mark; NULL until there is a step */
	uint64_t newest; /* mark */
	uint64_t remotes; /* others' edits so far */
};

void steps_fini(struct steps *steps);
uint64_t steps_add(struct steps *steps, struct sel main, const struct carets *more); /* its mark; more is copied */
void steps_remote(struct steps *steps);
struct step *steps_find(const struct steps *steps, uint64_t mark);
bool steps_is_alone(const struct steps *steps, const struct step *step); /* nobody else wrote since it began */

#endif
