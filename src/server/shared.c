#include "src/server/shared.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "ot/mem.h"
#include "src/report.h"
#include "src/server/audit.h"
#include "src/server/presence.h"
#include "src/server/relay.h"
#include "src/server/scribe.h"

struct shared {
	struct chamber *chamber;
	struct relay *relay;
	struct channel *channel;
	struct scribe scribe;
	bool known;  /* the room is there */
	bool proved; /* since Redis was away last, it has ordered something */
	bool left;   /* our last word is said */
};

static struct loop *loop_of(const struct shared *shared)
{
	return shared->chamber->service->loop;
}

static void stir(void *ctx)
{
	struct shared *shared = ctx;

	shared->chamber->service->stir(shared->chamber->service->ctx, shared->chamber);
}

/* ---- what the relay asks for ---- */

static void append(void *ctx, const char *at, size_t len)
{
	channel_append(((struct shared *)ctx)->channel, at, len);
}

static void keep(void *ctx)
{
	struct shared *shared = ctx;
	struct buf state = {0};

	relay_save(shared->relay, &state);
	channel_keep(shared->channel, relay_position(shared->relay), state.at, state.len);
	buf_fini(&state);
}

static void save(void *ctx, struct doc *doc, uint64_t user)
{
	(void)user;
	scribe_save(&((struct shared *)ctx)->scribe, doc);
}

static void asks(void *ctx, const struct doc *doc, struct asks *out)
{
	scribe_asks(&((struct shared *)ctx)->scribe, doc, out);
}

static void edited(void *ctx, struct doc *doc)
{
	struct shared *shared = ctx;

	chamber_count_edit(shared->chamber);
	scribe_edited(&shared->scribe, doc);
}

static void ordered(void *ctx, uint64_t us)
{
	struct shared *shared = ctx;

	histogram_add(&shared->chamber->service->ordered, us);
	shared->proved = channel_is_ready(shared->channel);
}

/* An end that is only read back was long ago. */
static void end_of_room(void *ctx, const char *why)
{
	struct shared *shared = ctx;
	struct chamber *chamber = shared->chamber;

	if (!channel_is_ready(shared->channel))
		return;
	chamber->service->end(chamber->service->owner, chamber, why);
}

static bool ban(void *ctx, const struct person *person)
{
	struct chamber *chamber = ((struct shared *)ctx)->chamber;

	return chamber->service->ban(chamber->service->owner, chamber, person);
}

static bool invite(void *ctx, const struct room_invite *wanted, struct message *invited)
{
	struct chamber *chamber = ((struct shared *)ctx)->chamber;

	return chamber->service->invite(chamber->service->owner, chamber, wanted, invited);
}

static void audit_event(void *ctx, const struct room_event *event)
{
	audit_room(((struct shared *)ctx)->chamber->room->name, event);
}

static uint64_t now_ms(void *ctx)
{
	return loop_now_ms(loop_of(ctx));
}

static uint64_t now_us(void *ctx)
{
	(void)ctx;
	return histogram_clock_us();
}

static uint64_t unix_ms(void *ctx)
{
	struct timespec now;

	(void)ctx;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void random_bytes(void *ctx, void *bytes, size_t len)
{
	(void)ctx;
	if (getrandom(bytes, len, 0) != (ssize_t)len)
		abort();
}

static const struct relay_handler relay_handler = {
	.send = session_send,
	.close = session_close,
	.urge = session_urge,
	.drop = session_drop,
	.seated = session_seated,
	.append = append,
	.keep = keep,
	.asks = asks,
	.save = save,
	.edited = edited,
	.end = end_of_room,
	.ban = ban,
	.invite = invite,
	.audit = audit_event,
	.stir = stir,
	.ordered = ordered,
	.now_ms = now_ms,
	.now_us = now_us,
	.unix_ms = unix_ms,
	.random = random_bytes,
};

/* ---- what comes out of the order ---- */

static void tell(struct shared *shared, const char *text)
{
	report_info("%s: %s", shared->chamber->room->name, text);
	room_warn(shared->chamber->room, text);
	stir(shared);
}

static void use_room(struct shared *shared)
{
	struct chamber *chamber = shared->chamber;

	chamber->room = chamber->sessions.room = chamber->keeping.room = relay_room(shared->relay);
}

static void give_up(struct shared *shared, const char *why)
{
	report_error("%s", why);
	shared->chamber->keeping.trouble = true;
	relay_part(shared->relay, 1011, "internal");
}

/* The first to open the room in this cluster: its files are what it begins with. */
static void on_absent(void *ctx)
{
	struct shared *shared = ctx;
	const struct chamber *chamber = shared->chamber;
	struct relay *first = relay_create(chamber->room->name, &chamber->service->limits,
		shared->scribe.folder != NULL, &relay_handler, shared);
	struct buf state = {0};
	char *why = NULL;

	if (scribe_begin(&shared->scribe, first, &why)) {
		relay_save(first, &state);
		channel_found(shared->channel, state.at, state.len);
	} else {
		give_up(shared, why);
	}
	free(why);
	buf_fini(&state);
	relay_destroy(first);
}

static bool on_loaded(void *ctx, const char *at, size_t len)
{
	struct shared *shared = ctx;

	if (!relay_read(shared->relay, at, len))
		return false;
	shared->known = true;
	scribe_begun(&shared->scribe);
	use_room(shared);
	stir(shared);
	return true;
}

static void on_entry(void *ctx, uint64_t position, const char *at, size_t len)
{
	struct shared *shared = ctx;

	relay_receive(shared->relay, position, at, len);
	stir(shared);
}

static void on_ready(void *ctx)
{
	struct shared *shared = ctx;

	relay_again(shared->relay);
	stir(shared);
}

/* That it can be reached does not mean that it takes anything. */
static void look_at_trouble(struct shared *shared)
{
	struct keeping *keeping = &shared->chamber->keeping;

	if (!keeping->trouble || !shared->proved || relay_unordered(shared->relay))
		return;
	keeping->trouble = false;
	tell(shared, "Stored again: everything is in Redis.");
}

static void on_lost(void *ctx, const char *why)
{
	struct shared *shared = ctx;

	shared->proved = false;
	if (shared->chamber->keeping.trouble)
		return;
	char *text = report_sentence("Nothing is being stored: %s. Nothing is lost, it is held in"
				     " memory",
		why);

	shared->chamber->keeping.trouble = true;
	tell(shared, text);
	free(text);
}

static void on_kept(void *ctx, size_t bytes)
{
	relay_kept(((struct shared *)ctx)->relay, bytes);
	stir(ctx);
}

static void on_renew(void *ctx, struct buf *state)
{
	struct shared *shared = ctx;

	relay_renew(shared->relay);
	relay_save(shared->relay, state);
}

static const struct channel_handler channel_handler = {
	.absent = on_absent,
	.loaded = on_loaded,
	.entry = on_entry,
	.ready = on_ready,
	.lost = on_lost,
	.kept = on_kept,
	.renew = on_renew,
};

/* ---- the rhythm ---- */

struct shared *shared_open(struct chamber *chamber, const char *room)
{
	struct shared *shared = mem_alloc(sizeof(*shared));
	const struct chamber_service *service = chamber->service;

	shared->chamber = chamber;
	shared->relay = relay_create(room, &service->limits, false, &relay_handler, shared);
	scribe_init(&shared->scribe, service->loop, service->autosave);
	use_room(shared);
	chamber->sessions.relay = shared->relay;
	shared->channel = channel_open(service->backplane, room, &channel_handler, shared);
	return shared;
}

struct scribe *shared_scribe(struct shared *shared)
{
	return &shared->scribe;
}

void shared_turn(struct shared *shared)
{
	uint64_t wait_ms = presence_turn(shared->chamber->room);

	if (wait_ms)
		timer_set(shared->chamber->presence, wait_ms, 0);
	if (shared->known)
		relay_turn(shared->relay);
	look_at_trouble(shared);
	sessions_flush(&shared->chamber->sessions, 0, 0);
}

void shared_tick(struct shared *shared)
{
	if (!shared->known || shared->left)
		return;
	relay_tick(shared->relay);
	scribe_tick(&shared->scribe, shared->relay, relay_writes(shared->relay));
}

bool shared_settled(const struct shared *shared)
{
	return !scribe_busy(&shared->scribe) &&
	       (!relay_writes(shared->relay) || scribe_settled(&shared->scribe));
}

static void leave(struct shared *shared)
{
	if (shared->left || !shared->known)
		return;
	shared->left = true;
	relay_leave(shared->relay);
	relay_turn(shared->relay);
}

void shared_bye(struct shared *shared, const char *why, unsigned retry_ms)
{
	const char *code = retry_ms ? "restart" : "ended";
	struct message bye = {
		.type = MSG_BYE, .bye = {.code = str(code), .text = str(why), .retry = retry_ms}};

	room_send_others(shared->chamber->room, NULL, &bye);
	scribe_finish(&shared->scribe, shared->relay, relay_writes(shared->relay));
	relay_part(shared->relay, 1001, code);
	leave(shared);
	stir(shared);
}

bool shared_busy(const struct shared *shared)
{
	return scribe_busy(&shared->scribe) ||
	       (channel_is_ready(shared->channel) && relay_unordered(shared->relay));
}

void shared_expel(
	struct shared *shared, bool (*is_revoked)(void *ctx, const char *token), void *ctx)
{
	const struct room *room = shared->chamber->room;

	for (size_t i = 0; i < room->people_count; i++)
		if (is_revoked(ctx, room->people[i]->token))
			relay_expel(shared->relay, room->people[i]->token);
}

size_t shared_here(const struct shared *shared)
{
	return relay_here(shared->relay);
}

size_t shared_unstored(const struct shared *shared)
{
	return relay_unordered(shared->relay);
}

static bool is_saving(void *ctx)
{
	return scribe_busy(&((struct shared *)ctx)->scribe);
}

void shared_close(struct shared *shared)
{
	if (!shared)
		return;
	leave(shared);
	channel_close(shared->channel);
	while (is_saving(shared))
		loop_drain(loop_of(shared), is_saving, shared, SCRIBE_SAVE_MS);
	scribe_fini(&shared->scribe);
	relay_destroy(shared->relay);
	free(shared);
}
