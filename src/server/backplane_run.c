/* Is this the Redis that the servers know, with all that it had? */
#include "src/server/backplane_state.h"

#include <stdio.h>
#include <string.h>

static void put(const struct look *look, const char *mark)
{
	char value[BACKPLANE_RUN_BYTES + 1];

	snprintf(value, sizeof(value), "%s%s", mark, look->run);
	REDIS_SEND(look->redis, NULL, NULL, "SET", look->plane->run, value);
}

/*
 * While somebody waits there is a mark before the run id: should that go, too, something was lost meanwhile, and the time begins anew.
 * When it is over, whoever knows more has said so, and nobody need wait again while this Redis runs on as it is.
 */
static bool is_sure(struct look *look, const char *known)
{
	struct backplane *plane = look->plane;
	uint64_t now_ms = loop_now_ms(plane->loop);
	bool is_looked_at = *known == '?' && strcmp(look->run, known + 1) == 0;

	if (!*look->run || strcmp(look->run, known) == 0) {
		plane->unsure_ms = 0;
		return true;
	}
	if (!plane->unsure_ms || !is_looked_at) {
		plane->unsure_ms = now_ms;
		put(look, "?");
		return false;
	}
	if (now_ms - plane->unsure_ms < CHANNEL_OFFER_MS)
		return false;
	plane->unsure_ms = 0;
	put(look, "");
	return true;
}

static void on_known(void *ctx, const redisReply *reply)
{
	struct look *look = ctx;

	if (reply)
		look->told(look->ctx, is_sure(look, reply_is_text(reply) ? reply->str : ""));
}

/* A user who may not ask cannot be sure: they go on as if they were. */
static void on_info(void *ctx, const redisReply *reply)
{
	struct look *look = ctx;
	const char *at = reply && reply_is_text(reply) ? strstr(reply->str, "\nrun_id:") : NULL;

	look->run[0] = '\0';
	if (at)
		snprintf(
			look->run, sizeof(look->run), "%.*s", (int)strcspn(at + 8, "\r\n"), at + 8);
}

void look_ask(struct look *look)
{
	REDIS_SEND(look->redis, on_info, look, "INFO", "server");
	REDIS_SEND(look->redis, on_known, look, "GET", look->plane->run);
}
