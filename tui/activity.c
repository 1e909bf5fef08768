#include "tui/activity.h"

void activity_key(struct activity *activity, uint64_t now_ms)
{
	activity->key_ms = now_ms;
	activity->any_key = true;
}

void activity_typed(struct activity *activity, uint64_t now_ms)
{
	activity->typed_ms = now_ms;
	activity->any_typed = true;
}

bool activity_is_typing(const struct activity *activity, uint64_t now_ms)
{
	return activity->any_typed && now_ms - activity->typed_ms < ACTIVITY_TYPING_MS;
}

bool activity_is_away(const struct activity *activity, uint64_t now_ms)
{
	return !activity->any_key || now_ms - activity->key_ms >= ACTIVITY_AWAY_MS;
}

uint64_t activity_next(const struct activity *activity, uint64_t now_ms)
{
	if (activity_is_typing(activity, now_ms))
		return activity->typed_ms + ACTIVITY_TYPING_MS - now_ms;
	return activity_is_away(activity, now_ms) ? 0
						  : activity->key_ms + ACTIVITY_AWAY_MS - now_ms;
}
