#include "src/server/house.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "net/token.h"
#include "ot/mem.h"
#include "src/report.h"
#include "src/server/replace.h"

#define TRIM_EVERY 64 /* rooms that left */
#define TICK_MS    1000

static void stir(void *ctx, struct chamber *chamber)
{
	struct house *house = ctx;

	if (chamber->stirred)
		return;
	chamber->stirred = true;
	chamber->next_stirred = house->stirred;
	house->stirred = chamber;
}

static struct chamber *ticking(const struct house *house, unsigned beats)
{
	return house->ticking[(house->beats + beats) % HOUSE_BEATS];
}

/* To the next beat on which somebody ticks. */
static void set_beat(struct house *house)
{
	unsigned beats = 0;

	while (beats < HOUSE_BEATS - 1 && !ticking(house, beats))
		beats++;
	house->beats += beats;
	timer_set(house->beat, (beats + 1) * (TICK_MS / HOUSE_BEATS), 0);
}

/* A tick takes no room away: that is for the turn. */
static void on_beat(void *ctx)
{
	struct house *house = ctx;

	for (struct chamber *chamber = ticking(house, 0); chamber; chamber = chamber->next_ticked)
		chamber_tick(chamber);
	house->beats++;
	if (house->count)
		set_beat(house);
}

void house_init(struct house *house, struct loop *loop)
{
	*house = (struct house){.service = {.loop = loop, .ctx = house, .stir = stir},
		.since_ms = loop_now_ms(loop)};
	house->beat = timer_make(loop, on_beat, house);
	if (getrandom(&house->seed, sizeof(house->seed), 0) != (ssize_t)sizeof(house->seed))
		abort();
}

/* ---- by name ---- */

/* FNV-1a, from a seed, so that nobody can choose names that all meet in one bucket. */
static struct chamber **bucket(struct house *house, const char *name)
{
	uint32_t hash = 2166136261U ^ house->seed;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619U;
	return &house->buckets[(hash ^ hash >> 16) % HOUSE_BUCKETS];
}

struct chamber *house_find(const struct house *house, const char *name)
{
	struct chamber *chamber = *bucket((struct house *)house, name);

	while (chamber && strcmp(chamber_room(chamber)->name, name) != 0)
		chamber = chamber->next_of_name;
	return chamber;
}

static void join_ticking(struct house *house, struct chamber *chamber)
{
	struct chamber **list = &house->ticking[house->joined++ % HOUSE_BEATS];

	chamber->next_ticked = *list;
	chamber->ticked_at = list;
	if (*list)
		(*list)->ticked_at = &chamber->next_ticked;
	*list = chamber;
}

static void leave_ticking(struct chamber *chamber)
{
	*chamber->ticked_at = chamber->next_ticked;
	if (chamber->next_ticked)
		chamber->next_ticked->ticked_at = chamber->ticked_at;
}

void house_add(struct house *house, struct chamber *takes)
{
	struct chamber **slot = bucket(house, chamber_room(takes)->name);

	takes->next_of_name = *slot;
	*slot = takes;
	takes->next = house->first;
	takes->at = &house->first;
	if (house->first)
		house->first->at = &takes->next;
	house->first = takes;
	join_ticking(house, takes);
	if (!house->count++)
		set_beat(house);
}

static void remove_from(struct house *house, struct chamber *chamber)
{
	struct chamber **slot = bucket(house, chamber_room(chamber)->name);

	while (*slot != chamber)
		slot = &(*slot)->next_of_name;
	*slot = chamber->next_of_name;
	*chamber->at = chamber->next;
	if (chamber->next)
		chamber->next->at = chamber->at;
	for (slot = &house->stirred; *slot && *slot != chamber;)
		slot = &(*slot)->next_stirred;
	if (*slot)
		*slot = chamber->next_stirred;
	chamber->stirred = true; /* for good: its last words have no turn any more */
	leave_ticking(chamber);
	house->count--;
}

static void close_one(struct house *house, struct chamber *chamber)
{
	remove_from(house, chamber);
	chamber_close(chamber);
	if (house->count % TRIM_EVERY == 0)
		malloc_trim(0); /* what many rooms held lies scattered: it would stay with us */
}

/* ---- the folder ---- */

bool house_settle(struct house *house, const char *folder, char **why)
{
	struct stat st;
	char *real;

	if (mkdir(folder, 0777) && errno != EEXIST) {
		*why = report_sentence(
			"cannot make the folder of rooms %s: %s", folder, strerror(errno));
		return false;
	}
	real = realpath(folder, NULL);
	if (!real || stat(real, &st))
		*why = report_sentence(
			"cannot use the folder of rooms %s: %s", folder, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		*why = report_sentence("%s is no folder: --rooms is for one", real);
	house->folder = real;
	return !*why;
}

/* Is that folder there, a real one? One that only this server knows of is flushed with its history (ground.h). */
static bool is_there(const struct house *house, const char *folder, bool make)
{
	struct stat st;

	if (make && mkdir(folder, 0777) == 0 && house->service.backplane)
		replace_flush_folder(folder);
	return lstat(folder, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The one that nobody has been in for longest; NULL: somebody is in each. */
static struct chamber *unused(const struct house *house)
{
	struct chamber *found = NULL;

	for (struct chamber *chamber = house->first; chamber; chamber = chamber->next)
		if (chamber_unused(chamber, 0) && (!found || chamber->used_ms < found->used_ms))
			found = chamber;
	return found;
}

static bool has_place(struct house *house)
{
	struct chamber *spare = house->count < house->service.limits.rooms ? NULL : unused(house);

	if (spare)
		close_one(house, spare);
	return house->count < house->service.limits.rooms;
}

/*
 * Histories are found by the names of rooms, and one folder of state may have seen rooms of files, too: what is in the history of one of
 * those is not for the people of this one.
 */
static bool is_anothers(const struct house *house, const char *name, const char *folder)
{
	struct state *state = house->service.state;
	bool taken = !house->service.backplane && state_name_taken(state, name, folder);

	if (taken)
		report_info("the room %s in %s belongs to another file or folder: it is not served"
			    " from %s",
			name, state->dir, folder);
	return taken;
}

/* For who asks the state which rooms there are, and which servers. */
static bool remember(const struct house *house, const char *name, const char *folder, char **why)
{
	struct state *state = house->service.state;
	struct state_room room, now = {.port = house->port};

	if (house->service.backplane)
		return true;
	snprintf(now.name, sizeof(now.name), "%s", name);
	return (state_find(state, folder, &room) && room.port == now.port) ||
	       state_list(state, folder, &now, why);
}

static struct chamber *open_one(struct house *house, const char *name, const char *folder)
{
	char *why = NULL;
	struct chamber *chamber = remember(house, name, folder, &why)
					  ? chamber_begin(&house->service, name, folder, &why)
					  : NULL;

	if (why)
		report_info("%s", why);
	free(why);
	if (chamber)
		house_add(house, chamber);
	return chamber;
}

/* Only Redis knows of a room that no folder is here for. */
static bool may_be_there(const struct house *house, const char *folder)
{
	struct stat st;

	return house->service.backplane && lstat(folder, &st) && errno == ENOENT;
}

static int bring(struct house *house, const char *name, bool is_owner, struct chamber **out)
{
	int status = 404;
	char *folder;

	if (!house->folder || !room_name_valid(name, strlen(name)))
		return status;
	folder = report_sentence("%s/%s", house->folder, name);
	if (is_anothers(house, name, folder))
		status = 503;
	else if (is_there(house, folder, is_owner) || may_be_there(house, folder))
		status = has_place(house) && (*out = open_one(house, name, folder)) ? 0 : 503;
	free(folder);
	return status;
}

/* Who came before the owner may be waiting for Redis's answer. */
static void make_place(const struct house *house, const char *name)
{
	char *folder = report_sentence("%s/%s", house->folder, name);

	is_there(house, folder, true);
	free(folder);
}

int house_enter(struct house *house, const char *name, bool is_owner, struct chamber **out)
{
	*out = house_find(house, name);
	if (!*out)
		return bring(house, name, is_owner, out);
	if (is_owner && house->folder && house->service.backplane)
		make_place(house, name);
	return (*out)->stopping || chamber_failing(*out) ? 503 : 0;
}

/* ---- all of them ---- */

static bool may_leave(const struct house *house, const struct chamber *chamber)
{
	uint64_t idle_ms = chamber->stopping ? 0 : house->service.limits.idle_s * 1000;

	return house->folder && chamber_unused(chamber, idle_ms);
}

static struct chamber *slowest(const struct house *house, struct session **whose)
{
	struct chamber *found = NULL;

	*whose = NULL;
	for (struct chamber *chamber = house->first; chamber; chamber = chamber->next) {
		struct session *slow = sessions_slowest(&chamber->sessions);
		if (!slow || !session_is_slower(slow, *whose))
			continue;
		found = chamber;
		*whose = slow;
	}
	return found;
}

static void relieve(struct house *house)
{
	const struct chamber_service *service = &house->service;
	struct chamber *chamber;
	struct session *whose;

	while (service->counts.waiting > service->limits.queues_bytes &&
		(chamber = slowest(house, &whose)) &&
		service->counts.waiting - session_waiting(whose) > service->limits.queues_bytes) {
		session_relieve(whose);
		stir(house, chamber);
		loop_again(service->loop);
	}
}

void house_turn(struct house *house)
{
	struct chamber *chamber = house->stirred, *next;

	house->stirred = NULL;
	for (; chamber; chamber = next) {
		next = chamber->next_stirred;
		chamber->stirred = false;
		chamber_turn(chamber);
		if (may_leave(house, chamber) && chamber_leaves(chamber))
			close_one(house, chamber);
		else if (chamber_waits(chamber))
			stir(house, chamber);
	}
	relieve(house);
}

size_t house_people(const struct house *house)
{
	size_t here = 0;

	for (const struct chamber *chamber = house->first; chamber; chamber = chamber->next)
		here += chamber_here(chamber);
	return here;
}

static void count_one(const struct chamber *chamber, struct metrics_now *out)
{
	out->rooms++;
	out->people += chamber_here(chamber);
	out->troubled += chamber_failing(chamber);
	out->queued_bytes += sessions_queued(&chamber->sessions);
	out->unstored_bytes += chamber_unstored(chamber);
	for (size_t i = 0; i < chamber_room(chamber)->document_count; i++)
		out->documents += chamber_room(chamber)->documents[i]->log != NULL;
}

void house_count(const struct house *house, struct metrics_now *out)
{
	*out = (struct metrics_now){.counts = &house->service.counts,
		.commits = &house->service.commits,
		.backplane = house->service.backplane ? &house->service.ordered : NULL,
		.transforms = house->service.transforms};
	for (const struct chamber *chamber = house->first; chamber; chamber = chamber->next)
		count_one(chamber, out);
}

void house_bye(struct house *house, const char *why, unsigned retry_ms)
{
	for (struct chamber *chamber = house->first; chamber; chamber = chamber->next)
		chamber_bye(chamber, why, retry_ms);
}

bool house_busy(const struct house *house)
{
	for (const struct chamber *chamber = house->first; chamber; chamber = chamber->next)
		if (chamber_busy(chamber))
			return true;
	return false;
}

void house_fini(struct house *house)
{
	while (house->first)
		close_one(house, house->first);
	timer_destroy(house->beat);
	house->beat = NULL;
	stock_fini(&house->service.stock);
	free(house->folder);
	house->folder = NULL;
}
