/* What comes out of the order: each record, as the room hears it. */
#include <stdlib.h>
#include <string.h>

#include "net/codec.h"
#include "ot/mem.h"
#include "src/server/doc.h"
#include "src/server/relay_state.h"

/* ---- people ---- */

static bool hear_message(struct tape *t, struct message *m)
{
	size_t used;

	if (codec_decode(CODEC_BIN, false, t->at, t->left, &used, m) != ERR_NONE)
		return false;
	return m->type != 0;
}

typedef void record_fn(
	struct relay *relay, struct peer_server *server, uint64_t number, struct tape *inside);

static void on_hello(
	struct relay *relay, struct peer_server *server, uint64_t number, struct tape *inside)
{
	char token[TOKEN_ID_BYTES], name[TOKEN_NAME_BYTES];
	struct room_terms terms = {0};
	struct message m;

	relay_terms(inside, &terms, token, name);
	tape_str(inside, &relay->random);
	if (inside->bad || relay->random.len < RELAY_RANDOM_BYTES || !hear_message(inside, &m))
		return;
	struct link *link = relay_link(relay, server->id, number);
	relay->speaking = link;
	struct person *person = room_hello(relay->room, link, &terms, &m);
	if (person && link->to)
		relay->handler->seated(link->to, person);
	message_fini(&m);
}

static void on_message(
	struct relay *relay, struct peer_server *server, uint64_t number, struct tape *inside)
{
	struct person *person = relay_person(relay, server->id, number);
	struct message m;

	if (!person || !hear_message(inside, &m))
		return;
	relay->speaking = person->to;
	room_message(relay->room, person, &m);
	message_fini(&m);
}

static void lose(struct relay *relay, struct person *person)
{
	struct link *link = person->to;

	room_lost(relay->room, person);
	relay_unlink(link);
}

static void on_lost(
	struct relay *relay, struct peer_server *server, uint64_t number, struct tape *inside)
{
	struct person *person = relay_person(relay, server->id, number);

	(void)inside;
	if (person)
		lose(relay, person);
}

static void on_left(
	struct relay *relay, struct peer_server *server, uint64_t number, struct tape *inside)
{
	struct person *person = relay_person(relay, server->id, number);
	struct link *link = person ? person->to : NULL;

	(void)inside;
	if (!person)
		return;
	room_left(relay->room, person, "left");
	relay_unlink(link);
}

static void on_rtt(
	struct relay *relay, struct peer_server *server, uint64_t number, struct tape *inside)
{
	struct person *person = relay_person(relay, server->id, number);
	uint64_t ms = 0;

	tape_uint(inside, &ms);
	if (person && ms <= UINT32_MAX)
		room_rtt(relay->room, person, (unsigned)ms);
}

/* ---- servers that come and go ---- */

static struct peer_server *server_with(const struct relay *relay, uint64_t id)
{
	for (size_t i = 0; i < relay->server_count; i++)
		if (relay->servers[i].id == id)
			return &relay->servers[i];
	return NULL;
}

static struct peer_server *add_server(struct relay *relay, uint64_t id)
{
	relay->servers = mem_grow(relay->servers, &relay->server_cap, relay->server_count + 1,
		sizeof(*relay->servers));
	relay->servers[relay->server_count] = (struct peer_server){.id = id, .round = relay->round};
	return &relay->servers[relay->server_count++];
}

void relay_rename(struct relay *relay)
{
	relay->handler->random(relay->ctx, &relay->me, sizeof(relay->me));
	relay->n = 0;
	relay->ticking = false;
	buf_clear(&relay->draft);
	relay_drop_ordered(relay, UINT64_MAX);
}

void relay_part(struct relay *relay, unsigned code, const char *why)
{
	while (relay->here_count) {
		struct here here = relay->here[0];
		struct person *person = relay_person(relay, relay->me, here.number);
		if (person)
			((struct link *)person->to)->to = NULL;
		relay_forget(relay, here.number);
		relay->handler->close(here.to, code, why);
	}
}

/* Its people are somewhere else, or will be. If it is us, we were slow: nothing that we said since counts. */
static void remove_server(struct relay *relay, size_t at)
{
	uint64_t id = relay->servers[at].id;

	memmove(relay->servers + at, relay->servers + at + 1,
		(--relay->server_count - at) * sizeof(*relay->servers));
	if (id == relay->me)
		relay_part(relay, 1013, "the server was away; come back and resume");
	for (size_t i = 0; i < relay->room->people_count; i++) {
		const struct link *link = relay->room->people[i]->to;
		if (link && link->server == id)
			lose(relay, relay->room->people[i]);
	}
	if (id == relay->me)
		relay_rename(relay);
}

static void next_round(struct relay *relay)
{
	relay->round++;
	for (size_t i = relay->server_count; i-- > 0;) {
		relay->servers[i].ticked = false;
		if (relay->round - relay->servers[i].round > RELAY_GONE_ROUNDS)
			remove_server(relay, i);
	}
}

static void on_tick(
	struct relay *relay, struct peer_server *server, uint64_t number, struct tape *inside)
{
	uint64_t id = server->id;

	(void)number;
	(void)inside;
	if (id == relay->me)
		relay->ticking = false;
	if (server->ticked)
		next_round(relay);
	server_with(relay, id)->ticked = true;
	room_tick(relay->room);
}

static void on_leave(
	struct relay *relay, struct peer_server *server, uint64_t number, struct tape *inside)
{
	(void)number;
	(void)inside;
	remove_server(relay, (size_t)(server - relay->servers));
}

/* ---- the rest ---- */

static bool is_token(void *ctx, const char *token)
{
	return strcmp(ctx, token) == 0;
}

static void on_expel(
	struct relay *relay, struct peer_server *server, uint64_t number, struct tape *inside)
{
	char *token = mem_dup(inside->at, inside->left);

	(void)server;
	(void)number;
	if (*token)
		room_expel(relay->room, is_token, token);
	free(token);
}

static void on_warn(
	struct relay *relay, struct peer_server *server, uint64_t number, struct tape *inside)
{
	char *text = mem_dup(inside->at, inside->left);

	(void)server;
	(void)number;
	room_warn(relay->room, text);
	free(text);
}

static void on_merge(
	struct relay *relay, struct peer_server *server, uint64_t number, struct tape *inside)
{
	uint64_t which = 0, rev = 0;
	struct op op = {0};
	struct doc *doc;

	(void)server;
	(void)number;
	tape_uint(inside, &which);
	tape_uint(inside, &rev);
	tape_op(inside, &op);
	doc = relay_doc(relay, which);
	if (!inside->bad && doc && relay_wake(relay, doc))
		room_merge(relay->room, doc, rev, &op);
	op_fini(&op);
}

static struct filed *filed_of(const struct relay *relay, uint64_t doc)
{
	for (size_t i = 0; i < relay->filed_count; i++)
		if (relay->filed[i].doc == doc)
			return &relay->filed[i];
	return NULL;
}

bool relay_knows(const struct relay *relay, uint64_t doc, uint64_t hash)
{
	const struct filed *filed = filed_of(relay, doc);

	for (size_t i = 0; filed && i < FILED_MOST; i++)
		if (filed->hashes[i] == hash)
			return true;
	return false;
}

void relay_note(struct relay *relay, uint64_t doc, uint64_t hash)
{
	struct filed *filed = filed_of(relay, doc);

	if (!filed) {
		relay->filed = mem_grow(relay->filed, &relay->filed_cap, relay->filed_count + 1,
			sizeof(*relay->filed));
		filed = &relay->filed[relay->filed_count++];
		*filed = (struct filed){.doc = doc, .hashes = {hash, hash}};
	}
	if (filed->hashes[0] == hash)
		return; /* it was announced */
	memmove(filed->hashes + 1, filed->hashes, sizeof(filed->hashes) - sizeof(uint64_t));
	filed->hashes[0] = hash;
}

static void on_filing(
	struct relay *relay, struct peer_server *server, uint64_t number, struct tape *inside)
{
	uint64_t which = 0, hash = 0;

	(void)server;
	(void)number;
	tape_uint(inside, &which);
	tape_uint(inside, &hash);
	if (!inside->bad && relay_doc(relay, which))
		relay_note(relay, which, hash);
}

static void on_saved(
	struct relay *relay, struct peer_server *server, uint64_t number, struct tape *inside)
{
	uint64_t which = 0, rev = 0, hash = 0;
	struct doc *doc;

	(void)server;
	(void)number;
	tape_uint(inside, &which);
	tape_uint(inside, &rev);
	tape_uint(inside, &hash);
	doc = relay_doc(relay, which);
	if (!doc || inside->bad)
		return;
	relay_note(relay, which, hash);
	room_saved(relay->room, doc, rev);
}

static void on_kept(
	struct relay *relay, struct peer_server *server, uint64_t number, struct tape *inside)
{
	(void)server;
	(void)number;
	tape_size(inside, &relay->kept_bytes);
}

static record_fn *const records[] = {
	[RECORD_HELLO] = on_hello,
	[RECORD_MESSAGE] = on_message,
	[RECORD_LOST] = on_lost,
	[RECORD_LEFT] = on_left,
	[RECORD_RTT] = on_rtt,
	[RECORD_TICK] = on_tick,
	[RECORD_EXPEL] = on_expel,
	[RECORD_MERGE] = on_merge,
	[RECORD_SAVED] = on_saved,
	[RECORD_KEPT] = on_kept,
	[RECORD_LEAVE] = on_leave,
	[RECORD_WARN] = on_warn,
	[RECORD_FILING] = on_filing,
};

/* A server may be taken off the list by its own words. */
static void hear(struct relay *relay, uint64_t id, struct tape *t)
{
	struct peer_server *server;

	while (t->left && (server = server_with(relay, id))) {
		uint64_t kind = 0, number = 0;
		struct str bytes = {0};
		tape_uint(t, &kind);
		tape_uint(t, &number);
		tape_str(t, &bytes);
		if (t->bad)
			return;
		struct tape inside = tape_reader(bytes.at, bytes.len);
		if (kind < sizeof(records) / sizeof(records[0]) && records[kind])
			records[kind](relay, server, number, &inside);
		relay->speaking = NULL;
	}
}

/* The next of this server? NULL: it came before, or late, or its server is gone. */
static struct peer_server *speaker(struct relay *relay, uint64_t id, uint64_t n)
{
	struct peer_server *server = server_with(relay, id);

	if (!server && n == 1)
		server = add_server(relay, id);
	if (!server || n != server->n + 1)
		return NULL;
	server->n = n;
	server->round = relay->round;
	return server;
}

/* Should the one who was asked die over it, another will be, as many bytes later. */
static bool wants_keeping(struct relay *relay)
{
	if (relay->taped_bytes < RELAY_KEEP_BYTES || relay->taped_bytes < relay->kept_bytes)
		return false;
	relay->taped_bytes = 0;
	return true;
}

static bool is_newer(const char *at, size_t len)
{
	struct tape t = tape_reader(at, len);
	uint64_t version = 0;

	tape_uint(&t, &version);
	return !t.bad && version > RELAY_VERSION;
}

static bool hear_entry(struct relay *relay, struct tape *t)
{
	uint64_t version = 0, id = 0, n = 0, at_ms = 0;

	relay_header(t, &version, &id, &n, &at_ms);
	if (t->bad || !version || !speaker(relay, id, n))
		return false;
	bool ours = id == relay->me;
	if (ours && relay->unordered_count) {
		uint64_t since_us = relay->unordered[0].since_us;
		relay_drop_ordered(relay, n);
		relay->handler->ordered(relay->ctx, relay->handler->now_us(relay->ctx) - since_us);
	}
	relay->at_ms = at_ms;
	hear(relay, id, t);
	return ours;
}

enum err relay_receive(struct relay *relay, uint64_t position, const char *at, size_t len)
{
	struct tape t = tape_reader(at, len);

	if (position <= relay->position)
		return ERR_SEEN;
	if (position != relay->position + 1 || relay->broken)
		return ERR_REV;
	if (is_newer(at, len))
		return ERR_NEWER;
	relay->position = position;
	relay->taped_bytes += len;
	bool ours = hear_entry(relay, &t);
	if (wants_keeping(relay) && ours)
		relay->handler->keep(relay->ctx);
	return ERR_NONE;
}
