#include "src/client/remote.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "net/codec.h"
#include "net/ws_client.h"
#include "ot/mem.h"
#include "ot/utf8.h"
#include "src/client/backoff.h"
#include "src/report.h"

#define FRAME_BYTES                                                                                \
	((size_t)64 << 10) /* messages are gathered into a frame until it has this many */

#define KEEP_MS 200 /* a killed client has written down what is older than this */

struct incoming { /* a document on its way */
	bool on;
	uint64_t rev, size, points;
	bool read_only, crlf;
	struct buf text;
};

struct remote {
	struct loop *loop;
	struct url url;
	char *name;
	const struct remote_handler *handler;
	void *ctx;
	struct ws_client *ws;
	struct timer *retry;
	struct backoff backoff;
	uint64_t retry_at_ms;
	enum remote_link link;
	bool trying;      /* a connection exists, or is being made or closed */
	bool live;        /* edits may be sent: the text is here and in step with the connection */
	uint64_t user;    /* who we are on this connection */
	char session[65]; /* what our text belongs to; resumed by the next hello */
	char offered[65]; /* what this connection was welcomed to: ours once the text is here */
	char room[ROOM_NAME_BYTES];
	char path[1024];
	uint64_t doc;
	struct replica *replica;
	bool recovering; /* replica stands on a text that is not known */
	struct journal *journal;
	struct timer *keep; /* until unacknowledged edits are written down */
	bool keep_waits;
	char epoch[65];
	struct incoming incoming;
	unsigned rtt_ms;
	const char *activity; /* what the others were told last */
	bool sel_waits;       /* a selection is still to be sent */
	struct sel sel;
	struct buf out;
	char last_error[200];
	unsigned bye_retry_ms;
};

/* Who only sends need not listen. */
#define TELL(remote, what, ...)                                                                    \
	do {                                                                                       \
		if ((remote)->handler->what)                                                       \
			(remote)->handler->what((remote)->ctx, __VA_ARGS__);                       \
	} while (0)

/* ---- what must not be lost ---- */

static void keep_now(void *ctx)
{
	struct remote *remote = ctx;
	struct journal_place place = {.user = replica_user(remote->replica),
		.session = remote->session,
		.room = remote->room,
		.epoch = remote->epoch,
		.path = remote->path};

	remote->keep_waits = false;
	if (!replica_unacked(remote->replica))
		journal_clear(remote->journal);
	else if (!journal_keep(remote->journal, remote->replica, &place))
		TELL(remote, notice, "Your unsent edits cannot be written down on this machine.");
}

/* Soon after something is unacknowledged, and again as long as it is: at most every KEEP_MS, so seldom while all is well. */
static void keep_soon(struct remote *remote)
{
	if (!remote->journal || !remote->replica || remote->keep_waits ||
		(!replica_unacked(remote->replica) && journal_is_empty(remote->journal)))
		return;
	remote->keep_waits = true;
	timer_set(remote->keep, KEEP_MS, 0);
}

void remote_keep(struct remote *remote, struct journal *journal)
{
	remote->journal = journal;
}

/* A text as long as that one was: an op needs to know no more. */
static struct text *text_of_length(size_t points)
{
	struct text *text;
	char *blanks = mem_alloc(points + 1);

	memset(blanks, ' ', points);
	if (text_load(&text, blanks, points) != ERR_NONE)
		text = text_create();
	free(blanks);
	return text;
}

void remote_recover(struct remote *remote, const struct journal_left *left)
{
	remote->recovering = true;
	remote->replica = replica_create(text_of_length(left->points), left->rev, left->user);
	for (size_t i = 0; i < left->count; i++)
		replica_again(remote->replica, left->edits[i].seq, &left->edits[i].op);
	replica_count_from(remote->replica, left->seq);
	snprintf(remote->session, sizeof(remote->session), "%s", left->session);
	snprintf(remote->path, sizeof(remote->path), "%s", left->path);
}

/* ---- sending ---- */

static void say(struct remote *remote, const struct message *m)
{
	codec_encode(CODEC_BIN, m, &remote->out);
}

static void flush(struct remote *remote)
{
	if (remote->out.len)
		ws_client_send(remote->ws, remote->out.at, remote->out.len);
	buf_clear(&remote->out);
}

static void say_hello(struct remote *remote)
{
	struct msg_doc doc = {.path = str(remote->path)};
	struct message m = {.type = MSG_HELLO,
		.hello = {.v = 1, .name = str(remote->name), .session = str(remote->session)}};

	if (remote->replica) {
		doc.rev = replica_rev(remote->replica);
		doc.seq = replica_seq(remote->replica);
		m.hello.docs = (struct msg_docs){1, &doc};
	}
	say(remote, &m);
	flush(remote);
}

static void say_edits(struct remote *remote)
{
	struct message m = {.type = MSG_EDIT};
	const struct op *op;

	while (replica_send(remote->replica, &m.edit.rev, &m.edit.seq, &op)) {
		m.edit.doc = remote->doc;
		m.edit.op = *op; /* borrowed for the call: an op moves by assignment */
		say(remote, &m);
		if (remote->out.len >= FRAME_BYTES)
			flush(remote);
	}
}

static void say_sel(struct remote *remote)
{
	struct message m = {.type = MSG_SELECT};

	if (!remote->sel_waits || !replica_all_sent(remote->replica))
		return;
	remote->sel_waits = false;
	m.select.doc = remote->doc;
	m.select.rev = replica_rev(remote->replica);
	m.select.seq = replica_seq(remote->replica);
	m.select.sel = (struct msg_sels){1, &remote->sel};
	say(remote, &m);
}

void remote_turn(struct remote *remote, const struct remote_says *says)
{
	if (says->sel) {
		remote->sel = *says->sel;
		remote->sel_waits = true;
	}
	keep_soon(remote);
	if (!remote->live)
		return;
	say_edits(remote);
	say_sel(remote);
	if (says->activity &&
		(!remote->activity || strcmp(says->activity, remote->activity) != 0)) {
		struct message m = {
			.type = MSG_ACTIVITY, .activity = {.state = str(says->activity)}};
		remote->activity = says->activity;
		say(remote, &m);
	}
	flush(remote);
}

void remote_save(struct remote *remote)
{
	struct message m = {
		.type = MSG_FILE, .file = {.verb = str("save"), .path = str(remote->path)}};

	if (!remote->live) {
		TELL(remote, notice,
			"Offline: it will be saved by the server when the connection is back.");
		return;
	}
	say_edits(remote);
	say(remote, &m);
	flush(remote);
}

/* ---- the document ---- */

/* Not earlier: were the link to break before the text is here, another session would be resumed with the old one. */
static void begin_session(struct remote *remote)
{
	memcpy(remote->session, remote->offered, sizeof(remote->session));
	remote->live = true;
	remote->link = REMOTE_ONLINE;
}

static void open_incoming(struct remote *remote)
{
	struct incoming *in = &remote->incoming;
	struct text *text;
	struct op shown = {0};

	in->on = false;
	if (text_load(&text, in->text.at ? in->text.at : "", in->text.len) != ERR_NONE)
		return;
	buf_fini(&in->text);
	if (remote->replica) {
		replica_restart(remote->replica, text, in->rev, remote->user, &shown);
		if (strcmp(remote->offered, remote->session) != 0)
			replica_count_from(remote->replica, 0); /* edits are counted by session */
	} else {
		remote->replica = replica_create(text, in->rev, remote->user);
	}
	begin_session(remote);
	TELL(remote, opened, remote->replica, remote->path, in->read_only, in->crlf, &shown);
	op_fini(&shown);
}

static void take_piece(struct remote *remote, struct str piece)
{
	struct incoming *in = &remote->incoming;

	buf_add(&in->text, piece.at, piece.len);
	in->points += utf8_count(piece.at, piece.len).points;
	if (in->points >= in->size)
		open_incoming(remote);
}

/* The text here and the server's cannot be the same any more: ask for it afresh. What is not acknowledged is carried over. */
static void resync(struct remote *remote)
{
	struct message m = {.type = MSG_DIVERGED,
		.diverged = {.doc = remote->doc, .rev = replica_rev(remote->replica)}};

	if (!remote->live)
		return;
	remote->live = false;
	TELL(remote, notice, "This text differed from the server's: it is being fetched again.");
	say(remote, &m);
	flush(remote);
}

/* ---- messages ---- */

typedef void receive_fn(struct remote *remote, const struct message *m);

/* Cut to fit, at a character. */
static void copy_str(char *out, size_t cap, struct str from)
{
	size_t len = from.len < cap ? from.len : cap - 1;

	if (len)
		memcpy(out, from.at, len);
	utf8_check(out, len, &len); /* what the cut left of a character goes too */
	out[len] = '\0';
}

static void on_welcome(struct remote *remote, const struct message *m)
{
	struct message open = {.type = MSG_OPEN};

	remote->user = m->welcome.user;
	remote->activity = NULL;
	copy_str(remote->offered, sizeof(remote->offered), m->welcome.session);
	copy_str(remote->room, sizeof(remote->room), m->welcome.room);
	copy_str(remote->epoch, sizeof(remote->epoch), m->welcome.epoch);
	TELL(remote, people, &m->welcome.users);
	if (remote->replica)
		return; /* named in hello's docs: resumed or opened follows */
	if (!m->welcome.files.count) {
		TELL(remote, failed, "this room shares no file");
		return;
	}
	open.open.path = m->welcome.files.at[0].path;
	say(remote, &open);
	flush(remote);
}

static void on_error(struct remote *remote, const struct message *m)
{
	copy_str(remote->last_error, sizeof(remote->last_error), m->error.text);
	if (remote->replica)
		TELL(remote, notice, remote->last_error);
}

static void on_opened(struct remote *remote, const struct message *m)
{
	struct incoming *in = &remote->incoming;

	if (remote->recovering) {
		TELL(remote, failed, "the server has another history now");
		return;
	}
	remote->live = false;
	remote->doc = m->opened.doc;
	copy_str(remote->path, sizeof(remote->path), m->opened.path);
	buf_clear(&in->text);
	*in = (struct incoming){.on = true,
		.rev = m->opened.rev,
		.size = m->opened.size,
		.text = in->text,
		.read_only = str_is(m->opened.mode, "ro"),
		.crlf = str_is(m->opened.eol, "crlf")};
	take_piece(remote, m->opened.text);
	for (size_t i = 0; i < m->opened.sels.count; i++)
		TELL(remote, selected, m->opened.sels.at[i].user, m->opened.sels.at[i].sel.at,
			m->opened.sels.at[i].sel.count);
}

static void on_chunk(struct remote *remote, const struct message *m)
{
	if (remote->incoming.on && m->chunk.doc == remote->doc)
		take_piece(remote, m->chunk.text);
}

static void on_resumed(struct remote *remote, const struct message *m)
{
	if (!remote->replica)
		return;
	remote->doc = m->resumed.doc;
	replica_resume(remote->replica, m->resumed.rev, m->resumed.seq);
	begin_session(remote);
	if (remote->handler->resumed)
		remote->handler->resumed(remote->ctx);
}

static void on_edited(struct remote *remote, const struct message *m)
{
	struct op shown = {0};

	if (!remote->live || m->edited.doc != remote->doc)
		return;
	if (replica_receive(remote->replica, m->edited.rev, m->edited.user, &m->edited.op,
		    &shown) != ERR_NONE) {
		resync(remote);
		return;
	}
	if (!op_is_identity(&shown))
		TELL(remote, edited, m->edited.user, &shown);
	op_fini(&shown);
}

static void on_ack(struct remote *remote, const struct message *m)
{
	if (!remote->live || m->ack.doc != remote->doc)
		return;
	if (replica_ack(remote->replica, m->ack.rev, m->ack.seq) != ERR_NONE)
		resync(remote);
	backoff_reset(&remote->backoff);
}

static void on_selected(struct remote *remote, const struct message *m)
{
	size_t count = m->selected.sel.count;
	struct sel *here;

	if (!remote->live || m->selected.doc != remote->doc)
		return;
	here = mem_alloc((count + 1) * sizeof(*here));
	for (size_t i = 0; i < count; i++) {
		here[i].anchor = replica_locate(
			remote->replica, m->selected.user, m->selected.sel.at[i].anchor);
		here[i].head = replica_locate(
			remote->replica, m->selected.user, m->selected.sel.at[i].head);
	}
	TELL(remote, selected, m->selected.user, here, count);
	free(here);
}

static void on_join(struct remote *remote, const struct message *m)
{
	struct msg_user user = {.user = m->join.user,
		.name = m->join.name,
		.color = m->join.color,
		.role = m->join.role,
		.state = str("active")};

	TELL(remote, joined, &user);
}

static void on_leave(struct remote *remote, const struct message *m)
{
	char why[16];

	copy_str(why, sizeof(why), m->leave.why);
	TELL(remote, left, m->leave.user, why);
}

static void on_active(struct remote *remote, const struct message *m)
{
	char state[16];

	copy_str(state, sizeof(state), m->active.state);
	TELL(remote, active, m->active.user, state, m->active.rtt);
}

static void on_role(struct remote *remote, const struct message *m)
{
	char role[16];

	copy_str(role, sizeof(role), m->role.role);
	TELL(remote, role, m->role.user, role);
}

static void on_said(struct remote *remote, const struct message *m)
{
	TELL(remote, said, &m->said);
}

static void on_saved(struct remote *remote, const struct message *m)
{
	if (m->saved.doc == remote->doc && remote->replica)
		TELL(remote, saved, m->saved.rev);
}

static void on_check(struct remote *remote, const struct message *m)
{
	char hash[17];

	if (!remote->live || m->check.doc != remote->doc || !replica_in_step(remote->replica) ||
		replica_rev(remote->replica) != m->check.rev)
		return;
	snprintf(hash, sizeof(hash), "%016" PRIx64, text_hash(replica_text(remote->replica)));
	if (!str_is(m->check.hash, hash))
		resync(remote);
}

static void on_bye(struct remote *remote, const struct message *m)
{
	char text[160];

	copy_str(text, sizeof(text), m->bye.text);
	TELL(remote, notice, text);
	remote->bye_retry_ms =
		(unsigned)(m->bye.retry < BACKOFF_MOST_MS ? m->bye.retry : BACKOFF_MOST_MS);
	if (!remote->bye_retry_ms)
		remote->link = REMOTE_ENDED;
}

static receive_fn *const receivers[] = {
	[MSG_WELCOME] = on_welcome,
	[MSG_ERROR] = on_error,
	[MSG_OPENED] = on_opened,
	[MSG_CHUNK] = on_chunk,
	[MSG_RESUMED] = on_resumed,
	[MSG_EDITED] = on_edited,
	[MSG_ACK] = on_ack,
	[MSG_SELECTED] = on_selected,
	[MSG_JOIN] = on_join,
	[MSG_LEAVE] = on_leave,
	[MSG_ACTIVE] = on_active,
	[MSG_ROLE] = on_role,
	[MSG_SAID] = on_said,
	[MSG_SAVED] = on_saved,
	[MSG_CHECK] = on_check,
	[MSG_BYE] = on_bye,
};

/* ---- the connection ---- */

static void ws_opened(void *ctx)
{
	say_hello(ctx);
}

static void ws_frame(void *ctx, const char *at, size_t len)
{
	struct remote *remote = ctx;

	while (len) {
		struct message m;
		size_t used;

		if (codec_decode(CODEC_BIN, true, at, len, &used, &m) != ERR_NONE) {
			ws_client_close(remote->ws, 1008, "bad-message");
			return;
		}
		if (m.type < sizeof(receivers) / sizeof(receivers[0]) && receivers[m.type])
			receivers[m.type](remote, &m);
		message_fini(&m);
		at += used;
		len -= used;
	}
}

static bool expired(const char *token)
{
	int64_t when = token_expiry(token, strlen(token));

	return when && when <= time(NULL);
}

/* Why the first connection failed: what, and what to do. Owned. */
static char *first_failure(
	const struct remote *remote, enum ws_end end, unsigned code, const char *reason)
{
	const struct url *url = &remote->url;

	if (end == WS_END_NAME)
		return report_sentence(
			"the host name %s is not known. Is the URL complete?", url->host);
	if (end == WS_END_PIN && !*url->pin)
		return report_sentence(
			"nobody vouches for the key of the server at %s port %u: %s. Use the "
			"whole URL, with its fp=",
			url->host, url->port, reason);
	if (end == WS_END_PIN)
		return report_sentence(
			"the server at %s port %u does not hold the key that this URL names: the "
			"URL is old, or "
			"somebody stands in between. Nothing was sent. Ask for a new URL",
			url->host, url->port);
	if (end == WS_END_REFUSED && code == 401 && expired(url->token))
		return report_sentence("this URL has expired. Ask for a new one");
	if (end == WS_END_REFUSED && code == 401)
		return report_sentence("the server does not accept this URL's token: it is "
				       "damaged, or was made by another server. "
				       "Ask for a new URL");
	if (end == WS_END_REFUSED && code == 403)
		return report_sentence(
			"this URL's token is for another room, or was revoked. Ask for a new URL");
	if (end == WS_END_REFUSED && code == 404)
		return report_sentence(
			"there is no room \"%s\" on %s port %u. Is it still being hosted?",
			url->room, url->host, url->port);
	if (end == WS_END_REFUSED)
		return report_sentence("the server at %s port %u refused with HTTP status %u%s",
			url->host, url->port, code,
			code == 503 ? ": it is full or shutting down. Try again later" : "");
	if (end == WS_END_CLOSED && *remote->last_error)
		return report_sentence("the server refused: %s", remote->last_error);
	if (end == WS_END_CLOSED)
		return report_sentence("the server closed the connection (%u%s%s)", code,
			*reason ? " " : "", reason);
	return report_sentence(
		"cannot reach a server at %s port %u. Is it running, and is the port open?",
		url->host, url->port);
}

static void try_again(void *ctx)
{
	remote_connect(ctx);
}

static void go_offline(struct remote *remote, enum ws_end end, unsigned code)
{
	uint32_t random = 0;
	uint64_t wait;

	if (end == WS_END_PIN || (end == WS_END_REFUSED && (code == 401 || code == 403))) {
		remote->link = REMOTE_ENDED;
		TELL(remote, notice,
			end == WS_END_PIN ? "The server has another key now: not "
					    "connecting. Your text is still here."
					  : "The server does not let this URL in any "
					    "more. Your text is still here.");
	}
	if (remote->link == REMOTE_ENDED)
		return;
	remote->link = REMOTE_OFFLINE;
	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		random = 0;
	wait = backoff_next(&remote->backoff, random) + remote->bye_retry_ms;
	remote->bye_retry_ms = 0;
	remote->retry_at_ms = loop_now_ms(remote->loop) + wait;
	timer_set(remote->retry, wait, 0);
}

static void ws_closed(void *ctx, enum ws_end end, unsigned code, const char *reason)
{
	struct remote *remote = ctx;

	remote->live = remote->trying = false;
	remote->incoming.on = false;
	remote->rtt_ms = 0;
	if (remote->replica && !remote->recovering) {
		go_offline(remote, end, code);
		return;
	}
	if (remote->link == REMOTE_ENDED)
		return;
	char *why = first_failure(remote, end, code, reason ? reason : "");
	remote->link = REMOTE_ENDED;
	TELL(remote, failed, why);
	free(why);
}

static void ws_rtt(void *ctx, unsigned ms)
{
	struct remote *remote = ctx;

	remote->rtt_ms = ms ? ms : 1;
	backoff_reset(&remote->backoff);
}

static const struct ws_client_handler ws_handler = {
	.opened = ws_opened, .frame = ws_frame, .closed = ws_closed, .rtt = ws_rtt};

/* ---- for its owner ---- */

struct remote *remote_create(struct loop *loop, const struct url *url, const char *name,
	const struct remote_handler *handler, void *ctx)
{
	struct remote *remote = mem_alloc(sizeof(*remote));

	remote->loop = loop;
	remote->url = *url;
	remote->name = mem_dup(name, strlen(name));
	remote->handler = handler;
	remote->ctx = ctx;
	remote->ws = ws_client_create(loop, &ws_handler, remote);
	remote->retry = timer_make(loop, try_again, remote);
	remote->keep = timer_make(loop, keep_now, remote);
	return remote;
}

void remote_destroy(struct remote *remote)
{
	if (!remote)
		return;
	ws_client_destroy(remote->ws);
	timer_destroy(remote->retry);
	timer_destroy(remote->keep);
	replica_destroy(remote->replica);
	buf_fini(&remote->incoming.text);
	buf_fini(&remote->out);
	explicit_bzero(&remote->url, sizeof(remote->url));
	free(remote->name);
	free(remote);
}

void remote_connect(struct remote *remote)
{
	timer_stop(remote->retry);
	if (remote->trying)
		return;
	remote->trying = true;
	if (remote->link == REMOTE_ENDED)
		remote->link = REMOTE_OFFLINE;
	remote->retry_at_ms = 0;
	remote->last_error[0] = '\0';
	ws_client_connect(remote->ws, &remote->url, CODEC_BIN);
}

void remote_leave(struct remote *remote)
{
	timer_stop(remote->retry);
	timer_stop(remote->keep);
	if (remote->journal && remote->replica)
		keep_now(remote);
	remote->link = REMOTE_ENDED;
	remote->live = false;
	ws_client_close(remote->ws, 1000, "left");
}

bool remote_connected(const struct remote *remote)
{
	return remote->trying;
}

enum remote_link remote_link(const struct remote *remote)
{
	return remote->link;
}

uint64_t remote_user(const struct remote *remote)
{
	return remote->user;
}

const char *remote_room(const struct remote *remote)
{
	return remote->room;
}

unsigned remote_rtt_ms(const struct remote *remote)
{
	return remote->rtt_ms;
}

unsigned remote_retry_s(const struct remote *remote)
{
	uint64_t now = loop_now_ms(remote->loop);

	return remote->retry_at_ms > now ? (unsigned)((remote->retry_at_ms - now + 999) / 1000) : 0;
}

size_t remote_unsent(const struct remote *remote)
{
	return remote->replica ? replica_unacked(remote->replica) : 0;
}
