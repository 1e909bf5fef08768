/*
 * spread.h: how times are spread: any number of them in little memory.
 *
 *	struct spread acks = {0};
 *	spread_add(&acks, 0.31);
 *	spread_share(&acks, 0.99);	-- the least time, in ms, that 99 of 100 do not pass
 *	acks.most_ms
 *
 * Times are counted in classes, 32 for each doubling from a microsecond on: what is told is at most 1/32 too much.
 */
#ifndef TESTS_BENCH_SPREAD_H
#define TESTS_BENCH_SPREAD_H

#include <stddef.h>
#include <stdint.h>

#define SPREAD_STEPS   32
#define SPREAD_CLASSES (SPREAD_STEPS * 32) /* up to an hour */

struct spread {
	uint64_t count;
	double most_ms;
	uint64_t at[SPREAD_CLASSES];
};

void spread_add(struct spread *spread, double ms);
double spread_share(const struct spread *spread, double share); /* 0 when there are none */

#endif
