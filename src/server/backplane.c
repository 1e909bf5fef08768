#include "src/server/backplane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "ot/mem.h"

#define KEY_BYTES    256
#define NUMBER_BYTES 24

/* How far a channel is in finding out where the order stands. */
enum stage { STAGE_DOWN, STAGE_ASKS, STAGE_READS, STAGE_READY };

struct channel {
	struct backplane *plane;
	struct channel *next;
	struct redis *reader;
	const struct channel_handler *handler;
	void *ctx;
	enum stage stage;
	bool told_lost, gap, stuck;
	uint64_t epoch,
		position; /* of the newest entry that was told; epoch 0: nothing was loaded */
	uint64_t last;    /* what tells that entry from another; 0: not known */
	char log[KEY_BYTES], state[KEY_BYTES], offers[KEY_BYTES], me[17];
	struct timer *timer;
	size_t replies; /* that are waited for on the plane's connection */
	bool closed;
};

struct backplane {
	struct loop *loop;
	struct redis_options options;
	struct redis *writer;
	struct channel *channels;
};

/*
 * KEYS: state, log. ARGV: epoch, snapshot. 1: this is how the room begins; 0: somebody was faster.
 */
static const char found_script[] =
	"if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end\n"
	"redis.call('DEL', KEYS[2])\n"
	"redis.call('XADD', KEYS[2], ARGV[1] .. '-1', 'e', '')\n"
	"redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'position', 0, 'bytes', ARGV[2])\n"
	"return 1";

/* KEYS: state, log. ARGV: epoch, position, snapshot. What is before the snapshot that this one replaces may go. */
static const char keep_script[] =
	"local was = redis.call('HMGET', KEYS[1], 'epoch', 'position')\n"
	"if was[1] ~= ARGV[1] or tonumber(was[2]) >= tonumber(ARGV[2]) then return 0 end\n"
	"redis.call('HSET', KEYS[1], 'position', ARGV[2], 'bytes', ARGV[3])\n"
	"redis.call('XTRIM', KEYS[2], 'MINID', ARGV[1] .. '-' .. was[2])\n"
	"return 1";

/* KEYS: offers. ARGV: who, position. They go after a while, for who offered most may be dead by then. */
static const char offer_script[] =
	"redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])\n"
	"if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], 10000) end\n"
	"return 1";

/* KEYS: state, log, offers. ARGV: the old epoch, the new one, who, snapshot. 1: the room begins anew with that. */
static const char renew_script[] =
	"local epoch = redis.call('HGET', KEYS[1], 'epoch')\n"
	"if epoch and tonumber(epoch) > tonumber(ARGV[1]) then return 0 end\n"
	"if redis.call('ZREVRANGE', KEYS[3], 0, 0)[1] ~= ARGV[3] then return 0 end\n"
	"redis.call('DEL', KEYS[2], KEYS[3])\n"
	"redis.call('XADD', KEYS[2], ARGV[2] .. '-1', 'e', '')\n"
	"redis.call('HSET', KEYS[1], 'epoch', ARGV[2], 'position', 0, 'bytes', ARGV[4])\n"
	"return 1";

/* ---- small things ---- */

/* FNV-1a, and never 0. */
static uint64_t fingerprint(const char *at, size_t len)
{
	uint64_t hash = 14695981039346656037U;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)at[i]) * 1099511628211U;
	return hash ? hash : 1;
}

static void number(char out[NUMBER_BYTES], uint64_t value)
{
	snprintf(out, NUMBER_BYTES, "%llu", (unsigned long long)value);
}

static void id_of(char out[2 * NUMBER_BYTES], const struct channel *channel)
{
	snprintf(out, 2 * NUMBER_BYTES, "%llu-%llu", (unsigned long long)channel->epoch,
		(unsigned long long)channel->position);
}

/* Later than any before it, also where the keys were lost with what they said. */
static uint64_t new_epoch(const struct channel *channel)
{
	uint64_t now = (uint64_t)time(NULL);

	return now > channel->epoch ? now : channel->epoch + 1;
}

static bool is_text(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_STRING;
}

static bool is_list(const redisReply *reply, size_t elements)
{
	return reply->type == REDIS_REPLY_ARRAY && reply->elements == elements;
}

/* ---- trouble ---- */

static void tell_lost(struct channel *channel, const char *why)
{
	channel->stage = STAGE_DOWN;
	if (channel->told_lost || channel->closed)
		return;
	channel->told_lost = true;
	channel->handler->lost(channel->ctx, why);
}

/* What Redis answered is not what this needs: from the beginning, soon. */
static void trouble(struct channel *channel, const char *why)
{
	if (channel->closed)
		return;
	tell_lost(channel, why);
	timer_set(channel->timer, CHANNEL_RETRY_MS, 0);
}

static void complain(struct channel *channel, const redisReply *reply)
{
	trouble(channel,
		reply->type == REDIS_REPLY_ERROR ? reply->str : "Redis answers what it should not");
}

static void ask_state(struct channel *channel);
static void ask_snapshot(struct channel *channel);

/* ---- entries ---- */

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

/* [id, [name, value]]; false: it does not follow on what was told. */
static bool tell_entry(struct channel *channel, const redisReply *entry)
{
	uint64_t epoch, position;

	if (!is_list(entry, 2) || !is_text(entry->element[0]) || !is_list(entry->element[1], 2) ||
		!is_text(entry->element[1]->element[1]) ||
		!parse_id(entry->element[0]->str, &epoch, &position) || epoch != channel->epoch ||
		position != channel->position + 1)
		return false;
	const redisReply *value = entry->element[1]->element[1];
	channel->position = position;
	channel->last = fingerprint(value->str, value->len);
	channel->handler->entry(channel->ctx, position, value->str, value->len);
	return true;
}

static void tell_entries(struct channel *channel, const redisReply *entries)
{
	for (size_t i = 0; i < entries->elements; i++)
		if (!tell_entry(channel, entries->element[i])) {
			channel->gap = true;
			ask_state(channel);
			return;
		}
	read_on(channel);
}

static void on_caught_up(struct channel *channel)
{
	if (channel->stage == STAGE_READS) {
		channel->stage = STAGE_READY;
		channel->told_lost = false;
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
	else if (is_list(reply, 1) && is_list(reply->element[0], 2))
		tell_entries(channel, reply->element[0]->element[1]);
	else
		complain(channel, reply);
}

static void read_on(struct channel *channel)
{
	char id[2 * NUMBER_BYTES];

	id_of(id, channel);
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

/* ---- beginning, and beginning anew ---- */

static void on_begun(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;

	if (!reply)
		return;
	if (reply->type == REDIS_REPLY_INTEGER)
		ask_snapshot(channel); /* ours, or of who was faster */
	else
		complain(channel, reply);
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
	char epoch[NUMBER_BYTES];
	const char *words[] = {channel->state, channel->log, epoch};

	number(epoch, new_epoch(channel));
	eval(channel, channel->reader, on_begun, found_script, "2", 3, words, at, len);
}

static void on_renewed(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;

	if (!reply)
		return;
	if (reply->type == REDIS_REPLY_INTEGER && reply->integer)
		ask_snapshot(channel);
	else if (reply->type == REDIS_REPLY_INTEGER)
		timer_set(channel->timer, CHANNEL_RETRY_MS, 0);
	else
		complain(channel, reply);
}

static void renew(struct channel *channel)
{
	char was[NUMBER_BYTES], epoch[NUMBER_BYTES];
	const char *words[] = {
		channel->state, channel->log, channel->offers, was, epoch, channel->me};
	struct buf state = {0};

	number(was, channel->epoch);
	number(epoch, new_epoch(channel));
	channel->handler->renew(channel->ctx, &state);
	eval(channel, channel->reader, on_renewed, renew_script, "3", 6, words, state.at,
		state.len);
	buf_fini(&state);
}

static void on_top(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;

	if (!reply)
		return;
	if (is_list(reply, 1) && is_text(reply->element[0]) &&
		strcmp(reply->element[0]->str, channel->me) == 0)
		renew(channel);
	else
		timer_set(channel->timer, CHANNEL_RETRY_MS, 0);
}

static void on_offered(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;

	if (!reply)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		complain(channel, reply);
		return;
	}
	channel->stuck = true;
	timer_set(channel->timer, CHANNEL_OFFER_MS, 0);
}

static void broken(struct channel *channel)
{
	char position[NUMBER_BYTES];
	const char *words[] = {channel->offers, channel->me, position};

	tell_lost(channel, "Redis has lost what it had stored; it is given back what is here");
	number(position, channel->position);
	eval(channel, channel->reader, on_offered, offer_script, "1", 3, words, NULL, 0);
}

/* ---- where does the order stand? ---- */

static void on_snapshot(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;

	if (!reply)
		return;
	if (!is_list(reply, 3) || !is_text(reply->element[0]) || !is_text(reply->element[1]) ||
		!is_text(reply->element[2])) {
		complain(channel, reply);
		return;
	}
	channel->epoch = strtoull(reply->element[0]->str, NULL, 10);
	channel->position = strtoull(reply->element[1]->str, NULL, 10);
	channel->last = 0;
	if (channel->handler->loaded(channel->ctx, reply->element[2]->str, reply->element[2]->len))
		begin_reading(channel);
	else
		tell_lost(channel, "another version of codecollab serves this room");
}

static void ask_snapshot(struct channel *channel)
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
		complain(channel, reply);
		return;
	}
	const redisReply *entry = reply->elements == 1 ? reply->element[0] : NULL;
	bool same = entry && is_list(entry, 2) && is_list(entry->element[1], 2) &&
		    is_text(entry->element[1]->element[1]) &&
		    fingerprint(entry->element[1]->element[1]->str,
			    entry->element[1]->element[1]->len) == channel->last;
	if (same)
		begin_reading(channel);
	else
		broken(channel);
}

static void ask_last(struct channel *channel)
{
	char id[2 * NUMBER_BYTES];

	id_of(id, channel);
	REDIS_SEND(channel->reader, on_last, channel, "XRANGE", channel->log, id, id);
}

static void on_state(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;
	bool gap = channel->gap;

	if (!reply)
		return;
	if (!is_list(reply, 2)) {
		complain(channel, reply);
		return;
	}
	channel->gap = false;
	if (!is_text(reply->element[0]) || !is_text(reply->element[1])) {
		if (channel->epoch)
			broken(channel);
		else
			channel->handler->absent(channel->ctx);
		return;
	}
	uint64_t epoch = strtoull(reply->element[0]->str, NULL, 10);
	uint64_t kept = strtoull(reply->element[1]->str, NULL, 10);
	if (epoch > channel->epoch || (epoch == channel->epoch && kept > channel->position))
		ask_snapshot(channel);
	else if (gap || epoch < channel->epoch)
		broken(channel);
	else if (channel->last)
		ask_last(channel);
	else
		begin_reading(channel);
}

static void ask_state(struct channel *channel)
{
	if (!redis_is_up(channel->reader) || !redis_is_up(channel->plane->writer))
		return;
	channel->stage = STAGE_ASKS;
	REDIS_SEND(
		channel->reader, on_state, channel, "HMGET", channel->state, "epoch", "position");
}

static void on_timer(void *ctx)
{
	struct channel *channel = ctx;
	bool stuck = channel->stuck;

	channel->stuck = false;
	if (!redis_is_up(channel->reader))
		return;
	if (stuck)
		REDIS_SEND(
			channel->reader, on_top, channel, "ZREVRANGE", channel->offers, "0", "0");
	else
		ask_state(channel);
}

/* ---- appending ---- */

static void release(struct channel *channel)
{
	struct channel **at = &channel->plane->channels;

	if (!channel->closed || channel->replies)
		return;
	while (*at != channel)
		at = &(*at)->next;
	*at = channel->next;
	free(channel);
}

static void on_appended(void *ctx, const redisReply *reply)
{
	struct channel *channel = ctx;

	channel->replies--;
	if (reply && channel->stage == STAGE_READY && !is_text(reply))
		complain(channel, reply);
	release(channel);
}

void channel_append(struct channel *channel, const char *at, size_t len)
{
	char id[NUMBER_BYTES + 2];
	const char *argv[] = {"XADD", channel->log, "NOMKSTREAM", id, "e", at};
	size_t lens[] = {4, strlen(channel->log), 10, 0, 1, len};

	if (channel->stage != STAGE_READY || !redis_is_up(channel->plane->writer))
		return;
	lens[3] = (size_t)snprintf(id, sizeof(id), "%llu-*", (unsigned long long)channel->epoch);
	channel->replies++;
	redis_send(channel->plane->writer, on_appended, channel, 6, argv, lens);
}

struct keeping_reply {
	struct channel *channel;
	size_t bytes;
};

static void on_kept(void *ctx, const redisReply *reply)
{
	struct keeping_reply *kept = ctx;
	struct channel *channel = kept->channel;

	channel->replies--;
	if (reply && reply->type == REDIS_REPLY_INTEGER && reply->integer && !channel->closed)
		channel->handler->kept(channel->ctx, kept->bytes);
	free(kept);
	release(channel);
}

void channel_keep(struct channel *channel, uint64_t position, const char *at, size_t len)
{
	char epoch[NUMBER_BYTES], place[NUMBER_BYTES];
	const char *argv[] = {
		"EVAL", keep_script, "2", channel->state, channel->log, epoch, place, at};
	size_t lens[8];
	struct keeping_reply *kept;

	if (channel->stage != STAGE_READY || !redis_is_up(channel->plane->writer))
		return;
	number(epoch, channel->epoch);
	number(place, position);
	for (size_t i = 0; i < 7; i++)
		lens[i] = strlen(argv[i]);
	lens[7] = len;
	kept = mem_alloc(sizeof(*kept));
	*kept = (struct keeping_reply){channel, len};
	channel->replies++;
	redis_send(channel->plane->writer, on_kept, kept, 8, argv, lens);
}

bool channel_is_ready(const struct channel *channel)
{
	return channel->stage == STAGE_READY;
}

/* ---- connections ---- */

static void on_reader_up(void *ctx)
{
	ask_state(ctx);
}

static void on_reader_down(void *ctx, const char *why)
{
	tell_lost(ctx, why);
}

static void on_writer_up(void *ctx)
{
	struct backplane *plane = ctx;

	for (struct channel *channel = plane->channels; channel; channel = channel->next)
		if (!channel->closed)
			ask_state(channel);
}

/* Who reads must begin again, too: only what was read after the loss tells what was lost. */
static void on_writer_down(void *ctx, const char *why)
{
	struct backplane *plane = ctx;

	for (struct channel *channel = plane->channels; channel; channel = channel->next) {
		if (channel->closed)
			continue;
		tell_lost(channel, why);
		redis_restart(channel->reader, why);
	}
}

static const struct redis_handler reader_handler = {on_reader_up, on_reader_down};
static const struct redis_handler writer_handler = {on_writer_up, on_writer_down};

struct backplane *backplane_open(struct loop *loop, const struct redis_options *options)
{
	struct backplane *plane = mem_alloc(sizeof(*plane));

	plane->loop = loop;
	plane->options = *options;
	plane->writer = redis_create(loop, options, &writer_handler, plane);
	return plane;
}

struct redis *backplane_redis(struct backplane *plane)
{
	return plane->writer;
}

bool backplane_busy(const struct backplane *plane)
{
	for (const struct channel *channel = plane->channels; channel; channel = channel->next)
		if (channel->replies)
			return true;
	return false;
}

void backplane_close(struct backplane *plane)
{
	if (!plane)
		return;
	redis_destroy(plane->writer);
	for (struct channel *channel = plane->channels, *next; channel; channel = next) {
		next = channel->next;
		free(channel);
	}
	free(plane);
}

static void name_keys(struct channel *channel, const char *room)
{
	const char *prefix = channel->plane->options.prefix;

	snprintf(channel->log, KEY_BYTES, "%s{%s}:log", prefix, room);
	snprintf(channel->state, KEY_BYTES, "%s{%s}:state", prefix, room);
	snprintf(channel->offers, KEY_BYTES, "%s{%s}:offers", prefix, room);
}

struct channel *channel_open(
	struct backplane *plane, const char *room, const struct channel_handler *handler, void *ctx)
{
	struct channel *channel = mem_alloc(sizeof(*channel));
	unsigned long long random = 0;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		abort();
	snprintf(channel->me, sizeof(channel->me), "%016llx", random);
	channel->plane = plane;
	channel->handler = handler;
	channel->ctx = ctx;
	name_keys(channel, room);
	channel->timer = timer_make(plane->loop, on_timer, channel);
	channel->next = plane->channels;
	plane->channels = channel;
	channel->reader = redis_create(plane->loop, &plane->options, &reader_handler, channel);
	return channel;
}

void channel_close(struct channel *channel)
{
	if (!channel)
		return;
	channel->closed = true;
	channel->stage = STAGE_DOWN;
	redis_destroy(channel->reader);
	timer_destroy(channel->timer);
	channel->reader = NULL;
	channel->timer = NULL;
	release(channel);
}
