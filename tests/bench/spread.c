#include "tests/bench/spread.h"

/* Below SPREAD_STEPS a class is a microsecond; from there on every doubling has as many. */
static size_t class_of(double ms)
{
	uint64_t us = ms > 0 ? (uint64_t)(ms * 1000) : 0;
	size_t doublings = 0;

	while (us >= (uint64_t)2 * SPREAD_STEPS) {
		us >>= 1;
		doublings++;
	}
	size_t class = doublings * SPREAD_STEPS + (size_t)us;
	return class < SPREAD_CLASSES ? class : SPREAD_CLASSES - 1;
}

/* What no time of the class reaches. */
static double end_ms(size_t class)
{
	size_t doublings = class < SPREAD_STEPS ? 0 : class / SPREAD_STEPS - 1;
	uint64_t us = class - doublings * SPREAD_STEPS + 1;

	return (double)(us << doublings) / 1000;
}

void spread_add(struct spread *spread, double ms)
{
	spread->at[class_of(ms)]++;
	spread->count++;
	if (ms > spread->most_ms)
		spread->most_ms = ms;
}

double spread_share(const struct spread *spread, double share)
{
	uint64_t want = (uint64_t)((double)spread->count * share), sum = 0;
	size_t class = 0;

	if (!spread->count)
		return 0;
	for (; class < SPREAD_CLASSES; class ++)
		if ((sum += spread->at[class]) >= want && sum)
			break;
	return end_ms(class) < spread->most_ms ? end_ms(class) : spread->most_ms;
}
