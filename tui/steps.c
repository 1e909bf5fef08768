#include "tui/steps.h"

#include <stdlib.h>

#include "ot/mem.h"

void steps_fini(struct steps *steps)
{
	for (size_t i = 0; steps->at && i < STEPS_MOST; i++)
		carets_fini(&steps->at[i].more);
	free(steps->at);
	*steps = (struct steps){0};
}

uint64_t steps_add(struct steps *steps, struct sel main, const struct carets *more)
{
	struct step *step;

	if (!steps->at)
		steps->at = mem_alloc(STEPS_MOST * sizeof(*steps->at));
	step = &steps->at[++steps->newest % STEPS_MOST];
	step->mark = steps->newest;
	step->when_ms = 0;
	step->remotes = steps->remotes;
	step->main = main;
	carets_copy(&step->more, more);
	return step->mark;
}

void steps_remote(struct steps *steps)
{
	steps->remotes++;
}

struct step *steps_find(const struct steps *steps, uint64_t mark)
{
	struct step *step = steps->at ? &steps->at[mark % STEPS_MOST] : NULL;

	return step && mark && step->mark == mark ? step : NULL;
}

bool steps_is_alone(const struct steps *steps, const struct step *step)
{
	return step->remotes == steps->remotes;
}
