/* Where the order of a room stands, and what comes out of it. */
#include "src/server/backplane_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- entries ---- */

/* FNV-1a, and never 0. */
static uint64_t fingerprint(const char *at, size_t len)
{
	uint64_t hash = 14695981039346656037U;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)at[i]) * 1099511628211U;
	return hash ? hash : 1;
}

static void read_on(struct channel *channel);

/* EPOCH-POSITION. */
static bool parse_id(const char *id, uint64_t *epoch, uint64_t *position)
{
	char *end;

	*epoch = strtoull(id, &end, 10);
	if (*end != '-')
		return false;
	*position = strtoull(end + 1, &end, 10);
	return !*end;
}

/* [id, [name, value]], as it follows on what was told; NULL: it does not. */
static const redisReply *value_of(const struct channel *channel, const redisReply *entry)
{
	uint64_t epoch, position;

	if (!reply_is_list(entry, 2) || !reply_is_text(entry->element[0]) ||
		!reply_is_list(entry->element[1], 2) ||
		!reply_is_text(entry->element[1]->element[1]) ||
		!parse_id(entry->element[0]->str, &epoch, &position) || epoch != channel->epoch ||
		position != channel->position + 1)
		return NULL;
	return entry->element[1]->element[1];
}

static void stop_at(struct channel *channel, enum err why)
{
	channel_lost(channel, why == ERR_NEWER ? "a newer version of codecollab serves this room"
					       : "what Redis holds of this room is damaged");
}

/* false: it was the last one, for now or for good. */
static bool tell_entry(struct channel *channel, const redisReply *entry)
{
	const redisReply *value = value_of(channel, entry);
	enum err heard;

	if (!value) {
		channel->gap = true;
		channel_ask_state(channel);
		return false;
	}
	heard = channel->handler->entry(
		channel->ctx, channel->position + 1, value->str, value->len);
	if (heard == ERR_NEWER) {
		stop_at(channel, heard);
		return false;
	}
	channel->position++;
	channel->last = fingerprint(value->str, value->len);
	if (!value->len && channel->stage == STAGE_READY)
		channel->handler->missed(channel->ctx);
	return true;
}

static void tell_entries(struct channel *channel, const redisReply *entries)
{
	for (size_t i = 0; i < entries->elements; i++)
		if (!tell_entry(channel, entries->element[i]))
			return;
	read_on(channel);
}

static void on_caught_up(struct channel *channel)
{
	if (channel->stage == STAGE_READS) {
		channel->stage = STAGE_READY;
		channel->told_lost = channel->begged = false;
		channel->handler->ready(channel->ctx);
	}
	read_on(channel);
}

/* [[key, [entry, ...]]], or nothing. */
static void on_entries(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;

	if (!reply || channel->stage < STAGE_READS)
		return;
	if (reply->type == REDIS_REPLY_NIL)
		on_caught_up(channel);
	else if (reply_is_list(reply, 1) && reply_is_list(reply->element[0], 2))
		tell_entries(channel, reply->element[0]->element[1]);
	else
		channel_complain(channel, reply);
}

static void read_on(struct channel *channel)
{
	char id[BACKPLANE_ID_BYTES];

	channel_id(channel, id);
	if (channel->stage == STAGE_READY)
		REDIS_SEND(channel->reader, on_entries, channel, "XREAD", "COUNT", CHANNEL_READ,
			"BLOCK", CHANNEL_BLOCK_MS, "STREAMS", channel->log, id);
	else
		REDIS_SEND(channel->reader, on_entries, channel, "XREAD", "COUNT", CHANNEL_READ,
			"STREAMS", channel->log, id);
}

static void begin_reading(struct channel *channel)
{
	channel->stage = STAGE_READS;
	channel->gap = false;
	read_on(channel);
}

/* ---- where does the order stand? ---- */

static void on_snapshot(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;

	if (!reply)
		return;
	if (!reply_is_list(reply, 3) || !reply_is_text(reply->element[0]) ||
		!reply_is_text(reply->element[1]) || !reply_is_text(reply->element[2])) {
		channel_complain(channel, reply);
		return;
	}
	enum err read = channel->handler->loaded(
		channel->ctx, reply->element[2]->str, reply->element[2]->len);
	if (read != ERR_NONE) {
		stop_at(channel, read);
		return;
	}
	channel->epoch = strtoull(reply->element[0]->str, NULL, 10);
	channel->position = strtoull(reply->element[1]->str, NULL, 10);
	channel->last = 0;
	channel->renewed = false;
	begin_reading(channel);
}

void channel_ask_snapshot(struct channel *channel)
{
	channel->stage = STAGE_ASKS;
	REDIS_SEND(channel->reader, on_snapshot, channel, "HMGET", channel->state, "epoch",
		"position", "bytes");
}

static void on_last(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;

	if (!reply)
		return;
	if (reply->type != REDIS_REPLY_ARRAY) {
		channel_complain(channel, reply);
		return;
	}
	const redisReply *entry = reply->elements == 1 ? reply->element[0] : NULL;
	bool same = entry && reply_is_list(entry, 2) && reply_is_list(entry->element[1], 2) &&
		    reply_is_text(entry->element[1]->element[1]) &&
		    fingerprint(entry->element[1]->element[1]->str,
			    entry->element[1]->element[1]->len) == channel->last;
	if (same)
		begin_reading(channel);
	else
		channel_broken(channel);
}

static void ask_last(struct channel *channel)
{
	char id[BACKPLANE_ID_BYTES];

	channel_id(channel, id);
	REDIS_SEND(channel->reader, on_last, channel, "XRANGE", channel->log, id, id);
}

static void on_absent(struct channel *channel)
{
	if (channel->epoch) {
		channel_broken(channel);
	} else if (!channel->waited && channel->handler->expects(channel->ctx)) {
		channel->waited = true;
		timer_set(channel->timer, CHANNEL_OFFER_MS, 0);
	} else {
		channel->handler->absent(channel->ctx);
	}
}

static void on_offers(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;

	channel->offered = reply && reply->type == REDIS_REPLY_INTEGER && reply->integer;
}

static void on_begged(void *ctx, const redisReply *reply)
{
	if (reply)
		timer_set(((struct channel *)ctx)->timer, CHANNEL_OFFER_MS, 0);
}

/*
 * The order goes on, but what is between us and that is gone: somebody trimmed it. Whoever has heard it keeps a snapshot when they hear
 * an entry of nothing. Only when nobody does is the order broken.
 */
static void beg(struct channel *channel)
{
	char id[BACKPLANE_NUMBER_BYTES + 2];

	channel_lost(channel, "entries are missing in Redis; the other servers are asked for them");
	channel->stage = STAGE_ASKS;
	channel->begged = channel->gap = true;
	snprintf(id, sizeof(id), "%llu-*", (unsigned long long)channel->epoch);
	REDIS_SEND(channel->reader, on_begged, channel, "XADD", channel->log, "NOMKSTREAM", id, "e",
		"");
}

/* The room is there, in this epoch, and has a snapshot of after that position. gap: some of its order is missing. */
static void follow(struct channel *channel, uint64_t epoch, uint64_t kept, bool gap)
{
	if (epoch > channel->epoch ||
		(epoch == channel->epoch && (channel->renewed || kept > channel->position)))
		channel_ask_snapshot(channel);
	else if (gap && epoch == channel->epoch && !channel->begged)
		beg(channel);
	else if (gap || epoch < channel->epoch)
		channel_broken(channel);
	else if (channel->last)
		ask_last(channel);
	else
		begin_reading(channel);
}

static void on_state(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;
	bool gap = channel->gap;

	channel->asking = false;
	if (!reply)
		return;
	if (!reply_is_list(reply, 2)) {
		channel_complain(channel, reply);
		return;
	}
	channel->gap = false;
	if (!channel->epoch && channel->offered) {
		timer_set(channel->timer, CHANNEL_RETRY_MS, 0);
		return;
	}
	if (reply_is_text(reply->element[0]) && reply_is_text(reply->element[1]))
		follow(channel, strtoull(reply->element[0]->str, NULL, 10),
			strtoull(reply->element[1]->str, NULL, 10), gap);
	else
		on_absent(channel);
}

static void ask_position(struct channel *channel)
{
	REDIS_SEND(channel->reader, on_offers, channel, "EXISTS", channel->offers);
	REDIS_SEND(
		channel->reader, on_state, channel, "HMGET", channel->state, "epoch", "position");
}

/* Who holds nothing of the room takes nothing for granted. */
static void on_look(void *ctx, bool sure)
{
	struct channel *channel = ctx;

	if (sure) {
		ask_position(channel);
		return;
	}
	channel->asking = false;
	timer_set(channel->timer, CHANNEL_RETRY_MS, 0);
}

void channel_ask_state(struct channel *channel)
{
	if (channel->asking || !redis_is_up(channel->reader) ||
		!redis_is_up(channel->plane->writer))
		return;
	channel->asking = true;
	channel->stage = STAGE_ASKS;
	if (channel->epoch) {
		ask_position(channel);
		return;
	}
	channel->look = (struct look){
		.plane = channel->plane, .redis = channel->reader, .told = on_look, .ctx = channel};
	look_ask(&channel->look);
}
