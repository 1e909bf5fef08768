#include "src/server/shared.h"

#include <stdlib.h>

#include "ot/mem.h"
#include "src/server/doc.h"
#include "src/server/shared_order.h"

#define REST_BYTES ((size_t)4 << 20) /* of documents that leave memory at a time, or one */

static struct shared *shared_of(const struct keeper *keeper)
{
	return (struct shared *)keeper;
}

/* ---- people ---- */

/* It is heard when it was ordered; while nothing is, not more than memory has room for. */
static bool shared_hear(struct keeper *keeper, struct voice *voice, void *to,
	const struct room_terms *terms, const struct message *m)
{
	struct relay *relay = shared_of(keeper)->relay;

	if (relay_unordered(relay) > LIMIT_UNSTORED_BYTES)
		return false;
	if (voice->number)
		relay_message(relay, voice->number, m);
	else
		voice->number = relay_hello(relay, to, terms, m);
	return true;
}

static void shared_rtt(struct keeper *keeper, const struct voice *voice, unsigned ms)
{
	if (voice->number)
		relay_rtt(shared_of(keeper)->relay, voice->number, ms);
}

static void shared_gone(struct keeper *keeper, const struct voice *voice, bool left)
{
	if (voice->number)
		relay_gone(shared_of(keeper)->relay, voice->number, left);
}

/* Here or elsewhere. */
static void shared_expel(
	struct keeper *keeper, bool (*is_revoked)(void *ctx, const char *token), void *ctx)
{
	const struct room *room = keeper->room;

	for (size_t i = 0; i < room->people_count; i++)
		if (is_revoked(ctx, room->people[i]->token))
			relay_expel(shared_of(keeper)->relay, room->people[i]->token);
}

/* ---- files ---- */

static bool shared_fill(struct keeper *keeper, const char *folder, char **why)
{
	(void)why;
	scribe_folder(&shared_of(keeper)->scribe, folder);
	return true;
}

static bool shared_share(struct keeper *keeper, const char *name, struct workspace_file *file,
	struct text **text, char **why)
{
	(void)why;
	scribe_file(&shared_of(keeper)->scribe, name, file, text);
	return true;
}

/* ---- the rhythm ---- */

/* What the room says was ordered before. */
static struct keeper_marks shared_turn(struct keeper *keeper)
{
	shared_order_turn(shared_of(keeper));
	return (struct keeper_marks){0, 0};
}

/* So much in a tick that the loop is not held up. */
static void rest(struct shared *shared)
{
	uint64_t now = keeper_now_ms(shared),
		 idle_ms = shared_service(shared)->limits.idle_s * 1000;
	const struct room *room = shared->keeper.room;
	size_t bytes = 0;

	doc_note_use(shared->keeper.room, now);
	for (size_t i = 0; i < room->document_count && bytes < REST_BYTES; i++) {
		struct doc *doc = room->documents[i];
		if (!doc->log || now - doc->used_ms < idle_ms ||
			!scribe_lets_go(&shared->scribe, doc, relay_writes(shared->relay)) ||
			!relay_put_away(shared->relay, doc))
			continue;
		bytes += doc_bytes(doc);
		scribe_rests(&shared->scribe, doc);
	}
}

static void shared_tick(struct keeper *keeper)
{
	struct shared *shared = shared_of(keeper);

	if (!shared->known || shared->left || shared->behind)
		return;
	shared_order_tick(shared);
	relay_tick(shared->relay);
	scribe_tick(&shared->scribe, shared->relay, relay_writes(shared->relay));
	rest(shared);
}

/* ---- how it stands ---- */

static bool shared_failing(const struct keeper *keeper)
{
	return shared_of(keeper)->trouble;
}

static size_t shared_here(const struct keeper *keeper)
{
	return relay_here(shared_of(keeper)->relay);
}

static size_t shared_unstored(const struct keeper *keeper)
{
	return relay_unordered(shared_of(keeper)->relay);
}

/* Whoever else is in it, is so elsewhere. */
static bool shared_settled(const struct keeper *keeper)
{
	const struct shared *shared = shared_of(keeper);

	return !relay_here(shared->relay) && !scribe_busy(&shared->scribe) &&
	       (shared->behind || !relay_writes(shared->relay) || scribe_settled(&shared->scribe));
}

/* ---- closing ---- */

static void leave(struct shared *shared)
{
	if (shared->left || !shared->known)
		return;
	shared->left = true;
	relay_leave(shared->relay);
	relay_turn(shared->relay);
}

static void shared_bye(struct keeper *keeper, const char *code)
{
	struct shared *shared = shared_of(keeper);

	scribe_finish(
		&shared->scribe, shared->relay, !shared->behind && relay_writes(shared->relay));
	relay_part(shared->relay, 1001, code);
	leave(shared);
	keeper_stir(shared);
}

static bool shared_busy(const struct keeper *keeper)
{
	const struct shared *shared = shared_of(keeper);

	return scribe_busy(&shared->scribe) ||
	       (channel_is_ready(shared->channel) && relay_unordered(shared->relay));
}

static bool is_saving(void *ctx)
{
	return scribe_busy(&((struct shared *)ctx)->scribe);
}

static void shared_close(struct keeper *keeper)
{
	struct shared *shared = shared_of(keeper);

	leave(shared);
	channel_close(shared->channel);
	while (is_saving(shared))
		loop_drain(shared_service(shared)->loop, is_saving, shared, SCRIBE_SAVE_MS);
	buf_fini(&shared->forsaken);
	scribe_fini(&shared->scribe);
	relay_destroy(shared->relay);
	free(shared);
}

static const struct keeper_kind shared_kind = {
	.hear = shared_hear,
	.rtt = shared_rtt,
	.gone = shared_gone,
	.expel = shared_expel,
	.fill = shared_fill,
	.share = shared_share,
	.turn = shared_turn,
	.tick = shared_tick,
	.failing = shared_failing,
	.here = shared_here,
	.unstored = shared_unstored,
	.settled = shared_settled,
	.bye = shared_bye,
	.busy = shared_busy,
	.close = shared_close,
};

struct keeper *shared_open(struct chamber *chamber, const char *room)
{
	struct shared *shared = mem_alloc(sizeof(*shared));
	const struct chamber_service *service = chamber->service;

	shared->keeper = (struct keeper){.kind = &shared_kind, .chamber = chamber};
	scribe_init(&shared->scribe, service->loop, service->autosave);
	shared_order_open(shared, room);
	return &shared->keeper;
}
