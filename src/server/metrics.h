/*
 * metrics.h: what a server counts, and its page for Prometheus (text format 0.0.4).
 *
 * Numbers only: no names, no addresses, no secrets, for anyone who reaches the port may read it.
 */
#ifndef SERVER_METRICS_H
#define SERVER_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "src/server/session.h"

#define METRICS_REASONS 12

struct metrics { /* what nobody else counts */
	uint64_t refused[METRICS_REASONS];
};

struct metrics_now {
	size_t connections, people, rooms;
	const struct session_counts *counts;
};

/* status: as ws_server tells a failed attempt; 0: it never got so far. */
void metrics_refused(struct metrics *metrics, int status);
void metrics_print(const struct metrics *metrics, const struct metrics_now *now, struct buf *out);

#endif
