/*
 * pulse.h: how much happened in each of the last sixty seconds.
 *
 *	pulse_add(&pulse, now_ms);		-- one more
 *	pulse_read(&pulse, now_ms, seconds);	-- those that are over, the oldest first
 *
 * Seconds in which nothing happened cost nothing. Zeros are a pulse.
 */
#ifndef SERVER_PULSE_H
#define SERVER_PULSE_H

#include <stdint.h>

#define PULSE_SECONDS 60

struct pulse {
	uint32_t counts[PULSE_SECONDS + 1]; /* of second s at s % (PULSE_SECONDS + 1): they and the one that is not over */
	uint64_t newest;                /* the second of the newest count */
};

void pulse_add(struct pulse *pulse, uint64_t now_ms);
void pulse_read(const struct pulse *pulse, uint64_t now_ms, uint32_t out[PULSE_SECONDS]);

#endif
