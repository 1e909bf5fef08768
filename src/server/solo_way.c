/* A lonely keeper's room on its way into memory, and out of it: what waits for a disk is done by another thread, and people wait meanwhile. */
#include "src/server/solo_state.h"

#include <stdlib.h>

#include "src/report.h"
#include "src/server/chamber.h"

#define DIG_MS 1000 /* between two looks whether that thread is done */

static struct loop *loop_of(const struct solo *solo)
{
	return solo->keeper.chamber->service->loop;
}

/* ---- in ---- */

/* It leaves memory when those who asked have gone; who asks then asks the disk again. */
static void refuse_room(struct solo *solo, char *why)
{
	struct chamber *chamber = solo->keeper.chamber;

	report_info("%s", why);
	free(why);
	chamber->stopping = true;
	sessions_refuse(&chamber->sessions, 1013, "internal",
		"the server cannot open this room now; its log says why");
}

static void on_dug(void *ctx)
{
	struct solo *solo = ctx;
	struct chamber *chamber = solo->keeper.chamber;
	char *why = NULL;

	solo->digging = solo->keeper.opening = false;
	keeper_stir(solo);
	if (chamber->stopping)
		return;
	if (solo_furnish(solo, &why)) {
		solo->keeper.kind = &solo_kind;
		solo_kind.fill(&solo->keeper, solo->ground.folder, &why);
	}
	if (why)
		refuse_room(solo, why);
	else
		sessions_begin(&chamber->sessions, loop_now_ms(loop_of(solo)));
}

static void dig(void *ctx)
{
	ground_dig(&((struct solo *)ctx)->ground);
}

static void start_digging(struct solo *solo)
{
	solo->digging = true;
	loop_work(loop_of(solo), dig, on_dug, solo);
}

/* ---- on the way ---- */

/* Who waits is not read from (session.h): nobody comes here. */
static bool hear_nobody(struct keeper *keeper, struct voice *voice, void *to,
	const struct room_terms *terms, const struct message *m)
{
	(void)keeper, (void)voice, (void)to, (void)terms, (void)m;
	return false;
}

static void expel_nobody(
	struct keeper *keeper, bool (*is_revoked)(void *ctx, const char *token), void *ctx)
{
	(void)keeper, (void)is_revoked, (void)ctx;
}

/* Somebody came while it left, or before it was let go. */
static struct keeper_marks waiting_turn(struct keeper *keeper)
{
	struct solo *solo = solo_of(keeper);
	const struct chamber *chamber = keeper->chamber;

	if (keeper->opening && !solo->digging && chamber->sessions.first && !chamber->stopping)
		start_digging(solo);
	return (struct keeper_marks){0, 0};
}

static void no_tick(struct keeper *keeper)
{
	(void)keeper;
}

static bool not_failing(const struct keeper *keeper)
{
	(void)keeper;
	return false;
}

static size_t nothing(const struct keeper *keeper)
{
	(void)keeper;
	return 0;
}

static bool is_settled(const struct keeper *keeper)
{
	return !solo_of(keeper)->digging;
}

static void no_bye(struct keeper *keeper, const char *code)
{
	(void)keeper, (void)code;
}

static bool is_digging(void *ctx)
{
	return ((struct solo *)ctx)->digging;
}

static void close_early(struct keeper *keeper)
{
	struct solo *solo = solo_of(keeper);

	while (is_digging(solo))
		loop_drain(loop_of(solo), is_digging, solo, DIG_MS);
	solo_close(keeper);
}

static const struct keeper_kind waiting_kind = {
	.hear = hear_nobody,
	.rtt = keeper_rtt,
	.gone = keeper_gone,
	.expel = expel_nobody,
	.turn = waiting_turn,
	.tick = no_tick,
	.failing = not_failing,
	.here = nothing,
	.unstored = nothing,
	.settled = is_settled,
	.bye = no_bye,
	.busy = not_failing,
	.close = close_early,
};

struct keeper *solo_begin(struct chamber *chamber, const char *room, const char *folder, char **why)
{
	struct solo *solo = solo_create(chamber, &waiting_kind, room, folder, why);

	if (!solo)
		return NULL;
	solo_take_room(solo, solo_empty_room(solo, room));
	solo->keeper.opening = true;
	start_digging(solo);
	return &solo->keeper;
}

/* ---- out ---- */

static void finish(void *ctx)
{
	struct solo *solo = ctx;

	solo->whole = store_finish(solo->store);
}

static void on_finished(void *ctx)
{
	struct solo *solo = ctx;

	store_close(solo->store);
	solo->store = NULL;
	solo->digging = false;
	solo->keeper.chamber->used_ms = solo->used_ms;
	if (!solo->whole)
		solo_complain(solo);
	keeper_stir(solo);
}

/* Its lock stays until it is closed: nobody else begins while this thread is at it. */
bool solo_leave(struct keeper *keeper)
{
	struct solo *solo = solo_of(keeper);

	keeper->kind = &waiting_kind;
	keeper->opening = solo->digging = true;
	solo->used_ms = keeper->chamber->used_ms;
	shelf_fini(&solo->shelf);
	solo_take_room(solo, solo_empty_room(solo, keeper->room->name));
	loop_work(loop_of(solo), finish, on_finished, solo);
	return false;
}
