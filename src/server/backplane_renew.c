/* A room that begins, and one that begins anew with what is held here. */
#include "src/server/backplane_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * KEYS: state, log. ARGV: epoch, snapshot. 1: this is how the room begins; 0: somebody was faster.
 */
static const char found_script[] =
	"if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end\n"
	"redis.call('DEL', KEYS[2])\n"
	"redis.call('XADD', KEYS[2], ARGV[1] .. '-1', 'e', '')\n"
	"redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'position', 0, 'bytes', ARGV[2])\n"
	"return 1";

/* KEYS: offers. ARGV: the offer; of all the last in order counts. They go after a while, for who offered most may be dead by then. */
static const char offer_script[] =
	"redis.call('ZADD', KEYS[1], 0, ARGV[1])\n"
	"if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], 10000) end\n"
	"return 1";

/* KEYS: state, log, offers. ARGV: the old epoch, the new one, our offer, snapshot. 1: the room begins anew with that. */
static const char renew_script[] =
	"local epoch = redis.call('HGET', KEYS[1], 'epoch')\n"
	"if epoch and tonumber(epoch) > tonumber(ARGV[1]) then return 0 end\n"
	"if redis.call('ZREVRANGE', KEYS[3], 0, 0)[1] ~= ARGV[3] then return 0 end\n"
	"redis.call('DEL', KEYS[2], KEYS[3])\n"
	"redis.call('XADD', KEYS[2], ARGV[2] .. '-1', 'e', '')\n"
	"redis.call('HSET', KEYS[1], 'epoch', ARGV[2], 'position', 0, 'bytes', ARGV[4])\n"
	"return 1";

/* ---- beginning, and beginning anew ---- */

/* Later than any before it, also where the keys were lost with what they said. */
static uint64_t new_epoch(const struct channel *channel)
{
	uint64_t now = (uint64_t)time(NULL);

	return now > channel->epoch ? now : channel->epoch + 1;
}

static void on_begun(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;

	if (!reply)
		return;
	if (reply->type == REDIS_REPLY_INTEGER)
		channel_ask_snapshot(channel); /* ours, or of who was faster */
	else
		channel_complain(channel, reply);
}

static void eval(struct channel *channel, struct redis *redis, redis_fn *fn, const char *script,
	const char *keys, size_t count, const char **words, const char *at, size_t len)
{
	const char *argv[12] = {"EVAL", script, keys};
	size_t lens[12] = {4, strlen(script), strlen(keys)};
	size_t argc = 3;

	for (size_t i = 0; i < count; i++, argc++) {
		argv[argc] = words[i];
		lens[argc] = strlen(words[i]);
	}
	if (at) {
		argv[argc] = at;
		lens[argc++] = len;
	}
	redis_send(redis, fn, channel, (int)argc, argv, lens);
}

void channel_found(struct channel *channel, const char *at, size_t len)
{
	char epoch[BACKPLANE_NUMBER_BYTES];
	const char *words[] = {channel->state, channel->log, epoch};

	channel_number(epoch, new_epoch(channel));
	eval(channel, channel->reader, on_begun, found_script, "2", 3, words, at, len);
}

static void on_renewed(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;

	if (!reply)
		return;
	if (reply->type == REDIS_REPLY_INTEGER && reply->integer)
		channel_ask_snapshot(channel);
	else if (reply->type == REDIS_REPLY_INTEGER)
		timer_set(channel->timer, CHANNEL_RETRY_MS, 0);
	else
		channel_complain(channel, reply);
}

static void renew(struct channel *channel)
{
	char was[BACKPLANE_NUMBER_BYTES], epoch[BACKPLANE_NUMBER_BYTES];
	const char *words[] = {
		channel->state, channel->log, channel->offers, was, epoch, channel->offer};
	struct buf state = {0};

	channel_number(was, channel->epoch);
	channel_number(epoch, new_epoch(channel));
	channel->renewed = true;
	channel->handler->renew(channel->ctx, &state);
	if (state.len)
		eval(channel, channel->reader, on_renewed, renew_script, "3", 6, words, state.at,
			state.len);
	buf_fini(&state);
}

static void on_top(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;

	if (!reply || channel->stage >= STAGE_READS)
		return;
	if (reply_is_list(reply, 1) && reply_is_text(reply->element[0]) &&
		strcmp(reply->element[0]->str, channel->offer) == 0)
		renew(channel);
	else
		timer_set(channel->timer, CHANNEL_RETRY_MS, 0);
}

void channel_ask_offers(struct channel *channel)
{
	REDIS_SEND(channel->reader, on_top, channel, "ZREVRANGE", channel->offers, "0", "0");
}

static void on_offered(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;

	if (!reply)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		channel_complain(channel, reply);
		return;
	}
	channel->stuck = true;
	timer_set(channel->timer, CHANNEL_OFFER_MS, 0);
}

void channel_broken(struct channel *channel)
{
	const char *words[] = {channel->offers, channel->offer};

	channel_lost(channel, "Redis has lost what it had stored; it is given back what is here");
	snprintf(channel->offer, sizeof(channel->offer), "%020llu-%020llu-%s",
		(unsigned long long)channel->epoch, (unsigned long long)channel->position,
		channel->me);
	eval(channel, channel->reader, on_offered, offer_script, "1", 2, words, NULL, 0);
}
