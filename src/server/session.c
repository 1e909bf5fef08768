#include "src/server/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "ot/mem.h"
#include "src/server/audit.h"
#include "src/server/backlog.h"
#include "src/server/pace.h"

struct session {
	struct sessions *all;
	struct session *next, **at;           /* in all->first */
	struct session *busy_next, **busy_at; /* in all->busy; busy_at NULL: not in it */
	struct ws_conn *conn;                 /* NULL before it opened */
	struct voice voice; /* no person before its hello, and once the room is done with it */
	struct claims claims;
	enum codec codec;
	struct pace pace;
	bool held; /* it is not read from */
	struct backlog backlog;
	uint64_t full_ms; /* since when its socket takes nothing; 0: it does */
	uint64_t since_ms;
	unsigned rtt_ms;     /* measured before that; 0: not yet */
	bool greeted;        /* its welcome has left */
	unsigned close_code; /* to be closed with, once nothing waits for it; 0: no */
	char close_reason[100];
};

static struct room *room_of(const struct session *session)
{
	return session->all->keeper->room;
}

struct session *session_create(
	struct sessions *all, const struct claims *claims, enum codec codec, uint64_t now_ms)
{
	struct session *session = mem_alloc(sizeof(*session));

	session->all = all;
	session->claims = *claims;
	session->codec = codec;
	backlog_init(&session->backlog, all->stock, &all->counts->waiting);
	session->since_ms = now_ms;
	session->next = all->first;
	session->at = &all->first;
	if (all->first)
		all->first->at = &session->next;
	all->first = session;
	return session;
}

static void make_busy(struct session *session)
{
	struct sessions *all = session->all;

	if (session->busy_at)
		return;
	room_stir(room_of(session));
	session->busy_next = all->busy;
	session->busy_at = &all->busy;
	if (all->busy)
		all->busy->busy_at = &session->busy_next;
	all->busy = session;
}

static void make_idle(struct session *session)
{
	if (!session->busy_at)
		return;
	*session->busy_at = session->busy_next;
	if (session->busy_next)
		session->busy_next->busy_at = session->busy_at;
	session->busy_at = NULL;
}

void session_opened(struct session *session, struct ws_conn *conn)
{
	session->conn = conn;
	room_stir(room_of(session));
}

const char *session_peer(const struct session *session)
{
	return session->conn ? ws_peer(session->conn) : "";
}

static void tell(
	const struct session *session, const char *event, unsigned code, const char *reason)
{
	struct audit audit;

	audit_begin(&audit, event);
	audit_word(&audit, "peer", session_peer(session));
	audit_person(&audit, session->voice.person);
	audit_number(&audit, "code", code);
	if (reason)
		audit_text(&audit, "reason", str(reason));
	audit_end(&audit);
}

static void gone(struct session *session, const struct voice *voice, bool left)
{
	session->all->keeper->kind->gone(session->all->keeper, voice, left);
}

void session_closed(struct session *session, unsigned code)
{
	bool left = code == WS_CODE_NORMAL;

	room_stir(room_of(session));
	if (session->voice.person)
		tell(session, left ? "leave" : "lost", code, NULL);
	gone(session, &session->voice, left);
	make_idle(session);
	*session->at = session->next;
	if (session->next)
		session->next->at = session->at;
	backlog_clear(&session->backlog);
	free(session);
}

void session_rtt(struct session *session, unsigned ms)
{
	room_stir(room_of(session));
	if (session->greeted)
		session->all->keeper->kind->rtt(session->all->keeper, &session->voice, ms);
	else
		session->rtt_ms = ms;
}

/* ---- in ---- */

/* An error, and the connection is closed behind it. */
static void refuse(struct session *session, unsigned status, const char *code, const char *text)
{
	struct message m = {.type = MSG_ERROR, .error = {.code = str(code), .text = str(text)}};
	struct parcel parcel = {.message = &m};
	struct voice voice = session->voice;

	session_send(session, &parcel);
	parcel_fini(&parcel);
	session_close(session, status, code);
	gone(session, &voice, false);
}

void sessions_refuse(struct sessions *all, unsigned status, const char *code, const char *text)
{
	for (struct session *session = all->first; session; session = session->next)
		if (!session->voice.person && !session->close_code)
			refuse(session, status, code, text);
}

static void refuse_frame(struct session *session, enum err why)
{
	static const char *const words[] = {
		[ERR_FORM] = "the message is malformed",
		[ERR_LIMIT] = "the message is longer than allowed",
		[ERR_UTF8] = "the message holds text that is not UTF-8, or U+0000",
		[ERR_RANGE] = "a number is out of range",
	};
	const char *text =
		why < sizeof(words) / sizeof(words[0]) && words[why] ? words[why] : words[ERR_FORM];

	refuse(session, 1008, "bad-message", text);
}

/* ---- how fast ---- */

static uint64_t clock_ms(const struct session *session)
{
	return room_here_ms(room_of(session));
}

static void send_away(struct session *session)
{
	session->all->counts->floods++;
	refuse(session, 1013, "too-fast",
		"too many messages in a short time; come back and resume");
}

static void hold(struct session *session)
{
	session->held = session->conn != NULL;
	if (session->held)
		ws_pause(session->conn);
}

static void read_on(struct session *session)
{
	session->held = false;
	ws_resume(session->conn);
}

static void obey(struct session *session, enum pace_word word)
{
	if (word == PACE_END && session->voice.person)
		send_away(session);
	else if (word == PACE_READ && session->held)
		read_on(session);
}

/* One more message. */
static void spend(struct session *session, unsigned type)
{
	uint64_t now = clock_ms(session);
	enum pace_word word;

	session->all->counts->in[type < SESSION_TYPES ? type : 0]++;
	if (type == MSG_EDIT)
		pulse_add(&session->all->counts->edits, now);
	word = pace_spend(&session->pace, now, room_of(session)->limits.edits);
	if (word == PACE_READ) /* whoever is held is read from again when they rested */
		return;
	hold(session);
	obey(session, word);
}

void session_seated(void *to, struct person *person)
{
	((struct session *)to)->voice.person = person;
}

static void receive(struct session *session, const struct message *m)
{
	struct keeper *keeper = session->all->keeper;
	struct room_terms terms = {.role = session->claims.role,
		.name = session->claims.name,
		.token = session->claims.jti,
		.expires = session->claims.expires};

	if (!keeper->kind->hear(keeper, &session->voice, session, &terms, m))
		refuse(session, 1013, "too-fast",
			"nothing is being stored, and no more can be held in memory");
}

static bool listens(const struct session *session)
{
	return !session->close_code && !session->backlog.full;
}

/* The first message of what is left of a frame; gives its bytes, or all there are when nothing of them is to be heard. */
static size_t hear(struct session *session, const char *at, size_t len)
{
	struct message m;
	size_t used;
	struct sessions *all = session->all;
	uint64_t before = all->counts->bytes_out;
	enum err e = codec_decode(session->codec, false, at, len, &used, &m);

	if (e != ERR_NONE) {
		refuse_frame(session, e);
		return len;
	}
	if (m.type)
		receive(session, &m);
	spend(session, m.type);
	message_fini(&m);
	all->work += SESSION_MESSAGE_WORK + (all->counts->bytes_out - before) / SESSION_WORK_BYTES;
	return used;
}

/* What one says in a row costs less than the same between what others say, and so is not cut shorter than this. */
static size_t hear_some(struct session *session, const char *at, size_t len)
{
	size_t sum = 0;

	for (int i = 0; i < SESSION_TURN_MESSAGES && sum < len && listens(session); i++) {
		sum += hear(session, at + sum, len - sum);
		if (session->held)
			break;
	}
	return sum;
}

size_t session_frame(struct session *session, const char *at, size_t len)
{
	struct sessions *all = session->all;
	size_t sum = 0;

	room_stir(room_of(session));
	if (all->keeper->opening) {
		hold(session);
		return 0;
	}
	if (all->work < SESSIONS_TURN_WORK)
		sum = hear_some(session, at, len);
	if (!listens(session))
		sum = len;
	all->counts->bytes_in += sum;
	return sum;
}

/* ---- out ---- */

static void count_out(struct session *session, enum message_type type, size_t bytes)
{
	session->all->counts->bytes_out += bytes;
	session->all->counts->out[type]++;
}

void session_send(void *to, struct parcel *parcel)
{
	struct session *session = to;
	const struct buf *bytes;
	enum message_type type = parcel->message->type;

	if (!listens(session))
		return;
	make_busy(session);
	bytes = parcel_bytes(parcel, session->codec);
	if (!backlog_add(&session->backlog, type, bytes, &room_of(session)->limits))
		return;
	count_out(session, type, bytes->len);
}

void session_close(void *to, unsigned code, const char *reason)
{
	struct session *session = to;

	if (session->voice.person)
		tell(session, "close", code, reason);
	session->voice.person = NULL;
	session->close_code = code;
	snprintf(session->close_reason, sizeof(session->close_reason), "%s", reason);
	make_busy(session);
}

void session_urge(void *to, struct parcel *parcel)
{
	struct session *session = to;
	const struct buf *bytes;

	if (!session->greeted || ws_queued(session->conn) >= SESSION_SOCKET_BYTES) {
		session_send(to, parcel);
		return;
	}
	if (!listens(session))
		return;
	bytes = parcel_bytes(parcel, session->codec);
	ws_send(session->conn, bytes->at, bytes->len);
	count_out(session, parcel->message->type, bytes->len);
}

void session_drop(void *to, unsigned code, const char *reason)
{
	struct session *session = to;

	backlog_clear(&session->backlog);
	session_close(to, code, reason);
}

static void give_up(struct session *session, const char *reason)
{
	struct voice voice = session->voice;

	session->all->counts->overflows++;
	session_drop(session, 1013, reason);
	gone(session, &voice, false);
}

/* Whose fault it is that too much waits: the disk's, while nothing is being stored, or the peer's. */
static const char *fault(const struct session *session, uint64_t stored)
{
	return backlog_is_held(&session->backlog, stored)
		       ? "too much waits to be stored; come back and resume"
		       : "too slow; come back and resume";
}

static bool reads(const struct session *session)
{
	return !session->full_ms || clock_ms(session) - session->full_ms < SESSION_DEAF_MS;
}

size_t session_waiting(const struct session *session)
{
	return session->backlog.waiting;
}

bool session_is_slower(const struct session *a, const struct session *b)
{
	if (!b || reads(a) != reads(b))
		return !b || reads(b);
	return a->backlog.waiting > b->backlog.waiting;
}

struct session *sessions_slowest(const struct sessions *all)
{
	struct session *slowest = NULL;

	for (struct session *session = all->busy; session; session = session->busy_next)
		if (session_waiting(session) && session_is_slower(session, slowest))
			slowest = session;
	return slowest;
}

void session_relieve(struct session *session)
{
	give_up(session, "too much waits for all together; come back and resume");
}

/* The first pong is here before the hello is, or right behind it; the next may be a quarter of a minute later. */
static void greet(struct session *session)
{
	session->greeted = true;
	if (session->rtt_ms)
		session_rtt(session, session->rtt_ms);
}

static void send_frame(struct session *session, const char *frame, size_t len)
{
	ws_send(session->conn, frame, len);
	if (!session->greeted && session->voice.person)
		greet(session);
}

/* What may leave, as far as the socket's queue takes it. */
static void fill_socket(struct session *session, uint64_t stored)
{
	const char *frame;
	size_t len;

	if (ws_queued(session->conn) < SESSION_SOCKET_BYTES)
		session->full_ms = 0;
	else if (!session->full_ms)
		session->full_ms = clock_ms(session);
	while (ws_queued(session->conn) < SESSION_SOCKET_BYTES &&
		(frame = backlog_frame(&session->backlog, session->codec, stored, &len)))
		send_frame(session, frame, len);
	if (backlog_bytes(&session->backlog) && !backlog_is_held(&session->backlog, stored))
		ws_await(session->conn);
}

/* true when nothing is left to do for it. */
static bool flush(struct session *session, uint64_t batch, uint64_t stored)
{
	if (session->backlog.full)
		give_up(session, fault(session, stored));
	backlog_mark(&session->backlog, batch);
	if (session->conn)
		fill_socket(session, stored);
	if (!backlog_settle(&session->backlog))
		return false;
	if (session->close_code && session->conn)
		ws_close(session->conn, session->close_code, session->close_reason);
	return true;
}

size_t sessions_queued(const struct sessions *all)
{
	size_t bytes = 0;

	for (const struct session *session = all->first; session; session = session->next)
		bytes += backlog_bytes(&session->backlog) +
			 (session->conn ? ws_queued(session->conn) : 0);
	return bytes;
}

void sessions_flush(struct sessions *all, uint64_t batch, uint64_t stored)
{
	struct session *next;

	all->work = 0;
	for (struct session *session = all->busy; session; session = next) {
		next = session->busy_next;
		if (flush(session, batch, stored))
			make_idle(session);
	}
}

void sessions_expel(struct sessions *all, bool (*revoked)(void *ctx, const char *token), void *ctx)
{
	for (struct session *session = all->first; session; session = session->next)
		if (!session->voice.person && !session->close_code &&
			revoked(ctx, session->claims.jti))
			session_close(session, 1008, "revoked");
}

void sessions_begin(struct sessions *all, uint64_t now_ms)
{
	for (struct session *session = all->first; session; session = session->next) {
		session->since_ms = now_ms;
		if (session->held)
			read_on(session);
	}
}

void sessions_tick(struct sessions *all, uint64_t now_ms)
{
	uint64_t patience_ms = all->keeper->room->limits.handshake_s * 1000;

	if (all->keeper->opening)
		return;
	for (struct session *session = all->first; session; session = session->next) {
		obey(session, pace_rest(&session->pace, now_ms));
		if (!session->voice.person && !session->voice.number && !session->close_code &&
			now_ms - session->since_ms > patience_ms)
			session_close(session, 1008, "no hello");
	}
}
