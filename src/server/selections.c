#include "src/server/selections.h"

#include <stdlib.h>

#include "ot/mem.h"
#include "src/server/doc.h"
#include "src/server/far.h"
#include "src/server/presence.h"
#include "src/server/room_send.h"

static struct message selected(const struct person *person, const struct seat *seat)
{
	struct message m = {.type = MSG_SELECTED};

	m.selected.doc = seat->doc->doc;
	m.selected.rev = log_rev(seat->doc->log);
	m.selected.user = person->user;
	m.selected.sel = (struct msg_sels){.count = seat->sel_count, .at = seat->sels};
	return m;
}

void selections_tell(struct room *room, struct person *to, struct doc *doc)
{
	for (size_t i = 0; i < room->people_count; i++) {
		const struct seat *seat = doc_seat(room->people[i], doc->doc);
		if (room->people[i] == to || !seat || !seat->sel_count)
			continue;
		struct message m = selected(room->people[i], seat);
		room_send(room, to, &m);
	}
}

struct msg_user_sels selections_of_others(struct room *room, const struct person *me, uint64_t doc)
{
	struct msg_user_sels sels = {.at = mem_alloc((room->people_count + 1) * sizeof(*sels.at))};

	for (size_t i = 0; i < room->people_count; i++) {
		struct person *person = room->people[i];
		struct seat *seat = doc_seat(person, doc);
		if (person == me || !seat || !seat->sel_count)
			continue;
		sels.at[sels.count++] = (struct msg_user_sel){
			.user = person->user, .sel = {.count = seat->sel_count, .at = seat->sels}};
	}
	return sels;
}

void selections_shift(struct room *room, struct doc *doc, const struct log_entry *entry)
{
	for (size_t i = 0; i < room->people_count; i++) {
		struct seat *seat = doc_seat(room->people[i], doc->doc);
		for (size_t s = 0; seat && s < seat->sel_count; s++)
			anchor_shift(
				&seat->sels[s], &entry->op, entry->user, room->people[i]->user);
	}
}

void selections_show_to(struct room *room, struct person *to, struct person *whose)
{
	for (size_t i = 0; i < whose->seat_count; i++) {
		const struct seat *seat = &whose->seats[i];
		if (!seat->sel_count || !doc_seat(to, seat->doc->doc))
			continue;
		struct message told = selected(whose, seat);
		room_send(room, to, &told);
	}
}

static void show(struct room *room, struct person *person, struct seat *seat)
{
	struct message told = selected(person, seat);
	struct parcel parcel = {.message = &told, .paper = &room->paper};

	seat->waits = false;
	person->showed_caret = true;
	for (size_t i = 0; i < room->people_count; i++) {
		struct person *to = room->people[i];
		if (to != person && to->to && doc_seat(to, seat->doc->doc) &&
			far_may_tell(room, to, person->user))
			room->handler->send(to->to, &parcel);
	}
	parcel_fini(&parcel);
}

/* What was said of revision `rev`, as of the newest. Owned; NULL: that revision is not known. */
static struct sel *locate(struct seat *seat, uint64_t rev, const struct msg_sels *said)
{
	struct sel *sels = mem_alloc((said->count + 1) * sizeof(*sels));

	for (size_t i = 0; i < said->count; i++) {
		sels[i] = said->at[i];
		if (log_locate(seat->doc->log, &seat->peer, rev, &sels[i]) == ERR_NONE)
			continue;
		free(sels);
		return NULL;
	}
	return sels;
}

void selections_select(struct room *room, struct person *person, const struct message *m)
{
	struct seat *seat = doc_seat(person, m->select.doc);
	struct sel *sels = seat ? locate(seat, m->select.rev, &m->select.sel) : NULL;

	if (!sels) {
		room_refuse(room, person, seat ? "stale-rev" : "not-open",
			seat ? "the selection's revision is not known: it stays where it was"
			     : "this document is not open",
			"select");
		return;
	}
	free(seat->sels);
	seat->sels = sels;
	seat->sel_count = m->select.sel.count;
	presence_arrived(room, person, seat->doc->doc);
	if (presence_may_show(room, person))
		show(room, person, seat);
	else
		seat->waits = true;
}

bool selections_show_next(struct room *room, struct person *person)
{
	for (size_t i = 0; i < person->seat_count; i++)
		if (person->seats[i].waits) {
			show(room, person, &person->seats[i]);
			return true;
		}
	return false;
}
