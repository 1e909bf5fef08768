#include "src/server/chamber.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "ot/mem.h"
#include "src/report.h"
#include "src/server/archive.h"
#include "src/server/audit.h"
#include "src/server/presence.h"
#include "src/server/scribe.h"
#include "src/server/shared.h"

#define TICK_MS 1000

static void stir(struct chamber *chamber)
{
	chamber->service->stir(chamber->service->ctx, chamber);
}

/* What is written into it is to be handed over at the end of the turn. */
static struct store *store_of(void *ctx)
{
	stir(ctx);
	return ((struct chamber *)ctx)->store;
}

/* ---- what the room asks for ---- */

static void keep_edit(void *ctx, const struct store_edit *edit)
{
	store_edit(store_of(ctx), edit);
}

static uint64_t keep_session(void *ctx, const struct store_session *session)
{
	return store_add_session(store_of(ctx), session);
}

static void keep_terms(void *ctx, const struct store_session *session)
{
	store_terms(store_of(ctx), session);
}

static void end_session(void *ctx, uint64_t session_row)
{
	store_end_session(store_of(ctx), session_row);
}

static void keep_lock(void *ctx, bool locked)
{
	store_put(store_of(ctx), "locked", locked ? "yes" : "no");
}

static void keep_next_user(void *ctx, uint64_t next)
{
	char number[24];

	snprintf(number, sizeof(number), "%llu", (unsigned long long)next);
	store_put(store_of(ctx), "next_user", number);
}

static void keep_chat(void *ctx, const struct msg_said *said)
{
	store_chat(store_of(ctx), said);
}

static bool find_session(void *ctx, const char *id, struct store_session *out)
{
	return store_session(((struct chamber *)ctx)->store, id, out);
}

static uint64_t session_seq(void *ctx, uint64_t doc, uint64_t session_row)
{
	return store_session_seq(((struct chamber *)ctx)->store, doc, session_row);
}

static bool past(void *ctx, uint64_t doc, uint64_t from, uint64_t to,
	bool (*fn)(void *fn_ctx, const struct store_edit *edit), void *fn_ctx)
{
	return store_edits(((struct chamber *)ctx)->store, doc, from, to, fn, fn_ctx);
}

static uint64_t now_ms(void *ctx)
{
	return loop_now_ms(((struct chamber *)ctx)->service->loop);
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

static void end_of_room(void *ctx, const char *why)
{
	struct chamber *chamber = ctx;

	chamber->service->end(chamber->service->owner, chamber, why);
}

static bool load(void *ctx, struct doc *doc)
{
	stir(ctx);
	return shelf_load(&((struct chamber *)ctx)->shelf, doc);
}

static struct doc *create(void *ctx, struct str path, const char **code, const char **text)
{
	stir(ctx);
	return shelf_create(&((struct chamber *)ctx)->shelf, path, code, text);
}

static void asks(void *ctx, const struct doc *doc, struct asks *out)
{
	(void)ctx;
	shelf_asks(doc, out);
}

static void save(void *ctx, struct doc *doc, uint64_t user)
{
	(void)user;
	if (!((struct chamber *)ctx)->stopping)
		shelf_save(doc);
}

void chamber_count_edit(struct chamber *chamber)
{
	chamber->edits++;
	pulse_add(&chamber->pulse, loop_now_ms(chamber->service->loop));
	chamber->service->transforms += chamber->room->transforms;
	chamber->room->transforms = 0;
}

static void edited(void *ctx, struct doc *doc)
{
	struct chamber *chamber = ctx;

	chamber_count_edit(chamber);
	shelf_edited(&chamber->shelf, doc, !chamber->keeping.trouble);
}

static bool ban(void *ctx, const struct person *person)
{
	struct chamber *chamber = ctx;

	return chamber->service->ban(chamber->service->owner, chamber, person);
}

static bool invite(void *ctx, const struct room_invite *wanted, struct message *invited)
{
	struct chamber *chamber = ctx;

	return chamber->service->invite(chamber->service->owner, chamber, wanted, invited);
}

static bool full(void *ctx)
{
	return keeping_full(&((struct chamber *)ctx)->keeping);
}

static void audit_event(void *ctx, const struct room_event *event)
{
	audit_room(((struct chamber *)ctx)->room->name, event);
}

static void stirred(void *ctx)
{
	stir(ctx);
}

static const struct room_handler room_handler = {
	.send = session_send,
	.close = session_close,
	.urge = session_urge,
	.drop = session_drop,
	.full = full,
	.keep_edit = keep_edit,
	.keep_session = keep_session,
	.keep_terms = keep_terms,
	.end_session = end_session,
	.keep_lock = keep_lock,
	.keep_next_user = keep_next_user,
	.keep_chat = keep_chat,
	.find_session = find_session,
	.session_seq = session_seq,
	.past = past,
	.load = load,
	.create = create,
	.stir = stirred,
	.asks = asks,
	.save = save,
	.edited = edited,
	.end = end_of_room,
	.ban = ban,
	.invite = invite,
	.now_ms = now_ms,
	.unix_ms = unix_ms,
	.random = random_bytes,
	.audit = audit_event,
};

/* ---- the rhythm ---- */

static void present(struct chamber *chamber)
{
	uint64_t wait_ms = presence_turn(chamber->room);

	if (wait_ms)
		timer_set(chamber->presence, wait_ms, 0);
}

/* How long a batch takes; while one is on its way the others are not looked at. */
static void time_commit(struct chamber *chamber, uint64_t batch, uint64_t stored)
{
	if (chamber->timed_batch && stored >= chamber->timed_batch) {
		histogram_add(&chamber->service->commits, histogram_clock_us() - chamber->timed_us);
		chamber->timed_batch = 0;
	}
	if (!chamber->timed_batch && batch > stored) {
		chamber->timed_batch = batch;
		chamber->timed_us = histogram_clock_us();
	}
}

void chamber_turn(struct chamber *chamber)
{
	uint64_t batch, stored;

	if (chamber->shared) {
		shared_turn(chamber->shared);
		return;
	}
	present(chamber);
	batch = store_turn(chamber->store);
	stored = store_committed(chamber->store);
	time_commit(chamber, batch, stored);
	shelf_turn(&chamber->shelf, batch, stored);
	keeping_turn(&chamber->keeping, batch, stored);
	sessions_flush(&chamber->sessions, batch, store_shown(chamber->store));
}

/* What waits for the disk is told of by it; what waits for a peer's socket is looked at in each turn. */
bool chamber_waits(const struct chamber *chamber)
{
	return chamber->sessions.busy != NULL;
}

/* The turn that follows lets the outboxes go. */
static void on_committed(void *ctx, uint64_t batch)
{
	(void)batch;
	stir(ctx);
}

static void on_failed(void *ctx, const char *sentence)
{
	stir(ctx);
	keeping_failed(&((struct chamber *)ctx)->keeping, sentence);
}

static void on_tick(void *ctx)
{
	struct chamber *chamber = ctx;
	uint64_t now = loop_now_ms(chamber->service->loop);

	if (chamber->sessions.first || (chamber->room->people_count && !chamber->shared))
		chamber->used_ms = now;
	sessions_tick(&chamber->sessions, now);
	stir(chamber);
	if (chamber->shared) {
		shared_tick(chamber->shared);
		return;
	}
	room_tick(chamber->room);
	if (!chamber->stopping && !keeping_full(&chamber->keeping))
		shelf_tick(&chamber->shelf, chamber->service->limits.idle_s * 1000);
	keeping_tick(&chamber->keeping, shelf_saved_rev);
}

size_t chamber_here(const struct chamber *chamber)
{
	return chamber->shared ? shared_here(chamber->shared) : room_here(chamber->room);
}

size_t chamber_unstored(const struct chamber *chamber)
{
	return chamber->shared ? shared_unstored(chamber->shared) : store_unstored(chamber->store);
}

bool chamber_unused(const struct chamber *chamber, uint64_t idle_ms)
{
	if (chamber->sessions.first ||
		loop_now_ms(chamber->service->loop) - chamber->used_ms < idle_ms)
		return false;
	if (chamber->shared) /* whoever else is in it, is so elsewhere */
		return shared_settled(chamber->shared);
	return !chamber->room->people_count && shelf_settled(&chamber->shelf) &&
	       !store_unstored(chamber->store);
}

/* ---- opening ---- */

static const struct store_handler store_handler = {.committed = on_committed, .failed = on_failed};

static bool open_store(struct chamber *chamber, const char *name, char **why)
{
	const struct chamber_service *service = chamber->service;
	char *dir = state_lock_room(service->state, name, &chamber->lock, why), *path;

	if (!dir)
		return false;
	path = report_sentence("%s/room.db", dir);
	chamber->store =
		store_open(service->loop, path, service->durability, &store_handler, chamber, why);
	free(path);
	free(dir);
	return chamber->store != NULL;
}

static void furnish(struct chamber *chamber, const char *name)
{
	struct chamber_service *service = chamber->service;

	keeping_init(&chamber->keeping, service->loop, chamber->store, &service->keep);
	chamber->room = archive_room(chamber->store, name, &room_handler, chamber);
	chamber->room->limits = service->limits;
	chamber->keeping.room = chamber->sessions.room = chamber->room;
	shelf_init(
		&chamber->shelf, service->loop, chamber->store, chamber->room, service->autosave);
}

static void set_going(struct chamber *chamber)
{
	const struct chamber_service *service = chamber->service;

	chamber->sessions.counts = &chamber->service->counts;
	chamber->presence = timer_make(service->loop, stirred, chamber);
	chamber->tick = timer_make(service->loop, on_tick, chamber);
	timer_set(chamber->tick, TICK_MS, TICK_MS);
	chamber->used_ms = loop_now_ms(service->loop);
}

struct chamber *chamber_open(struct chamber_service *service, const char *name, char **why)
{
	struct chamber *chamber = mem_alloc(sizeof(*chamber));

	*why = NULL;
	chamber->service = service;
	chamber->lock = -1;
	if (service->backplane) {
		chamber->shared = shared_open(chamber, name);
	} else if (open_store(chamber, name, why)) {
		furnish(chamber, name);
	} else {
		chamber_close(chamber);
		return NULL;
	}
	set_going(chamber);
	return chamber;
}

bool chamber_fill(struct chamber *chamber, const char *folder, char **why)
{
	if (!chamber->shared)
		return shelf_fill(&chamber->shelf, folder, why);
	scribe_folder(shared_scribe(chamber->shared), folder);
	return true;
}

bool chamber_share(struct chamber *chamber, const char *name, struct workspace_file *file,
	struct text **text, char **why)
{
	if (!chamber->shared)
		return shelf_share(&chamber->shelf, name, file, text, why);
	scribe_file(shared_scribe(chamber->shared), name, file, text);
	return true;
}

void chamber_expel(
	struct chamber *chamber, bool (*is_revoked)(void *ctx, const char *token), void *ctx)
{
	if (chamber->shared)
		shared_expel(chamber->shared, is_revoked, ctx);
	else
		room_expel(chamber->room, is_revoked, ctx);
	sessions_expel(&chamber->sessions, is_revoked, ctx);
}

/* ---- closing ---- */

void chamber_bye(struct chamber *chamber, const char *why, unsigned retry_ms)
{
	struct room *room = chamber->room;
	const char *code = retry_ms ? "restart" : "ended";
	struct message bye = {
		.type = MSG_BYE, .bye = {.code = str(code), .text = str(why), .retry = retry_ms}};

	if (chamber->stopping)
		return;
	chamber->stopping = true;
	if (chamber->shared) {
		shared_bye(chamber->shared, why, retry_ms);
		return;
	}
	room_send_others(room, NULL, &bye);
	for (size_t i = 0; i < room->people_count; i++) {
		void *to = room->people[i]->to;
		room->people[i]->to = NULL;
		if (to)
			session_close(to, 1001, code);
	}
	shelf_finish(&chamber->shelf);
}

bool chamber_busy(const struct chamber *chamber)
{
	return chamber->shared ? shared_busy(chamber->shared) : shelf_busy(&chamber->shelf);
}

static void close_store(struct chamber *chamber)
{
	shelf_wait(&chamber->shelf);
	if (!store_close(chamber->store))
		report_error("the newest edits could not be stored in %s. They are in the file, if"
			     " that could be written",
			chamber->service->state->dir);
	if (chamber->stopping)
		shelf_finish_now(&chamber->shelf);
}

void chamber_close(struct chamber *chamber)
{
	if (!chamber)
		return;
	timer_destroy(chamber->tick);
	timer_destroy(chamber->presence);
	if (chamber->store)
		close_store(chamber);
	shelf_fini(&chamber->shelf);
	if (!chamber->shared)
		room_destroy(chamber->room);
	shared_close(chamber->shared);
	if (chamber->lock >= 0)
		state_unlock_room(chamber->lock);
	free(chamber);
}
