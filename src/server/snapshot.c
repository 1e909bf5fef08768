#include "src/server/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/server/chat.h"
#include "src/server/doc.h"
#include "src/server/presence.h"

/* Rows of an array that grows: those there are, or room for those that follow, zeros. */
static void *tape_rows(struct tape *t, void *rows, size_t *count, size_t *cap, size_t size)
{
	*count = tape_count(t, *count);
	if (t->out)
		return rows;
	*cap = *count;
	return mem_alloc(*count * size);
}

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

void snapshot_log(struct tape *t, struct log **log)
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
		snapshot_log(t, log);
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
	peer->queue = tape_rows(t, peer->queue, &peer->count, &peer->cap, sizeof(*peer->queue));
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
	person->seats = tape_rows(
		t, person->seats, &person->seat_count, &person->seat_cap, sizeof(*person->seats));
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

static void tape_state(struct tape *t, struct person *person)
{
	char state[16];

	snprintf(state, sizeof(state), "%s", t->out ? person->state : "");
	tape_word(t, state, sizeof(state));
	person->state = presence_state(str(state));
	if (!person->state)
		person->state = "active";
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
	relay->servers = tape_rows(t, relay->servers, &relay->server_count, &relay->server_cap,
		sizeof(*relay->servers));
	for (size_t i = 0; i < relay->server_count; i++) {
		tape_uint(t, &relay->servers[i].id);
		tape_uint(t, &relay->servers[i].n);
		tape_uint(t, &relay->servers[i].round);
		tape_bool(t, &relay->servers[i].ticked);
	}
}

static void tape_filed(struct tape *t, struct relay *relay)
{
	relay->filed = tape_rows(
		t, relay->filed, &relay->filed_count, &relay->filed_cap, sizeof(*relay->filed));
	for (size_t i = 0; i < relay->filed_count; i++) {
		tape_uint(t, &relay->filed[i].doc);
		for (size_t h = 0; h < FILED_MOST; h++)
			tape_uint(t, &relay->filed[i].hashes[h]);
	}
}

static void tape_dated(struct tape *t, struct relay *relay)
{
	relay->dated = tape_rows(
		t, relay->dated, &relay->dated_count, &relay->dated_cap, sizeof(*relay->dated));
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

void snapshot_tape(struct tape *t, struct relay *relay)
{
	uint64_t shape = SNAPSHOT_SHAPE;

	tape_uint(t, &shape);
	if (shape != SNAPSHOT_SHAPE)
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
