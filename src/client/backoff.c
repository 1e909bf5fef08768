#include "src/client/backoff.h"

uint64_t backoff_next(struct backoff *backoff, uint32_t random)
{
	uint64_t bound = BACKOFF_FIRST_MS;

	for (unsigned i = 0; i < backoff->tries && bound < BACKOFF_MOST_MS; i++)
		bound *= 2;
	if (bound > BACKOFF_MOST_MS)
		bound = BACKOFF_MOST_MS;
	backoff->tries++;
	return BACKOFF_FIRST_MS +
	       (bound - BACKOFF_FIRST_MS + 1) * random / ((uint64_t)UINT32_MAX + 1);
}

void backoff_reset(struct backoff *backoff)
{
	backoff->tries = 0;
}
