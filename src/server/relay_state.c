#include "src/server/relay_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/server/doc.h"
#include "src/server/snapshot.h"

/* Renewed, revisions go on from so far ahead that none of before can be taken for one of after. */
#define RENEWED_REVISIONS ((uint64_t)1 << 24)

struct relay *relay_create(const char *room, const struct limits *limits, bool makes,
	const struct relay_handler *handler, void *ctx)
{
	struct relay *relay = mem_alloc(sizeof(*relay));
	unsigned long long random;
	char epoch[17];

	relay->handler = handler;
	relay->ctx = ctx;
	relay->makes = makes;
	handler->random(ctx, &relay->me, sizeof(relay->me));
	handler->random(ctx, &random, sizeof(random));
	snprintf(epoch, sizeof(epoch), "%016llx", random);
	relay->room = room_create(room, epoch, 1, &relay_room_handler, relay);
	if (limits)
		relay->room->limits = *limits;
	return relay;
}

static void unlink_all(struct relay *relay)
{
	for (size_t i = 0; i < relay->room->people_count; i++) {
		if (relay->room->people[i]->to)
			relay_unlink(relay->room->people[i]->to);
		relay->room->people[i]->to = NULL;
	}
}

/* Of what is the same everywhere. */
static void forget_state(struct relay *relay)
{
	if (relay->room)
		unlink_all(relay);
	room_destroy(relay->room);
	relay_forget_asleep(relay);
	roll_fini(&relay->roll);
	free(relay->servers);
	free(relay->filed);
	free(relay->dated);
}

static void take_state(struct relay *relay, struct relay *from)
{
	forget_state(relay);
	relay->room = from->room;
	relay->makes = from->makes;
	relay->roll = from->roll;
	relay->servers = from->servers;
	relay->server_count = from->server_count;
	relay->server_cap = from->server_cap;
	relay->dated = from->dated;
	relay->dated_count = from->dated_count;
	relay->dated_cap = from->dated_cap;
	relay->filed = from->filed;
	relay->filed_count = from->filed_count;
	relay->filed_cap = from->filed_cap;
	relay->position = from->position;
	relay->round = from->round;
	relay->taped_bytes = from->taped_bytes;
	relay->kept_bytes = from->kept_bytes;
	relay->room->ctx = relay;
	for (size_t i = 0; i < relay->room->people_count; i++)
		if (relay->room->people[i]->to)
			((struct link *)relay->room->people[i]->to)->relay = relay;
}

/* ---- what is left behind ---- */

static bool has_same_text(const struct room *room, const struct doc *doc)
{
	for (size_t i = 0; i < room->document_count; i++) {
		const struct doc *other = room->documents[i];
		if (strcmp(other->path, doc->path) == 0)
			return other->log && text_equal(log_text(other->log), log_text(doc->log));
	}
	return false;
}

/* A room that somebody began from nothing meanwhile is another one: it has counted none of our edits. */
static void tell_forsaken(struct relay *relay, const struct relay *now)
{
	static const struct roll nobody;
	bool another = strcmp(relay->room->epoch, now->room->epoch) != 0;
	const struct roll *roll = another ? &nobody : &now->roll;

	for (size_t i = 0; i < relay->room->document_count; i++) {
		struct doc *doc = relay->room->documents[i];
		if (!roll_reaches(roll, &relay->roll, doc->doc) && relay_wake(relay, doc) &&
			!has_same_text(now->room, doc))
			relay->handler->forsaken(relay->ctx, doc);
	}
}

bool relay_read(struct relay *relay, const char *at, size_t len)
{
	struct relay fresh = {.handler = relay->handler, .ctx = relay->ctx};
	struct tape t = tape_reader(at, len);

	snapshot_tape(&t, &fresh);
	if (t.bad) {
		forget_state(&fresh);
		return false;
	}
	if (relay->known) {
		tell_forsaken(relay, &fresh);
		relay_part(relay, 1013, "too much has happened; come back and resume");
		relay_rename(relay);
	}
	relay->known = true;
	relay->broken = false;
	take_state(relay, &fresh);
	return true;
}

bool relay_is_newer(const char *at, size_t len)
{
	struct tape t = tape_reader(at, len);
	uint64_t shape = 0;

	tape_uint(&t, &shape);
	return !t.bad && shape > SNAPSHOT_SHAPE;
}

bool relay_save(struct relay *relay, struct buf *out)
{
	struct tape t = tape_writer(out);

	snapshot_tape(&t, relay);
	relay->broken |= t.bad;
	return !relay->broken;
}

void relay_destroy(struct relay *relay)
{
	if (!relay)
		return;
	forget_state(relay);
	for (size_t i = 0; i < relay->unordered_count; i++)
		buf_fini(&relay->unordered[i].bytes);
	free(relay->unordered);
	free(relay->here);
	buf_fini(&relay->draft);
	cellar_close(relay->cellar);
	free(relay);
}

static void renew_document(struct doc *doc)
{
	uint64_t rev = log_rev(doc->log) + RENEWED_REVISIONS;
	struct log *log = log_create(text_copy(log_text(doc->log)), rev);

	log_destroy(doc->log);
	doc->log = log;
	doc->oldest_rev = doc->stored_rev = doc->checked_rev = rev;
}

void relay_renew(struct relay *relay)
{
	struct room *room = relay->room;

	relay_part(relay, 1013, "the history begins anew; come back");
	for (size_t i = 0; i < room->people_count; i++) {
		struct person *person = room->people[i];
		if (person->to)
			relay_unlink(person->to);
		person->to = NULL;
		person->state = "offline";
		person->lost_ms = relay->round * RELAY_ROUND_MS;
		doc_leave_all(person);
	}
	for (size_t i = 0; i < room->document_count; i++)
		if (relay_wake(relay, room->documents[i]))
			renew_document(room->documents[i]);
	relay->server_count = 0;
	relay->position = 0;
	relay->taped_bytes = 0;
}
