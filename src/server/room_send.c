#include "src/server/room_send.h"

#include <string.h>

void room_send(struct room *room, struct person *person, const struct message *m)
{
	struct parcel parcel = {.message = m, .paper = &room->paper};

	if (person->to)
		room->handler->send(person->to, &parcel);
	parcel_fini(&parcel);
}

void room_send_others(struct room *room, const struct person *except, const struct message *m)
{
	struct parcel parcel = {.message = m, .paper = &room->paper};

	for (size_t i = 0; i < room->people_count; i++)
		if (room->people[i] != except && room->people[i]->to)
			room->handler->send(room->people[i]->to, &parcel);
	parcel_fini(&parcel);
}

void room_refuse(struct room *room, struct person *person, const char *code, const char *text,
	const char *ref)
{
	struct message m = {.type = MSG_ERROR,
		.error = {.code = str(code), .text = str(text), .ref = str(ref)}};

	room_send(room, person, &m);
}

/* The WebSocket status (RFC 6455, 7.4.1) that goes with an error; 1008, policy violation, for the rest. */
static unsigned close_code(const char *code)
{
	static const struct {
		const char *code;
		unsigned status;
	} codes[] = {
		{"stale-rev", 1013}, {"too-fast", 1013}, {"too-large", 1009}, {"internal", 1011}};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].code, code) == 0)
			return codes[i].status;
	return 1008;
}

void room_drop(struct room *room, struct person *person, unsigned status, const char *reason)
{
	void *to = person->to;

	if (!to)
		return;
	person->to = NULL;
	room->handler->close(to, status, reason);
}

void room_refuse_and_close(struct room *room, struct person *person, const char *code,
	const char *text, const char *ref)
{
	room_refuse(room, person, code, text, ref);
	room_drop(room, person, close_code(code), code);
	room_lost(room, person);
}

void room_urge(struct room *room, struct person *person, struct parcel *parcel)
{
	if (person->to && room->handler->urge)
		room->handler->urge(person->to, parcel);
	else if (person->to)
		room->handler->send(person->to, parcel);
}

/* What the person still has unacknowledged is theirs, and comes again: nothing of it was promised. */
static void push_back(struct room *room, struct person *person, const char *ref)
{
	struct message m = {.type = MSG_ERROR,
		.error = {.code = str("too-fast"),
			.text = str("nothing is being stored, and no more can be held in memory"),
			.ref = str(ref)}};
	struct parcel parcel = {.message = &m};
	void *to = person->to;

	room_urge(room, person, &parcel);
	parcel_fini(&parcel);
	person->to = NULL;
	if (room->handler->drop)
		room->handler->drop(to, 1013, "too-fast");
	else
		room->handler->close(to, 1013, "too-fast");
	room_lost(room, person);
}

bool room_may_keep(struct room *room, struct person *person, const char *ref)
{
	if (!room->handler->full || !room->handler->full(room->ctx))
		return true;
	if (person->to)
		push_back(room, person, ref);
	return false;
}
