/*
 * activity.h: what the hands at these keys are doing, by when they last did something.
 *
 *	activity_key(&activity, now);		-- any key
 *	activity_typed(&activity, now);		-- what it did was an edit
 *	if (activity_is_away(&activity, now)) ...
 *
 * Times: of one monotonic clock, in ms. {0}: nobody has been here yet.
 */
#ifndef TUI_ACTIVITY_H
#define TUI_ACTIVITY_H

#include <stdbool.h>
#include <stdint.h>

#define ACTIVITY_TYPING_MS 2000
#define ACTIVITY_AWAY_MS   (5 * 60 * 1000)

struct activity {
	uint64_t key_ms, typed_ms;
	bool any_key, any_typed;
};

void activity_key(struct activity *activity, uint64_t now_ms);
void activity_typed(struct activity *activity, uint64_t now_ms);
bool activity_is_typing(const struct activity *activity, uint64_t now_ms);
bool activity_is_away(const struct activity *activity, uint64_t now_ms);
uint64_t activity_next(const struct activity *activity, uint64_t now_ms); /* ms until that changes by itself; 0: never */

#endif
