/*
 * Laws of a room that several servers keep alike: servers and clients on one order of entries that exists only in this process, with
 * everything that may go wrong between them.
 *
 * A server's entries reach the order late; its connection breaks, so that some never do, and some come after they were appended again;
 * one is refused, and what is behind it is not; a server dies, and others are there, or come, loaded from a snapshot; the order itself is lost, and begins anew with what the server
 * holds that had heard most. Clients type, delete, point and chat, lose their connection, and come back to any server. What nobody has
 * open leaves the memory of some servers, and not of others.
 *
 * Every character typed is another one, so that the model is a list: at the end all have one text, and in it every character once that
 * somebody typed and nobody deleted. Wherever two servers have heard the same, their snapshots are the same bytes.
 */
#include <stdio.h>
#include <string.h>

#include "net/codec.h"
#include "ot/mem.h"
#include "ot/replica.h"
#include "src/server/doc.h"
#include "src/server/presence.h"
#include "src/server/relay.h"
#include "tests/laws/choice.h"
#include "tests/nobody.h"

#define SERVERS     3
#define CLIENTS     5
#define FIRST_TOKEN 0x1000 /* the characters that are typed, from here on: three bytes each */
#define MOST_TOKENS 40000
#define MOST_STATES 20000 /* positions of the order that are looked at */
#define NOTES       2     /* the document that only programs write */

struct bytes_list { /* one behind the other */
	struct buf *at;
	size_t count, cap;
};

struct server;

struct client {
	struct world *world;
	struct server *on; /* NULL: nowhere */
	uint64_t number;   /* of its connection */
	struct bytes_list mail;
	bool closed; /* by the server, behind what is in the mail */
	bool waits;  /* for `opened` or `resumed` */
	char session[64];
	uint64_t user, doc;
	struct replica *replica; /* NULL: has no text yet */
	size_t at;               /* behind what it typed last */
};

struct server {
	struct world *world;
	struct relay *relay;     /* NULL: dead */
	struct bytes_list pipe;  /* on the way to the order */
	struct bytes_list stray; /* the same, of a connection that is lost already */
	bool cut;                /* no connection to the order */
	bool hole; /* the order refused an entry, and the server has not heard of it */
};

struct world {
	struct choice *c;
	struct bytes_list order; /* entry 1 is its first */
	struct buf snapshot;     /* at position kept */
	uint64_t states
		[MOST_STATES]; /* what tells a room at a position from another; 0: nobody has been there yet */
	uint64_t kept, told, now_ms,
		chance; /* told: the newest entry that some server heard, ever */
	struct server servers[SERVERS];
	struct client clients[CLIENTS];
	bool deletes;
	bool hurries; /* much time passes */
	size_t tokens;
	bool deleted[MOST_TOKENS];
	size_t steps, deaths, cuts, renewals, rests;
};

static void push(struct bytes_list *list, const char *at, size_t len)
{
	list->at = mem_grow(list->at, &list->cap, list->count + 1, sizeof(*list->at));
	list->at[list->count] = (struct buf){0};
	buf_add(&list->at[list->count++], at, len);
}

static void shift(struct bytes_list *list)
{
	buf_fini(&list->at[0]);
	memmove(list->at, list->at + 1, --list->count * sizeof(*list->at));
}

static void empty(struct bytes_list *list)
{
	while (list->count)
		buf_fini(&list->at[--list->count]);
	free(list->at);
	*list = (struct bytes_list){0};
}

/* ---- what a relay asks for ---- */

static void on_send(void *to, struct parcel *parcel)
{
	struct client *client = to;
	const struct buf *bytes = parcel_bytes(parcel, CODEC_BIN);

	LAW(client->world->c, !client->closed);
	push(&client->mail, bytes->at, bytes->len);
}

static void on_close(void *to, unsigned code, const char *reason)
{
	struct client *client = to;

	(void)code;
	(void)reason;
	client->closed = true;
	client->number = 0;
}

static void on_append(void *ctx, const char *at, size_t len)
{
	struct server *server = ctx;

	if (!server->cut)
		push(&server->pipe, at, len);
}

static void on_keep(void *ctx)
{
	struct server *server = ctx;
	struct world *w = server->world;

	if (!pick(w->c, 4) || relay_position(server->relay) < w->kept)
		return; /* it was not stored */
	buf_clear(&w->snapshot);
	relay_save(server->relay, &w->snapshot);
	w->kept = relay_position(server->relay);
	relay_kept(server->relay, w->snapshot.len);
}

/* Servers' clocks differ by minutes. */
static uint64_t on_now(void *ctx)
{
	struct server *server = ctx;

	return server->world->now_ms + (uint64_t)(server - server->world->servers) * 100000;
}

static void on_random(void *ctx, void *bytes, size_t len)
{
	struct choice secret = choice_of_seed(((struct server *)ctx)->world->chance += 0xc0ffee);

	for (size_t i = 0; i < len; i++)
		((unsigned char *)bytes)[i] = (unsigned char)choice_next(&secret);
}

static const struct relay_handler handler = {
	NOBODY,
	.send = on_send,
	.close = on_close,
	.urge = on_send,
	.drop = on_close,
	.append = on_append,
	.keep = on_keep,
	.now_ms = on_now,
	.now_us = on_now,
	.unix_ms = on_now,
	.random = on_random,
};

/* ---- servers ---- */

static void load(struct server *server)
{
	struct world *w = server->world;

	server->relay = relay_create("", NULL, false, &handler, server);
	relay_use_cellar(server->relay, cellar_open("/tmp"));
	LAW(w->c, relay_read(server->relay, w->snapshot.at, w->snapshot.len));
	LAW(w->c, relay_position(server->relay) == w->kept);
	server->cut = false;
}

/* FNV-1a, and never 0. */
static uint64_t fingerprint(const struct buf *bytes)
{
	uint64_t hash = 14695981039346656037U;

	for (size_t i = 0; i < bytes->len; i++)
		hash = (hash ^ (unsigned char)bytes->at[i]) * 1099511628211U;
	return hash ? hash : 1;
}

/* Wherever servers are at one position they are the same, however they came there. */
static void same_state(struct server *server)
{
	struct world *w = server->world;
	uint64_t at = relay_position(server->relay);
	struct buf bytes = {0};

	if (at >= MOST_STATES || pick(w->c, 3))
		return;
	relay_save(server->relay, &bytes);
	uint64_t state = fingerprint(&bytes);
	buf_fini(&bytes);
	LAW(w->c, !w->states[at] || w->states[at] == state);
	w->states[at] = state;
}

static bool hear_one(struct server *server)
{
	struct world *w = server->world;
	uint64_t next = server->relay ? relay_position(server->relay) + 1 : UINT64_MAX;

	if (server->cut || next > w->order.count)
		return false;
	const struct buf *entry = &w->order.at[next - 1];
	LAW(w->c, relay_receive(server->relay, next, entry->at, entry->len) == ERR_NONE);
	w->told = next > w->told ? next : w->told;
	same_state(server);
	if (!pick(w->c, 50)) /* delivered twice */
		LAW(w->c, relay_receive(server->relay, next, entry->at, entry->len) == ERR_SEEN);
	return true;
}

static void hear_all(struct server *server)
{
	while (hear_one(server))
		;
}

static bool order_one(struct world *w, struct bytes_list *from)
{
	if (!from->count)
		return false;
	push(&w->order, from->at[0].at, from->at[0].len);
	shift(from);
	return true;
}

/* The connection breaks: some of what was on its way is lost, the rest may come much later. */
static void cut(struct server *server)
{
	struct world *w = server->world;
	size_t stray = pick(w->c, server->pipe.count + 1);

	w->cuts++;
	server->cut = true;
	server->hole = false;
	for (size_t i = 0; i < stray; i++)
		push(&server->stray, server->pipe.at[i].at, server->pipe.at[i].len);
	empty(&server->pipe);
}

/* The order has no room, say: this entry is not in it, but those behind it may be, before anybody hears of that. */
static void refuse(struct server *server)
{
	if (!server->pipe.count)
		return;
	shift(&server->pipe);
	server->hole = true;
}

static void mend(struct server *server)
{
	server->cut = false;
	hear_all(server);
	relay_again(server->relay);
}

static void leave(struct client *client)
{
	empty(&client->mail);
	client->closed = false;
	client->on = NULL;
	client->number = 0;
}

static void die(struct server *server)
{
	struct world *w = server->world;

	for (size_t i = 0; i < CLIENTS; i++)
		if (w->clients[i].on == server)
			leave(&w->clients[i]);
	relay_destroy(server->relay);
	server->relay = NULL;
	cut(server);
	w->deaths++;
}

/* ---- clients ---- */

static bool is_up(const struct client *client)
{
	return client->on && client->number;
}

static void come(struct client *client, struct server *server)
{
	struct msg_doc doc = {.path = str("a.c")};
	struct message hello = {.type = MSG_HELLO};
	bool first = client == client->world->clients;
	/* the first is an owner; the others now and then come back with another invitation */
	struct room_terms terms = {.role = first ? ROLE_OWNER : ROLE_EDITOR,
		.name = "",
		.token = first || pick(client->world->c, 4) ? "t" : "u"};

	if (client->on || !server->relay)
		return;
	if (client->replica) {
		doc.rev = replica_rev(client->replica);
		doc.seq = replica_seq(client->replica);
	}
	hello.hello.v = 1;
	hello.hello.name = str("x");
	hello.hello.session = str(client->replica ? client->session : "");
	hello.hello.docs = (struct msg_docs){1, &doc};
	client->on = server;
	client->waits = true;
	client->number = relay_hello(server->relay, client, &terms, &hello);
}

static void go(struct client *client)
{
	if (is_up(client))
		relay_gone(client->on->relay, client->number, false);
	leave(client);
}

static void say(struct client *client, const struct message *m)
{
	if (is_up(client))
		relay_message(client->on->relay, client->number, m);
}

static void on_opened(struct client *client, const struct message *m)
{
	struct text *text;

	LAW(client->world->c, text_load(&text, m->opened.text.at, m->opened.text.len) == ERR_NONE);
	client->doc = m->opened.doc;
	client->waits = false;
	if (!client->replica) {
		client->replica = replica_create(text, m->opened.rev, client->user);
		return;
	}
	replica_ordered(client->replica, m->opened.seq);
	replica_restart(client->replica, text, m->opened.rev, client->user, NULL);
}

static void on_check(struct client *client, const struct message *m)
{
	char hash[17];

	if (client->waits || replica_rev(client->replica) != m->check.rev ||
		!replica_in_step(client->replica))
		return;
	snprintf(hash, sizeof(hash), "%016llx",
		(unsigned long long)text_hash(replica_text(client->replica)));
	LAW(client->world->c, str_is(m->check.hash, hash));
}

static void on_message(struct client *client, const struct message *m)
{
	struct choice *c = client->world->c;

	switch (m->type) {
	case MSG_WELCOME:
		LAW(c, !client->replica || str_is(m->welcome.session, client->session));
		snprintf(client->session, sizeof(client->session), "%.*s",
			(int)m->welcome.session.len, m->welcome.session.at);
		client->user = m->welcome.user;
		break;
	case MSG_OPENED: on_opened(client, m); break;
	case MSG_RESUMED:
		client->waits = false;
		replica_resume(client->replica, m->resumed.rev, m->resumed.seq);
		break;
	case MSG_EDITED:
		LAW(c, replica_receive(client->replica, m->edited.rev, m->edited.user,
			       &m->edited.op, NULL) == ERR_NONE);
		break;
	case MSG_ACK:
		LAW(c, replica_ack(client->replica, m->ack.rev, m->ack.seq) == ERR_NONE);
		break;
	case MSG_CHECK: on_check(client, m); break;
	case MSG_ERROR: LAW(c, !str_is(m->error.code, "bad-op")); break;
	default: break;
	}
}

static void read_mail(struct client *client, size_t most)
{
	while (most-- && client->mail.count) {
		struct message m;
		size_t used;
		LAW(client->world->c, codec_decode(CODEC_BIN, true, client->mail.at[0].at,
					      client->mail.at[0].len, &used, &m) == ERR_NONE);
		on_message(client, &m);
		message_fini(&m);
		shift(&client->mail);
	}
	if (client->closed && !client->mail.count)
		leave(client);
}

static void send_edits(struct client *client)
{
	struct message m = {.type = MSG_EDIT, .edit = {.doc = client->doc}};
	const struct op *op;

	while (is_up(client) && !client->waits && client->replica &&
		replica_send(client->replica, &m.edit.rev, &m.edit.seq, &op)) {
		m.edit.op = *op;
		say(client, &m);
	}
}

static size_t put_token(uint32_t c, char out[3])
{
	out[0] = (char)(0xe0 | c >> 12);
	out[1] = (char)(0x80 | (c >> 6 & 0x3f));
	out[2] = (char)(0x80 | (c & 0x3f));
	return 3;
}

/* What somebody deletes is deleted: it need not be there in the end. */
static void note_deleted(struct world *w, const struct text *text, size_t at, size_t drop)
{
	struct text_iter it = text_iter(text, at);

	for (uint32_t c; drop-- && text_iter_next(&it, &c);)
		if (c >= FIRST_TOKEN)
			w->deleted[c - FIRST_TOKEN] = true;
}

static void type(struct client *client)
{
	struct world *w = client->world;
	struct op op = {0};
	char token[3];

	if (!client->replica || w->tokens == MOST_TOKENS)
		return;
	const struct text *text = replica_text(client->replica);
	size_t len = text_size(text).points;
	size_t at = client->at <= len && pick(w->c, 2) ? client->at : pick(w->c, len + 1);
	size_t drop = w->deletes ? pick(w->c, len > 300 ? 60 : 3) : 0;
	drop = drop < len - at ? drop : len - at;
	note_deleted(w, text, at, drop);
	op_retain(&op, at);
	op_insert(&op, token, put_token((uint32_t)(FIRST_TOKEN + w->tokens++), token));
	op_delete(&op, drop);
	client->at = at + 1;
	LAW(w->c, replica_edit(client->replica, &op) == ERR_NONE);
	op_fini(&op);
	if (pick(w->c, 3))
		send_edits(client);
}

static void point(struct client *client)
{
	struct sel sel = {pick(client->world->c, 400), pick(client->world->c, 400)};
	struct message m = {.type = MSG_SELECT};

	send_edits(client);
	if (!client->replica || client->waits || !replica_all_sent(client->replica))
		return;
	m.select.doc = client->doc;
	m.select.rev = replica_rev(client->replica);
	m.select.seq = replica_seq(client->replica);
	m.select.sel = (struct msg_sels){1, &sel};
	say(client, &m);
}

static void chat(struct client *client)
{
	struct message m = {.type = MSG_SAY, .say = {.text = str("hello")}};

	if (client->user)
		say(client, &m);
}

/* What an owner decides, that keeps nobody from writing. */
static void decide(struct client *client)
{
	static const char *const verbs[] = {"role", "role", "lock", "unlock"};
	struct choice *c = client->world->c;
	struct message m = {.type = MSG_ADMIN};

	for (size_t i = 0; i < CLIENTS; i++)
		if (!client->world->clients[i].replica)
			return; /* before they were in, a lock would keep them out */
	m.admin.verb = str(verbs[pick(c, 4)]);
	m.admin.user = pick(c, CLIENTS + 2);
	m.admin.arg = str(pick(c, 2) ? "owner" : "editor");
	say(client, &m);
}

/* ---- what nobody has open ---- */

static void put_away(struct server *server)
{
	const struct room *room = relay_room(server->relay);

	for (size_t i = 0; i < room->document_count; i++)
		server->world->rests += relay_put_away(server->relay, room->documents[i]);
}

/* By the file, on some revision that this server knows. */
static void write_notes(struct server *server)
{
	struct room *room = relay_room(server->relay);
	struct doc *doc = room->documents[NOTES - 1];
	struct op op = {0};

	LAW(server->world->c, relay_wake(server->relay, doc));
	op_retain(&op, pick(server->world->c, text_size(log_text(doc->log)).points + 1));
	op_insert(&op, "note\n", 5);
	relay_merge(server->relay, NOTES, log_rev(doc->log), &op);
	op_fini(&op);
}

/* ---- laws ---- */

/* What is written down and read again is the same room. */
static void same_again(struct server *server)
{
	struct world *w = server->world;
	struct relay *again = relay_create("", NULL, false, &handler, server);
	struct buf once = {0}, twice = {0};

	relay_save(server->relay, &once);
	LAW(w->c, relay_read(again, once.at, once.len));
	relay_save(again, &twice);
	LAW(w->c, once.len == twice.len && memcmp(once.at, twice.at, once.len) == 0);
	relay_destroy(again);
	buf_fini(&once);
	buf_fini(&twice);
}

static void same_bytes(struct world *w)
{
	for (size_t a = 0; a < SERVERS; a++)
		for (size_t b = a + 1; b < SERVERS; b++) {
			struct relay *one = w->servers[a].relay, *other = w->servers[b].relay;
			struct buf mine = {0}, theirs = {0};
			if (!one || !other || relay_position(one) != relay_position(other))
				continue;
			relay_save(one, &mine);
			relay_save(other, &theirs);
			LAW(w->c, mine.len == theirs.len);
			LAW(w->c, memcmp(mine.at, theirs.at, mine.len) == 0);
			buf_fini(&mine);
			buf_fini(&theirs);
		}
}

/*
 * The order is lost. Who heard most gives what they hold; all the others start from that. (That all who had heard the newest die
 * with it is left out: then it is gone.)
 */
static void renew(struct world *w)
{
	struct server *most = NULL;

	for (size_t i = 0; i < SERVERS; i++)
		if (w->servers[i].relay && (!most || relay_position(w->servers[i].relay) >
							     relay_position(most->relay)))
			most = &w->servers[i];
	if (!most)
		return;
	w->renewals++;
	most->cut = false;
	while (relay_position(most->relay) < w->told)
		hear_one(most);
	w->told = 0;
	memset(w->states, 0, sizeof(w->states));
	relay_renew(most->relay);
	buf_clear(&w->snapshot);
	relay_save(most->relay, &w->snapshot);
	w->kept = 0;
	empty(&w->order);
	for (size_t i = 0; i < SERVERS; i++) {
		if (w->servers[i].relay)
			die(&w->servers[i]);
		empty(&w->servers[i].stray);
		load(&w->servers[i]);
	}
}

static void client_step(struct world *w, struct client *client)
{
	switch (pick(w->c, 13)) {
	case 0: go(client); break;
	case 1: point(client); break;
	case 2: chat(client); break;
	case 12: decide(&w->clients[0]); break;
	case 3:
	case 4:
	case 5: read_mail(client, pick(w->c, 8)); break;
	case 6: send_edits(client); break;
	case 7: come(client, &w->servers[pick(w->c, SERVERS)]); break;
	default: type(client); break;
	}
}

static void server_step(struct world *w, struct server *server)
{
	if (!server->relay) {
		if (!pick(w->c, 10))
			load(server);
		return;
	}
	switch (pick(w->c, 130)) {
	case 0: die(server); break;
	case 1:
	case 2: cut(server); break;
	case 3:
	case 4:
	case 5:
		if (server->cut)
			mend(server);
		break;
	case 6:
	case 7:
	case 8: relay_tick(server->relay); break;
	case 9: hear_all(server); break;
	case 10:
		if (server->hole)
			cut(server);
		else
			refuse(server);
		break;
	case 12: same_again(server); break;
	case 13:
	case 14:
	case 15: put_away(server); break;
	case 16:
	case 17: write_notes(server); break;
	case 11: on_keep(server); break; /* small rooms seldom ask for it themselves */
	default:
		if (w->hurries)
			relay_tick(server->relay);
		relay_turn(server->relay);
		for (size_t n = pick(w->c, 4); n; n--)
			hear_one(server);
		break;
	}
}

static void step(struct world *w)
{
	struct server *server = &w->servers[pick(w->c, SERVERS)];

	w->now_ms += pick(w->c, 50);
	w->steps++;
	switch (pick(w->c, 4)) {
	case 0: client_step(w, &w->clients[pick(w->c, CLIENTS)]); break;
	case 1: server_step(w, server); break;
	default: order_one(w, pick(w->c, 8) ? &server->pipe : &server->stray); break;
	}
}

/* Everything arrives, everybody is there. */
static bool settle_once(struct world *w)
{
	bool moved = false;

	for (size_t i = 0; i < SERVERS; i++) {
		struct server *server = &w->servers[i];
		if (!server->relay)
			load(server);
		if (server->hole)
			cut(server);
		if (server->cut)
			mend(server);
		relay_turn(server->relay);
		while (order_one(w, &server->stray) || order_one(w, &server->pipe))
			moved = true;
	}
	for (size_t i = 0; i < SERVERS; i++)
		hear_all(&w->servers[i]);
	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *client = &w->clients[i];
		moved |= client->mail.count > 0 || !client->on;
		read_mail(client, SIZE_MAX);
		come(client, &w->servers[i % SERVERS]);
		send_edits(client);
		moved |= client->waits || !client->replica || !replica_in_step(client->replica);
	}
	return moved;
}

static void law_texts(struct world *w)
{
	const struct text *text = log_text(relay_room(w->servers[0].relay)->documents[0]->log);
	size_t *seen = mem_alloc(MOST_TOKENS * sizeof(*seen));
	struct text_iter it = text_iter(text, 0);

	for (size_t i = 0; i < CLIENTS; i++)
		LAW(w->c, text_equal(replica_text(w->clients[i].replica), text));
	for (uint32_t c; text_iter_next(&it, &c);)
		if (c >= FIRST_TOKEN)
			seen[c - FIRST_TOKEN]++;
	for (size_t i = 0; i < w->tokens; i++) {
		LAW(w->c, seen[i] <= 1);
		LAW(w->c, seen[i] == 1 || w->deleted[i]);
	}
	free(seen);
}

/* Whoever was gone is out of the list when a minute of rounds has passed; nobody who is here is. */
static void law_people(struct world *w)
{
	for (size_t round = 0; round < 2 + RELAY_GONE_ROUNDS; round++) {
		for (size_t i = 0; i < SERVERS; i++)
			relay_tick(w->servers[i].relay);
		while (settle_once(w))
			;
	}
	same_bytes(w);
	for (size_t i = 0; i < SERVERS; i++) {
		LAW(w->c, room_here(relay_room(w->servers[i].relay)) == CLIENTS);
		LAW(w->c, relay_servers(w->servers[i].relay) == SERVERS);
	}
}

static void begin(struct world *w)
{
	struct relay *first = relay_create("quiet-otter", NULL, false, &handler, &w->servers[0]);
	struct text *text;

	LAW(w->c, text_load(&text, "hello\n", 6) == ERR_NONE);
	room_add_document(relay_room(first), 1, "a.c", log_create(text, 0));
	room_add_document(relay_room(first), NOTES, "notes", log_create(text_create(), 0));
	relay_save(first, &w->snapshot);
	relay_destroy(first);
	for (size_t i = 0; i < SERVERS; i++)
		load(&w->servers[i]);
}

static void finish(struct world *w)
{
	for (size_t i = 0; i < SERVERS; i++) {
		relay_destroy(w->servers[i].relay);
		empty(&w->servers[i].pipe);
		empty(&w->servers[i].stray);
	}
	for (size_t i = 0; i < CLIENTS; i++) {
		empty(&w->clients[i].mail);
		replica_destroy(w->clients[i].replica);
	}
	empty(&w->order);
	buf_fini(&w->snapshot);
	free(w);
}

static size_t all_steps, all_deaths, all_cuts, all_renewals, all_rests;

static void law(struct choice *c)
{
	struct world *w = mem_alloc(sizeof(*w));
	size_t steps = 2000 + pick(c, 6000);
	bool renews = pick(c, 3) == 0;

	w->c = c;
	w->hurries = pick(c, 4) == 0;
	w->chance = c->seed;
	w->deletes =
		!renews; /* what a deletion hits in a text that begins anew is only guessed (replica.h) */
	for (size_t i = 0; i < SERVERS; i++)
		w->servers[i].world = w;
	for (size_t i = 0; i < CLIENTS; i++)
		w->clients[i].world = w;
	begin(w);
	while (w->steps < steps) {
		step(w);
		if (renews && !pick(c, 1500))
			renew(w);
		if (!pick(c, 40))
			same_bytes(w);
	}
	while (settle_once(w))
		;
	same_bytes(w);
	law_texts(w);
	law_people(w);
	all_steps += w->steps;
	all_deaths += w->deaths;
	all_cuts += w->cuts;
	all_renewals += w->renewals;
	all_rests += w->rests;
	finish(w);
}

int main(void)
{
	int status = laws_run(60, law);

	printf("%zu steps, %zu deaths, %zu lost connections, %zu lost orders, %zu rests\n",
		all_steps, all_deaths, all_cuts, all_renewals, all_rests);
	return status;
}
