/*
 * metrics.h: what a server counts, and its page for Prometheus (text format 0.0.4).
 *
 * Numbers only: no names, no addresses, no secrets, for anyone who reaches the port may read it. Names, units and types are those that
 * Prometheus advises: seconds, bytes, _total on what only grows.
 */
#ifndef SERVER_METRICS_H
#define SERVER_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "src/server/histogram.h"
#include "src/server/session.h"

#define METRICS_REASONS 12

struct metrics { /* what nobody else counts */
	uint64_t refused[METRICS_REASONS];
};

/* What is now, and what others count. */
struct metrics_now {
	size_t connections, people, rooms, documents;
	size_t queued_bytes;   /* that wait to be sent */
	size_t unstored_bytes; /* that wait to be stored */
	size_t troubled;       /* rooms of which nothing is being stored */
	uint64_t transforms;
	const struct session_counts *counts;
	const struct histogram *commits;
	const struct histogram *backplane; /* NULL: there is none */
};

/* status: as ws_server tells a failed attempt; 0: it never got so far. */
void metrics_refused(struct metrics *metrics, int status);
size_t metrics_memory_bytes(void); /* of this process, resident */
double metrics_cpu_seconds(void);
void metrics_print(const struct metrics *metrics, const struct metrics_now *now, struct buf *out);

#endif
