#include "src/server/room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/server/admin.h"
#include "src/server/chat.h"
#include "src/server/doc.h"
#include "src/server/person.h"
#include "src/server/presence.h"
#include "src/server/room_files.h"
#include "src/server/room_send.h"
#include "src/server/selections.h"

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

void room_destroy(struct room *room)
{
	if (!room)
		return;
	person_destroy_all(room);
	for (size_t i = 0; i < room->document_count; i++)
		doc_destroy(room->documents[i]);
	chat_forget(room);
	parcel_paper_fini(&room->paper);
	free(room->documents);
	free(room);
}

struct doc *room_add_document(
	struct room *room, uint64_t number, const char *path, struct log *takes)
{
	struct doc *doc = doc_create(number, path, takes);

	room->documents = mem_grow(
		room->documents, &room->document_cap, room->document_count + 1, sizeof(doc));
	room->documents[room->document_count++] = doc;
	return doc;
}

/* Its index in room->documents; their count when there is none. */
static size_t document_at(const struct room *room, struct str path)
{
	size_t at = 0;

	while (at < room->document_count && !str_is(path, room->documents[at]->path))
		at++;
	return at;
}

struct doc *room_document(const struct room *room, struct str path)
{
	size_t at = document_at(room, path);

	return at < room->document_count ? room->documents[at] : NULL;
}

void room_drop_document(struct room *room, struct doc *doc)
{
	size_t at = document_at(room, str(doc->path));

	memmove(room->documents + at, room->documents + at + 1,
		(--room->document_count - at) * sizeof(*room->documents));
	doc_destroy(doc);
}

/* ---- for its modules ---- */

void room_stir(struct room *room)
{
	if (room->handler->stir)
		room->handler->stir(room->ctx);
}

void room_audit(struct room *room, const struct room_event *event)
{
	if (room->handler->audit)
		room->handler->audit(room->ctx, event);
}

size_t room_here(const struct room *room)
{
	size_t here = 0;

	for (size_t i = 0; i < room->people_count; i++)
		here += room->people[i]->to != NULL;
	return here;
}

uint64_t room_here_ms(const struct room *room)
{
	const struct room_handler *handler = room->handler;

	return handler->here_ms ? handler->here_ms(room->ctx) : handler->now_ms(room->ctx);
}

/* ---- coming ---- */

static void send_join(struct room *room, struct person *person)
{
	struct message m = {.type = MSG_JOIN,
		.join = {.user = person->user,
			.name = str(person->name),
			.color = str(person->color),
			.role = str(role_name[person->role])}};

	room_send_others(room, person, &m);
}

static struct msg_users list_users(const struct room *room)
{
	struct msg_user *users = mem_alloc((room->people_count + 1) * sizeof(*users));

	for (size_t i = 0; i < room->people_count; i++) {
		const struct person *p = room->people[i];
		users[i] = (struct msg_user){.user = p->user,
			.name = str(p->name),
			.color = str(p->color),
			.role = str(role_name[p->role]),
			.state = str(p->state),
			.doc = p->doc};
	}
	return (struct msg_users){room->people_count, users};
}

static struct msg_files list_files(const struct room *room)
{
	struct msg_file_info *files = mem_alloc((room->document_count + 1) * sizeof(*files));

	for (size_t i = 0; i < room->document_count; i++)
		files[i] = (struct msg_file_info){.path = str(room->documents[i]->path),
			.kind = str("file"),
			.size = doc_bytes(room->documents[i])};
	return (struct msg_files){room->document_count, files};
}

static void send_welcome(struct room *room, struct person *person)
{
	struct message m = {.type = MSG_WELCOME,
		.welcome = {.user = person->user,
			.session = str(person->session),
			.role = str(role_name[person->role]),
			.color = str(person->color),
			.room = str(room->name),
			.users = list_users(room),
			.files = list_files(room),
			.chat = {room->chat_count, room->chat},
			.epoch = str(room->epoch)}};

	room_send(room, person, &m);
	free(m.welcome.users.at);
	free(m.welcome.files.at);
}

/* Of somebody who is nobody yet. 1008: do not come back with the same; 1013: try later. */
static const struct refusal {
	const char *code, *text;
	unsigned status;
} no_hello = {"bad-message", "the first message must be a hello of version 1", 1008},
  locked = {"forbidden", "the room is locked. Ask an owner to unlock it", 1008},
  full = {"too-large", "the room is full. Try again when somebody has left", 1013};

static struct person *refuse_hello(struct room *room, void *to, const struct refusal *why)
{
	struct message m = {.type = MSG_ERROR,
		.error = {.code = str(why->code), .text = str(why->text), .ref = str("hello")}};
	struct parcel parcel = {.message = &m};

	room->handler->send(to, &parcel);
	parcel_fini(&parcel);
	room->handler->close(to, why->status, why->code);
	return NULL;
}

/* Whose session it is, live or from before a restart; NULL: nobody's. A connection that still holds it is dropped. */
static struct person *find_person(
	struct room *room, const struct room_terms *terms, struct str session)
{
	struct person *person = person_with_session(room, session);

	if (!person)
		return person_kept(room, terms, session);
	room_drop(room, person, 1001, "resumed elsewhere");
	return person;
}

void room_set_role(struct room *room, struct person *person, enum role role)
{
	struct message told = {
		.type = MSG_ROLE, .role = {.user = person->user, .role = str(role_name[role])}};

	person->role = role;
	person_keep_terms(room, person);
	room_send_others(room, NULL, &told);
}

/*
 * Who comes back with the same token has the role they had last, which an owner may have changed; with another, what that one
 * allows: else the session of a revoked token would lend its role to a lesser one.
 */
static void take_terms(struct room *room, struct person *person, const struct room_terms *terms)
{
	person->expires = terms->expires;
	if (person_has_token(person, terms))
		return;
	snprintf(person->token, sizeof(person->token), "%s", terms->token ? terms->token : "");
	person->granted = terms->role;
	if (person->role != terms->role)
		room_set_role(room, person, terms->role);
	else
		person_keep_terms(room, person);
}

/* Why a newcomer is turned away; NULL: come in. */
static const struct refusal *no_entry(const struct room *room, const struct room_terms *terms)
{
	if (room->locked && terms->role < ROLE_OWNER)
		return &locked;
	return room->people_count >= room->limits.people ? &full : NULL;
}

/* Who it is that says hello: one who was here, or a newcomer. NULL: they may not come in, and were told why. */
static struct person *let_in(
	struct room *room, void *to, const struct room_terms *terms, const struct message *hello)
{
	struct person *person = find_person(room, terms, hello->hello.session);
	const struct refusal *why = person ? NULL : no_entry(room, terms);

	if (why) {
		room_audit(room, &(struct room_event){
					 .what = "refused", .to = to, .detail = str(why->text)});
		return refuse_hello(room, to, why);
	}
	if (!person)
		return person_new(room, terms, hello);
	take_terms(room, person, terms);
	return person;
}

struct person *room_hello(
	struct room *room, void *to, const struct room_terms *terms, const struct message *hello)
{
	if (hello->type != MSG_HELLO || hello->hello.v != 1)
		return refuse_hello(room, to, &no_hello);
	bool here = person_with_session(room, hello->hello.session) != NULL;
	struct person *person = let_in(room, to, terms, hello);
	if (!person)
		return NULL;
	person->to = to;
	person->state = "active";
	send_welcome(room, person);
	presence_tell(room, person);
	room_audit(room,
		&(struct room_event){.what = here ? "resume" : "join", .to = to, .by = person});
	if (here)
		presence_send(room, person);
	else
		send_join(room, person);
	room_files_open_all(room, person, hello);
	return person->to ? person : NULL;
}

/* ---- going ---- */

void room_lost(struct room *room, struct person *person)
{
	person->to = NULL;
	person->lost_ms = room->handler->now_ms(room->ctx);
	presence_set_state(room, person, "offline");
}

void room_left(struct room *room, struct person *person, const char *why)
{
	struct message m = {.type = MSG_LEAVE, .leave = {.user = person->user, .why = str(why)}};

	room_send_others(room, person, &m);
	person_remove(room, person);
}

/* Why somebody has to go: to themselves, and to the others. */
struct farewell {
	const char *code, *text, *why;
};

static const struct farewell kicked = {"kicked", "An owner sent you away.", "kicked"};
static const struct farewell revoked = {"revoked", "Your invitation was revoked.", "kicked"};
static const struct farewell expired = {"expired",
	"Your invitation has expired: ask for a new one. Your text is still here.", "expired"};

static void send_away(struct room *room, struct person *whose, const struct farewell *farewell)
{
	struct message bye = {
		.type = MSG_BYE, .bye = {.code = str(farewell->code), .text = str(farewell->text)}};

	room_send(room, whose, &bye);
	room_drop(room, whose, 1000, farewell->code);
	if (farewell != &expired)
		room->handler->end_session(room->ctx, whose->session_row);
	room_left(room, whose, farewell->why);
}

void room_kick(struct room *room, struct person *whose)
{
	send_away(room, whose, &kicked);
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
	presence_tick(room);
}

/* ---- what the server says ---- */

enum err room_merge(struct room *room, struct doc *doc, uint64_t rev, const struct op *edit)
{
	enum err e = log_merge(doc->log, 0, rev, edit);

	if (e == ERR_NONE)
		doc_ordered(room, doc, NULL);
	return e;
}

void room_saved(struct room *room, struct doc *doc, uint64_t rev)
{
	struct message m = {.type = MSG_SAVED, .saved = {.doc = doc->doc, .rev = rev}};

	room_send_others(room, NULL, &m);
}

void room_created(struct room *room, const struct doc *doc, uint64_t user)
{
	struct message m = {.type = MSG_FILED,
		.filed = {.verb = str("create"), .path = str(doc->path), .user = user}};

	room_send_others(room, NULL, &m);
}

void room_warn(struct room *room, const char *text)
{
	char *clean = limits_utf8(text);
	struct message m = {
		.type = MSG_ERROR, .error = {.code = str("internal"), .text = str(clean)}};
	struct parcel parcel = {.message = &m};

	for (size_t i = 0; i < room->people_count; i++)
		room_urge(room, room->people[i], &parcel);
	parcel_fini(&parcel);
	free(clean);
}

/* ---- messages ---- */

void room_rtt(struct room *room, struct person *person, unsigned ms)
{
	unsigned was = person->rtt_ms;

	person->rtt_ms = ms;
	if (ms > was + was / 4 + 5 || ms + ms / 4 + 5 < was)
		presence_show_soon(room, person);
}

typedef void receive_fn(struct room *room, struct person *person, const struct message *m);

static void on_hello(struct room *room, struct person *person, const struct message *m)
{
	(void)m;
	room_refuse_and_close(room, person, "bad-message", "hello was said before", "hello");
}

static void on_close(struct room *room, struct person *person, const struct message *m)
{
	doc_leave(person, m->close.doc);
	if (person->doc == m->close.doc)
		person->doc = 0;
	presence_show_soon(room, person);
}

static void on_activity(struct room *room, struct person *person, const struct message *m)
{
	const char *state = presence_state(m->activity.state);
	const struct person *whom = person_with_user(room, m->activity.follows);
	uint64_t follows = whom && whom != person ? whom->user : 0;

	if (!state || strcmp(state, "offline") == 0) /* which is not for them to say */
		state = person->state;
	if (strcmp(state, person->state) == 0 && follows == person->follows)
		return;
	person->state = state;
	person->follows = follows;
	presence_show_soon(room, person);
}

static receive_fn *const receivers[] = {
	[MSG_HELLO] = on_hello,
	[MSG_OPEN] = room_files_open,
	[MSG_CLOSE] = on_close,
	[MSG_EDIT] = doc_edit,
	[MSG_SELECT] = selections_select,
	[MSG_ACTIVITY] = on_activity,
	[MSG_SAY] = chat_say,
	[MSG_SEEN] = chat_seen,
	[MSG_FILE] = room_files_change,
	[MSG_ADMIN] = admin_message,
	[MSG_HISTORY] = doc_history,
	[MSG_DIVERGED] = room_files_diverged,
};

void room_message(struct room *room, struct person *person, const struct message *m)
{
	if (m->type < sizeof(receivers) / sizeof(receivers[0]) && receivers[m->type])
		receivers[m->type](room, person, m);
}
