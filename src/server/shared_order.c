#include "src/server/shared_order.h"

#include <stdlib.h>
#include <string.h>

#include "src/report.h"
#include "src/server/doc.h"

#define FORSAKEN_TICKS 3

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

	histogram_add(&shared_service(shared)->ordered, us);
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
	struct relay *first =
		relay_create(shared->keeper.room->name, &shared_service(shared)->limits,
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
	.missed = keep,
	.ready = on_ready,
	.lost = on_lost,
	.kept = on_kept,
	.renew = on_renew,
};

/* ---- how it goes on ---- */

void shared_order_open(struct shared *shared, const char *room)
{
	struct chamber_service *service = shared_service(shared);

	shared->relay = relay_create(room, &service->limits, false, &relay_handler, shared);
	shared->keeper.room = relay_room(shared->relay);
	relay_use_cellar(shared->relay, cellar_open(service->state->dir));
	shared->channel = channel_open(service->backplane, room, &channel_handler, shared);
}

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

/* That it can be reached does not mean that it takes anything. */
static void look_at_trouble(struct shared *shared)
{
	if (!shared->trouble || !shared->proved || relay_unordered(shared->relay))
		return;
	shared->trouble = false;
	tell(shared, "Stored again: everything is in Redis.");
}

void shared_order_turn(struct shared *shared)
{
	if (shared->known) {
		scribe_turn(&shared->scribe);
		relay_turn(shared->relay);
	}
	look_at_memory(shared);
	look_at_trouble(shared);
}

/* To all who are in the room that goes on without it, when those who were sent away are back. */
void shared_order_tick(struct shared *shared)
{
	if (!shared->forsaken.len || ++shared->forsaken_ticks < FORSAKEN_TICKS)
		return;
	shared->forsaken_ticks = 0;
	const char *line = shared->forsaken.at, *end = line + shared->forsaken.len;
	for (; line < end; line += strlen(line) + 1)
		relay_warn(shared->relay, line);
	buf_clear(&shared->forsaken);
}
