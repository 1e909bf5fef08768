#include "src/server/backplane_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "ot/mem.h"

/* KEYS: state, log. ARGV: epoch, position, snapshot. What is before the snapshot that this one replaces may go. */
static const char keep_script[] =
	"local was = redis.call('HMGET', KEYS[1], 'epoch', 'position')\n"
	"if was[1] ~= ARGV[1] or tonumber(was[2]) >= tonumber(ARGV[2]) then return 0 end\n"
	"redis.call('HSET', KEYS[1], 'position', ARGV[2], 'bytes', ARGV[3])\n"
	"redis.call('XTRIM', KEYS[2], 'MINID', ARGV[1] .. '-' .. was[2])\n"
	"return 1";

/* ---- small things ---- */

void channel_number(char out[BACKPLANE_NUMBER_BYTES], uint64_t value)
{
	snprintf(out, BACKPLANE_NUMBER_BYTES, "%llu", (unsigned long long)value);
}

void channel_id(const struct channel *channel, char out[BACKPLANE_ID_BYTES])
{
	snprintf(out, BACKPLANE_ID_BYTES, "%llu-%llu", (unsigned long long)channel->epoch,
		(unsigned long long)channel->position);
}

/* ---- trouble ---- */

void channel_lost(struct channel *channel, const char *why)
{
	channel->stage = STAGE_DOWN;
	if (channel->told_lost || channel->closed)
		return;
	channel->told_lost = true;
	channel->handler->lost(channel->ctx, why);
}

void channel_trouble(struct channel *channel, const char *why)
{
	if (channel->closed)
		return;
	channel_lost(channel, why);
	timer_set(channel->timer, CHANNEL_RETRY_MS, 0);
}

void channel_complain(struct channel *channel, const redisReply *reply)
{
	channel_trouble(channel,
		reply->type == REDIS_REPLY_ERROR ? reply->str : "Redis answers what it should not");
}

static void on_timer(void *ctx)
{
	struct channel *channel = ctx;
	bool stuck = channel->stuck;

	channel->stuck = false;
	if (!redis_is_up(channel->reader) || channel->stage >= STAGE_READS)
		return; /* the connection was lost, and is there again: it was all asked anew */
	if (stuck)
		channel_ask_offers(channel);
	else
		channel_ask_state(channel);
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
	if (reply && channel->stage == STAGE_READY && reply->type == REDIS_REPLY_NIL) {
		channel_lost(channel, "Redis has lost this room");
		channel_ask_state(channel);
	} else if (reply && channel->stage == STAGE_READY && !reply_is_text(reply)) {
		channel_complain(channel, reply);
	}
	release(channel);
}

void channel_append(struct channel *channel, const char *at, size_t len)
{
	char id[BACKPLANE_NUMBER_BYTES + 2];
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
	char epoch[BACKPLANE_NUMBER_BYTES], place[BACKPLANE_NUMBER_BYTES];
	const char *argv[] = {
		"EVAL", keep_script, "2", channel->state, channel->log, epoch, place, at};
	size_t lens[8];
	struct keeping_reply *kept;

	if (channel->stage != STAGE_READY || !redis_is_up(channel->plane->writer))
		return;
	channel_number(epoch, channel->epoch);
	channel_number(place, position);
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
	channel_ask_state(ctx);
}

static void on_reader_down(void *ctx, const char *why)
{
	((struct channel *)ctx)->asking = false;
	channel_lost(ctx, why);
}

static void on_writer_up(void *ctx)
{
	struct backplane *plane = ctx;

	look_ask(&plane->look);
	for (struct channel *channel = plane->channels; channel; channel = channel->next)
		if (!channel->closed)
			channel_ask_state(channel);
}

/* Who reads must begin again, too: only what was read after the loss tells what was lost. */
static void on_writer_down(void *ctx, const char *why)
{
	struct backplane *plane = ctx;

	for (struct channel *channel = plane->channels; channel; channel = channel->next) {
		if (channel->closed)
			continue;
		channel_lost(channel, why);
		redis_restart(channel->reader, why);
	}
}

static const struct redis_handler reader_handler = {on_reader_up, on_reader_down};
static const struct redis_handler writer_handler = {on_writer_up, on_writer_down};

/* So that nobody has to wait who opens a room later. */
static void on_look(void *ctx, bool sure)
{
	struct backplane *plane = ctx;

	if (!sure)
		timer_set(plane->timer, CHANNEL_RETRY_MS, 0);
}

static void on_unsure(void *ctx)
{
	look_ask(&((struct backplane *)ctx)->look);
}

/* The entries of all rooms in this turn. */
static void on_last(void *ctx)
{
	redis_flush(((struct backplane *)ctx)->writer);
}

struct backplane *backplane_open(struct loop *loop, const struct redis_options *options)
{
	struct backplane *plane = mem_alloc(sizeof(*plane));

	plane->loop = loop;
	plane->options = *options;
	snprintf(plane->run, sizeof(plane->run), "%srun", options->prefix);
	plane->timer = timer_make(loop, on_unsure, plane);
	plane->writer = redis_create(loop, options, &writer_handler, plane);
	redis_cork(plane->writer);
	loop_on_last(loop, on_last, plane);
	plane->look = (struct look){
		.plane = plane, .redis = plane->writer, .told = on_look, .ctx = plane};
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
	loop_off_turn(plane->loop, on_last, plane);
	redis_destroy(plane->writer);
	timer_destroy(plane->timer);
	for (struct channel *channel = plane->channels, *next; channel; channel = next) {
		next = channel->next;
		free(channel);
	}
	free(plane);
}

static void name_keys(struct channel *channel, const char *room)
{
	const char *prefix = channel->plane->options.prefix;

	snprintf(channel->log, BACKPLANE_KEY_BYTES, "%s{%s}:log", prefix, room);
	snprintf(channel->state, BACKPLANE_KEY_BYTES, "%s{%s}:state", prefix, room);
	snprintf(channel->offers, BACKPLANE_KEY_BYTES, "%s{%s}:offers", prefix, room);
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
