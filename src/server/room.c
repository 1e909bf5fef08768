#include "src/server/room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "ot/mem.h"
#include "src/expiry.h"
#include "src/server/doc.h"

#define INVITE_ARG_BYTES 200

struct room *room_create(const char *name, const char *epoch, uint64_t next_user,
	const struct room_handler *handler, void *ctx)
{
	struct room *room = mem_alloc(sizeof(*room));

	snprintf(room->name, sizeof(room->name), "%s", name);
	snprintf(room->epoch, sizeof(room->epoch), "%s", epoch);
	room->next_user = next_user;
	room->next_chat = 1;
	room->chat = mem_alloc(LIMIT_CHAT_RECENT * sizeof(*room->chat));
	limits_init(&room->limits);
	room->handler = handler;
	room->ctx = ctx;
	return room;
}

static void person_destroy(struct person *person)
{
	doc_leave_all(person);
	free(person);
}

static void said_fini(struct msg_said *said)
{
	free((char *)said->name.at);
	free((char *)said->text.at);
}

void room_destroy(struct room *room)
{
	if (!room)
		return;
	for (size_t i = 0; i < room->people_count; i++)
		person_destroy(room->people[i]);
	for (size_t i = 0; i < room->document_count; i++)
		doc_destroy(room->documents[i]);
	for (size_t i = 0; i < room->chat_count; i++)
		said_fini(&room->chat[i]);
	free(room->people);
	free(room->documents);
	free(room->chat);
	free(room);
}

struct doc *room_add_document(struct room *room, uint64_t doc, const char *path, struct log *takes)
{
	struct doc *document = doc_create(doc, path, takes);

	room->documents = mem_grow(
		room->documents, &room->document_cap, room->document_count + 1, sizeof(document));
	room->documents[room->document_count++] = document;
	return document;
}

/* Its index in room->documents; their count when there is none. */
static size_t document_at(const struct room *room, struct str path)
{
	size_t at = 0;

	while (at < room->document_count && !str_is(path, room->documents[at]->path))
		at++;
	return at;
}

static struct doc *document_named(const struct room *room, struct str path)
{
	size_t at = document_at(room, path);

	return at < room->document_count ? room->documents[at] : NULL;
}

/* ---- sending ---- */

void room_send(struct room *room, struct person *person, const struct message *m)
{
	struct parcel parcel = {.message = m};

	if (person->to)
		room->handler->send(person->to, &parcel);
	parcel_fini(&parcel);
}

void room_send_others(struct room *room, const struct person *except, const struct message *m)
{
	struct parcel parcel = {.message = m};

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

static void drop_connection(
	struct room *room, struct person *person, unsigned status, const char *reason)
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
	drop_connection(room, person, close_code(code), code);
	room_lost(room, person);
}

static void urge(struct room *room, struct person *person, struct parcel *parcel)
{
	if (person->to && room->handler->urge)
		room->handler->urge(person->to, parcel);
	else if (person->to)
		room->handler->send(person->to, parcel);
}

void room_warn(struct room *room, const char *text)
{
	char *clean = limits_utf8(text);
	struct message m = {
		.type = MSG_ERROR, .error = {.code = str("internal"), .text = str(clean)}};
	struct parcel parcel = {.message = &m};

	for (size_t i = 0; i < room->people_count; i++)
		urge(room, room->people[i], &parcel);
	parcel_fini(&parcel);
	free(clean);
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

	urge(room, person, &parcel);
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

static void audit(struct room *room, const struct room_event *event)
{
	if (room->handler->audit)
		room->handler->audit(room->ctx, event);
}

/* ---- who is here ---- */

size_t room_here(const struct room *room)
{
	size_t here = 0;

	for (size_t i = 0; i < room->people_count; i++)
		here += room->people[i]->to != NULL;
	return here;
}

static struct person *person_with_user(struct room *room, uint64_t user)
{
	for (size_t i = 0; i < room->people_count; i++)
		if (room->people[i]->user == user)
			return room->people[i];
	return NULL;
}

/* A session's id is a secret: how long the comparison takes must not tell how much of a guess was right. */
static bool is_session(struct str guess, const char *session)
{
	return guess.len == strlen(session) && CRYPTO_memcmp(guess.at, session, guess.len) == 0;
}

static struct person *person_with_session(struct room *room, struct str session)
{
	for (size_t i = 0; session.len && i < room->people_count; i++)
		if (is_session(session, room->people[i]->session))
			return room->people[i];
	return NULL;
}

static void send_active(struct room *room, struct person *person)
{
	person->waits = false;
	struct message m = {.type = MSG_ACTIVE,
		.active = {.user = person->user,
			.state = str(person->state),
			.doc = person->doc,
			.rtt = person->rtt_ms}};

	room_send_others(room, person, &m);
}

bool room_may_show(struct room *room, struct person *person)
{
	uint64_t now = room->handler->now_ms(room->ctx);

	if (now - person->shown_ms < LIMIT_PRESENCE_MS) {
		room->waits = true;
		return false;
	}
	person->shown_ms = now;
	return true;
}

static void show_state(struct room *room, struct person *person)
{
	person->showed_caret = false;
	send_active(room, person);
}

/* One of what waits, in turns, so that neither keeps the other from being shown. */
static void show_next(struct room *room, struct person *person)
{
	if (person->waits && (person->showed_caret || !doc_show(room, person)))
		show_state(room, person);
	else if (!person->waits)
		doc_show(room, person);
}

static bool is_waiting(const struct person *person)
{
	bool waits = person->waits;

	for (size_t i = 0; i < person->seat_count; i++)
		waits |= person->seats[i].waits;
	return waits;
}

uint64_t room_present(struct room *room)
{
	uint64_t now = room->handler->now_ms(room->ctx), next = LIMIT_PRESENCE_MS;

	if (!room->waits)
		return 0;
	room->waits = false;
	for (size_t i = 0; i < room->people_count; i++) {
		struct person *person = room->people[i];
		if (!is_waiting(person))
			continue;
		if (room_may_show(room, person))
			show_next(room, person);
		if (!is_waiting(person))
			continue;
		uint64_t left = person->shown_ms + LIMIT_PRESENCE_MS - now;
		next = left < next ? left : next;
		room->waits = true;
	}
	return room->waits ? next : 0;
}

/* At once, or when it is time. */
static void show_soon(struct room *room, struct person *person)
{
	if (room_may_show(room, person))
		show_state(room, person);
	else
		person->waits = true;
}

static void set_state(struct room *room, struct person *person, const char *state)
{
	if (strcmp(person->state, state) == 0)
		return;
	person->state = state;
	send_active(room, person);
}

static void set_role(struct room *room, struct person *person, enum role role)
{
	struct message told = {
		.type = MSG_ROLE, .role = {.user = person->user, .role = str(role_name[role])}};

	person->role = role;
	room_send_others(room, NULL, &told);
}

/* Twelve colours that are told apart on dark and on light ground. */
static const char *const palette[] = {"#ff8700", "#00d7ff", "#5fd700", "#ff5fd7", "#d7af00",
	"#00d787", "#ff5f5f", "#af87ff", "#5fafff", "#d78787", "#87af5f", "#d787ff"};
#define PALETTE_SIZE (sizeof(palette) / sizeof(palette[0]))

static const char *free_color(const struct room *room)
{
	size_t used[PALETTE_SIZE] = {0}, best = 0;

	for (size_t i = 0; i < room->people_count; i++)
		for (size_t c = 0; c < PALETTE_SIZE; c++)
			used[c] += strcmp(room->people[i]->color, palette[c]) == 0;
	for (size_t c = 1; c < PALETTE_SIZE; c++)
		if (used[c] < used[best])
			best = c;
	return palette[best];
}

static bool color_valid(struct str color)
{
	if (color.len != 7 || color.at[0] != '#')
		return false;
	for (size_t i = 1; i < 7; i++)
		if (!strchr("0123456789abcdefABCDEF", color.at[i]))
			return false;
	return true;
}

static struct person *add_person(struct room *room, const char *name, enum role role)
{
	struct person *person = mem_alloc(sizeof(*person));

	snprintf(person->name, sizeof(person->name), "%s", name);
	person->role = role;
	person->state = "active";
	room->people =
		mem_grow(room->people, &room->people_cap, room->people_count + 1, sizeof(person));
	room->people[room->people_count++] = person;
	return person;
}

static void keep_person(struct room *room, struct person *person)
{
	struct store_session kept = {.user = person->user};

	snprintf(kept.id, sizeof(kept.id), "%s", person->session);
	snprintf(kept.name, sizeof(kept.name), "%s", person->name);
	snprintf(kept.color, sizeof(kept.color), "%s", person->color);
	snprintf(kept.role, sizeof(kept.role), "%s", role_name[person->role]);
	person->session_row = room->handler->keep_session(room->ctx, &kept);
	room->handler->keep_next_user(room->ctx, room->next_user);
}

static struct person *new_person(
	struct room *room, const struct room_terms *terms, const struct message *hello)
{
	char name[NAME_CLEAN_BYTES];
	unsigned char secret[16];
	struct person *person;

	limits_clean_name(*terms->name ? str(terms->name) : hello->hello.name, "guest", name);
	person = add_person(room, name, terms->role);
	person->user = room->next_user++;
	if (color_valid(hello->hello.color))
		memcpy(person->color, hello->hello.color.at, 7);
	else
		snprintf(person->color, sizeof(person->color), "%s", free_color(room));
	room->handler->random(room->ctx, secret, sizeof(secret));
	for (size_t i = 0; i < sizeof(secret); i++)
		snprintf(person->session + 2 * i, 3, "%02x", secret[i]);
	keep_person(room, person);
	return person;
}

/* A session of before the server was restarted. */
static struct person *kept_person(
	struct room *room, const struct room_terms *terms, struct str session)
{
	char id[64];
	struct store_session kept;
	struct person *person;

	if (!session.len || session.len >= sizeof(id))
		return NULL;
	snprintf(id, sizeof(id), "%.*s", (int)session.len, session.at);
	if (!room->handler->find_session(room->ctx, id, &kept) || person_with_user(room, kept.user))
		return NULL;
	person = add_person(room, kept.name, terms->role);
	person->user = kept.user;
	person->session_row = kept.row;
	snprintf(person->session, sizeof(person->session), "%.32s", id);
	snprintf(person->color, sizeof(person->color), "%s", kept.color);
	return person;
}

static void send_join(struct room *room, struct person *person)
{
	struct message m = {.type = MSG_JOIN,
		.join = {.user = person->user,
			.name = str(person->name),
			.color = str(person->color),
			.role = str(role_name[person->role])}};

	room_send_others(room, person, &m);
}

static void send_welcome(struct room *room, struct person *person)
{
	struct message m = {.type = MSG_WELCOME};
	struct msg_user *users = mem_alloc((room->people_count + 1) * sizeof(*users));
	struct msg_file_info *files = mem_alloc((room->document_count + 1) * sizeof(*files));

	for (size_t i = 0; i < room->people_count; i++) {
		struct person *p = room->people[i];
		users[i] = (struct msg_user){.user = p->user,
			.name = str(p->name),
			.color = str(p->color),
			.role = str(role_name[p->role]),
			.state = str(p->state),
			.doc = p->doc};
	}
	for (size_t i = 0; i < room->document_count; i++)
		files[i] = (struct msg_file_info){.path = str(room->documents[i]->path),
			.kind = str("file"),
			.size = text_size(log_text(room->documents[i]->log)).bytes};
	m.welcome.user = person->user;
	m.welcome.session = str(person->session);
	m.welcome.role = str(role_name[person->role]);
	m.welcome.color = str(person->color);
	m.welcome.room = str(room->name);
	m.welcome.users = (struct msg_users){room->people_count, users};
	m.welcome.files = (struct msg_files){room->document_count, files};
	m.welcome.chat = (struct msg_chat){room->chat_count, room->chat};
	m.welcome.epoch = str(room->epoch);
	room_send(room, person, &m);
	free(users);
	free(files);
}

/* A refusal of somebody who is nobody yet. */
static struct person *refuse_hello(struct room *room, void *to, const char *code, const char *text)
{
	struct message m = {.type = MSG_ERROR,
		.error = {.code = str(code), .text = str(text), .ref = str("hello")}};
	struct parcel parcel = {.message = &m};

	room->handler->send(to, &parcel);
	parcel_fini(&parcel);
	room->handler->close(to, 1008, code);
	return NULL;
}

/* Whose session it is, live or from before a restart; NULL: nobody's. A connection that still holds it is dropped. */
static struct person *find_person(
	struct room *room, const struct room_terms *terms, struct str session)
{
	struct person *person = person_with_session(room, session);

	if (!person)
		return kept_person(room, terms, session);
	drop_connection(room, person, 1001, "resumed elsewhere");
	return person;
}

/*
 * Who comes back with the same token has the role they have now, whatever it said when they came first; with another, what that
 * one allows: else the session of a revoked token would lend its role to a lesser one.
 */
static void take_terms(struct room *room, struct person *person, const struct room_terms *terms)
{
	const char *token = terms->token ? terms->token : "";

	person->expires = terms->expires;
	if (strcmp(person->token, token) == 0)
		return;
	snprintf(person->token, sizeof(person->token), "%s", token);
	if (person->role != terms->role)
		set_role(room, person, terms->role);
}

/* Why a newcomer is turned away; NULL: come in. */
static const char *no_entry(const struct room *room, const struct room_terms *terms)
{
	if (room->locked && terms->role < ROLE_OWNER)
		return "the room is locked";
	return room->people_count >= room->limits.people ? "the room is full" : NULL;
}

static void open_doc(struct room *room, struct person *person, const struct message *hello,
	const struct msg_doc *doc)
{
	struct doc *document = document_named(room, doc->path);

	if (str_is(hello->hello.session, person->session))
		doc_resume(room, person, document, doc->rev, doc->seq);
	else
		doc_open(room, person, document);
}

/* Each document once, however often it is named: an item costs its sender a few bytes, and us a whole text. */
static void open_docs(struct room *room, struct person *person, const struct message *hello)
{
	bool *done = mem_alloc(room->document_count);

	for (size_t i = 0; i < hello->hello.docs.count && person->to; i++) {
		const struct msg_doc *doc = &hello->hello.docs.at[i];
		size_t at = document_at(room, doc->path);
		if (at == room->document_count)
			room_refuse(room, person, "no-such-file",
				"there is no such file in this room", "hello");
		else if (!done[at])
			open_doc(room, person, hello, doc);
		if (at < room->document_count)
			done[at] = true;
	}
	free(done);
}

struct person *room_hello(
	struct room *room, void *to, const struct room_terms *terms, const struct message *hello)
{
	struct person *person;
	const char *why;
	bool here;

	if (hello->type != MSG_HELLO || hello->hello.v != 1)
		return refuse_hello(
			room, to, "bad-message", "the first message must be a hello of version 1");
	here = person_with_session(room, hello->hello.session) != NULL;
	person = find_person(room, terms, hello->hello.session);
	if (!person && (why = no_entry(room, terms))) {
		audit(room, &(struct room_event){.what = "refused", .to = to, .detail = str(why)});
		return refuse_hello(room, to, "forbidden", why);
	}
	if (!person)
		person = new_person(room, terms, hello);
	take_terms(room, person, terms);
	person->to = to;
	person->state = "active";
	send_welcome(room, person);
	audit(room, &(struct room_event){.what = here ? "resume" : "join", .to = to, .by = person});
	if (here)
		send_active(room, person);
	else
		send_join(room, person);
	open_docs(room, person, hello);
	return person->to ? person : NULL;
}

void room_lost(struct room *room, struct person *person)
{
	person->to = NULL;
	person->lost_ms = room->handler->now_ms(room->ctx);
	set_state(room, person, "offline");
}

void room_left(struct room *room, struct person *person, const char *why)
{
	struct message m = {.type = MSG_LEAVE, .leave = {.user = person->user, .why = str(why)}};
	size_t at = 0;

	while (room->people[at] != person)
		at++;
	room->people[at] = room->people[--room->people_count];
	room_send_others(room, person, &m);
	person_destroy(person);
}

void room_rtt(struct room *room, struct person *person, unsigned ms)
{
	unsigned was = person->rtt_ms;

	person->rtt_ms = ms;
	if (ms > was + was / 4 + 5 || ms + ms / 4 + 5 < was)
		send_active(room, person);
}

/* ---- the file underneath ---- */

enum err room_merge(struct room *room, struct doc *document, uint64_t rev, const struct op *edit)
{
	enum err e = log_merge(document->log, 0, rev, edit);

	if (e == ERR_NONE)
		doc_ordered(room, document, NULL);
	return e;
}

void room_saved(struct room *room, struct doc *document, uint64_t rev)
{
	struct message m = {.type = MSG_SAVED, .saved = {.doc = document->doc, .rev = rev}};

	room_send_others(room, NULL, &m);
}

/* ---- messages ---- */

typedef void receive_fn(struct room *room, struct person *person, const struct message *m);

static void on_hello(struct room *room, struct person *person, const struct message *m)
{
	(void)m;
	room_refuse_and_close(room, person, "bad-message", "hello was said before", "hello");
}

static void on_open(struct room *room, struct person *person, const struct message *m)
{
	struct doc *document = document_named(room, m->open.path);

	if (document)
		doc_open(room, person, document);
	else
		room_refuse(
			room, person, "no-such-file", "there is no such file in this room", "open");
}

static void on_close(struct room *room, struct person *person, const struct message *m)
{
	doc_leave(person, m->close.doc);
	if (person->doc == m->close.doc)
		person->doc = 0;
	show_soon(room, person);
}

static void on_diverged(struct room *room, struct person *person, const struct message *m)
{
	struct seat *seat = doc_seat(person, m->diverged.doc);

	if (!seat) {
		room_refuse(room, person, "not-open", "this document is not open", "diverged");
		return;
	}
	audit(room, &(struct room_event){.what = "diverged",
			    .to = person->to,
			    .by = person,
			    .detail = str(seat->document->path)});
	doc_open(room, person, seat->document);
}

static void on_activity(struct room *room, struct person *person, const struct message *m)
{
	static const char *const states[] = {"active", "typing", "chatting", "away"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (str_is(m->activity.state, states[i]) && strcmp(person->state, states[i]) != 0) {
			person->state = states[i];
			show_soon(room, person);
		}
}

static void remember_said(struct room *room, const struct msg_said *said)
{
	if (room->chat_count == LIMIT_CHAT_RECENT) {
		said_fini(&room->chat[0]);
		memmove(room->chat, room->chat + 1, --room->chat_count * sizeof(*room->chat));
	}
	room->chat[room->chat_count++] = (struct msg_said){.id = said->id,
		.user = said->user,
		.at = said->at,
		.name = {mem_dup(said->name.at, said->name.len), said->name.len},
		.text = {mem_dup(said->text.at, said->text.len), said->text.len}};
}

void room_recall(struct room *room, const struct msg_said *said)
{
	remember_said(room, said);
	room->next_chat = said->id + 1;
}

/* Each message takes LIMIT_SAY_MS of a person's time, of which they may be LIMIT_SAY_AHEAD in debt. */
static bool may_say(struct room *room, struct person *person)
{
	uint64_t now = room->handler->now_ms(room->ctx);
	uint64_t from = person->said_ms > now ? person->said_ms : now;

	if (from - now >= LIMIT_SAY_MS * LIMIT_SAY_AHEAD)
		return false;
	person->said_ms = from + LIMIT_SAY_MS;
	return true;
}

static void on_say(struct room *room, struct person *person, const struct message *m)
{
	struct buf clean = {0};
	struct message said = {.type = MSG_SAID};

	if (!room_may_keep(room, person, "say"))
		return;
	if (!may_say(room, person)) {
		room_refuse(room, person, "too-fast", "too many messages in a short time", "say");
		return;
	}
	limits_clean_chat(m->say.text, &clean);
	if (clean.len) {
		said.said = (struct msg_said){.id = room->next_chat++,
			.user = person->user,
			.name = str(person->name),
			.at = room->handler->unix_ms(room->ctx),
			.text = {clean.at, clean.len}};
		room->handler->keep_chat(room->ctx, &said.said);
		remember_said(room, &said.said);
		room_send_others(room, NULL, &said);
	}
	buf_fini(&clean);
}

static void on_seen(struct room *room, struct person *person, const struct message *m)
{
	struct message seen = {
		.type = MSG_SEEN_BY, .seen_by = {.user = person->user, .id = m->seen.id}};

	if (m->seen.id < room->next_chat)
		room_send_others(room, person, &seen);
}

static void save(struct room *room, struct person *person, struct doc *document)
{
	audit(room,
		&(struct room_event){.what = "save", .by = person, .detail = str(document->path)});
	room->handler->save(room->ctx, document, person->user);
}

static void on_file(struct room *room, struct person *person, const struct message *m)
{
	struct doc *document = document_named(room, m->file.path);

	if (person->role < ROLE_EDITOR)
		room_refuse(room, person, "read-only", "viewers cannot change files", "file");
	else if (!str_is(m->file.verb, "save"))
		room_refuse(room, person, "forbidden",
			"this room shares one file, which can only be saved", "file");
	else if (!document)
		room_refuse(
			room, person, "no-such-file", "there is no such file in this room", "file");
	else
		save(room, person, document);
}

/* ---- the owner's decisions ---- */

static void admin_role(struct room *room, struct person *person, const struct message *m)
{
	struct person *whose = person_with_user(room, m->admin.user);
	enum role role;

	if (!whose || !role_parse(m->admin.arg, &role)) {
		room_refuse(room, person, "bad-message", "no such person or role", "admin");
		return;
	}
	set_role(room, whose, role);
}

/* Why somebody has to go: to themselves, and to the others. */
struct farewell {
	const char *code, *text, *why;
};

static const struct farewell kicked = {"kicked", "the owner closed your session", "kicked"};
static const struct farewell revoked = {"revoked", "Your invitation was revoked.", "kicked"};
static const struct farewell expired = {"expired",
	"Your invitation has expired: ask for a new one. Your text is still here.", "expired"};

static void send_away(struct room *room, struct person *whose, const struct farewell *farewell)
{
	struct message bye = {
		.type = MSG_BYE, .bye = {.code = str(farewell->code), .text = str(farewell->text)}};

	room_send(room, whose, &bye);
	drop_connection(room, whose, 1000, farewell->code);
	room_left(room, whose, farewell->why);
}

void room_expel(struct room *room, bool (*is_revoked)(void *ctx, const char *token), void *ctx)
{
	for (size_t i = room->people_count; i-- > 0;)
		if (is_revoked(ctx, room->people[i]->token))
			send_away(room, room->people[i], &revoked);
}

static void look_at_times(struct room *room, struct person *person, uint64_t now, int64_t unix_s)
{
	if (person->expires && unix_s >= person->expires)
		send_away(room, person, &expired);
	else if (!person->to && now - person->lost_ms >= LIMIT_SESSION_MS)
		room_left(room, person, "lost");
}

void room_tick(struct room *room)
{
	uint64_t now = room->handler->now_ms(room->ctx);
	int64_t unix_s = (int64_t)(room->handler->unix_ms(room->ctx) / 1000);

	for (size_t i = room->people_count; i-- > 0;)
		look_at_times(room, room->people[i], now, unix_s);
	for (size_t i = 0; i < room->document_count; i++)
		doc_check(room, room->documents[i], now);
}

static bool is_token(void *ctx, const char *token)
{
	return strcmp(ctx, token) == 0;
}

/* The token goes, not only the person: whoever else came in with it goes too, or they would hand it on. */
static void admin_ban(struct room *room, struct person *person, const struct message *m)
{
	struct person *whose = person_with_user(room, m->admin.user);
	char token[TOKEN_ID_BYTES];

	if (!whose || whose == person || !*whose->token) {
		room_refuse(room, person, "bad-message", "no such person", "admin");
		return;
	}
	if (strcmp(whose->token, person->token) == 0) {
		room_refuse(room, person, "forbidden",
			"you came in with the same invitation: kick them instead", "admin");
		return;
	}
	memcpy(token, whose->token, sizeof(token));
	if (!room->handler->ban(room->ctx, whose))
		room_refuse(room, person, "internal",
			"the ban could not be stored: it holds until the server ends", "admin");
	room_expel(room, is_token, token);
}

/* "ROLE [UNTIL [NAME]]": false when it is not. rest is where the words are kept. */
static bool parse_invite(struct str arg, int64_t now, char *rest, struct room_invite *out)
{
	char *role, *until, *name;

	if (arg.len)
		memcpy(rest, arg.at, arg.len);
	rest[arg.len] = '\0';
	role = strsep(&rest, " ");
	until = strsep(&rest, " ");
	name = rest;
	*out = (struct room_invite){.name = name ? name : ""};
	return role_parse(str(role), &out->role) && strlen(out->name) < TOKEN_NAME_BYTES &&
	       (!until || !expiry_parse(until, now, &out->expires));
}

static void admin_invite(struct room *room, struct person *person, const struct message *m)
{
	int64_t now = (int64_t)(room->handler->unix_ms(room->ctx) / 1000);
	char rest[INVITE_ARG_BYTES + 1], name[NAME_CLEAN_BYTES];
	struct message invited = {.type = MSG_INVITED};
	struct room_invite wanted;

	if (m->admin.arg.len > INVITE_ARG_BYTES ||
		!parse_invite(m->admin.arg, now, rest, &wanted)) {
		room_refuse(room, person, "bad-message",
			"ask for a role, until when, and a name: viewer 2h Ada", "admin");
		return;
	}
	limits_clean_name(str(wanted.name), "", name);
	wanted.name = name;
	if (room->handler->invite(room->ctx, &wanted, &invited))
		room_send(room, person, &invited);
	else
		room_refuse(
			room, person, "internal", "the invitation could not be stored", "admin");
}

static void admin_kick(struct room *room, struct person *person, const struct message *m)
{
	struct person *whose = person_with_user(room, m->admin.user);

	if (whose && whose != person)
		send_away(room, whose, &kicked);
	else
		room_refuse(room, person, "bad-message", "no such person", "admin");
}

static void admin_lock(struct room *room, struct person *person, const struct message *m)
{
	(void)person;
	room->locked = str_is(m->admin.verb, "lock");
}

/* What was asked for, while those whom it is about are still here. */
static void audit_admin(struct room *room, struct person *person, const struct message *m)
{
	struct buf detail = {0};

	buf_add(&detail, m->admin.verb.at, m->admin.verb.len);
	buf_add_byte(&detail, ' ');
	buf_add(&detail, m->admin.arg.at, m->admin.arg.len);
	audit(room, &(struct room_event){.what = "admin",
			    .to = person->to,
			    .by = person,
			    .whom = person_with_user(room, m->admin.user),
			    .detail = {detail.at, detail.len - !m->admin.arg.len}});
	buf_fini(&detail);
}

static void admin_end(struct room *room, struct person *person, const struct message *m)
{
	(void)person;
	(void)m;
	room->handler->end(room->ctx, "the owner ended the session");
}

static const struct {
	const char *verb;
	receive_fn *fn;
} admin_verbs[] = {
	{"role", admin_role},
	{"kick", admin_kick},
	{"ban", admin_ban},
	{"invite", admin_invite},
	{"lock", admin_lock},
	{"unlock", admin_lock},
	{"end", admin_end},
};

/* A room whose handler keeps no tokens has no bans and invitations. */
static bool has_verb(const struct room *room, receive_fn *fn)
{
	return (fn != admin_ban || room->handler->ban) &&
	       (fn != admin_invite || room->handler->invite);
}

static void on_admin(struct room *room, struct person *person, const struct message *m)
{
	if (person->role < ROLE_OWNER) {
		room_refuse(room, person, "forbidden", "only an owner can do that", "admin");
		return;
	}
	audit_admin(room, person, m);
	for (size_t i = 0; i < sizeof(admin_verbs) / sizeof(admin_verbs[0]); i++)
		if (str_is(m->admin.verb, admin_verbs[i].verb) &&
			has_verb(room, admin_verbs[i].fn)) {
			admin_verbs[i].fn(room, person, m);
			return;
		}
	room_refuse(room, person, "bad-message", "this server does not know that command", "admin");
}

static receive_fn *const receivers[] = {
	[MSG_HELLO] = on_hello,
	[MSG_OPEN] = on_open,
	[MSG_CLOSE] = on_close,
	[MSG_EDIT] = doc_edit,
	[MSG_SELECT] = doc_select,
	[MSG_ACTIVITY] = on_activity,
	[MSG_SAY] = on_say,
	[MSG_SEEN] = on_seen,
	[MSG_FILE] = on_file,
	[MSG_ADMIN] = on_admin,
	[MSG_HISTORY] = doc_history,
	[MSG_DIVERGED] = on_diverged,
};

void room_message(struct room *room, struct person *person, const struct message *m)
{
	if (m->type < sizeof(receivers) / sizeof(receivers[0]) && receivers[m->type])
		receivers[m->type](room, person, m);
}
