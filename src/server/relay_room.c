/* What a room that several servers keep says, and asks for. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/server/doc.h"
#include "src/server/relay_state.h"
#include "src/server/shelf.h"

/* ---- connections ---- */

struct link *relay_link(struct relay *relay, uint64_t server, uint64_t number)
{
	struct link *link = mem_alloc(sizeof(*link));

	*link = (struct link){.relay = relay, .server = server, .number = number};
	if (server == relay->me)
		link->to = relay_to(relay, number);
	return link;
}

void relay_unlink(struct link *link)
{
	if (link->relay->speaking == link)
		link->relay->speaking = NULL;
	free(link);
}

static void link_send(void *to, struct parcel *parcel)
{
	struct link *link = to;

	if (link->to)
		link->relay->handler->send(link->to, parcel);
}

static void link_urge(void *to, struct parcel *parcel)
{
	struct link *link = to;

	if (link->to)
		link->relay->handler->urge(link->to, parcel);
}

static void end_link(struct link *link, void (*end)(void *to, unsigned code, const char *reason),
	unsigned code, const char *reason)
{
	void *to = link->to;

	if (to) {
		relay_forget(link->relay, link->number);
		end(to, code, reason);
	}
	relay_unlink(link);
}

static void link_close(void *to, unsigned code, const char *reason)
{
	end_link(to, ((struct link *)to)->relay->handler->close, code, reason);
}

static void link_drop(void *to, unsigned code, const char *reason)
{
	end_link(to, ((struct link *)to)->relay->handler->drop, code, reason);
}

/* ---- what is kept ---- */

struct doc *relay_doc(const struct relay *relay, uint64_t number)
{
	for (size_t i = 0; i < relay->room->document_count; i++)
		if (relay->room->documents[i]->doc == number)
			return relay->room->documents[i];
	return NULL;
}

static const struct dated *date_of(const struct relay *relay, uint64_t doc, uint64_t rev)
{
	for (size_t i = relay->dated_count; i-- > 0;)
		if (relay->dated[i].doc == doc && relay->dated[i].rev <= rev)
			return &relay->dated[i];
	return NULL;
}

static void date(struct relay *relay, uint64_t doc, uint64_t rev)
{
	const struct dated *last = date_of(relay, doc, rev);

	if (last && relay->at_ms < last->at_ms + DATED_MS)
		return;
	if (relay->dated_count == DATED_MOST) {
		relay->dated_count /= 2;
		memmove(relay->dated, relay->dated + relay->dated_count,
			relay->dated_count * sizeof(*relay->dated));
	}
	relay->dated = mem_grow(
		relay->dated, &relay->dated_cap, relay->dated_count + 1, sizeof(*relay->dated));
	relay->dated[relay->dated_count++] = (struct dated){doc, rev, relay->at_ms};
}

/* What was ordered is stored, and how far back the log reaches is the same everywhere: it decides whose edits are too old. */
static void keep_edit(void *ctx, const struct store_edit *edit)
{
	struct relay *relay = ctx;
	struct doc *doc = relay_doc(relay, edit->doc);

	doc->stored_rev = edit->rev;
	if (edit->rev - log_first(doc->log) >= 2 * RELAY_LOG_EDITS)
		log_forget(doc->log, edit->rev - RELAY_LOG_EDITS);
	doc->oldest_rev = log_first(doc->log) - 1;
	date(relay, edit->doc, edit->rev);
	roll_count(&relay->roll, edit->session, edit->doc, edit->seq);
}

static uint64_t keep_session(void *ctx, const struct store_session *session)
{
	return roll_add(&((struct relay *)ctx)->roll, session);
}

static void keep_terms(void *ctx, const struct store_session *session)
{
	roll_terms(&((struct relay *)ctx)->roll, session);
}

static void end_session(void *ctx, uint64_t row)
{
	roll_end(&((struct relay *)ctx)->roll, row);
}

/* Of these the room itself is the memory. */
static void keep_lock(void *ctx, bool locked)
{
	(void)ctx;
	(void)locked;
}

static void keep_next_user(void *ctx, uint64_t next)
{
	(void)ctx;
	(void)next;
}

static void keep_chat(void *ctx, const struct msg_said *said)
{
	(void)ctx;
	(void)said;
}

static bool find_session(void *ctx, const char *id, struct store_session *out)
{
	return roll_find(&((struct relay *)ctx)->roll, id, out);
}

static uint64_t session_seq(void *ctx, uint64_t doc, uint64_t row)
{
	return roll_seq(&((struct relay *)ctx)->roll, row, doc);
}

static bool past(void *ctx, uint64_t number, uint64_t from, uint64_t to,
	bool (*fn)(void *fn_ctx, const struct store_edit *edit), void *fn_ctx)
{
	struct relay *relay = ctx;
	const struct doc *doc = relay_doc(relay, number);

	for (uint64_t rev = from + 1; doc && rev <= to; rev++) {
		const struct log_entry *entry = log_entry(doc->log, rev);
		const struct dated *dated = date_of(relay, number, rev);
		if (!entry)
			return false;
		struct store_edit edit = {.doc = number,
			.rev = rev,
			.user = entry->user,
			.name = str(entry->user ? roll_name(&relay->roll, entry->user) : "disk"),
			.seq = entry->seq,
			.at_ms = dated ? dated->at_ms : 0,
			.op = entry->op};
		if (!fn(fn_ctx, &edit))
			return true;
	}
	return doc != NULL;
}

static bool load(void *ctx, struct doc *doc)
{
	return relay_wake(ctx, doc);
}

static struct doc *create(void *ctx, struct str path, const char **code, const char **text)
{
	struct relay *relay = ctx;
	struct room *room = relay->room;
	struct doc *doc;

	if (!relay->makes || !shelf_may_create(room, path, code, text))
		return NULL;
	char *name = mem_dup(path.at, path.len);
	doc = room_add_document(room, room->document_count + 1, name, log_create(text_create(), 0));
	free(name);
	relay->handler->edited(relay->ctx, doc);
	return doc;
}

/* ---- what the server does ---- */

static void asks(void *ctx, const struct doc *doc, struct asks *out)
{
	struct relay *relay = ctx;

	if (relay->handler->asks)
		relay->handler->asks(relay->ctx, doc, out);
}

static void save(void *ctx, struct doc *doc, uint64_t user)
{
	struct relay *relay = ctx;

	relay->handler->save(relay->ctx, doc, user);
}

static void edited(void *ctx, struct doc *doc)
{
	struct relay *relay = ctx;

	relay->handler->edited(relay->ctx, doc);
}

static void end_of_room(void *ctx, const char *why)
{
	struct relay *relay = ctx;

	relay->handler->end(relay->ctx, why);
}

static bool ban(void *ctx, const struct person *person)
{
	struct relay *relay = ctx;

	return relay->handler->ban(relay->ctx, person);
}

/* Elsewhere somebody makes it; what is sent there is not ours to say. */
static bool invite(void *ctx, const struct room_invite *wanted, struct message *invited)
{
	struct relay *relay = ctx;

	if (!relay->speaking || !relay->speaking->to)
		return true;
	return relay->handler->invite(relay->ctx, wanted, invited);
}

static void audit(void *ctx, const struct room_event *event)
{
	struct relay *relay = ctx;
	struct link *link = event->to ? event->to : relay->speaking;
	struct room_event here = *event;

	if (!link || !link->to)
		return;
	here.to = event->to ? link->to : NULL;
	relay->handler->audit(relay->ctx, &here);
}

static void stir(void *ctx)
{
	struct relay *relay = ctx;

	relay->handler->stir(relay->ctx);
}

/* ---- time and chance ---- */

static uint64_t now_ms(void *ctx)
{
	return ((struct relay *)ctx)->round * RELAY_ROUND_MS;
}

static uint64_t here_ms(void *ctx)
{
	struct relay *relay = ctx;

	return relay->handler->now_ms(relay->ctx);
}

static uint64_t unix_ms(void *ctx)
{
	return ((struct relay *)ctx)->at_ms;
}

static void random_bytes(void *ctx, void *bytes, size_t len)
{
	struct relay *relay = ctx;

	assert(len <= relay->random.len);
	memcpy(bytes, relay->random.at, len);
}

const struct room_handler relay_room_handler = {
	.send = link_send,
	.close = link_close,
	.urge = link_urge,
	.drop = link_drop,
	.keep_edit = keep_edit,
	.keep_session = keep_session,
	.keep_terms = keep_terms,
	.end_session = end_session,
	.keep_lock = keep_lock,
	.keep_next_user = keep_next_user,
	.keep_chat = keep_chat,
	.find_session = find_session,
	.session_seq = session_seq,
	.past = past,
	.load = load,
	.create = create,
	.asks = asks,
	.save = save,
	.edited = edited,
	.end = end_of_room,
	.ban = ban,
	.invite = invite,
	.now_ms = now_ms,
	.here_ms = here_ms,
	.unix_ms = unix_ms,
	.random = random_bytes,
	.audit = audit,
	.stir = stir,
};
