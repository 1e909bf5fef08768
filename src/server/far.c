#include "src/server/far.h"

#include <stdlib.h>

#include "ot/mem.h"
#include "src/server/doc.h"
#include "src/server/person.h"
#include "src/server/presence.h"

static uint64_t every_ms(const struct person *to)
{
	if (to->rtt_ms <= LIMIT_PRESENCE_MS)
		return 0;
	return to->rtt_ms < FAR_MOST_MS ? to->rtt_ms : FAR_MOST_MS;
}

/* What is told in one moment leaves together, and counts once. */
static uint64_t wait_ms(const struct room *room, const struct person *to)
{
	uint64_t passed = room_here_ms(room) - to->far.told_ms;

	return passed && passed < every_ms(to) ? every_ms(to) - passed : 0;
}

static void note(struct person *to, uint64_t whose)
{
	struct far *far = &to->far;

	for (size_t i = 0; i < far->count; i++)
		if (far->users[i] == whose)
			return;
	far->users = mem_grow(far->users, &far->cap, far->count + 1, sizeof(*far->users));
	far->users[far->count++] = whose;
}

bool far_may_tell(struct room *room, struct person *to, uint64_t whose)
{
	if (wait_ms(room, to)) {
		note(to, whose);
		room->far_waits = true;
		return false;
	}
	to->far.told_ms = room_here_ms(room);
	return true;
}

static void tell(struct room *room, struct person *to)
{
	struct far *far = &to->far;

	far->told_ms = room_here_ms(room);
	for (size_t i = 0; i < far->count; i++) {
		struct person *person = person_with_user(room, far->users[i]);
		if (person)
			presence_tell_of(room, to, person);
	}
	far->count = 0;
}

uint64_t far_turn(struct room *room)
{
	uint64_t next = 0;

	if (!room->far_waits)
		return 0;
	for (size_t i = 0; i < room->people_count; i++) {
		struct person *to = room->people[i];
		uint64_t wait = to->far.count ? wait_ms(room, to) : 0;
		if (to->far.count && !wait)
			tell(room, to);
		next = wait && (!next || wait < next) ? wait : next;
	}
	room->far_waits = next;
	return next;
}

void far_forget(struct person *to)
{
	free(to->far.users);
	to->far = (struct far){0};
}
