/*
 * Our server before the WebSockets of node, and our client before node's server. The peer runs as a child (ws_peer.js) and
 * tells what it saw in lines. Without node or its `ws` package there is nobody to meet, and the tests are skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/loop.h"
#include "net/ws_client.h"
#include "net/ws_server.h"
#include "ot/mem.h"

#define DEADLINE_MS 60000 /* only a hang reaches it */

struct child {
	pid_t pid;
	int out;
	struct watch *watch;
	struct buf said;
	bool ended;
};

struct bench {
	struct loop *loop;
	struct timer *deadline;
	struct ws_server *server;
	struct tls_identity identity;
	struct child child;
	const char *awaited;
	char tokens[2048]; /* every admit()'s, a space behind each */
	size_t admitted, closed;

	struct ws_client *client;
	struct buf frame;
	size_t opened, frames, ended;
	enum ws_end end;
	unsigned code;
	char reason[200];
};

static bool have_node(void)
{
	return system("NODE_PATH=/usr/share/nodejs node -e \"require('ws')\" 2>/dev/null") == 0;
}

/* --- the child --------------------------------------------------------------------------------------------------- */

static void on_said(void *ctx, bool readable, bool writable)
{
	struct bench *b = ctx;
	char bytes[4096];
	(void)readable, (void)writable;
	ssize_t len = read(b->child.out, bytes, sizeof(bytes));
	if (len > 0)
		buf_add(&b->child.said, bytes, (size_t)len);
	else if (len == 0 || errno != EAGAIN)
		b->child.ended = true;
	watch_set(b->child.watch, !b->child.ended, false);
}

static void spawn(struct bench *b, const char *role, const char *first, const char *second)
{
	int pipes[2];
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	b->child.pid = fork();
	assert_true(b->child.pid >= 0);
	if (b->child.pid == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		setenv("NODE_PATH", "/usr/share/nodejs", 1);
		execlp("node", "node", TESTS_DIR "/unit/net/ws_peer.js", role, first, second,
			(char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	b->child.out = pipes[0];
	b->child.watch = watch_create(b->loop, pipes[0], on_said, b);
	watch_set(b->child.watch, true, false);
}

static void reap(struct bench *b)
{
	kill(b->child.pid, SIGTERM);
	waitpid(b->child.pid, NULL, 0);
	watch_destroy(b->child.watch);
	close(b->child.out);
	buf_fini(&b->child.said);
}

static bool child_said(struct bench *b)
{
	const struct buf *said = &b->child.said;
	return said->len && memmem(said->at, said->len, b->awaited, strlen(b->awaited));
}

/* --- running ----------------------------------------------------------------------------------------------------- */

static void on_deadline(void *ctx)
{
	struct bench *b = ctx;
	fail_msg("what was waited for did not come; the peer said:\n%.*s", (int)b->child.said.len,
		b->child.said.len ? b->child.said.at : "");
}

static bool (*until)(struct bench *b);

static void on_turn(void *ctx)
{
	struct bench *b = ctx;
	if (b->child.ended || (until && until(b)))
		loop_stop(b->loop);
}

static void run_until(struct bench *b, bool (*condition)(struct bench *))
{
	until = condition;
	timer_set(b->deadline, DEADLINE_MS, 0);
	if (!condition(b))
		loop_run(b->loop);
	timer_stop(b->deadline);
	until = NULL;
	if (!condition(b))
		fail_msg("the peer ended early; it said:\n%.*s", (int)b->child.said.len,
			b->child.said.len ? b->child.said.at : "");
}

static void await_line(struct bench *b, const char *line)
{
	b->awaited = line;
	run_until(b, child_said);
}

static struct bench *bench_open(void)
{
	struct bench *b = mem_alloc(sizeof(*b));
	b->loop = loop_create();
	b->deadline = timer_make(b->loop, on_deadline, b);
	loop_on_turn(b->loop, on_turn, b);
	assert_true(tls_identity_make(&b->identity));
	return b;
}

static void bench_close(struct bench *b)
{
	reap(b);
	ws_client_destroy(b->client);
	ws_server_destroy(b->server);
	assert_int_equal(b->admitted, b->closed);
	timer_destroy(b->deadline);
	loop_off_turn(b->loop, on_turn, b);
	loop_destroy(b->loop);
	tls_identity_fini(&b->identity);
	buf_fini(&b->frame);
	free(b);
}

/* --- our server, their client ------------------------------------------------------------------------------------ */

struct guest {
	struct bench *bench;
	struct ws_conn *conn;
};

static int admit(void *ctx, const struct ws_request *request, void **session)
{
	struct bench *b = ctx;
	if (!request->has_codec)
		return 426;
	size_t used = strlen(b->tokens);
	snprintf(b->tokens + used, sizeof(b->tokens) - used, "%s ", request->token);
	struct guest *guest = mem_alloc(sizeof(*guest));
	guest->bench = b;
	b->admitted++;
	*session = guest;
	return 0;
}

static void guest_opened(void *session, struct ws_conn *conn)
{
	((struct guest *)session)->conn = conn;
}

static size_t guest_frame(void *session, const char *at, size_t len)
{
	ws_send(((struct guest *)session)->conn, at, len);
	return len;
}

static void guest_closed(void *session, unsigned code)
{
	(void)code;
	((struct guest *)session)->bench->closed++;
	free(session);
}

static const struct ws_server_handler handler = {
	.admit = admit,
	.opened = guest_opened,
	.frame = guest_frame,
	.closed = guest_closed,
};

static void serve_node(bool tls)
{
	static const char *const lines[] = {
		"json echoed 3 codecollab.v1.json ping closed 1000 \n",
		"binary echoed 3 codecollab.v1.bin ping closed 1000 \n",
		"browser echoed 1 codecollab.v1.json ping closed 1000 \n",
		"both echoed 1 codecollab.v1.bin ping closed 1000 \n",
		"deflate echoed 1 codecollab.v1.json ping closed 1000 \n",
		"unknown status 426\n",
		"none status 426\n",
		"wrong-opcode echoed 0 codecollab.v1.bin ping closed 1003 this protocol is binary\n",
		"too-large echoed 0 codecollab.v1.bin ping closed 1009 \n",
	};
	struct bench *b = bench_open();
	struct ws_server_options options = {.address = "127.0.0.1", .max_connections = 4};
	options.identity = tls ? &b->identity : NULL;
	const char *why = "";
	b->server = ws_server_create(b->loop, &options, &handler, b, &why);
	if (!b->server)
		fail_msg("%s", why);
	char url[100];
	snprintf(url, sizeof(url), "%s://127.0.0.1:%u/otter", tls ? "wss" : "ws",
		ws_server_port(b->server));
	spawn(b, "client", url, tls ? b->identity.pin : "-");
	await_line(b, "end\n");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		b->awaited = lines[i];
		if (!child_said(b))
			fail_msg("not said: %sbut\n%.*s", lines[i], (int)b->child.said.len,
				b->child.said.at);
	}
	assert_int_equal(strncmp(b->tokens, "abc  ttttt", 10), 0);
	bench_close(b);
}

static void serves_node(void **state)
{
	(void)state;
	if (!have_node())
		skip();
	serve_node(false);
}

static void serves_node_over_tls(void **state)
{
	(void)state;
	if (!have_node())
		skip();
	serve_node(true);
}

/* --- our client, their server ------------------------------------------------------------------------------------ */

static void on_opened(void *ctx)
{
	((struct bench *)ctx)->opened++;
}

static void on_frame(void *ctx, const char *at, size_t len)
{
	struct bench *b = ctx;
	buf_clear(&b->frame);
	buf_add(&b->frame, at, len);
	b->frames++;
}

static void on_closed(void *ctx, enum ws_end end, unsigned code, const char *reason)
{
	struct bench *b = ctx;
	b->ended++;
	b->end = end;
	b->code = code;
	snprintf(b->reason, sizeof(b->reason), "%s", reason);
}

static const struct ws_client_handler client_handler = {
	.opened = on_opened,
	.frame = on_frame,
	.closed = on_closed,
};

static bool opened(struct bench *b)
{
	return b->opened > 0 || b->ended;
}

static bool echoed(struct bench *b)
{
	return b->frames > 0 || b->ended;
}

static bool ended(struct bench *b)
{
	return b->ended > 0;
}

static void write_file(char *path, const char *text)
{
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static struct url meet(struct bench *b)
{
	char cert[] = "/tmp/ws-interop-XXXXXX", key[] = "/tmp/ws-interop-XXXXXX";
	write_file(cert, b->identity.cert_pem.at);
	write_file(key, b->identity.key_pem.at);
	spawn(b, "server", cert, key);
	await_line(b, "\n");
	unlink(cert);
	unlink(key);
	struct url url = {.tls = true, .host = "127.0.0.1", .room = "otter", .token = "abc"};
	buf_add(&b->child.said, "", 1);
	assert_int_equal(sscanf(b->child.said.at, "port %u", &url.port), 1);
	b->child.said.len--;
	memcpy(url.pin, b->identity.pin, sizeof(url.pin));
	b->client = ws_client_create(b->loop, &client_handler, b);
	return url;
}

static void meets_node(void **state)
{
	(void)state;
	if (!have_node())
		skip();
	struct bench *b = bench_open();
	struct url url = meet(b);
	ws_client_connect(b->client, &url, CODEC_JSON);
	run_until(b, opened);
	assert_int_equal(b->ended, 0);
	await_line(b, "came /otter Bearer abc codecollab.v1.json\n");
	await_line(b, "pong\n");
	char *text = mem_alloc(100001);
	memset(text, 'x', 100000);
	ws_client_send(b->client, text, 100000);
	run_until(b, echoed);
	assert_int_equal(b->frame.len, 100000);
	assert_memory_equal(b->frame.at, text, 100000);
	free(text);
	ws_client_send(b->client, "close 4002 enough", 17);
	run_until(b, ended);
	assert_int_equal(b->end, WS_END_CLOSED);
	assert_int_equal(b->code, 4002);
	assert_string_equal(b->reason, "enough");
	await_line(b, "left 4002 ");
	bench_close(b);
}

static void takes_leave_of_node(void **state)
{
	(void)state;
	if (!have_node())
		skip();
	struct bench *b = bench_open();
	struct url url = meet(b);
	ws_client_connect(b->client, &url, CODEC_BIN);
	run_until(b, opened);
	ws_client_close(b->client, 4003, "gone");
	run_until(b, ended);
	assert_int_equal(b->end, WS_END_CLOSED);
	assert_int_equal(b->code, 4003);
	await_line(b, "left 4003 gone\n");
	bench_close(b);
}

static void trusts_node_no_more_than_its_key(void **state)
{
	(void)state;
	if (!have_node())
		skip();
	struct bench *b = bench_open();
	struct url url = meet(b);
	url.pin[0] = url.pin[0] == 'A' ? 'B' : 'A';
	ws_client_connect(b->client, &url, CODEC_BIN);
	run_until(b, ended);
	assert_int_equal(b->end, WS_END_PIN);
	b->awaited = "came";
	assert_false(child_said(b));
	bench_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(serves_node),
		cmocka_unit_test(serves_node_over_tls),
		cmocka_unit_test(meets_node),
		cmocka_unit_test(takes_leave_of_node),
		cmocka_unit_test(trusts_node_no_more_than_its_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
