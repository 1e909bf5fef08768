#include "src/server/pulse.h"

#include <string.h>

#define SLOTS (PULSE_SECONDS + 1)

/* Forget what is older than the newest second and those before it. */
static void advance(struct pulse *pulse, uint64_t now)
{
	if (now - pulse->newest >= SLOTS)
		memset(pulse->counts, 0, sizeof(pulse->counts));
	else
		while (pulse->newest < now)
			pulse->counts[++pulse->newest % SLOTS] = 0;
	pulse->newest = now;
}

void pulse_add(struct pulse *pulse, uint64_t now_ms)
{
	advance(pulse, now_ms / 1000);
	pulse->counts[pulse->newest % SLOTS]++;
}

void pulse_read(const struct pulse *pulse, uint64_t now_ms, uint32_t out[PULSE_SECONDS])
{
	struct pulse copy = *pulse;

	advance(&copy, now_ms / 1000);
	for (uint64_t i = 0; i < PULSE_SECONDS; i++)
		out[i] = copy.counts[(copy.newest + 1 + i) % SLOTS];
}
