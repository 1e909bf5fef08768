/*
 * A room with sessions, three honest clients and one that sends what it likes; the input makes the choices.
 *
 * Honest clients type, point, chat, come and go, and read what they are sent when the input says so; the owner changes what
 * people may do. A plain model knows who may write: an edit by anybody else aborts. Every frame of the server must decode, and
 * in the end everybody who is honest holds the text that the server holds.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/codec.h"
#include "ot/mem.h"
#include "ot/replica.h"
#include "src/report.h"
#include "src/server/doc.h"
#include "src/server/room.h"
#include "src/server/session.h"
#include "tests/laws/choice.h"
#include "tests/ledger.h"

#define MOST_BYTES 4096
#define CLIENTS    4
#define HOSTILE    3 /* the last one */
#define MOST_USERS 8192
#define LONG_TEXT  200

/* The far end of a connection: frames that the client has not read yet. */
struct ws_conn {
	struct buf bytes;
	size_t *ends;
	size_t count, cap, read;
	bool closed;
};

struct client {
	struct ws_conn conn;
	struct session *session; /* NULL: no connection */
	enum codec codec;
	enum role claim;
	uint64_t user;   /* 0: not yet welcome */
	char secret[64]; /* of the session that its text belongs to ... */
	char offered
		[64]; /* ... and of the one it was welcomed to: its own once the text is there */
	uint64_t doc;
	struct replica *replica; /* NULL: has no text yet */
	bool waits;              /* for `opened` or `resumed`, and sends nothing before */
	bool deaf;               /* nothing that it sends on this connection counts any more */
	bool lost;               /* its text has what was refused: it must start over */
};

struct world {
	struct ledger ledger;
	struct choice *c;
	struct room *room;
	struct doc *doc;
	struct keeper keeper;
	struct sessions sessions;
	struct session_counts counts;
	struct stock stock;
	struct client clients[CLIENTS];
	uint64_t now_ms, batch, stored, secret, rows;
	/* the model */
	size_t speaking;            /* CLIENTS: nobody */
	uint64_t user_of[CLIENTS];  /* whom the server takes them for */
	enum role role[MOST_USERS]; /* by user id */
};

static struct world the_world; /* also for those who are not told of it */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* ---- what session.c takes from ws_server.h: all of it must be here, or the linker takes it from there as well ---- */

void ws_send(struct ws_conn *conn, const char *at, size_t len)
{
	must(!conn->closed);
	buf_add(&conn->bytes, at, len);
	conn->ends = mem_grow(conn->ends, &conn->cap, conn->count + 1, sizeof(*conn->ends));
	conn->ends[conn->count++] = conn->bytes.len;
}

size_t ws_queued(const struct ws_conn *conn)
{
	(void)conn;
	return 0;
}

void ws_await(struct ws_conn *conn)
{
	(void)conn;
}

const char *ws_peer(const struct ws_conn *conn)
{
	(void)conn;
	return "192.0.2.1";
}

void ws_pause(struct ws_conn *conn)
{
	(void)conn; /* what was read already is told all the same */
}

void ws_resume(struct ws_conn *conn)
{
	(void)conn;
}

void ws_close(struct ws_conn *conn, unsigned code, const char *reason)
{
	(void)reason;
	must(code >= 1000);
	conn->closed = true;
}

static void conn_fini(struct ws_conn *conn)
{
	buf_fini(&conn->bytes);
	free(conn->ends);
	*conn = (struct ws_conn){.closed = true};
}

/* ---- the room's world ---- */

static void world_keep_edit(void *ctx, const struct store_edit *edit)
{
	struct world *w = ctx;

	must(edit->rev == w->ledger.edit_count + 1);
	must(w->speaking < CLIENTS && w->user_of[w->speaking] == edit->user);
	must(w->role[edit->user] >= ROLE_EDITOR);
	ledger_keep_edit(&w->ledger, edit);
}

static void hear_no_more(const void *session)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (the_world.clients[i].session == session)
			the_world.clients[i].deaf = true;
}

static void world_close(void *to, unsigned code, const char *reason)
{
	hear_no_more(to);
	session_close(to, code, reason);
}

static void world_gone(struct keeper *keeper, const struct voice *voice, bool left)
{
	if (voice->person)
		hear_no_more(voice->person->to);
	keeper_gone(keeper, voice, left);
}

/* Somebody new, with the role of their token. */
static uint64_t world_keep_session(void *ctx, const struct store_session *session)
{
	struct world *w = ctx;

	must(w->speaking < CLIENTS && session->user < MOST_USERS);
	w->user_of[w->speaking] = session->user;
	w->role[session->user] = w->clients[w->speaking].claim;
	return ++w->rows;
}

static void world_keep_chat(void *ctx, const struct msg_said *said)
{
	(void)ctx;
	must(said->text.len > 0 && said->text.len <= LIMIT_CHAT_BYTES);
}

static bool world_find_session(void *ctx, const char *id, struct store_session *out)
{
	(void)ctx;
	(void)id;
	(void)out;
	return false;
}

static void world_save(void *ctx, struct doc *doc, uint64_t user)
{
	(void)doc;
	must(((struct world *)ctx)->role[user] >= ROLE_EDITOR);
}

static void world_end(void *ctx, const char *why)
{
	struct world *w = ctx;

	must(why && w->role[w->user_of[w->speaking]] == ROLE_OWNER);
}

static uint64_t world_now(void *ctx)
{
	return ((struct world *)ctx)->now_ms;
}

/* SplitMix64, so that no secret can be guessed. */
static void world_random(void *ctx, void *bytes, size_t len)
{
	struct choice secret = choice_of_seed(((struct world *)ctx)->secret += 0xc0ffee);

	for (size_t i = 0; i < len; i++)
		((unsigned char *)bytes)[i] = (unsigned char)choice_next(&secret);
}

static const struct room_handler handler = {
	.send = session_send,
	.close = world_close,
	.keep_edit = world_keep_edit,
	.keep_session = world_keep_session,
	.keep_terms = ledger_keep_terms,
	.end_session = ledger_end_session,
	.keep_lock = ledger_keep_lock,
	.keep_next_user = ledger_keep_next_user,
	.keep_chat = world_keep_chat,
	.find_session = world_find_session,
	.session_seq = ledger_session_seq,
	.past = ledger_past,
	.save = world_save,
	.edited = ledger_edited,
	.end = world_end,
	.now_ms = world_now,
	.unix_ms = world_now,
	.random = world_random,
};

static const struct keeper_kind keeper_kind = {
	.hear = keeper_hear, .rtt = keeper_rtt, .gone = world_gone};

/* ---- up ---- */

/* What was written in this turn leaves when the store is that far. */
static void flush(struct world *w)
{
	sessions_flush(&w->sessions, ++w->batch, w->stored);
}

static void send_bytes(struct world *w, size_t who, const char *at, size_t len)
{
	struct client *one = &w->clients[who];

	if (!one->session || one->conn.closed)
		return;
	w->speaking = who;
	while (len) {
		size_t used = session_frame(one->session, at, len);
		at += used;
		len -= used;
		w->sessions.work = 0; /* as if the next turn came */
	}
	w->speaking = CLIENTS;
	flush(w);
}

static void send_message(struct world *w, size_t who, const struct message *m)
{
	struct buf frame = {0};

	codec_encode(w->clients[who].codec, m, &frame);
	send_bytes(w, who, frame.at, frame.len);
	buf_fini(&frame);
}

static void give_up_text(struct client *one)
{
	replica_destroy(one->replica);
	one->replica = NULL;
	one->secret[0] = '\0';
	one->user = 0;
	one->lost = false;
}

static void say_hello(struct world *w, size_t who)
{
	struct client *one = &w->clients[who];
	struct msg_doc doc = {.path = str("a.c")};
	struct message m = {.type = MSG_HELLO};

	if (one->replica) {
		doc.rev = replica_rev(one->replica);
		doc.seq = replica_seq(one->replica);
	}
	m.hello.v = 1;
	m.hello.name = str("x");
	m.hello.session = str(one->secret);
	m.hello.docs = (struct msg_docs){one->replica != NULL, &doc};
	one->waits = true;
	send_message(w, who, &m);
	m = (struct message){.type = MSG_OPEN, .open = {.path = doc.path}};
	if (!one->replica)
		send_message(w, who, &m);
}

static void connect(struct world *w, size_t who)
{
	struct client *one = &w->clients[who];
	struct claims claims = {.role = one->claim, .jti = {(char)('a' + who)}};

	if (one->session)
		return;
	if (one->lost)
		give_up_text(one);
	one->conn = (struct ws_conn){.closed = false};
	one->deaf = false;
	one->session = session_create(&w->sessions, &claims, one->codec, w->now_ms);
	session_opened(one->session, &one->conn);
	if (who != HOSTILE)
		say_hello(w, who);
}

static void disconnect(struct world *w, size_t who, unsigned code)
{
	struct client *one = &w->clients[who];

	if (!one->session)
		return;
	session_closed(one->session, code);
	one->session = NULL;
	conn_fini(&one->conn);
	flush(w);
}

static bool may_speak(const struct client *one)
{
	return one->session && one->replica && !one->waits && !one->lost;
}

static void type(struct world *w, struct client *one)
{
	size_t len = one->replica ? text_size(replica_text(one->replica)).points : 0;
	size_t at = pick(w->c, len + 1), drop = pick(w->c, len > LONG_TEXT ? 100 : 4);
	struct op op = {0};
	char letter[2] = {(char)('a' + pick(w->c, 26)), '\0'};

	if (!one->replica || one->lost)
		return;
	op_retain(&op, at);
	op_delete(&op, drop < len - at ? drop : len - at);
	if (pick(w->c, 4))
		op_insert(&op, letter, 1);
	must(replica_edit(one->replica, &op) == ERR_NONE);
	op_fini(&op);
}

static void send_edits(struct world *w, size_t who)
{
	struct client *one = &w->clients[who];
	struct message m = {.type = MSG_EDIT, .edit = {.doc = one->doc}};
	const struct op *op;

	while (may_speak(one) && replica_send(one->replica, &m.edit.rev, &m.edit.seq, &op)) {
		m.edit.op = *op;
		send_message(w, who, &m);
	}
}

static void point(struct world *w, size_t who)
{
	struct client *one = &w->clients[who];
	struct sel sel = {pick(w->c, 256), pick(w->c, 256)};
	struct message m = {.type = MSG_SELECT};

	send_edits(w, who);
	if (!may_speak(one) || !replica_all_sent(one->replica))
		return;
	m.select.doc = one->doc;
	m.select.rev = replica_rev(one->replica);
	m.select.seq = replica_seq(one->replica);
	m.select.sel = (struct msg_sels){1, &sel};
	send_message(w, who, &m);
}

static void chat(struct world *w, size_t who)
{
	struct message m = {.type = MSG_SAY, .say = {.text = str("hello")}};

	if (w->clients[who].user)
		send_message(w, who, &m);
}

/* The owner decides what somebody else may do; the model notes it, if it is true that they own the room. */
static void decide(struct world *w)
{
	size_t whose = pick(w->c, CLIENTS);
	enum role role = (enum role)pick(w->c, whose == HOSTILE ? ROLE_OWNER : ROLE_OWNER + 1);
	struct message m = {.type = MSG_ADMIN};

	if (!w->clients[0].user || !w->clients[0].session || w->clients[0].conn.closed ||
		!w->user_of[whose])
		return;
	if (whose && !w->clients[0].deaf && w->role[w->user_of[0]] == ROLE_OWNER)
		w->role[w->user_of[whose]] = role;
	m.admin.verb = str("role");
	m.admin.user = w->user_of[whose];
	m.admin.arg = str(role_name[role]);
	send_message(w, 0, &m);
}

static void start_over(struct world *w, size_t who)
{
	struct client *one = &w->clients[who];
	struct message m = {.type = MSG_DIVERGED, .diverged = {.doc = one->doc}};

	send_edits(w, who);
	if (!may_speak(one))
		return;
	m.diverged.rev = replica_rev(one->replica);
	one->waits = true;
	send_message(w, who, &m);
}

/* ---- down ---- */

/* The text is the session's now. Earlier it is not: were the link to break, another session would be resumed with it. */
static void begin(struct client *one)
{
	memmove(one->secret, one->offered, sizeof(one->secret));
	one->waits = false;
}

static void on_opened(struct client *one, const struct message *m)
{
	struct text *text;

	must(text_load(&text, m->opened.text.at, m->opened.text.len) == ERR_NONE);
	must(text_size(text).points == m->opened.size);
	if (one->replica)
		replica_restart(one->replica, text, m->opened.rev, one->user, NULL);
	else
		one->replica = replica_create(text, m->opened.rev, one->user);
	one->doc = m->opened.doc;
	begin(one);
}

static void on_resumed(struct client *one, const struct message *m)
{
	must(one->replica);
	replica_resume(one->replica, m->resumed.rev, m->resumed.seq);
	begin(one);
}

static void on_welcome(struct client *one, const struct message *m)
{
	one->user = m->welcome.user;
	snprintf(one->offered, sizeof(one->offered), "%.*s", (int)m->welcome.session.len,
		m->welcome.session.at);
}

static void on_check(struct client *one, const struct message *m)
{
	char hash[17];

	if (one->waits || !replica_in_step(one->replica) ||
		replica_rev(one->replica) != m->check.rev)
		return;
	snprintf(hash, sizeof(hash), "%016llx",
		(unsigned long long)text_hash(replica_text(one->replica)));
	must(str_is(m->check.hash, hash));
}

static void on_message(struct client *one, const struct message *m)
{
	if (m->type == MSG_WELCOME)
		on_welcome(one, m);
	else if (m->type == MSG_OPENED)
		on_opened(one, m);
	else if (m->type == MSG_RESUMED)
		on_resumed(one, m);
	else if (m->type == MSG_EDITED)
		must(replica_receive(one->replica, m->edited.rev, m->edited.user, &m->edited.op,
			     NULL) == ERR_NONE);
	else if (m->type == MSG_ACK)
		must(replica_ack(one->replica, m->ack.rev, m->ack.seq) == ERR_NONE);
	else if (m->type == MSG_CHECK)
		on_check(one, m);
	else if (m->type == MSG_ERROR && str_is(m->error.ref, "edit"))
		one->lost = true;
}

/* Read a frame. Who was refused an edit reads no further. */
static bool hear(struct world *w, size_t who)
{
	struct client *one = &w->clients[who];
	struct ws_conn *conn = &one->conn;

	if (!one->session || conn->read == conn->count)
		return false;
	size_t from = conn->read ? conn->ends[conn->read - 1] : 0, end = conn->ends[conn->read];
	conn->read++;
	while (from < end) {
		struct message m;
		size_t used;
		must(codec_decode(one->codec, true, conn->bytes.at + from, end - from, &used, &m) ==
			ERR_NONE);
		if (who != HOSTILE && !one->lost)
			on_message(one, &m);
		message_fini(&m);
		from += used;
	}
	return true;
}

/* ---- what may happen ---- */

static void hear_some(struct world *w, size_t who)
{
	for (size_t n = 1 + pick(w->c, 4); n; n--)
		hear(w, who);
}

/* Bytes as they come. */
static void send_anything(struct world *w)
{
	size_t len = pick(w->c, 64);

	len = len < w->c->left ? len : w->c->left;
	send_bytes(w, HOSTILE, (const char *)w->c->bytes, len);
	w->c->bytes += len;
	w->c->left -= len;
}

static uint64_t pick_number(struct world *w)
{
	static const uint64_t far[] = {UINT32_MAX, MESSAGE_MAX_UINT};

	return pick(w->c, 8) ? pick(w->c, 16) : far[pick(w->c, 2)];
}

/* A message that is well-formed, with numbers that need not be. */
static void send_likely(struct world *w)
{
	struct sel sel = {(size_t)pick_number(w), (size_t)pick_number(w)};
	struct msg_doc doc = {str("a.c"), pick_number(w), pick_number(w)};
	struct op op = {0};
	size_t shape = pick(w->c, 8);

	op_retain(&op, pick(w->c, 32));
	op_insert(&op, "!", pick(w->c, 2));
	op_delete(&op, pick(w->c, 8));
	const struct message shapes[] = {
		{.type = MSG_EDIT,
			.edit = {w->doc->doc, log_rev(w->doc->log) - pick(w->c, 2), pick_number(w),
				op}},
		{.type = MSG_SELECT,
			.select = {w->doc->doc, pick_number(w), pick_number(w), {1, &sel}}},
		{.type = MSG_HELLO, .hello = {.v = 1, .name = str("eve"), .docs = {1, &doc}}},
		{.type = MSG_OPEN, .open = {str("a.c"), false}},
		{.type = MSG_CLOSE, .close = {w->doc->doc}},
		{.type = MSG_HISTORY, .history = {w->doc->doc, pick_number(w), pick_number(w)}},
		{.type = MSG_DIVERGED, .diverged = {w->doc->doc, pick_number(w)}},
		{.type = MSG_ADMIN, .admin = {str("role"), pick_number(w), str("owner")}},
	};
	send_message(w, HOSTILE, &shapes[shape]);
	op_fini(&op);
}

static void pass_time(struct world *w)
{
	w->now_ms += pick(w->c, 2) ? 1000 : LIMIT_SESSION_MS;
	sessions_tick(&w->sessions, w->now_ms);
	room_tick(w->room);
	flush(w);
}

static void store_some(struct world *w)
{
	w->stored = pick(w->c, 4) ? w->batch : w->stored + pick(w->c, 3);
	flush(w);
}

/* The socket is closed when the close frame was read, or when the input says so. */
static void come_or_go(struct world *w, size_t who)
{
	struct client *one = &w->clients[who];

	if (!one->session)
		connect(w, who);
	else if (one->conn.closed || one->lost || pick(w->c, 2))
		disconnect(w, who, pick(w->c, 8) || one->replica ? 1006 : 1000);
}

static void step(struct world *w)
{
	size_t who = pick(w->c, HOSTILE);

	switch (pick(w->c, 16)) {
	case 0:
	case 1:
	case 2: type(w, &w->clients[who]); break;
	case 3:
	case 4: send_edits(w, who); break;
	case 5:
	case 6:
	case 7: hear_some(w, who); break;
	case 8: point(w, who); break;
	case 9: chat(w, who); break;
	case 10: decide(w); break;
	case 11: start_over(w, who); break;
	case 12: pick(w->c, 3) ? send_likely(w) : send_anything(w); break;
	case 13: pass_time(w); break;
	case 14: store_some(w); break;
	default: come_or_go(w, pick(w->c, CLIENTS));
	}
}

/* ---- the end ---- */

static bool settled(const struct world *w)
{
	for (size_t i = 0; i < HOSTILE; i++) {
		const struct client *one = &w->clients[i];
		if (!may_speak(one) || one->conn.read < one->conn.count ||
			!replica_in_step(one->replica) ||
			replica_rev(one->replica) != log_rev(w->doc->log))
			return false;
	}
	return true;
}

static void settle_one(struct world *w, size_t who)
{
	struct client *one = &w->clients[who];

	if (one->session && (one->conn.closed || one->lost))
		disconnect(w, who, 1006);
	connect(w, who);
	while (hear(w, who))
		;
	send_edits(w, who);
}

static void settle(struct world *w)
{
	for (size_t rounds = 0; !settled(w); rounds++) {
		must(rounds < 1000);
		for (size_t i = 0; i < HOSTILE; i++)
			settle_one(w, i);
		w->stored = w->batch + 1;
		flush(w);
	}
	for (size_t i = 0; i < HOSTILE; i++)
		must(text_equal(replica_text(w->clients[i].replica), log_text(w->doc->log)));
}

static void world_fini(struct world *w)
{
	for (size_t i = 0; i < CLIENTS; i++) {
		disconnect(w, i, 1006);
		replica_destroy(w->clients[i].replica);
	}
	stock_fini(&w->stock);
	room_destroy(w->room);
	ledger_fini(&w->ledger);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum role claims[CLIENTS] = {
		ROLE_OWNER, ROLE_EDITOR, ROLE_VIEWER, ROLE_VIEWER};
	struct world *w = &the_world;
	struct choice c = choice_of_bytes(data, size < MOST_BYTES ? size : MOST_BYTES);
	struct text *text;

	report_quiet(true);
	*w = (struct world){.c = &c, .now_ms = 1, .speaking = CLIENTS};
	must(text_load(&text, "héllo\n", 7) == ERR_NONE);
	w->room = room_create("r", "e", 1, &handler, w);
	w->keeper = (struct keeper){.kind = &keeper_kind, .room = w->room};
	w->sessions.keeper = &w->keeper;
	w->sessions.counts = &w->counts;
	w->sessions.stock = &w->stock;
	w->doc = room_add_document(w->room, 7, "a.c", log_create(text, 0));
	for (size_t i = 0; i < CLIENTS; i++)
		w->clients[i] = (struct client){
			.codec = i % 2 ? CODEC_JSON : CODEC_BIN, .claim = claims[i]};
	w->clients[HOSTILE].codec = (enum codec)pick(&c, 2);
	w->clients[HOSTILE].claim = (enum role)pick(&c, ROLE_OWNER);
	for (size_t i = 0; i < CLIENTS; i++)
		connect(w, i);
	while (c.left)
		step(w);
	settle(w);
	world_fini(w);
	return 0;
}
