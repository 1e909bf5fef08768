#include "src/server/pace.h"

#include "src/server/limits.h"

static uint64_t ahead_ms(const struct pace *pace, uint64_t now_ms)
{
	return pace->spent_us / 1000 > now_ms ? pace->spent_us / 1000 - now_ms : 0;
}

enum pace_word pace_spend(struct pace *pace, uint64_t now_ms, size_t per_second)
{
	uint64_t ahead;

	if (pace->spent_us < now_ms * 1000)
		pace->spent_us = now_ms * 1000;
	pace->spent_us += 1000000 / per_second;
	ahead = ahead_ms(pace, now_ms);
	if (ahead < LIMIT_BURST_MS)
		return PACE_READ;
	if (!pace->flood_ms)
		pace->flood_ms = now_ms;
	pace->held_ms = now_ms;
	return ahead > LIMIT_FLOOD_MS ? PACE_END : PACE_HOLD;
}

enum pace_word pace_rest(struct pace *pace, uint64_t now_ms)
{
	uint64_t ahead = ahead_ms(pace, now_ms);

	if (!ahead && now_ms - pace->held_ms > LIMIT_CALM_MS)
		pace->flood_ms = 0;
	if (!pace->flood_ms)
		return PACE_READ;
	if (now_ms - pace->flood_ms > LIMIT_FLOOD_MS)
		return PACE_END;
	return ahead < LIMIT_BURST_MS / 2 ? PACE_READ : PACE_HOLD;
}
