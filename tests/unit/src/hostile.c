/*
 * A hostile client: real bytes, in both codecs, into a session of a room in which Ada and Ben work.
 *
 * Whatever it sends: the text stays, the others hear nothing of it and keep their connections, the process lives within
 * MOST_MEMORY, and the offender is told what the protocol says. Frames that the server sends are read back strictly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "net/codec.h"
#include "ot/mem.h"
#include "src/report.h"
#include "src/server/doc.h"
#include "src/server/presence.h"
#include "src/server/room.h"
#include "src/server/session.h"
#include "tests/ledger.h"

#define MOST_MEMORY ((size_t)1 << 30)
#define HEARD_BYTES                                                                                \
	((size_t)4 << 20) /* of what a client was sent; what comes later is only counted */

/* The far end of a connection, in place of a socket. */
struct ws_conn {
	enum codec codec;
	struct buf lines; /* what came, a JSON message a line */
	size_t bytes;
	unsigned closed;
	bool paused;
};

struct client {
	struct ws_conn conn;
	struct session *session;
};

struct world {
	struct ledger ledger;
	struct room *room;
	struct doc *doc;
	struct keeper keeper;
	struct sessions sessions;
	struct session_counts counts;
	struct client ada, ben, eve;
	uint64_t now_ms;
	unsigned char random;
};

/* ---- what session.c sends with ---- */

static void read_back(struct ws_conn *conn, const char *at, size_t len)
{
	while (len) {
		struct message m;
		size_t used;
		assert_int_equal(codec_decode(conn->codec, true, at, len, &used, &m), ERR_NONE);
		assert_int_not_equal(m.type, 0);
		if (conn->lines.len < HEARD_BYTES) {
			codec_encode(CODEC_JSON, &m, &conn->lines);
			buf_add_byte(&conn->lines, '\n');
		}
		message_fini(&m);
		at += used;
		len -= used;
	}
}

void ws_pause(struct ws_conn *conn)
{
	conn->paused = true;
}

const char *ws_peer(const struct ws_conn *conn)
{
	(void)conn;
	return "192.0.2.1";
}

void ws_resume(struct ws_conn *conn)
{
	conn->paused = false;
}

void ws_send(struct ws_conn *conn, const char *at, size_t len)
{
	conn->bytes += len;
	if (conn->lines.len < HEARD_BYTES)
		read_back(conn, at, len);
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

void ws_close(struct ws_conn *conn, unsigned code, const char *reason)
{
	(void)reason;
	conn->closed = code;
}

/* ---- the room's world ---- */

static void world_save(void *ctx, struct doc *doc, uint64_t user)
{
	(void)ctx;
	(void)doc;
	(void)user;
	fail();
}

static void world_end(void *ctx, const char *why)
{
	(void)ctx;
	(void)why;
	fail();
}

static uint64_t world_now(void *ctx)
{
	return ((struct world *)ctx)->now_ms;
}

static void world_random(void *ctx, void *bytes, size_t len)
{
	memset(bytes, ++((struct world *)ctx)->random, len);
}

static const struct room_handler handler = {
	.send = session_send,
	.close = session_close,
	.keep_edit = ledger_keep_edit,
	.keep_session = ledger_keep_session,
	.keep_terms = ledger_keep_terms,
	.end_session = ledger_end_session,
	.keep_lock = ledger_keep_lock,
	.keep_next_user = ledger_keep_next_user,
	.keep_chat = ledger_keep_chat,
	.find_session = ledger_find_session,
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
	.hear = keeper_hear, .rtt = keeper_rtt, .gone = keeper_gone};

/* ---- talking ---- */

static void turn(struct world *w)
{
	sessions_flush(&w->sessions, 1, 1);
}

static void connect_as(struct world *w, struct client *client, enum codec codec, enum role role)
{
	struct claims claims = {.role = role};

	client->conn = (struct ws_conn){.codec = codec};
	client->session = session_create(&w->sessions, &claims, codec, w->now_ms);
	session_opened(client->session, &client->conn);
}

static void send_frame(struct world *w, struct client *client, const void *at, size_t len)
{
	/* The worst there can be: all of it in one turn, whether or not it was to wait. */
	while (len) {
		size_t used = session_frame(client->session, at, len);
		at = (const char *)at + used;
		len -= used;
		w->sessions.work = 0;
	}
	turn(w);
}

/* In whichever codec the client speaks. */
static void say(struct world *w, struct client *client, const char *json)
{
	struct buf frame = {0};
	struct message m;
	size_t used;

	assert_int_equal(codec_decode(CODEC_JSON, false, json, strlen(json), &used, &m), ERR_NONE);
	codec_encode(client->conn.codec, &m, &frame);
	message_fini(&m);
	send_frame(w, client, frame.at, frame.len);
	buf_fini(&frame);
}

static void forget(struct world *w)
{
	buf_clear(&w->ada.conn.lines);
	buf_clear(&w->ben.conn.lines);
	buf_clear(&w->eve.conn.lines);
	w->eve.conn.bytes = 0;
}

static void enter(struct world *w, struct client *client, enum codec codec, const char *name)
{
	char hello[100];

	connect_as(w, client, codec, client == &w->ada ? ROLE_OWNER : ROLE_EDITOR);
	snprintf(hello, sizeof(hello), "{\"t\":\"hello\",\"v\":1,\"name\":\"%s\"}", name);
	say(w, client, hello);
	say(w, client, "{\"t\":\"open\",\"path\":\"a.c\"}");
}

/* Document 7 is "abc12", revision 2. Ada and Ben are in; Eve is when she has a codec. */
static struct world *world_create(int eve)
{
	struct world *w = mem_alloc(sizeof(*w));
	struct text *text;

	assert_int_equal(text_load(&text, "abc", 3), ERR_NONE);
	w->now_ms = 1000;
	w->room = room_create("quiet-otter", "e1", 1, &handler, w);
	w->keeper = (struct keeper){.kind = &keeper_kind, .room = w->room};
	w->sessions.keeper = &w->keeper;
	w->sessions.counts = &w->counts;
	w->doc = room_add_document(w->room, 7, "a.c", log_create(text, 0));
	enter(w, &w->ada, CODEC_JSON, "Ada");
	enter(w, &w->ben, CODEC_BIN, "Ben");
	say(w, &w->ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":1,\"op\":[3,\"1\"]}");
	say(w, &w->ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":0,\"seq\":2,\"op\":[4,\"2\"]}");
	if (eve >= 0)
		enter(w, &w->eve, (enum codec)eve, "Eve");
	forget(w);
	return w;
}

static void leave(struct client *client)
{
	if (client->session)
		session_closed(client->session, 1006);
	client->session = NULL;
	buf_fini(&client->conn.lines);
}

static void world_destroy(struct world *w)
{
	leave(&w->eve);
	leave(&w->ben);
	leave(&w->ada);
	room_destroy(w->room);
	ledger_fini(&w->ledger);
	free(w);
}

/* ---- what must hold ---- */

static bool heard(struct client *client, const char *what)
{
	struct buf *lines = &client->conn.lines;

	buf_add_byte(lines, '\0');
	lines->len--;
	return strstr(lines->at, what) != NULL;
}

static void assert_text(struct world *w, uint64_t rev, const char *expected)
{
	char *text = text_slice(log_text(w->doc->log), 0, SIZE_MAX / 2, NULL);

	assert_string_equal(text, expected);
	assert_int_equal(log_rev(w->doc->log), rev);
	assert_int_equal(w->ledger.edit_count, rev);
	free(text);
}

/* Nobody was shown or told anything but that somebody's connection is gone. */
static void assert_undisturbed(struct client *client)
{
	static const char *const news[] = {"edit", "select", "said", "seen", "file", "saved",
		"role", "error", "opened", "check", "bye", "join"};
	char t[30];

	for (size_t i = 0; i < sizeof(news) / sizeof(news[0]); i++) {
		snprintf(t, sizeof(t), "\"t\":\"%s\"", news[i]);
		assert_false(heard(client, t));
	}
	assert_int_equal(client->conn.closed, 0);
}

/* The others go on as if nothing had been. */
static void assert_work_goes_on(struct world *w)
{
	assert_undisturbed(&w->ada);
	assert_undisturbed(&w->ben);
	assert_text(w, 2, "abc12");
	say(w, &w->ben, "{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"seq\":1,\"op\":[\"z\"]}");
	assert_true(heard(&w->ben, "{\"t\":\"ack\",\"doc\":7,\"rev\":3,\"seq\":1}"));
	assert_true(
		heard(&w->ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":3,\"user\":2,\"op\":[\"z\"]}"));
	assert_text(w, 3, "zabc12");
}

static void assert_told(struct world *w, const char *code, unsigned closed)
{
	char t[60];

	snprintf(t, sizeof(t), "\"code\":\"%s\"", code ? code : "");
	if (code && !heard(&w->eve, t))
		fail_msg("expected %s, got: %s", code, w->eve.conn.lines.at);
	if (!code && heard(&w->eve, "\"t\":\"error\""))
		fail_msg("expected no error, got: %s", w->eve.conn.lines.at);
	assert_int_equal(w->eve.conn.closed, closed);
}

/* Nothing that comes after the end counts. */
static void assert_deaf(struct world *w)
{
	buf_clear(&w->eve.conn.lines);
	say(w, &w->eve, "{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"seq\":1,\"op\":[\"late\"]}");
	say(w, &w->eve, "{\"t\":\"say\",\"text\":\"late\"}");
	assert_int_equal(w->eve.conn.lines.len, 0);
}

static void attack(
	int eve, enum codec codec, const void *at, size_t len, const char *code, unsigned closed)
{
	struct world *w = world_create(eve);

	if (eve < 0)
		connect_as(w, &w->eve, codec, ROLE_EDITOR);
	send_frame(w, &w->eve, at, len);
	assert_told(w, code, closed);
	if (closed)
		assert_deaf(w);
	assert_work_goes_on(w);
	world_destroy(w);
}

/* A binary message: its length, and `body`. */
static void attack_bin(int eve, const void *body, size_t len, const char *code, unsigned closed)
{
	struct buf frame = {0};

	for (size_t left = len; left > 0 || !frame.len; left >>= 7) {
		buf_add_byte(&frame, (unsigned char)((left & 0x7f) | (left > 0x7f ? 0x80 : 0)));
		if (left <= 0x7f)
			break;
	}
	buf_add(&frame, body, len);
	attack(eve, CODEC_BIN, frame.at, frame.len, code, closed);
	buf_fini(&frame);
}

/* ---- one frame each ---- */

/* clang-format off */

#define EDIT(op)      "{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"seq\":1,\"op\":" op "}"
#define EDIT_AT(rev)  "{\"t\":\"edit\",\"doc\":7,\"rev\":" rev ",\"seq\":1,\"op\":[\"x\"]}"
#define EDIT_SEQ(seq) "{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"seq\":" seq ",\"op\":[\"x\"]}"
#define SELECT(sel)   "{\"t\":\"select\",\"doc\":7,\"rev\":2,\"seq\":0,\"sel\":" sel "}"

/* Not understood: error bad-message, close 1008. */
static const char *const malformed_json[] = {
	" ", "{", "}", "[]", "null", "1", "\"edit\"", "{}", "{\"t\":1}", "{\"t\":null}", "{\"T\":\"say\"}",
	/* bytes behind the object, two objects, no JSON */
	"{\"t\":\"say\",\"text\":\"x\"}x", "{\"t\":\"say\",\"text\":\"x\"}{\"t\":\"say\",\"text\":\"x\"}",
	"{'t':'say'}", "{\"t\":\"say\",\"text\":\"x\",}", "\xef\xbb\xbf{\"t\":\"say\",\"text\":\"x\"}",
	/* fields missing, doubled, of another kind */
	"{\"t\":\"say\"}", "{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"seq\":1}", "{\"t\":\"open\"}",
	"{\"t\":\"say\",\"t\":\"say\",\"text\":\"x\"}", "{\"t\":\"say\",\"text\":\"x\",\"text\":\"y\"}",
	"{\"t\":\"say\",\"text\":1}", "{\"t\":\"say\",\"text\":null}", "{\"t\":\"say\",\"text\":[\"x\"]}",
	"{\"t\":\"open\",\"path\":\"a.c\",\"create\":1}",
	/* text that is none */
	"{\"t\":\"say\",\"text\":\"\xff\"}", "{\"t\":\"say\",\"text\":\"\xc0\x80\"}", "{\"t\":\"say\",\"text\":\"\xed\xa0\x80\"}",
	"{\"t\":\"say\",\"text\":\"\xf4\x90\x80\x80\"}", "{\"t\":\"say\",\"text\":\"\\u0000\"}",
	"{\"t\":\"say\",\"text\":\"\\ud800\"}", "{\"t\":\"say\",\"text\":\"\\udc00\\ud800\"}", "{\"t\":\"say\",\"text\":\"\x01\"}",
	"{\"t\":\"s\xc3\"}",
	/* ops that are not canonical */
	EDIT("[0]"), EDIT("[\"\"]"), EDIT("[-0]"), EDIT("[1,1,\"x\"]"), EDIT("[\"a\",\"b\"]"), EDIT("[-1,-1]"),
	EDIT("[-1,\"x\"]"), EDIT("[3]"), EDIT("[\"x\",2]"), EDIT("[1,-1,1]"),
	/* no ops at all */
	EDIT("1"), EDIT("\"x\""), EDIT("{}"), EDIT("null"), EDIT("[null]"), EDIT("[true]"), EDIT("[[1]]"), EDIT("[{}]"),
	EDIT("[1.5,\"x\"]"), EDIT("[1e400,\"x\"]"), EDIT("[01,\"x\"]"), EDIT("[+1,\"x\"]"), EDIT("[\"\\u0000\"]"),
	/* longer than any text */
	EDIT("[1073741824,\"x\"]"), EDIT("[-1073741824]"), EDIT("[4294967296,\"x\"]"), EDIT("[18446744073709551615,\"x\"]"),
	EDIT("[-18446744073709551616]"), EDIT("[1073741823,\"x\",-1]"),
	/* numbers that are no uint of the protocol */
	EDIT_AT("-1"), EDIT_AT("0.5"), EDIT_AT("\"2\""), EDIT_AT("9007199254740992"), EDIT_AT("18446744073709551616"),
	EDIT_AT("1e300"), EDIT_AT("NaN"), EDIT_SEQ("-1"), EDIT_SEQ("18446744073709551615"),
	SELECT("[[0]]"), SELECT("[[0,1,2]]"), SELECT("[0,1]"), SELECT("[[-1,0]]"), SELECT("[[0,9007199254740992]]"), SELECT("{}"),
	/* once is enough */
	"{\"t\":\"hello\",\"v\":1,\"name\":\"Eve\"}", "{\"t\":\"hello\",\"v\":1,\"name\":\"Eve\",\"session\":\"0123\"}",
};

/* Understood, and impossible: error bad-op, close 1008. */
static const char *const impossible_json[] = {
	EDIT("[6,\"x\"]"), EDIT("[-6]"), EDIT("[5,-1]"), EDIT("[3,\"x\",-3]"), EDIT("[1073741823,\"x\"]"), EDIT("[-1073741823]"),
	EDIT_AT("0"), EDIT_AT("1"), EDIT_AT("3"), EDIT_AT("4294967296"), EDIT_AT("9007199254740991"),
	EDIT_SEQ("2"), EDIT_SEQ("4294967296"), EDIT_SEQ("9007199254740991"),
};

/* Refused with this code; the connection stays. */
static const struct {
	const char *frame, *code;
} refused_json[] = {
	{"{\"t\":\"edit\",\"doc\":8,\"rev\":0,\"seq\":1,\"op\":[\"x\"]}", "not-open"},
	{"{\"t\":\"edit\",\"doc\":9007199254740991,\"rev\":0,\"seq\":1,\"op\":[-1]}", "not-open"},
	{"{\"t\":\"select\",\"doc\":0,\"rev\":0,\"seq\":0,\"sel\":[[0,0]]}", "not-open"},
	{"{\"t\":\"history\",\"doc\":8,\"from\":0,\"to\":9}", "not-open"},
	{"{\"t\":\"diverged\",\"doc\":8,\"rev\":0}", "not-open"},
	{"{\"t\":\"select\",\"doc\":7,\"rev\":3,\"seq\":0,\"sel\":[[0,0]]}", "stale-rev"},
	{"{\"t\":\"select\",\"doc\":7,\"rev\":0,\"seq\":0,\"sel\":[[0,0]]}", "stale-rev"},
	{"{\"t\":\"open\",\"path\":\"\"}", "no-such-file"},
	{"{\"t\":\"open\",\"path\":\"/etc/passwd\",\"create\":true}", "no-such-file"},
	{"{\"t\":\"open\",\"path\":\"../a.c\",\"create\":true}", "no-such-file"},
	{"{\"t\":\"open\",\"path\":\"./a.c\"}", "no-such-file"},
	{"{\"t\":\"open\",\"path\":\"a.c/\"}", "no-such-file"},
	{"{\"t\":\"open\",\"path\":\"x/../a.c\"}", "no-such-file"},
	{"{\"t\":\"open\",\"path\":\"A.C\"}", "no-such-file"},
	{"{\"t\":\"file\",\"do\":\"save\",\"path\":\"../a.c\"}", "no-such-file"},
	{"{\"t\":\"file\",\"do\":\"create\",\"path\":\"../b.c\"}", "forbidden"},
	{"{\"t\":\"file\",\"do\":\"mkdir\",\"path\":\"/tmp/x\"}", "forbidden"},
	{"{\"t\":\"file\",\"do\":\"rename\",\"path\":\"a.c\",\"to\":\"../../b.c\"}", "forbidden"},
	{"{\"t\":\"file\",\"do\":\"delete\",\"path\":\"a.c\"}", "forbidden"},
	{"{\"t\":\"file\",\"do\":\"\",\"path\":\"a.c\"}", "forbidden"},
	{"{\"t\":\"admin\",\"do\":\"role\",\"user\":3,\"arg\":\"owner\"}", "forbidden"},
	{"{\"t\":\"admin\",\"do\":\"kick\",\"user\":1}", "forbidden"},
	{"{\"t\":\"admin\",\"do\":\"lock\"}", "forbidden"},
	{"{\"t\":\"admin\",\"do\":\"end\"}", "forbidden"},
	{"{\"t\":\"admin\",\"do\":\"\"}", "forbidden"},
};

/* Skipped, or of no consequence: no error, no close. */
static const char *const harmless_json[] = {
	"{\"t\":\"\"}", "{\"t\":\"fly\"}", "{\"t\":\"fly\",\"op\":[0,0],\"text\":{\"a\":[null]}}", "{\"t\":\"ack\",\"doc\":7,\"rev\":9,\"seq\":9}",
	"{\"t\":\"opened\",\"doc\":7}", "{\"t\":\"role\",\"user\":3,\"role\":\"owner\"}",
	EDIT_SEQ("0"),                                        /* ordered before, says its number */
	"{\"t\":\"say\",\"text\":\"\"}", "{\"t\":\"say\",\"text\":\"\\u200b\\u202e\\u0007\"}", /* nothing left to say */
	"{\"t\":\"seen\",\"id\":9007199254740991}",           /* never said */
	"{\"t\":\"close\",\"doc\":8}", "{\"t\":\"activity\",\"state\":\"offline\"}", "{\"t\":\"activity\",\"state\":\"\\u001b[2J\"}",
	"{\"t\":\"history\",\"doc\":7,\"from\":9007199254740991,\"to\":0}", "{\"t\":\"history\",\"doc\":7,\"from\":0,\"to\":9007199254740991}",
};

#define BYTES(s) {s, sizeof(s) - 1}

struct bytes {
	const char *at;
	size_t len;
};

/* An edit of document 7 at revision 2, seq 1: count and components follow. */
#define BIN_EDIT "\x04\x07\x02\x01"

/* 2^64 - 1 and 2^32, and what is longer than ten bytes or holds more than 64 bits. */
#define HUGE     "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
#define BIG      "\x80\x80\x80\x80\x10"
#define ELEVEN   "\x82\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"
#define OVERFULL "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"

static const struct bytes malformed_bin[] = {
	BYTES(""), BYTES("\x04"), BYTES("\x04\x07"), BYTES("\x04\x07\x02"), BYTES(BIN_EDIT), BYTES("\x04\x07\x82"), BYTES("\x84"),
	/* ops that are not canonical */
	BYTES(BIN_EDIT "\x01\x00"), BYTES(BIN_EDIT "\x01\x01"), BYTES(BIN_EDIT "\x01\x02"), BYTES(BIN_EDIT "\x03\x04\x04\x06x"),
	BYTES(BIN_EDIT "\x02\x06" "a\x06" "b"), BYTES(BIN_EDIT "\x02\x05\x05"), BYTES(BIN_EDIT "\x02\x05\x06x"),
	BYTES(BIN_EDIT "\x01\x04"), BYTES(BIN_EDIT "\x02\x06x\x04"), BYTES(BIN_EDIT "\x03\x04\x05\x04"),
	/* no such kind, less than was said */
	BYTES(BIN_EDIT "\x01\x07"), BYTES(BIN_EDIT "\x02\x06x"), BYTES(BIN_EDIT "\x01\x0ax"), BYTES(BIN_EDIT "\x01"),
	/* counts and lengths that no memory holds */
	BYTES(BIN_EDIT HUGE "\x06x"), BYTES(BIN_EDIT BIG "\x06x"), BYTES(BIN_EDIT "\x01" HUGE "x"),
	BYTES(BIN_EDIT "\x01\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01x"), BYTES(BIN_EDIT "\x01\x82\x80\x80\x80\x40x"),
	BYTES(BIN_EDIT "\x02\xfc\xff\xff\xff\xff\xff\xff\xff\xff\x01\x06x"), BYTES(BIN_EDIT "\x01\xfd\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
	BYTES(BIN_EDIT "\x01\x81\x80\x80\x80\x10"),                       /* delete 2^30 */
	BYTES(BIN_EDIT "\x03\xfc\xff\xff\xff\x0f\x06x\x05"),              /* retain 2^30 - 1, and one more */
	BYTES("\x07" HUGE "x"), BYTES("\x07" BIG "x"), BYTES("\x07\x02x"), BYTES("\x02" HUGE "a.c"),
	BYTES("\x05\x07\x02\x00" HUGE), BYTES("\x05\x07\x02\x00" BIG), BYTES("\x05\x07\x02\x00\x02\x00\x00"),
	BYTES("\x05\x07\x02\x00\x01\x00" HUGE),
	/* numbers */
	BYTES("\x04\x07" ELEVEN "\x01\x01\x06x"), BYTES("\x04\x07" OVERFULL "\x01\x01\x06x"), BYTES("\x04\x07" HUGE "\x01\x01\x06x"),
	BYTES("\x04\x07\x80\x80\x80\x80\x80\x80\x80\x10\x01\x01\x06x"),   /* revision 2^53 */
	BYTES(ELEVEN "\x07\x02"), BYTES("\x02\x03" "a.c\x02"), BYTES("\x02\x03" "a.c\xff"),
	/* text that is none */
	BYTES("\x07\x01\x00"), BYTES("\x07\x02\xc3("), BYTES("\x07\x02\xc0\x80"), BYTES("\x07\x03\xed\xa0\x80"), BYTES("\x07\x04\xf5\x80\x80\x80"),
	BYTES(BIN_EDIT "\x01\x06\x00"), BYTES(BIN_EDIT "\x01\x06\x80"), BYTES(BIN_EDIT "\x01\x0a\xc0\xaf"),
	BYTES("\x01\x01\x03" "Eve"),                                       /* hello again */
};

static const struct bytes impossible_bin[] = {
	BYTES(BIN_EDIT "\x02\x18\x06x"), BYTES(BIN_EDIT "\x01\x19"), BYTES(BIN_EDIT "\x02\xfc\xff\xff\xff\x0f\x06x"),
	BYTES("\x04\x07\x00\x01\x01\x06x"), BYTES("\x04\x07\x03\x01\x01\x06x"), BYTES("\x04\x07" BIG "\x01\x01\x06x"),
	BYTES("\x04\x07\xff\xff\xff\xff\xff\xff\xff\x0f\x01\x01\x06x"),
	BYTES("\x04\x07\x02\x02\x01\x06x"), BYTES("\x04\x07\x02" BIG "\x01\x06x"),
};

static const struct bytes harmless_bin[] = {
	BYTES("\x63"), BYTES("\x63\xff\xff\xff"), BYTES("\x44\x07\x03\x01\x01\x06x"), BYTES(BIG), BYTES("\x40"),
	BYTES("\x04\x07\x02\x00\x01\x06x"), BYTES("\x07\x00"), BYTES("\x03\x08"),
};

/* A first message that is no hello of version 1. */
static const char *const strangers_json[] = {
	EDIT("[\"x\"]"), "{\"t\":\"open\",\"path\":\"a.c\"}", "{\"t\":\"say\",\"text\":\"x\"}", "{\"t\":\"admin\",\"do\":\"end\"}",
	"{\"t\":\"hello\",\"v\":0,\"name\":\"Eve\"}", "{\"t\":\"hello\",\"v\":2,\"name\":\"Eve\"}", "{\"t\":\"hello\"}",
	"{\"t\":\"hello\",\"v\":1}", "{\"t\":\"hello\",\"v\":1,\"name\":\"\\u0000\"}", "{\"t\":\"hello\",\"v\":1,\"name\":\"Eve\",\"docs\":[{}]}",
	"{\"t\":\"hello\",\"v\":1,\"name\":\"Eve\",\"docs\":[{\"path\":\"a.c\",\"rev\":-1,\"seq\":0}]}", "GET / HTTP/1.1\r\n\r\n",
};

static const struct bytes strangers_bin[] = {
	BYTES(BIN_EDIT "\x01\x06x"), BYTES("\x02\x03" "a.c"), BYTES("\x01"), BYTES("\x01\x01"), BYTES("\x01\x02\x03" "Eve"), BYTES(""),
	BYTES("\x01\x01\x03" "Eve\x00\x00" HUGE), BYTES("\x01\x01\x03" "Eve\x00\x00" BIG), BYTES("\x01\x01" HUGE "Eve"),
};

/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof(table[0]))

static void what_is_malformed_closes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(malformed_json); i++)
		attack(CODEC_JSON, CODEC_JSON, malformed_json[i], strlen(malformed_json[i]),
			"bad-message", 1008);
	for (size_t i = 0; i < COUNT(malformed_bin); i++)
		attack_bin(
			CODEC_BIN, malformed_bin[i].at, malformed_bin[i].len, "bad-message", 1008);
}

static void lengths_that_lie_close(void **state)
{
	static const struct bytes frames[] = {BYTES("\x7f\x07\x01x"), BYTES("\x80"),
		BYTES(HUGE "\x07\x01x"), BYTES(BIG "\x07\x01x"), BYTES(ELEVEN "\x07\x01x"),
		BYTES(OVERFULL "\x07"), BYTES("\x02\x07\x01x")};

	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++)
		attack(CODEC_BIN, CODEC_BIN, frames[i].at, frames[i].len, "bad-message", 1008);
}

static void impossible_edits_close(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(impossible_json); i++)
		attack(CODEC_JSON, CODEC_JSON, impossible_json[i], strlen(impossible_json[i]),
			"bad-op", 1008);
	for (size_t i = 0; i < COUNT(impossible_bin); i++)
		attack_bin(CODEC_BIN, impossible_bin[i].at, impossible_bin[i].len, "bad-op", 1008);
}

static void other_refusals_leave_the_connection(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused_json); i++)
		attack(CODEC_JSON, CODEC_JSON, refused_json[i].frame, strlen(refused_json[i].frame),
			refused_json[i].code, 0);
}

static void what_is_unknown_is_skipped(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(harmless_json); i++)
		attack(CODEC_JSON, CODEC_JSON, harmless_json[i], strlen(harmless_json[i]), NULL, 0);
	for (size_t i = 0; i < COUNT(harmless_bin); i++)
		attack_bin(CODEC_BIN, harmless_bin[i].at, harmless_bin[i].len, NULL, 0);
}

static void strangers_say_hello_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(strangers_json); i++)
		attack(-1, CODEC_JSON, strangers_json[i], strlen(strangers_json[i]), "bad-message",
			1008);
	for (size_t i = 0; i < COUNT(strangers_bin); i++)
		attack_bin(-1, strangers_bin[i].at, strangers_bin[i].len, "bad-message", 1008);
	attack(-1, CODEC_JSON, "{\"t\":\"fly\"}", 11, NULL, 0);
}

static void who_never_says_hello_is_cut_off(void **state)
{
	struct world *w = world_create(-1);

	(void)state;
	uint64_t hello_ms = w->room->limits.handshake_s * 1000;
	connect_as(w, &w->eve, CODEC_BIN, ROLE_EDITOR);
	sessions_tick(&w->sessions, w->now_ms + hello_ms);
	turn(w);
	assert_int_equal(w->eve.conn.closed, 0);
	sessions_tick(&w->sessions, w->now_ms + hello_ms + 1);
	turn(w);
	assert_int_equal(w->eve.conn.closed, 1008);
	assert_work_goes_on(w);
	world_destroy(w);
}

/* ---- several frames ---- */

static void repeated_edits_count_once(void **state)
{
	struct world *w = world_create(CODEC_BIN);

	(void)state;
	for (size_t i = 0; i < 5; i++)
		say(w, &w->eve, EDIT_SEQ("1"));
	say(w, &w->eve, EDIT_SEQ("2"));
	say(w, &w->eve, EDIT_SEQ("1"));
	assert_told(w, NULL, 0);
	assert_text(w, 4, "xxabc12");
	assert_int_equal(w->ada.conn.closed, 0);
	world_destroy(w);
}

static void revisions_do_not_go_back(void **state)
{
	struct world *w = world_create(CODEC_JSON);

	(void)state;
	say(w, &w->ada, "{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"seq\":3,\"op\":[\"y\"]}");
	say(w, &w->eve, "{\"t\":\"edit\",\"doc\":7,\"rev\":3,\"seq\":1,\"op\":[\"x\"]}");
	say(w, &w->eve, "{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"seq\":2,\"op\":[\"x\"]}");
	assert_told(w, "bad-op", 1008);
	assert_text(w, 4, "xyabc12");
	world_destroy(w);
}

/* The second edit of a frame is wrong: the first counts, what follows does not. */
static void a_frame_counts_up_to_its_first_fault(void **state)
{
	static const char frame[] = "\x07" BIN_EDIT "\x01\x06"
				    "1"
				    "\x08\x04\x07\x02\x02\x02\x7c\x06"
				    "2"
				    "\x07\x04\x07\x02\x03\x01\x06"
				    "3";
	struct world *w = world_create(CODEC_BIN);

	(void)state;
	send_frame(w, &w->eve, frame, sizeof(frame) - 1);
	assert_told(w, "bad-op", 1008);
	assert_text(w, 3, "1abc12");
	world_destroy(w);
}

static void viewers_write_nothing(void **state)
{
	struct world *w = world_create(-1);

	(void)state;
	connect_as(w, &w->eve, CODEC_BIN, ROLE_VIEWER);
	say(w, &w->eve,
		"{\"t\":\"hello\",\"v\":1,\"name\":\"Eve\",\"docs\":[{\"path\":\"a.c\",\"rev\":0,\"seq\":0}]}");
	forget(w);
	say(w, &w->eve, EDIT("[-5]"));
	assert_told(w, "read-only", 0);
	forget(w);
	say(w, &w->eve, "{\"t\":\"file\",\"do\":\"save\",\"path\":\"a.c\"}");
	assert_told(w, "read-only", 0);
	assert_work_goes_on(w);
	world_destroy(w);
}

/* Who resumed may skip numbers, for what was lost comes back composed; but not after a refusal, which composed nothing. */
static void what_stands_on_a_refused_edit_is_refused(void **state)
{
	struct world *w = world_create(-1);
	char hello[200];

	(void)state;
	connect_as(w, &w->eve, CODEC_JSON, ROLE_VIEWER);
	say(w, &w->eve, "{\"t\":\"hello\",\"v\":1,\"name\":\"Eve\"}");
	say(w, &w->eve, "{\"t\":\"open\",\"path\":\"a.c\"}");
	snprintf(hello, sizeof(hello),
		"{\"t\":\"hello\",\"v\":1,\"name\":\"Eve\",\"session\":\"%s\","
		"\"docs\":[{\"path\":\"a.c\",\"rev\":2,\"seq\":0}]}",
		w->room->people[2]->session);
	leave(&w->eve);
	connect_as(w, &w->eve, CODEC_JSON, ROLE_VIEWER);
	say(w, &w->eve, hello);
	assert_true(heard(&w->eve, "\"t\":\"resumed\""));
	say(w, &w->eve, "{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"seq\":1,\"op\":[-5]}");
	assert_told(w, "read-only", 0);
	say(w, &w->ada, "{\"t\":\"admin\",\"do\":\"role\",\"user\":3,\"arg\":\"editor\"}");
	say(w, &w->eve, "{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"seq\":2,\"op\":[\"x\"]}");
	assert_told(w, "bad-op", 1008);
	assert_text(w, 2, "abc12");
	world_destroy(w);
}

/* A guessed session is nobody's: its bearer is a newcomer, with a user id and a secret of their own. */
static void a_session_cannot_be_guessed(void **state)
{
	static const char *const guesses[] = {"1", "2", "Ada", "00000000000000000000000000000000",
		"0101010101010101010101010101010", "01010101010101010101010101010101x",
		"' OR 1=1 --", "%s%n"};

	(void)state;
	for (size_t i = 0; i < COUNT(guesses); i++) {
		struct world *w = world_create(-1);
		char hello[200];
		connect_as(w, &w->eve, CODEC_JSON, ROLE_EDITOR);
		snprintf(hello, sizeof(hello),
			"{\"t\":\"hello\",\"v\":1,\"name\":\"Eve\",\"session\":\"%s\"}",
			guesses[i]);
		say(w, &w->eve, hello);
		assert_true(heard(&w->eve, "\"t\":\"welcome\",\"user\":3,"));
		assert_int_equal(w->ada.conn.closed, 0);
		assert_int_equal(w->ben.conn.closed, 0);
		world_destroy(w);
	}
}

/* ---- what others see ---- */

static void names_are_cleaned(void **state)
{
	static const struct {
		const char *name, *seen;
	} names[] = {
		{"\\u001b[31mEve\\u0007", "[31mEve"},
		{"\\u202eevE\\u202c", "evE"},
		{"Eve\\u200b\\u2066\\ufeff", "Eve"},
		{" \\n\\t Eve \\r\\n Hacker ", "Eve Hacker"},
		{"\\u200b", "guest"},
		{"", "guest"},
		{"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee",
			"aaaaaaaaaabbbbbbbbbbccccccccccdd"},
	};
	char text[300];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct world *w = world_create(-1);
		connect_as(w, &w->eve, CODEC_JSON, ROLE_EDITOR);
		snprintf(text, sizeof(text),
			"{\"t\":\"hello\",\"v\":1,\"name\":\"%s\",\"color\":\"red;}\"}",
			names[i].name);
		say(w, &w->eve, text);
		snprintf(text, sizeof(text),
			"\"t\":\"join\",\"user\":3,\"name\":\"%s\",\"color\":\"#", names[i].seen);
		assert_true(heard(&w->ada, text));
		assert_true(heard(&w->ben, text));
		assert_false(heard(&w->ada, "red"));
		world_destroy(w);
	}
}

static void chat_is_cleaned_and_cut(void **state)
{
	struct world *w = world_create(CODEC_JSON);
	struct buf frame = {0};

	(void)state;
	say(w, &w->eve,
		"{\"t\":\"say\",\"text\":\"\\u001b]0;pwned\\u0007 \\u202eabc\\r\\nEve: hi\\u2028\"}");
	assert_true(heard(&w->ada, "\"text\":\"]0;pwned abc Eve: hi\""));
	forget(w);
	buf_add_str(&frame, "{\"t\":\"say\",\"text\":\"");
	for (size_t i = 0; i < 10000; i++)
		buf_add_str(&frame, "é");
	buf_add_str(&frame, "\"}");
	send_frame(w, &w->eve, frame.at, frame.len);
	assert_told(w, NULL, 0);
	assert_true(heard(&w->ada, "é\"}"));
	assert_in_range(w->ada.conn.lines.len, LIMIT_CHAT_BYTES - 10, LIMIT_CHAT_BYTES + 100);
	assert_text(w, 2, "abc12");
	buf_fini(&frame);
	world_destroy(w);
}

static void carets_end_where_the_text_does(void **state)
{
	struct world *w = world_create(CODEC_JSON);

	(void)state;
	say(w, &w->eve, SELECT("[[9007199254740991,0],[4294967296,6]]"));
	assert_told(w, NULL, 0);
	assert_true(heard(
		&w->ada, "\"t\":\"select\",\"doc\":7,\"rev\":2,\"user\":3,\"sel\":[[5,0],[5,5]]"));
	say(w, &w->ben, "{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"seq\":1,\"op\":[-5]}");
	forget(w);
	say(w, &w->ben, "{\"t\":\"diverged\",\"doc\":7,\"rev\":3}");
	assert_true(heard(&w->ben, "\"sels\":[{\"user\":3,\"sel\":[[0,0],[0,0]]}]"));
	world_destroy(w);
}

static void add_carets(struct buf *out, size_t count)
{
	buf_add_str(out, "{\"t\":\"select\",\"doc\":7,\"rev\":2,\"seq\":0,\"sel\":[");
	for (size_t i = 0; i < count; i++)
		buf_add_str(out, i ? ",[1,1]" : "[1,1]");
	buf_add_str(out, "]}");
}

static void a_thousand_carets_and_no_more(void **state)
{
	static const size_t counts[] = {MESSAGE_MAX_SELS, MESSAGE_MAX_SELS + 1, 100000};

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		struct buf frame = {0};
		add_carets(&frame, counts[i]);
		if (i) {
			attack(CODEC_JSON, CODEC_JSON, frame.at, frame.len, "bad-message", 1008);
		} else {
			struct world *w = world_create(CODEC_JSON);
			send_frame(w, &w->eve, frame.at, frame.len);
			assert_told(w, NULL, 0);
			assert_true(heard(&w->ada, "\"t\":\"select\""));
			world_destroy(w);
		}
		buf_fini(&frame);
	}
}

/* ---- much ---- */

static struct buf repeat(
	const char *before, const void *piece, size_t len, size_t times, const char *after)
{
	struct buf out = {0};

	buf_add_str(&out, before);
	for (size_t i = 0; i < times; i++)
		buf_add(&out, piece, len);
	buf_add_str(&out, after);
	return out;
}

static void attack_with(struct buf frame, int eve, const char *code, unsigned closed)
{
	attack(eve, CODEC_JSON, frame.at, frame.len, code, closed);
	buf_fini(&frame);
}

static void deep_json_is_refused(void **state)
{
	(void)state;
	attack_with(repeat("", "[", 1, 500000, ""), CODEC_JSON, "bad-message", 1008);
	attack_with(
		repeat("{\"t\":\"fly\",\"x\":", "[", 1, 40, ""), CODEC_JSON, "bad-message", 1008);
	attack_with(repeat("{\"t\":\"fly\",\"x\":", "{\"x\":", 5, 200000, ""), CODEC_JSON,
		"bad-message", 1008);
}

static void long_messages_are_refused(void **state)
{
	(void)state;
	attack_with(repeat("{\"t\":\"say\",\"text\":\"", "x", 1, MESSAGE_MAX_BYTES, "\"}"),
		CODEC_JSON, "bad-message", 1008);
	attack_with(repeat("{\"t\":\"fly\"", " ", 1, MESSAGE_MAX_BYTES, "}"), CODEC_JSON,
		"bad-message", 1008);
}

static void many_components_are_one_refusal(void **state)
{
	struct buf body = {0};
	size_t count = 150000;

	(void)state;
	attack_with(repeat("{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"seq\":1,\"op\":[", "1,\"x\",", 6,
			    150000, "-1]}"),
		CODEC_JSON, "bad-op", 1008);
	buf_add(&body, BIN_EDIT, 4);
	for (size_t left = 2 * count; left; left >>= 7)
		buf_add_byte(&body, (unsigned char)((left & 0x7f) | (left > 0x7f ? 0x80 : 0)));
	for (size_t i = 0; i < count; i++)
		buf_add(&body, "\x04\x06x", 3);
	attack_bin(CODEC_BIN, body.at, body.len, "bad-op", 1008);
	buf_fini(&body);
}

/* As many as one message holds, of a file of a megabyte: the server neither sends nor holds that much. */
static void assert_few_snapshots(struct world *w)
{
	assert_in_range(w->eve.conn.bytes, 0, LIMIT_DOCUMENT_BYTES + 2 * MESSAGE_MAX_BYTES);
	assert_int_equal(w->ada.conn.closed, 0);
	assert_int_equal(w->ben.conn.closed, 0);
}

static struct world *world_of_a_megabyte(void)
{
	struct world *w = world_create(-1);
	struct buf text = repeat("", "0123456789abcde\n", 16, 65536, "");
	struct op op = {0};

	op_insert(&op, text.at, text.len);
	assert_int_equal(room_merge(w->room, w->doc, 2, &op), ERR_NONE);
	turn(w);
	op_fini(&op);
	buf_fini(&text);
	forget(w);
	connect_as(w, &w->eve, CODEC_BIN, ROLE_VIEWER);
	return w;
}

static void a_file_is_not_opened_without_end(void **state)
{
	struct world *w = world_of_a_megabyte();
	struct buf frame = repeat("",
		"\x05\x02\x03"
		"a.c",
		6, MESSAGE_MAX_BYTES / 6, "");

	(void)state;
	say(w, &w->eve, "{\"t\":\"hello\",\"v\":1,\"name\":\"Eve\"}");
	forget(w);
	send_frame(w, &w->eve, frame.at, frame.len);
	assert_few_snapshots(w);
	buf_fini(&frame);
	world_destroy(w);
}

static void hello_opens_a_file_once(void **state)
{
	struct world *w = world_of_a_megabyte();
	size_t items = MESSAGE_MAX_ITEMS;
	struct buf body = {0}, frame = {0};

	(void)state;
	buf_add(&body,
		"\x01\x01\x03"
		"Eve\x00\x00",
		8);
	for (; items; items >>= 7)
		buf_add_byte(&body, (unsigned char)((items & 0x7f) | (items > 0x7f ? 0x80 : 0)));
	for (size_t i = 0; i < MESSAGE_MAX_ITEMS; i++)
		buf_add(&body,
			"\x03"
			"a.c\x00\x00",
			6);
	for (size_t left = body.len; left; left >>= 7)
		buf_add_byte(&frame, (unsigned char)((left & 0x7f) | (left > 0x7f ? 0x80 : 0)));
	buf_add(&frame, body.at, body.len);
	send_frame(w, &w->eve, frame.at, frame.len);
	assert_in_range(w->eve.conn.bytes, MESSAGE_MAX_BYTES, 2 * MESSAGE_MAX_BYTES);
	assert_int_equal(w->eve.conn.closed, 0);
	assert_few_snapshots(w);
	buf_fini(&body);
	buf_fini(&frame);
	world_destroy(w);
}

/* Who talks fast is told to be slower; who goes on without end is cut off, and the others keep their connections. */
static void a_flood_of_chat_drowns_nobody(void **state)
{
	struct world *w = world_create(CODEC_BIN);
	struct buf some = repeat("", "\x03\x07\x01x", 4, LIMIT_SAY_AHEAD + 1, "");
	struct buf flood = repeat("", "\x03\x07\x01x", 4, MESSAGE_MAX_BYTES / 4, "");

	(void)state;
	send_frame(w, &w->eve, some.at, some.len - 4);
	assert_told(w, NULL, 0);
	send_frame(w, &w->eve, some.at, 4);
	assert_told(w, "too-fast", 0);
	forget(w);
	w->now_ms += LIMIT_SAY_MS;
	send_frame(w, &w->eve, some.at, 4);
	assert_told(w, NULL, 0);
	assert_true(heard(&w->ada, "\"t\":\"said\""));
	forget(w);
	send_frame(w, &w->eve, flood.at, flood.len);
	assert_int_equal(w->eve.conn.closed, 1013);
	assert_work_goes_on(w);
	buf_fini(&some);
	buf_fini(&flood);
	world_destroy(w);
}

/* What a client may send at once and not be held back: the burst, short of its last message. */
static size_t allowance(const struct world *w)
{
	return w->room->limits.edits * LIMIT_BURST_MS / 1000;
}

static void seconds_pass(struct world *w, uint64_t seconds)
{
	for (; seconds; seconds--) {
		w->now_ms += 1000;
		sessions_tick(&w->sessions, w->now_ms);
		turn(w);
	}
}

static void type_fast(struct world *w, size_t *seq, size_t edits)
{
	char text[80];

	for (; edits; edits--) {
		snprintf(text, sizeof(text),
			"{\"t\":\"edit\",\"doc\":7,\"rev\":2,\"seq\":%zu,\"op\":[\"x\"]}", ++*seq);
		say(w, &w->eve, text);
	}
}

static void who_types_fast_is_held_back(void **state)
{
	struct world *w = world_create(-1);
	size_t seq = 0;

	(void)state;
	w->room->limits.edits = 10;
	enter(w, &w->eve, CODEC_BIN, "Eve");
	seconds_pass(w, 1);
	type_fast(w, &seq, allowance(w) - 1);
	assert_false(w->eve.conn.paused);
	type_fast(w, &seq, 1);
	assert_true(w->eve.conn.paused);
	assert_false(w->ada.conn.paused);
	type_fast(w, &seq, 5); /* was read before */
	assert_int_equal(log_rev(w->doc->log), 2 + seq);
	seconds_pass(w, 1);
	assert_true(w->eve.conn.paused);
	seconds_pass(w, 1);
	assert_false(w->eve.conn.paused);
	seconds_pass(w, 10 + LIMIT_FLOOD_MS / 1000);
	type_fast(w, &seq, allowance(w)); /* an hour of that is no reason to go */
	seconds_pass(w, 10 + LIMIT_FLOOD_MS / 1000);
	assert_int_equal(w->eve.conn.closed, 0);
	world_destroy(w);
}

static void who_never_slows_down_is_sent_away(void **state)
{
	struct world *w = world_create(-1);
	size_t seq = 0, seconds = 0;

	(void)state;
	w->room->limits.edits = 10;
	enter(w, &w->eve, CODEC_BIN, "Eve");
	while (!w->eve.conn.closed && seconds++ < 100) {
		while (!w->eve.conn.paused && !w->eve.conn.closed)
			type_fast(w, &seq, 1);
		seconds_pass(w, 1);
	}
	assert_int_equal(w->eve.conn.closed, 1013);
	assert_true(heard(&w->eve, "too-fast"));
	assert_in_range(seconds, LIMIT_FLOOD_MS / 1000, LIMIT_FLOOD_MS / 1000 + 3);
	assert_in_range(seq, 10 * seconds, 10 * seconds + 2 * allowance(w));
	assert_int_equal(w->counts.floods, 1);
	assert_int_equal(log_rev(w->doc->log), 2 + seq);
	world_destroy(w);
}

/* The first pong may overtake the hello. */
static void how_far_away_one_is_is_known_from_the_start(void **state)
{
	struct world *w = world_create(-1);

	(void)state;
	connect_as(w, &w->eve, CODEC_JSON, ROLE_EDITOR);
	session_rtt(w->eve.session, 321);
	say(w, &w->eve, "{\"t\":\"hello\",\"v\":1,\"name\":\"Eve\"}");
	turn(w);
	assert_true(heard(&w->ada, "\"rtt\":321"));
	session_rtt(w->eve.session, 4321);
	turn(w);
	assert_false(heard(&w->ada, "\"rtt\":4321")); /* no more often than of anything else */
	w->now_ms += LIMIT_PRESENCE_MS;
	presence_turn(w->room);
	turn(w);
	assert_true(heard(&w->ada, "\"rtt\":4321"));
	world_destroy(w);
}

/* How many frames of hers are heard in this turn. */
static size_t heard_in_a_turn(struct world *w, struct client *client)
{
	static const char line[] = "{\"t\":\"activity\",\"state\":\"typing\"}";
	size_t frames = 0;

	while (session_frame(client->session, line, sizeof(line) - 1))
		assert_in_range(++frames, 1, SESSIONS_TURN_WORK);
	turn(w);
	return frames;
}

static void a_busy_room_leaves_the_turn_to_others(void **state)
{
	struct world *w = world_create(-1);

	(void)state;
	w->room->limits.edits = 1000000;
	enter(w, &w->eve, CODEC_JSON, "Eve");
	for (int turns = 0; turns < 3; turns++)
		assert_in_range(heard_in_a_turn(w, &w->eve),
			SESSIONS_TURN_WORK / SESSION_MESSAGE_WORK / 2,
			SESSIONS_TURN_WORK / SESSION_MESSAGE_WORK);
	assert_int_equal(w->eve.conn.closed, 0);
	world_destroy(w);
}

static void what_they_are_sent_counts_too(void **state)
{
	static const char open_it[] = "{\"t\":\"open\",\"path\":\"a.c\"}";
	struct world *w = world_of_a_megabyte();

	(void)state;
	assert_int_equal(
		session_frame(w->ada.session, open_it, sizeof(open_it) - 1), sizeof(open_it) - 1);
	assert_int_equal(heard_in_a_turn(w, &w->ada), 0);
	assert_true(heard_in_a_turn(w, &w->ada) > 0);
	world_destroy(w);
}

static void what_is_urged_is_counted_as_sent(void **state)
{
	struct message m = {
		.type = MSG_ERROR, .error = {.code = str("internal"), .text = str("hear")}};
	struct parcel parcel = {.message = &m};
	struct world *w = world_create(-1);
	uint64_t bytes = w->counts.bytes_out, errors = w->counts.out[MSG_ERROR];
	size_t came = w->ada.conn.bytes;

	(void)state;
	session_urge(w->ada.session, &parcel);
	assert_true(heard(&w->ada, "\"hear\"")); /* before the turn is over */
	assert_int_equal(w->counts.out[MSG_ERROR], errors + 1);
	assert_int_equal(w->counts.bytes_out - bytes, w->ada.conn.bytes - came);
	parcel_fini(&parcel);
	world_destroy(w);
}

/* ---- memory that may be had ---- */

const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "hard_rss_limit_mb=1024:max_allocation_size_mb=512";
}

#ifndef __has_feature
#define __has_feature(x) 0 /* gcc has none, and says __SANITIZE_ADDRESS__ */
#endif

static void limit_memory(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
	struct rlimit limit = {MOST_MEMORY, MOST_MEMORY};

	if (setrlimit(RLIMIT_AS, &limit))
		abort();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_malformed_closes),
		cmocka_unit_test(lengths_that_lie_close),
		cmocka_unit_test(impossible_edits_close),
		cmocka_unit_test(other_refusals_leave_the_connection),
		cmocka_unit_test(what_is_unknown_is_skipped),
		cmocka_unit_test(strangers_say_hello_first),
		cmocka_unit_test(who_never_says_hello_is_cut_off),
		cmocka_unit_test(who_types_fast_is_held_back),
		cmocka_unit_test(how_far_away_one_is_is_known_from_the_start),
		cmocka_unit_test(a_busy_room_leaves_the_turn_to_others),
		cmocka_unit_test(what_they_are_sent_counts_too),
		cmocka_unit_test(what_is_urged_is_counted_as_sent),
		cmocka_unit_test(who_never_slows_down_is_sent_away),
		cmocka_unit_test(repeated_edits_count_once),
		cmocka_unit_test(revisions_do_not_go_back),
		cmocka_unit_test(a_frame_counts_up_to_its_first_fault),
		cmocka_unit_test(viewers_write_nothing),
		cmocka_unit_test(what_stands_on_a_refused_edit_is_refused),
		cmocka_unit_test(a_session_cannot_be_guessed),
		cmocka_unit_test(names_are_cleaned),
		cmocka_unit_test(chat_is_cleaned_and_cut),
		cmocka_unit_test(carets_end_where_the_text_does),
		cmocka_unit_test(a_thousand_carets_and_no_more),
		cmocka_unit_test(deep_json_is_refused),
		cmocka_unit_test(long_messages_are_refused),
		cmocka_unit_test(many_components_are_one_refusal),
		cmocka_unit_test(a_file_is_not_opened_without_end),
		cmocka_unit_test(hello_opens_a_file_once),
		cmocka_unit_test(a_flood_of_chat_drowns_nobody),
	};

	limit_memory();
	report_quiet(true);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
