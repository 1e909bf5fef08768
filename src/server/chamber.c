#include "src/server/chamber.h"

#include <stdlib.h>

#include "ot/mem.h"
#include "src/server/presence.h"
#include "src/server/room_send.h"
#include "src/server/shared.h"
#include "src/server/solo.h"

static void stir(void *ctx)
{
	struct chamber *chamber = ctx;

	chamber->service->stir(chamber->service->ctx, chamber);
}

struct room *chamber_room(const struct chamber *chamber)
{
	return chamber->keeper->room;
}

/* ---- the rhythm ---- */

void chamber_count_edit(struct chamber *chamber)
{
	struct room *room = chamber_room(chamber);

	chamber->edits++;
	pulse_add(&chamber->pulse, loop_now_ms(chamber->service->loop));
	chamber->service->transforms += room->transforms;
	room->transforms = 0;
}

static void present(struct chamber *chamber)
{
	uint64_t wait_ms = presence_turn(chamber_room(chamber));

	if (wait_ms)
		timer_set(chamber->presence, wait_ms, 0);
}

void chamber_turn(struct chamber *chamber)
{
	struct keeper_marks marks;

	present(chamber);
	marks = chamber->keeper->kind->turn(chamber->keeper);
	sessions_flush(&chamber->sessions, marks.written, marks.safe);
}

/* What waits for the disk is told of by it; what waits for a peer's socket is looked at in each turn. */
bool chamber_waits(const struct chamber *chamber)
{
	return chamber->sessions.busy != NULL;
}

static bool is_settled(const struct chamber *chamber)
{
	return !chamber->sessions.first && chamber->keeper->kind->settled(chamber->keeper);
}

void chamber_tick(struct chamber *chamber)
{
	uint64_t now = loop_now_ms(chamber->service->loop);

	if (!is_settled(chamber))
		chamber->used_ms = now;
	sessions_tick(&chamber->sessions, now);
	stir(chamber);
	chamber->keeper->kind->tick(chamber->keeper);
}

/* ---- how it stands ---- */

bool chamber_failing(const struct chamber *chamber)
{
	return chamber->keeper->kind->failing(chamber->keeper);
}

size_t chamber_here(const struct chamber *chamber)
{
	return chamber->keeper->kind->here(chamber->keeper);
}

size_t chamber_unstored(const struct chamber *chamber)
{
	return chamber->keeper->kind->unstored(chamber->keeper);
}

bool chamber_unused(const struct chamber *chamber, uint64_t idle_ms)
{
	return loop_now_ms(chamber->service->loop) - chamber->used_ms >= idle_ms &&
	       is_settled(chamber);
}

bool chamber_leaves(struct chamber *chamber)
{
	struct keeper *keeper = chamber->keeper;

	return !keeper->kind->leave || keeper->kind->leave(keeper);
}

/* ---- opening ---- */

static void set_going(struct chamber *chamber)
{
	const struct chamber_service *service = chamber->service;

	chamber->sessions.keeper = chamber->keeper;
	chamber->sessions.counts = &chamber->service->counts;
	chamber->sessions.stock = &chamber->service->stock;
	chamber->presence = timer_make(service->loop, stir, chamber);
	chamber->used_ms = loop_now_ms(service->loop);
}

static struct chamber *new_chamber(struct chamber_service *service, char **why)
{
	struct chamber *chamber = mem_alloc(sizeof(*chamber));

	*why = NULL;
	chamber->service = service;
	return chamber;
}

static struct chamber *with_keeper(struct chamber *chamber, struct keeper *keeper)
{
	chamber->keeper = keeper;
	if (!keeper) {
		free(chamber);
		return NULL;
	}
	set_going(chamber);
	return chamber;
}

struct chamber *chamber_open(struct chamber_service *service, const char *name, char **why)
{
	struct chamber *chamber = new_chamber(service, why);

	return with_keeper(chamber,
		service->backplane ? shared_open(chamber, name) : solo_open(chamber, name, why));
}

static struct keeper *share_folder(struct chamber *chamber, const char *name, const char *folder)
{
	struct keeper *keeper = shared_open(chamber, name);

	keeper->kind->fill(keeper, folder, NULL);
	return keeper;
}

struct chamber *chamber_begin(
	struct chamber_service *service, const char *name, const char *folder, char **why)
{
	struct chamber *chamber = new_chamber(service, why);

	return with_keeper(chamber, service->backplane ? share_folder(chamber, name, folder)
						       : solo_begin(chamber, name, folder, why));
}

bool chamber_share(struct chamber *chamber, const char *name, struct workspace_file *file,
	struct text **text, char **why)
{
	return chamber->keeper->kind->share(chamber->keeper, name, file, text, why);
}

void chamber_expel(
	struct chamber *chamber, bool (*is_revoked)(void *ctx, const char *token), void *ctx)
{
	chamber->keeper->kind->expel(chamber->keeper, is_revoked, ctx);
	sessions_expel(&chamber->sessions, is_revoked, ctx);
}

/* ---- closing ---- */

void chamber_bye(struct chamber *chamber, const char *why, unsigned retry_ms)
{
	const char *code = retry_ms ? "restart" : "ended";
	struct message bye = {
		.type = MSG_BYE, .bye = {.code = str(code), .text = str(why), .retry = retry_ms}};

	if (chamber->stopping)
		return;
	chamber->stopping = true;
	room_send_others(chamber_room(chamber), NULL, &bye);
	chamber->keeper->kind->bye(chamber->keeper, code);
}

bool chamber_busy(const struct chamber *chamber)
{
	return chamber->keeper->kind->busy(chamber->keeper);
}

void chamber_close(struct chamber *chamber)
{
	if (!chamber)
		return;
	timer_destroy(chamber->presence);
	chamber->keeper->kind->close(chamber->keeper);
	free(chamber);
}
