/*
 * histogram.h: how long something took, counted by size, as Prometheus wants it.
 *
 *	histogram_add(&commits, 1500)			-- microseconds
 *	histogram_print(&commits, "codecollab_commit_seconds", "…", &out)
 *
 * The buckets' bounds run from a quarter of a millisecond to ten seconds, 1-2.5-5. Zeros are an empty one.
 */
#ifndef SERVER_HISTOGRAM_H
#define SERVER_HISTOGRAM_H

#include <stdint.h>

#include "ot/buf.h"

#define HISTOGRAM_BUCKETS 16

struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS]; /* of each bucket alone; the last is for all that took longer */
	uint64_t sum_us;
};

uint64_t histogram_clock_us(void); /* monotonic */
void histogram_add(struct histogram *histogram, uint64_t us);
void histogram_print(const struct histogram *histogram, const char *name, const char *help, struct buf *out);
/* A member of an object: ,"name":{"bounds":[0.00025,...],"counts":[3,...]}, in seconds, each bucket alone. */
void histogram_print_json(const struct histogram *histogram, const char *name, struct buf *out);

#endif
