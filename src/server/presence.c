#include "src/server/presence.h"

#include <string.h>

#include "src/server/doc.h"
#include "src/server/far.h"
#include "src/server/room_send.h"
#include "src/server/selections.h"

/* Of several files, which, and the line of the main caret; of one everybody knows. */
static void add_place(const struct room *room, struct person *person, struct message *m)
{
	const struct seat *seat = doc_seat(person, person->doc);

	if (!seat || room->document_count < 2)
		return;
	m->active.path = str(seat->doc->path);
	if (seat->sel_count)
		m->active.line = text_line_at(log_text(seat->doc->log), seat->sels[0].head) + 1;
}

static struct message active(const struct room *room, struct person *person)
{
	struct message m = {.type = MSG_ACTIVE,
		.active = {.user = person->user,
			.state = str(person->state),
			.doc = person->doc,
			.rtt = person->rtt_ms,
			.follows = person->follows}};

	add_place(room, person, &m);
	return m;
}

static struct message news(const struct room *room, struct person *person)
{
	struct message m = active(room, person);

	person->waits = false;
	person->told_doc = person->doc;
	person->told_line = m.active.line;
	return m;
}

const char *presence_state(struct str name)
{
	static const char *const states[] = {"active", "typing", "chatting", "away", "offline"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (str_is(name, states[i]))
			return states[i];
	return NULL;
}

void presence_send(struct room *room, struct person *person)
{
	struct message m = news(room, person);

	room_send_others(room, person, &m);
}

void presence_tell_of(struct room *room, struct person *to, struct person *whose)
{
	struct message m = active(room, whose);

	room_send(room, to, &m);
	selections_show_to(room, to, whose);
}

/* To the others, but for whom it is too early. */
static void pass(struct room *room, struct person *person, const struct message *m)
{
	struct parcel parcel = {.message = m, .paper = &room->paper};

	for (size_t i = 0; i < room->people_count; i++) {
		struct person *to = room->people[i];
		if (to != person && to->to && far_may_tell(room, to, person->user))
			room->handler->send(to->to, &parcel);
	}
	parcel_fini(&parcel);
}

/* The others in the same file see the caret itself. */
static void tell_line(struct room *room, struct person *person)
{
	struct message m = active(room, person);
	bool moved = person->doc != person->told_doc || m.active.line != person->told_line;
	struct parcel parcel = {.message = &m, .paper = &room->paper};

	if (!m.active.path.len || !moved)
		return;
	person->told_doc = person->doc;
	person->told_line = m.active.line;
	for (size_t i = 0; i < room->people_count; i++)
		if (room->people[i]->to && !doc_seat(room->people[i], person->doc) &&
			far_may_tell(room, room->people[i], person->user))
			room->handler->send(room->people[i]->to, &parcel);
	parcel_fini(&parcel);
}

void presence_tick(struct room *room)
{
	for (size_t i = 0; room->document_count > 1 && i < room->people_count; i++)
		tell_line(room, room->people[i]);
}

void presence_arrived(struct room *room, struct person *person, uint64_t doc)
{
	if (person->doc == doc)
		return;
	person->doc = doc;
	if (room->document_count > 1)
		presence_show_soon(room, person);
}

static void tell_of(struct room *room, struct person *newcomer, struct person *person)
{
	struct message m = active(room, person);
	struct message seen = {
		.type = MSG_SEEN_BY, .seen_by = {.user = person->user, .id = person->seen}};

	if (person->follows || person->rtt_ms || m.active.path.len)
		room_send(room, newcomer, &m);
	if (person->seen)
		room_send(room, newcomer, &seen);
}

void presence_tell(struct room *room, struct person *newcomer)
{
	for (size_t i = 0; i < room->people_count; i++)
		if (room->people[i] != newcomer)
			tell_of(room, newcomer, room->people[i]);
}

static uint64_t every_ms(const struct room *room)
{
	uint64_t people = room->people_count;

	if (people <= LIMIT_PRESENCE_PEOPLE)
		return LIMIT_PRESENCE_MS;
	return LIMIT_PRESENCE_MS * people / LIMIT_PRESENCE_PEOPLE;
}

bool presence_may_show(struct room *room, struct person *person)
{
	uint64_t now = room_here_ms(room);

	if (now - person->shown_ms < every_ms(room)) {
		room->waits = true;
		return false;
	}
	person->shown_ms = now;
	return true;
}

static void show_state(struct room *room, struct person *person)
{
	struct message m = news(room, person);

	person->showed_caret = false;
	pass(room, person, &m);
}

/* One of what waits, in turns, so that neither keeps the other from being shown. */
static void show_next(struct room *room, struct person *person)
{
	if (person->waits && (person->showed_caret || !selections_show_next(room, person)))
		show_state(room, person);
	else if (!person->waits)
		selections_show_next(room, person);
}

static bool is_waiting(const struct person *person)
{
	bool waits = person->waits;

	for (size_t i = 0; i < person->seat_count; i++)
		waits |= person->seats[i].waits;
	return waits;
}

static uint64_t near_turn(struct room *room)
{
	uint64_t now = room_here_ms(room), every = every_ms(room), next = every;

	if (!room->waits)
		return 0;
	room->waits = false;
	for (size_t i = 0; i < room->people_count; i++) {
		struct person *person = room->people[i];
		if (!is_waiting(person))
			continue;
		if (presence_may_show(room, person))
			show_next(room, person);
		if (!is_waiting(person))
			continue;
		uint64_t left = person->shown_ms + every - now;
		next = left < next ? left : next;
		room->waits = true;
	}
	return room->waits ? next : 0;
}

uint64_t presence_turn(struct room *room)
{
	uint64_t near = near_turn(room), far = far_turn(room);

	return near && (!far || near < far) ? near : far;
}

void presence_show_soon(struct room *room, struct person *person)
{
	if (presence_may_show(room, person))
		show_state(room, person);
	else
		person->waits = true;
}

void presence_set_state(struct room *room, struct person *person, const char *state)
{
	if (strcmp(person->state, state) == 0)
		return;
	person->state = state;
	presence_send(room, person);
}
