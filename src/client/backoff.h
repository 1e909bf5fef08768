/*
 * backoff.h: how long to wait before trying again: exponential with full jitter, so that a thousand clients of a restarted
 * server do not come back in one wave.
 *
 * Source: Brooker, "Exponential Backoff and Jitter", 2015: a uniform choice below a doubling bound.
 */
#ifndef CLIENT_BACKOFF_H
#define CLIENT_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_MS 300
#define BACKOFF_MOST_MS  30000

struct backoff {
	unsigned tries;
};

/* The next wait in ms, from BACKOFF_FIRST_MS to BACKOFF_MOST_MS; random is any 32 random bits. */
uint64_t backoff_next(struct backoff *backoff, uint32_t random);
void backoff_reset(struct backoff *backoff); /* a connection has proved stable */

#endif
