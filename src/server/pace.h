/*
 * pace.h: how fast one connection may speak: so many messages a second in the long run, LIMIT_BURST_MS worth of them ahead.
 *
 *	switch (pace_spend(&pace, now_ms, 500)) ...	-- behind each message
 *	switch (pace_rest(&pace, now_ms)) ...		-- now and then
 *
 * Each message uses its part of a second. Who is too far ahead is not read from until most of that time has passed, which slows them
 * down and loses nothing; who is held back again and again for LIMIT_FLOOD_MS, or is so far ahead at once, has to go. After
 * LIMIT_CALM_MS in which they were not, that is forgotten.
 */
#ifndef SERVER_PACE_H
#define SERVER_PACE_H

#include <stddef.h>
#include <stdint.h>

struct pace { /* zeros: nothing was said yet */
	uint64_t spent_us; /* up to here the messages have used their time */
	uint64_t flood_ms; /* since when it is held back again and again; 0: it is not */
	uint64_t held_ms;  /* when it last was too far ahead */
};

enum pace_word {
	PACE_READ, /* from it, on and on */
	PACE_HOLD, /* do not read from it now */
	PACE_END,  /* too much for too long */
};

enum pace_word pace_spend(struct pace *pace, uint64_t now_ms, size_t per_second); /* one more message */
enum pace_word pace_rest(struct pace *pace, uint64_t now_ms);

#endif
