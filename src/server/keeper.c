#include "src/server/keeper.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "src/server/audit.h"
#include "src/server/chamber.h"

static struct chamber_service *service_of(void *keeper)
{
	return ((struct keeper *)keeper)->chamber->service;
}

/* ---- people ---- */

bool keeper_hear(struct keeper *keeper, struct voice *voice, void *to,
	const struct room_terms *terms, const struct message *m)
{
	if (voice->person)
		room_message(keeper->room, voice->person, m);
	else
		voice->person = room_hello(keeper->room, to, terms, m);
	return true;
}

void keeper_rtt(struct keeper *keeper, const struct voice *voice, unsigned ms)
{
	if (voice->person)
		room_rtt(keeper->room, voice->person, ms);
}

/* Who says goodbye leaves at once; who is only gone may come back. */
void keeper_gone(struct keeper *keeper, const struct voice *voice, bool left)
{
	if (voice->person && left)
		room_left(keeper->room, voice->person, "left");
	else if (voice->person)
		room_lost(keeper->room, voice->person);
}

/* ---- what the room asks for ---- */

void keeper_stir(void *keeper)
{
	struct chamber_service *service = service_of(keeper);

	service->stir(service->ctx, ((struct keeper *)keeper)->chamber);
}

void keeper_end(void *keeper, const char *why)
{
	struct chamber_service *service = service_of(keeper);

	service->end(service->owner, ((struct keeper *)keeper)->chamber, why);
}

bool keeper_ban(void *keeper, const struct person *person)
{
	struct chamber_service *service = service_of(keeper);

	return service->ban(service->owner, ((struct keeper *)keeper)->chamber, person);
}

bool keeper_invite(void *keeper, const struct room_invite *wanted, struct message *invited)
{
	struct chamber_service *service = service_of(keeper);

	return service->invite(service->owner, ((struct keeper *)keeper)->chamber, wanted, invited);
}

void keeper_audit(void *keeper, const struct room_event *event)
{
	audit_room(((struct keeper *)keeper)->room->name, event);
}

uint64_t keeper_now_ms(void *keeper)
{
	return loop_now_ms(service_of(keeper)->loop);
}

uint64_t keeper_unix_ms(void *keeper)
{
	struct timespec now;

	(void)keeper;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void keeper_random(void *keeper, void *bytes, size_t len)
{
	(void)keeper;
	if (getrandom(bytes, len, 0) != (ssize_t)len)
		abort();
}
