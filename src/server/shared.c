#include "src/server/shared.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/report.h"
#include "src/server/backplane.h"
#include "src/server/chamber.h"
#include "src/server/doc.h"
#include "src/server/relay.h"
#include "src/server/scribe.h"

#define REST_BYTES     ((size_t)4 << 20) /* of documents that leave memory at a time, or one */
#define FORSAKEN_TICKS 3

struct shared {
	struct keeper keeper;
	struct relay *relay;
	struct channel *channel;
	struct scribe scribe;
	bool known;   /* the room is there */
	bool trouble; /* people know that nothing is being stored */
	bool proved;  /* since Redis was away last, it has ordered something */
	bool left;    /* our last word is said */
	unsigned forsaken_ticks;
	struct buf forsaken; /* what is to be told of lost texts: sentences, each with its NUL */
	bool behind;         /* a newer version writes in it: it is not ours to go on with */
};

static struct shared *shared_of(const struct keeper *keeper)
{
	return (struct shared *)keeper;
}

static struct chamber_service *service_of(const struct shared *shared)
{
	return shared->keeper.chamber->service;
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

	if (relay_save(shared->relay, &state))
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

	chamber_count_edit(shared->keeper.chamber);
	scribe_edited(&shared->scribe, doc);
}

static void woke(void *ctx, struct doc *doc)
{
	scribe_woke(&((struct shared *)ctx)->scribe, doc);
}

static void ordered(void *ctx, uint64_t us)
{
	struct shared *shared = ctx;

	histogram_add(&service_of(shared)->ordered, us);
	shared->proved = channel_is_ready(shared->channel);
}

/* An end that is only read back was long ago. */
static void end_of_room(void *ctx, const char *why)
{
	if (channel_is_ready(((struct shared *)ctx)->channel))
		keeper_end(ctx, why);
}

static uint64_t now_us(void *ctx)
{
	(void)ctx;
	return histogram_clock_us();
}

static void forsaken(void *ctx, const struct doc *doc)
{
	struct shared *shared = ctx;
	char *told = scribe_save_lost(&shared->scribe, doc);

	report_error("%s: %s", shared->keeper.room->name, told);
	buf_add(&shared->forsaken, told, strlen(told) + 1);
	free(told);
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
	.ban = keeper_ban,
	.invite = keeper_invite,
	.audit = keeper_audit,
	.stir = keeper_stir,
	.woke = woke,
	.ordered = ordered,
	.forsaken = forsaken,
	.now_ms = keeper_now_ms,
	.now_us = now_us,
	.unix_ms = keeper_unix_ms,
	.random = keeper_random,
};

/* ---- what comes out of the order ---- */

static void tell(struct shared *shared, const char *text)
{
	report_info("%s: %s", shared->keeper.room->name, text);
	room_warn(shared->keeper.room, text);
	keeper_stir(shared);
}

static bool expects(void *ctx)
{
	return scribe_expects(&((struct shared *)ctx)->scribe);
}

/* To all who are in the room that goes on without it, when those who were sent away are back. */
static void tell_forsaken(struct shared *shared)
{
	if (!shared->forsaken.len || ++shared->forsaken_ticks < FORSAKEN_TICKS)
		return;
	shared->forsaken_ticks = 0;
	const char *line = shared->forsaken.at, *end = line + shared->forsaken.len;
	for (; line < end; line += strlen(line) + 1)
		relay_warn(shared->relay, line);
	buf_clear(&shared->forsaken);
}

static void give_up(struct shared *shared, const char *why)
{
	report_error("%s", why);
	shared->trouble = true;
	relay_part(shared->relay, 1011, "internal");
}

/* Nobody is in it, and nobody may begin it: it leaves memory when those who asked have gone. */
static void refuse_room(struct shared *shared)
{
	struct chamber *chamber = shared->keeper.chamber;

	chamber->stopping = true;
	sessions_refuse(&chamber->sessions, 1008, "no-such-room",
		"there is no such room. It comes into being when an owner joins it");
	keeper_stir(shared);
}

/* The first to open the room in this cluster: its files are what it begins with. */
static void on_absent(void *ctx)
{
	struct shared *shared = ctx;
	struct relay *first = relay_create(shared->keeper.room->name, &service_of(shared)->limits,
		shared->scribe.folder != NULL, &relay_handler, shared);
	struct buf state = {0};
	char *why = NULL;

	if (!scribe_has_place(&shared->scribe)) {
		refuse_room(shared);
	} else if (scribe_begin(&shared->scribe, first, &why)) {
		relay_save(first, &state);
		channel_found(shared->channel, state.at, state.len);
	} else {
		give_up(shared, why);
	}
	free(why);
	buf_fini(&state);
	relay_destroy(first);
}

/* The people go where it is served. Nobody comes in, nor is a file written, until it has left memory and is asked for once more. */
static void fall_behind(struct shared *shared)
{
	if (shared->behind)
		return;
	report_error("%s: a newer version of codecollab serves this room. Install it here, too",
		shared->keeper.room->name);
	shared->behind = shared->trouble = true;
	sessions_refuse(&shared->keeper.chamber->sessions, 1013, "internal",
		"this server is older than those that serve the room. Try again, or ask for it to"
		" be updated");
	relay_part(shared->relay, 1013, "the room is served by a newer version; come back");
	keeper_stir(shared);
}

static enum err on_loaded(void *ctx, const char *at, size_t len)
{
	struct shared *shared = ctx;

	if (relay_is_newer(at, len)) {
		fall_behind(shared);
		return ERR_NEWER;
	}
	if (!relay_read(shared->relay, at, len))
		return ERR_FORM;
	if (shared->known)
		scribe_forget(&shared->scribe);
	shared->known = true;
	scribe_begun(&shared->scribe);
	shared->keeper.room = relay_room(shared->relay);
	keeper_stir(shared);
	return ERR_NONE;
}

static enum err on_entry(void *ctx, uint64_t position, const char *at, size_t len)
{
	struct shared *shared = ctx;
	enum err heard = relay_receive(shared->relay, position, at, len);

	if (heard == ERR_NEWER)
		fall_behind(shared);
	keeper_stir(shared);
	return heard;
}

static void on_ready(void *ctx)
{
	struct shared *shared = ctx;

	relay_again(shared->relay);
	keeper_stir(shared);
}

/* That it can be reached does not mean that it takes anything. */
static void look_at_trouble(struct shared *shared)
{
	if (!shared->trouble || !shared->proved || relay_unordered(shared->relay))
		return;
	shared->trouble = false;
	tell(shared, "Stored again: everything is in Redis.");
}

static void on_lost(void *ctx, const char *why)
{
	struct shared *shared = ctx;

	shared->proved = false;
	if (shared->trouble)
		return;
	size_t len = strlen(why);
	char *text = report_sentence("Nothing is being stored: %.*s. Nothing is lost, it is held in"
				     " memory",
		(int)(len - (len && why[len - 1] == '.')), why); /* some of Redis's end so */

	shared->trouble = true;
	tell(shared, text);
	free(text);
}

static void on_kept(void *ctx, size_t bytes)
{
	relay_kept(((struct shared *)ctx)->relay, bytes);
	keeper_stir(ctx);
}

static void on_renew(void *ctx, struct buf *state)
{
	struct shared *shared = ctx;

	relay_renew(shared->relay);
	if (!relay_save(shared->relay, state))
		buf_fini(state);
}

static const struct channel_handler channel_handler = {
	.expects = expects,
	.absent = on_absent,
	.loaded = on_loaded,
	.entry = on_entry,
	.ready = on_ready,
	.lost = on_lost,
	.kept = on_kept,
	.renew = on_renew,
};

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

/* What the order made of it is not to be had here any more; in Redis it is. People come back to that. */
static void look_at_memory(struct shared *shared)
{
	struct chamber *chamber = shared->keeper.chamber;

	if (!relay_broken(shared->relay) || chamber->stopping)
		return;
	report_error("%s: a document that was put aside in %s cannot be read again; the room is"
		     " loaded from Redis",
		shared->keeper.room->name, chamber->service->state->dir);
	chamber->stopping = shared->behind = true;
	relay_part(shared->relay, 1013, "the server has lost a document; come back and resume");
	keeper_stir(shared);
}

/* What the room says was ordered before. */
static struct keeper_marks shared_turn(struct keeper *keeper)
{
	struct shared *shared = shared_of(keeper);

	if (shared->known) {
		scribe_turn(&shared->scribe);
		relay_turn(shared->relay);
	}
	look_at_memory(shared);
	look_at_trouble(shared);
	return (struct keeper_marks){0, 0};
}

/* So much in a tick that the loop is not held up. */
static void rest(struct shared *shared)
{
	uint64_t now = keeper_now_ms(shared), idle_ms = service_of(shared)->limits.idle_s * 1000;
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
	tell_forsaken(shared);
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
		loop_drain(service_of(shared)->loop, is_saving, shared, SCRIBE_SAVE_MS);
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
	shared->relay = relay_create(room, &service->limits, false, &relay_handler, shared);
	shared->keeper.room = relay_room(shared->relay);
	relay_use_cellar(shared->relay, cellar_open(service->state->dir));
	scribe_init(&shared->scribe, service->loop, service->autosave);
	shared->channel = channel_open(service->backplane, room, &channel_handler, shared);
	return &shared->keeper;
}
