/*
 * scripted.h: a client (remote.h) whose server is a script, for tests: what the client says is written down in words, what it hears is
 * made by hand.
 *
 *	say_edited(w, 9, "3 +x");
 *	expect(w, "edit 9 1: 8 +!\n");
 */
#ifndef TESTS_SCRIPTED_H
#define TESTS_SCRIPTED_H

#include "tests/unit/src/scratch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "net/loop.h"
#include "net/ws_server.h"
#include "ot/mem.h"
#include "src/client/remote.h"
#include "tests/unit/ot/notation.h"

#define DEADLINE_MS 30000 /* only a hang reaches it */
#define ADA         2
#define BEN         1
#define PATH        "dir/.a text" /* of document 1 */

__extension__ typedef unsigned __int128 wide;

struct world {
	char *home;
	struct loop *loop;
	struct timer *deadline;
	struct ws_server *server;
	struct ws_conn *conn;
	struct remote *remote;
	struct replica *replica;
	struct buf heard, out; /* what the client said, in words; what the server is about to */
	const char *awaited;
	size_t opened, diverged, edited;
	struct buf told;       /* what the client told its owner, in words */
	char copy[600], why[200], shown[200], notice[200];
	size_t notices;
	struct journal *journal;
	char *no_journal;
	bool refused;
};

/* ---- the server ---- */

static inline int admit(void *ctx, const struct ws_request *request, void **session)
{
	(void)request;
	*session = ctx;
	return 0;
}

static inline void on_conn(void *ctx, struct ws_conn *conn)
{
	((struct world *)ctx)->conn = conn;
}

static inline void write_down(struct buf *out, const struct message *m)
{
	if (m->type == MSG_HELLO && m->hello.docs.count)
		buf_printf(out, "hello %.*s %" PRIu64 " %" PRIu64 "\n", (int)m->hello.session.len,
			m->hello.session.at, m->hello.docs.at[0].rev, m->hello.docs.at[0].seq);
	else if (m->type == MSG_HELLO)
		buf_add_str(out, "hello\n");
	else if (m->type == MSG_OPEN)
		buf_printf(out, "open %.*s%s\n", (int)m->open.path.len, m->open.path.at,
			m->open.create ? " new" : "");
	else if (m->type == MSG_CLOSE)
		buf_printf(out, "close %" PRIu64 "\n", m->close.doc);
	else if (m->type == MSG_SEEN)
		buf_printf(out, "seen %" PRIu64 "\n", m->seen.id);
	else if (m->type == MSG_DIVERGED)
		buf_printf(out, "diverged %" PRIu64 "\n", m->diverged.rev);
	else if (m->type == MSG_EDIT)
		buf_printf(out, "edit %" PRIu64 " %" PRIu64 ": %s\n", m->edit.rev, m->edit.seq,
			op_written(&m->edit.op));
}

static inline size_t on_frame(void *ctx, const char *at, size_t len)
{
	struct world *w = ctx;
	struct message m;

	for (size_t sum = 0, used; sum < len; sum += used) {
		assert_int_equal(
			codec_decode(CODEC_BIN, false, at + sum, len - sum, &used, &m), ERR_NONE);
		write_down(&w->heard, &m);
		message_fini(&m);
	}
	return len;
}

static inline void on_closed(void *ctx, unsigned code)
{
	struct world *w = ctx;

	w->conn = NULL;
	buf_printf(&w->heard, "gone%s\n", code == WS_CODE_LOST ? " lost" : "");
}

static const struct ws_server_handler server_handler = {
	.admit = admit, .opened = on_conn, .frame = on_frame, .closed = on_closed};

static inline void say(struct world *w, const struct message *m)
{
	codec_encode(CODEC_BIN, m, &w->out);
}

/* All that was said since the last time is one frame. */
static inline void send_out(struct world *w)
{
	assert_non_null(w->conn);
	ws_send(w->conn, w->out.at, w->out.len);
	buf_clear(&w->out);
}

static inline void say_welcome(struct world *w, const char *session)
{
	struct msg_file_info file = {.path = str(PATH), .kind = str("file")};
	struct message m = {.type = MSG_WELCOME};

	m.welcome.user = ADA;
	m.welcome.session = str(session);
	m.welcome.room = str("otter");
	m.welcome.files = (struct msg_files){1, &file};
	say(w, &m);
}

static inline struct message opened_of(uint64_t doc, const char *path, uint64_t rev, const char *text)
{
	struct message m = {.type = MSG_OPENED};

	m.opened.doc = doc;
	m.opened.path = str(path);
	m.opened.rev = rev;
	m.opened.size = strlen(text);
	m.opened.text = str(text);
	m.opened.mode = str("rw");
	m.opened.eol = str("lf");
	return m;
}

static inline void say_opened(struct world *w, uint64_t rev, const char *text, uint64_t seq)
{
	struct message m = opened_of(1, PATH, rev, text);

	m.opened.seq = seq;
	say(w, &m);
}

static inline void say_edited(struct world *w, uint64_t rev, const char *notation)
{
	struct op op = op_of(notation);
	struct message m = {
		.type = MSG_EDITED, .edited = {.doc = 1, .rev = rev, .user = BEN, .op = op}};

	say(w, &m);
	op_fini(&op);
}

static inline void say_ack(struct world *w, uint64_t rev, uint64_t seq)
{
	say(w, &(struct message){.type = MSG_ACK, .ack = {.doc = 1, .rev = rev, .seq = seq}});
}

static inline void say_resumed(struct world *w, uint64_t rev, uint64_t seq)
{
	struct message m = {.type = MSG_RESUMED, .resumed = {.doc = 1, .rev = rev, .seq = seq}};

	m.resumed.path = str(PATH);
	say(w, &m);
}

/* The hash of `text`, as the protocol has it. */
static inline void say_check(struct world *w, uint64_t rev, const char *text)
{
	const uint64_t prime = ((uint64_t)1 << 61) - 1;
	uint64_t h = 0;
	char hash[17];

	for (; *text; text++)
		h = (uint64_t)(((wide)h * 1000000007 + (unsigned char)*text + 1) % prime);
	snprintf(hash, sizeof(hash), "%016" PRIx64, h);
	say(w, &(struct message){
		       .type = MSG_CHECK, .check = {.doc = 1, .rev = rev, .hash = str(hash)}});
}

/* ---- the client ---- */

static inline void opened(void *ctx, struct replica *replica, const char *path, bool read_only, bool crlf,
	const struct op *shown)
{
	struct world *w = ctx;

	(void)read_only;
	(void)crlf;
	buf_printf(&w->told, "opened %s: %s\n", path, op_written(shown));
	w->replica = replica;
	w->opened++;
	snprintf(w->shown, sizeof(w->shown), "%s", op_written(shown));
}

static inline void edited(void *ctx, uint64_t user, const struct op *shown)
{
	(void)user;
	(void)shown;
	((struct world *)ctx)->edited++;
}

static inline void diverged(void *ctx, bool refused, const char *copy, const char *why)
{
	struct world *w = ctx;

	w->diverged++;
	w->refused = refused;
	snprintf(w->copy, sizeof(w->copy), "%s", copy ? copy : "");
	snprintf(w->why, sizeof(w->why), "%s", why ? why : "");
}

static inline void notice(void *ctx, const char *text)
{
	struct world *w = ctx;

	w->notices++;
	snprintf(w->notice, sizeof(w->notice), "%s", text);
}

static inline void selected(void *ctx, uint64_t user, const struct sel *sels, size_t count)
{
	struct world *w = ctx;

	for (size_t i = 0; i < count; i++)
		buf_printf(&w->told, "selected %" PRIu64 " %zu-%zu\n", user, sels[i].anchor,
			sels[i].head);
}

static inline void stayed(void *ctx, const char *why)
{
	buf_printf(&((struct world *)ctx)->told, "stayed: %s\n", why ? why : "");
}

static inline void forgot(void *ctx, const char *path)
{
	buf_printf(&((struct world *)ctx)->told, "forgot %s\n", path);
}

static inline void failed(void *ctx, const char *sentence)
{
	(void)ctx;
	fail_msg("%s", sentence);
}

static const struct remote_handler client_handler = {.opened = opened,
	.edited = edited,
	.diverged = diverged,
	.selected = selected,
	.stayed = stayed,
	.forgot = forgot,
	.notice = notice,
	.failed = failed};

static inline void type(struct world *w, const char *notation)
{
	struct op op = op_of(notation);

	assert_int_equal(replica_edit(w->replica, &op), ERR_NONE);
	op_fini(&op);
}

/* ---- running ---- */

static inline void on_deadline(void *ctx)
{
	struct world *w = ctx;

	fail_msg("never: \"%s\" after:\n%.*s", w->awaited ? w->awaited : "an edit",
		(int)w->heard.len, w->heard.at ? w->heard.at : "");
}

static inline bool heard(struct world *w, const char *what)
{
	return w->heard.len && memmem(w->heard.at, w->heard.len, what, strlen(what));
}

static inline void on_turn(void *ctx)
{
	struct world *w = ctx;

	remote_turn(w->remote, &(struct remote_says){0});
	if (w->awaited ? heard(w, w->awaited) : w->edited > 0)
		loop_stop(w->loop);
}

static inline void run(struct world *w, const char *awaited)
{
	w->awaited = awaited;
	timer_set(w->deadline, DEADLINE_MS, 0);
	loop_run(w->loop);
	timer_stop(w->deadline);
}

/* Sends what the server said and runs until the client has said `what`; what it said before is forgotten. */
static inline void expect(struct world *w, const char *what)
{
	buf_clear(&w->heard);
	send_out(w);
	run(w, what);
}

/* A revision of Ben's that the client applies shows that it has heard all before it. */
static inline void expect_quiet(struct world *w, uint64_t rev)
{
	w->edited = 0;
	buf_clear(&w->heard);
	say_edited(w, rev, "+_");
	send_out(w);
	run(w, NULL);
	assert_false(heard(w, "diverged"));
}

/* wished: the file to begin with is asked for by name, and is document 2 */
static inline int begin(void **state, bool wished)
{
	struct world *w = mem_alloc(sizeof(*w));
	struct ws_server_options options = {.address = "127.0.0.1", .max_connections = 8};
	struct url url = {.host = "127.0.0.1", .room = "otter"};
	const char *why = NULL;

	w->home = scratch_make();
	setenv("XDG_STATE_HOME", w->home, 1);
	w->loop = loop_create();
	w->deadline = timer_make(w->loop, on_deadline, w);
	w->server = ws_server_create(w->loop, &options, &server_handler, w, &why);
	assert_non_null(w->server);
	url.port = ws_server_port(w->server);
	w->remote = remote_create(w->loop, &url, "Ada", &client_handler, w);
	loop_on_turn(w->loop, on_turn, w);
	w->journal = journal_open(&url, &w->no_journal);
	assert_non_null(w->journal);
	remote_keep(w->remote, w->journal);
	if (wished)
		remote_open(w->remote, "b.c", true);
	remote_connect(w->remote);
	run(w, "hello\n");
	say_welcome(w, "s1");
	expect(w, wished ? "open b.c new\n" : "open " PATH "\n");
	*state = w;
	if (wished)
		return 0;
	say_opened(w, 7, "abcdef", 0);
	expect_quiet(w, 8); /* "_abcdef" */
	return 0;
}

static inline int setup(void **state)
{
	return begin(state, false);
}

static inline int teardown(void **state)
{
	struct world *w = *state;

	loop_off_turn(w->loop, on_turn, w);
	remote_destroy(w->remote);
	journal_close(w->journal);
	ws_server_destroy(w->server);
	timer_destroy(w->deadline);
	loop_destroy(w->loop);
	buf_fini(&w->heard);
	buf_fini(&w->out);
	buf_fini(&w->told);
	scratch_remove(w->home);
	free(w);
	return 0;
}

#endif
