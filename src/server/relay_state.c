#include "src/server/relay_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/server/chat.h"
#include "src/server/doc.h"

/* Renewed, revisions go on from so far ahead that none of before can be taken for one of after. */
#define RENEWED_REVISIONS ((uint64_t)1 << 24)

/* ---- texts ---- */

static void tape_text(struct tape *t, const struct text **text)
{
	struct str bytes = {0};
	struct text *read = NULL;

	if (t->out)
		bytes.at = text_slice(*text, 0, SIZE_MAX / 2, &bytes.len);
	tape_str(t, &bytes);
	if (t->out) {
		free((char *)bytes.at);
		return;
	}
	if (text_load(&read, bytes.at ? bytes.at : "", bytes.len) != ERR_NONE) {
		t->bad = true;
		read = text_create();
	}
	*text = read;
}

static void tape_entries(struct tape *t, struct log *log, uint64_t first, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct log_entry entry = {0};
		if (t->out)
			entry = *log_entry(log, first + i);
		tape_uint(t, &entry.user);
		tape_uint(t, &entry.seq);
		tape_op(t, &entry.op);
		if (!t->out)
			log_recall(log, entry.user, entry.seq, &entry.op);
	}
}

void relay_tape_log(struct tape *t, struct log **log)
{
	const struct text *text = t->out ? log_text(*log) : NULL;
	uint64_t first = t->out ? log_first(*log) : 0;
	size_t count = t->out ? (size_t)(log_rev(*log) + 1 - first) : 0;

	tape_text(t, &text);
	tape_uint(t, &first);
	count = tape_count(t, count);
	if (!t->out)
		*log = log_create((struct text *)text, first ? first - 1 : 0);
	tape_entries(t, *log, first, count);
}

static void tape_path(struct tape *t, const char *path, struct str *out)
{
	*out = str(path);
	tape_str(t, out);
}

static void tape_texts(
	struct tape *t, const struct relay *relay, const struct doc *doc, struct log **log)
{
	if (!doc || *log)
		relay_tape_log(t, log);
	else if (!relay_tape_asleep(relay, doc, t->out))
		t->bad = true;
}

static void tape_document(struct tape *t, struct relay *relay, struct doc *doc)
{
	uint64_t number = doc ? doc->doc : 0;
	struct log *log = doc ? doc->log : NULL;
	struct str path;

	tape_uint(t, &number);
	tape_path(t, doc ? doc->path : "", &path);
	tape_texts(t, relay, doc, &log);
	if (!doc) {
		char *name = mem_dup(path.at, path.len);
		doc = room_add_document(relay->room, number, name, log);
		free(name);
	}
	tape_bool(t, &doc->crlf);
	tape_bool(t, &doc->read_only);
	tape_uint(t, &doc->oldest_rev);
	tape_uint(t, &doc->checked_rev);
	tape_uint(t, &doc->checked_ms);
}

static void tape_documents(struct tape *t, struct relay *relay)
{
	const struct room *room = relay->room;
	size_t count = tape_count(t, room->document_count);

	for (size_t i = 0; i < count && !t->bad; i++)
		tape_document(t, relay, t->out ? room->documents[i] : NULL);
}

/* ---- people ---- */

static void tape_bridge(struct tape *t, struct bridge *bridge)
{
	tape_uint(t, &bridge->rev);
	tape_uint(t, &bridge->user);
	tape_op(t, &bridge->op);
}

static void tape_peer(struct tape *t, struct peer *peer)
{
	tape_uint(t, &peer->user);
	tape_uint(t, &peer->seq);
	tape_uint(t, &peer->covered);
	tape_uint(t, &peer->own_rev);
	tape_bool(t, &peer->resumed);
	peer->count = tape_count(t, peer->count);
	if (!t->out) {
		peer->cap = peer->count;
		peer->queue = mem_alloc(peer->count * sizeof(*peer->queue));
	}
	for (size_t i = 0; i < peer->count; i++)
		tape_bridge(t, &peer->queue[i]);
	tape_bool(t, &peer->types);
	if (peer->types) /* else it means nothing */
		tape_size(t, &peer->types_at);
	tape_op(t, &peer->run);
}

static void tape_seat(struct tape *t, struct relay *relay, struct seat *seat)
{
	uint64_t number = t->out ? seat->doc->doc : 0;

	tape_uint(t, &number);
	if (!t->out)
		seat->doc = relay_doc(relay, number);
	tape_peer(t, &seat->peer);
	seat->sel_count = tape_count(t, seat->sel_count);
	if (!t->out)
		seat->sels = mem_alloc(seat->sel_count * sizeof(*seat->sels));
	for (size_t i = 0; i < seat->sel_count; i++) {
		tape_size(t, &seat->sels[i].anchor);
		tape_size(t, &seat->sels[i].head);
	}
	if (!seat->doc)
		t->bad = true;
}

static void tape_seats(struct tape *t, struct relay *relay, struct person *person)
{
	person->seat_count = tape_count(t, person->seat_count);
	if (!t->out) {
		person->seat_cap = person->seat_count;
		person->seats = mem_alloc(person->seat_count * sizeof(*person->seats));
	}
	for (size_t i = 0; i < person->seat_count; i++)
		tape_seat(t, relay, &person->seats[i]);
}

static void tape_link(struct tape *t, struct relay *relay, struct person *person)
{
	const struct link *link = person->to;
	bool linked = link != NULL;
	uint64_t server = link ? link->server : 0, number = link ? link->number : 0;

	tape_bool(t, &linked);
	tape_uint(t, &server);
	tape_uint(t, &number);
	if (!t->out && linked)
		person->to = relay_link(relay, server, number);
}

static const char *known_state(const char *state)
{
	static const char *const states[] = {"active", "typing", "chatting", "away", "offline"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(state, states[i]) == 0)
			return states[i];
	return states[0];
}

static void tape_state(struct tape *t, struct person *person)
{
	char state[16];

	snprintf(state, sizeof(state), "%s", t->out ? person->state : "");
	tape_word(t, state, sizeof(state));
	person->state = known_state(state);
}

static void tape_person(struct tape *t, struct relay *relay, struct person *person)
{
	uint64_t role = person->role, granted = person->granted;
	uint64_t expires = (uint64_t)person->expires, rtt = person->rtt_ms;

	tape_uint(t, &person->user);
	tape_uint(t, &person->session_row);
	tape_word(t, person->session, sizeof(person->session));
	tape_word(t, person->name, sizeof(person->name));
	tape_word(t, person->color, sizeof(person->color));
	tape_uint(t, &role);
	tape_word(t, person->token, sizeof(person->token));
	tape_uint(t, &granted);
	tape_uint(t, &expires);
	tape_state(t, person);
	tape_uint(t, &person->doc);
	tape_uint(t, &rtt);
	tape_uint(t, &person->follows);
	tape_uint(t, &person->seen);
	tape_uint(t, &person->lost_ms);
	tape_uint(t, &person->said_ms);
	tape_link(t, relay, person);
	tape_seats(t, relay, person);
	person->role = role <= ROLE_OWNER ? (enum role)role : ROLE_VIEWER;
	person->granted = granted <= ROLE_OWNER ? (enum role)granted : ROLE_VIEWER;
	person->expires = (int64_t)expires;
	person->rtt_ms = (unsigned)rtt;
}

static void tape_people(struct tape *t, struct relay *relay)
{
	struct room *room = relay->room;
	size_t count = tape_count(t, room->people_count);

	for (size_t i = 0; i < count && !t->bad; i++) {
		if (!t->out) {
			room->people = mem_grow(room->people, &room->people_cap,
				room->people_count + 1, sizeof(*room->people));
			room->people[room->people_count++] = mem_alloc(sizeof(struct person));
		}
		tape_person(t, relay, room->people[i]);
	}
}

/* ---- the rest of a room ---- */

static void tape_said(struct tape *t, struct msg_said *said)
{
	tape_uint(t, &said->id);
	tape_uint(t, &said->user);
	tape_str(t, &said->name);
	tape_uint(t, &said->at);
	tape_str(t, &said->text);
}

static void tape_chat(struct tape *t, struct room *room)
{
	size_t count = tape_count(t, room->chat_count);

	for (size_t i = 0; i < count && !t->bad; i++) {
		struct msg_said said = t->out ? room->chat[i] : (struct msg_said){0};
		tape_said(t, &said);
		if (!t->out)
			chat_recall(room, &said);
	}
}

static void tape_limits(struct tape *t, struct limits *limits)
{
	for (size_t i = 0; i < LIMITS_ROWS; i++)
		tape_size(t, limits_field(limits, &limits_rows[i]));
}

static void tape_servers(struct tape *t, struct relay *relay)
{
	relay->server_count = tape_count(t, relay->server_count);
	if (!t->out) {
		relay->server_cap = relay->server_count;
		relay->servers = mem_alloc(relay->server_count * sizeof(*relay->servers));
	}
	for (size_t i = 0; i < relay->server_count; i++) {
		tape_uint(t, &relay->servers[i].id);
		tape_uint(t, &relay->servers[i].n);
		tape_uint(t, &relay->servers[i].round);
		tape_bool(t, &relay->servers[i].ticked);
	}
}

static void tape_filed(struct tape *t, struct relay *relay)
{
	relay->filed_count = tape_count(t, relay->filed_count);
	if (!t->out) {
		relay->filed_cap = relay->filed_count;
		relay->filed = mem_alloc(relay->filed_count * sizeof(*relay->filed));
	}
	for (size_t i = 0; i < relay->filed_count; i++) {
		tape_uint(t, &relay->filed[i].doc);
		for (size_t h = 0; h < FILED_MOST; h++)
			tape_uint(t, &relay->filed[i].hashes[h]);
	}
}

static void tape_dated(struct tape *t, struct relay *relay)
{
	relay->dated_count = tape_count(t, relay->dated_count);
	if (!t->out) {
		relay->dated_cap = relay->dated_count;
		relay->dated = mem_alloc(relay->dated_count * sizeof(*relay->dated));
	}
	for (size_t i = 0; i < relay->dated_count; i++) {
		tape_uint(t, &relay->dated[i].doc);
		tape_uint(t, &relay->dated[i].rev);
		tape_uint(t, &relay->dated[i].at_ms);
	}
}

static void tape_room(struct tape *t, struct relay *relay)
{
	char name[ROOM_NAME_BYTES] = "", epoch[sizeof(relay->room->epoch)] = "";

	if (t->out) {
		snprintf(name, sizeof(name), "%s", relay->room->name);
		snprintf(epoch, sizeof(epoch), "%s", relay->room->epoch);
	}
	tape_word(t, name, sizeof(name));
	tape_word(t, epoch, sizeof(epoch));
	tape_bool(t, &relay->makes);
	if (!t->out)
		relay->room = room_create(name, epoch, 1, &relay_room_handler, relay);
	tape_limits(t, &relay->room->limits);
	tape_documents(t, relay);
	tape_people(t, relay);
	tape_chat(t, relay->room);
	tape_uint(t, &relay->room->next_user);
	tape_uint(t, &relay->room->next_chat);
	tape_bool(t, &relay->room->locked);
}

static void tape_relay(struct tape *t, struct relay *relay)
{
	uint64_t shape = RELAY_SHAPE;

	tape_uint(t, &shape);
	if (shape != RELAY_SHAPE)
		t->bad = true;
	tape_uint(t, &relay->position);
	tape_uint(t, &relay->round);
	tape_size(t, &relay->taped_bytes);
	tape_size(t, &relay->kept_bytes);
	tape_servers(t, relay);
	tape_filed(t, relay);
	tape_dated(t, relay);
	tape_roll(t, &relay->roll);
	tape_room(t, relay);
}

/* ---- beginning and end ---- */

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

	tape_relay(&t, &fresh);
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
	return !t.bad && shape > RELAY_SHAPE;
}

bool relay_save(struct relay *relay, struct buf *out)
{
	struct tape t = tape_writer(out);

	tape_relay(&t, relay);
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
