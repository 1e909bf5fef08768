#include "src/server/solo_state.h"

#include <stdio.h>
#include <stdlib.h>

#include "ot/mem.h"
#include "src/report.h"
#include "src/server/archive.h"
#include "src/server/chamber.h"

/* What is written into it is to be handed over at the end of the turn. */
static struct store *store_of(void *ctx)
{
	keeper_stir(ctx);
	return ((struct solo *)ctx)->store;
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
	return store_session(((struct solo *)ctx)->store, id, out);
}

static uint64_t session_seq(void *ctx, uint64_t doc, uint64_t session_row)
{
	return store_session_seq(((struct solo *)ctx)->store, doc, session_row);
}

static bool past(void *ctx, uint64_t doc, uint64_t from, uint64_t to,
	bool (*fn)(void *fn_ctx, const struct store_edit *edit), void *fn_ctx)
{
	return store_edits(((struct solo *)ctx)->store, doc, from, to, fn, fn_ctx);
}

static bool load(void *ctx, struct doc *doc)
{
	keeper_stir(ctx);
	return shelf_load(&((struct solo *)ctx)->shelf, doc);
}

static struct doc *create(void *ctx, struct str path, const char **code, const char **text)
{
	keeper_stir(ctx);
	return shelf_create(&((struct solo *)ctx)->shelf, path, code, text);
}

static void asks(void *ctx, const struct doc *doc, struct asks *out)
{
	(void)ctx;
	shelf_asks(doc, out);
}

static void save(void *ctx, struct doc *doc, uint64_t user)
{
	(void)user;
	if (!((struct solo *)ctx)->keeper.chamber->stopping)
		shelf_save(doc);
}

static void edited(void *ctx, struct doc *doc)
{
	struct solo *solo = ctx;

	chamber_count_edit(solo->keeper.chamber);
	shelf_edited(&solo->shelf, doc, !solo->keeping.trouble);
}

static bool full(void *ctx)
{
	return keeping_full(&((struct solo *)ctx)->keeping);
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
	.stir = keeper_stir,
	.asks = asks,
	.save = save,
	.edited = edited,
	.end = keeper_end,
	.ban = keeper_ban,
	.invite = keeper_invite,
	.now_ms = keeper_now_ms,
	.unix_ms = keeper_unix_ms,
	.random = keeper_random,
	.audit = keeper_audit,
};

/* ---- the rhythm ---- */

/* How long a batch takes; while one is on its way the others are not looked at. */
static void time_commit(struct solo *solo, uint64_t batch, uint64_t stored)
{
	if (solo->timed_batch && stored >= solo->timed_batch) {
		histogram_add(&solo->keeper.chamber->service->commits,
			histogram_clock_us() - solo->timed_us);
		solo->timed_batch = 0;
	}
	if (!solo->timed_batch && batch > stored) {
		solo->timed_batch = batch;
		solo->timed_us = histogram_clock_us();
	}
}

static struct keeper_marks solo_turn(struct keeper *keeper)
{
	struct solo *solo = solo_of(keeper);
	uint64_t batch = store_turn(solo->store), stored = store_committed(solo->store);

	time_commit(solo, batch, stored);
	shelf_turn(&solo->shelf, batch, stored);
	keeping_turn(&solo->keeping, batch, stored);
	return (struct keeper_marks){batch, store_shown(solo->store)};
}

/* The turn that follows lets the outboxes go. */
static void on_committed(void *ctx, uint64_t batch)
{
	(void)batch;
	keeper_stir(ctx);
}

static void on_failed(void *ctx, const char *sentence)
{
	struct solo *solo = ctx;

	keeper_stir(ctx);
	if (!solo->keeper.opening)
		keeping_failed(&solo->keeping, sentence);
}

/* SQLite writes on into a file that nobody will find again. */
static void look_at_ground(struct solo *solo)
{
	bool stands = ground_stands(&solo->ground), was = solo->undermined;

	solo->undermined = !stands;
	if (stands || was)
		return;
	char *text =
		report_sentence("The room's history %s was removed or replaced. What is written"
				" now is lost if the server dies before it is in the file:"
				" stop the server, and start it again",
			solo->ground.path);
	report_error("%s", text);
	room_warn(solo->keeper.room, text);
	free(text);
	keeper_stir(solo);
}

static void solo_tick(struct keeper *keeper)
{
	struct solo *solo = solo_of(keeper);
	const struct chamber *chamber = keeper->chamber;

	if (keeper->room->people_count)
		look_at_ground(solo);
	room_tick(keeper->room);
	if (!chamber->stopping && !keeping_full(&solo->keeping))
		shelf_tick(&solo->shelf, chamber->service->limits.idle_s * 1000);
	keeping_tick(&solo->keeping, shelf_saved_rev);
}

static void solo_expel(
	struct keeper *keeper, bool (*is_revoked)(void *ctx, const char *token), void *ctx)
{
	room_expel(keeper->room, is_revoked, ctx);
}

/* ---- how it stands ---- */

static bool solo_failing(const struct keeper *keeper)
{
	return solo_of(keeper)->keeping.trouble;
}

static size_t solo_here(const struct keeper *keeper)
{
	return room_here(keeper->room);
}

static size_t solo_unstored(const struct keeper *keeper)
{
	return store_unstored(solo_of(keeper)->store);
}

static bool solo_settled(const struct keeper *keeper)
{
	struct solo *solo = solo_of(keeper);

	return !keeper->room->people_count && shelf_settled(&solo->shelf) &&
	       !store_unstored(solo->store);
}

/* ---- opening ---- */

static bool solo_fill(struct keeper *keeper, const char *folder, char **why)
{
	return shelf_fill(&solo_of(keeper)->shelf, folder, why);
}

static bool solo_share(struct keeper *keeper, const char *name, struct workspace_file *file,
	struct text **text, char **why)
{
	return shelf_share(&solo_of(keeper)->shelf, name, file, text, why);
}

static const struct store_handler store_handler = {.committed = on_committed, .failed = on_failed};

/* On the ground that was dug. */
static bool begin_store(struct solo *solo, char **why)
{
	const struct chamber_service *service = solo->keeper.chamber->service;
	struct ground *ground = &solo->ground;
	sqlite3 *db = ground->db;

	*why = ground->why;
	ground->why = NULL;
	ground->db = NULL;
	if (db)
		solo->store = store_begin(service->loop, ground->path, db, ground->durability,
			&store_handler, solo, why);
	return solo->store != NULL;
}

void solo_take_room(struct solo *solo, struct room *room)
{
	room_destroy(solo->keeper.room);
	solo->keeper.room = room;
	room->limits = solo->keeper.chamber->service->limits;
}

struct room *solo_empty_room(struct solo *solo, const char *name)
{
	return room_create(name, "", 0, &room_handler, solo);
}

bool solo_furnish(struct solo *solo, char **why)
{
	struct chamber_service *service = solo->keeper.chamber->service;

	if (!begin_store(solo, why))
		return false;
	solo->timed_batch = 0;
	keeping_init(&solo->keeping, service->loop, solo->store, &service->keep);
	solo_take_room(
		solo, archive_room(solo->store, solo->keeper.room->name, &room_handler, solo));
	solo->keeping.room = solo->keeper.room;
	shelf_init(&solo->shelf, service->loop, solo->store, solo->keeper.room, service->autosave);
	return true;
}

/* ---- closing ---- */

static void solo_bye(struct keeper *keeper, const char *code)
{
	struct room *room = keeper->room;

	for (size_t i = 0; i < room->people_count; i++) {
		void *to = room->people[i]->to;
		room->people[i]->to = NULL;
		if (to)
			session_close(to, 1001, code);
	}
	shelf_finish(&solo_of(keeper)->shelf);
}

static bool solo_busy(const struct keeper *keeper)
{
	return shelf_busy(&solo_of(keeper)->shelf);
}

void solo_complain(const struct solo *solo)
{
	report_error("the newest edits could not be stored in %s. They are in the file, if that"
		     " could be written",
		solo->keeper.chamber->service->state->dir);
}

static void close_store(struct solo *solo)
{
	shelf_wait(&solo->shelf);
	if (!store_close(solo->store))
		solo_complain(solo);
	if (solo->keeper.chamber->stopping)
		shelf_finish_now(&solo->shelf);
}

void solo_close(struct keeper *keeper)
{
	struct solo *solo = solo_of(keeper);

	if (solo->store)
		close_store(solo);
	shelf_fini(&solo->shelf);
	room_destroy(keeper->room);
	ground_fini(&solo->ground);
	free(solo);
}

const struct keeper_kind solo_kind = {
	.hear = keeper_hear,
	.rtt = keeper_rtt,
	.gone = keeper_gone,
	.expel = solo_expel,
	.fill = solo_fill,
	.share = solo_share,
	.turn = solo_turn,
	.tick = solo_tick,
	.failing = solo_failing,
	.here = solo_here,
	.unstored = solo_unstored,
	.settled = solo_settled,
	.bye = solo_bye,
	.busy = solo_busy,
	.leave = solo_leave,
	.close = solo_close,
};

struct solo *solo_create(struct chamber *chamber, const struct keeper_kind *kind, const char *room,
	const char *folder, char **why)
{
	struct solo *solo = mem_alloc(sizeof(*solo));
	const struct chamber_service *service = chamber->service;

	solo->keeper = (struct keeper){.kind = kind, .chamber = chamber};
	if (ground_take(&solo->ground, service->state, room, folder, service->durability, why))
		return solo;
	free(solo);
	return NULL;
}

struct keeper *solo_open(struct chamber *chamber, const char *room, char **why)
{
	struct solo *solo = solo_create(chamber, &solo_kind, room, NULL, why);

	if (!solo)
		return NULL;
	solo_take_room(solo, solo_empty_room(solo, room));
	ground_dig(&solo->ground);
	if (solo_furnish(solo, why))
		return &solo->keeper;
	solo_close(&solo->keeper);
	return NULL;
}
