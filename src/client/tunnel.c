#include "src/client/tunnel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/local.h"
#include "net/pump.h"
#include "ot/buf.h"
#include "ot/mem.h"
#include "src/child.h"
#include "src/client/bridge.h"
#include "src/report.h"
#include "src/runtime.h"

#define ARGS_MAX    32
#define WORDS_BYTES 400  /* of its last words */
#define LINGER_MS   1000 /* for the last bytes, when we have closed */

struct tunnel {
	struct loop *loop;
	struct ssh_url url;
	const char *ssh, *program;
	char *dir; /* of the way's socket */
	char name[32];
	bool quiet;

	const struct tunnel_handler *handler;
	void *ctx;
	struct child *child;
	struct watch *hearing; /* until it says that it is there */
	struct buf heard, words;
	char *unstarted; /* why there is no ssh */
	struct timer *patience;
	int door, lock, guest; /* the way's listener, and the connection through it */
	struct watch *door_watch;
	struct pump *pump;
};

/* ---- closing ---- */

static void close_door(struct tunnel *tunnel)
{
	if (tunnel->door < 0)
		return;
	watch_destroy(tunnel->door_watch);
	close(tunnel->door);
	local_remove(tunnel->dir, tunnel->name, tunnel->lock);
	tunnel->door = -1;
}

static void stop_hearing(struct tunnel *tunnel)
{
	if (tunnel->hearing)
		watch_destroy(tunnel->hearing);
	tunnel->hearing = NULL;
	buf_clear(&tunnel->heard);
}

void tunnel_close(struct tunnel *tunnel)
{
	timer_stop(tunnel->patience);
	stop_hearing(tunnel);
	close_door(tunnel);
	pump_destroy(tunnel->pump);
	tunnel->pump = NULL;
	if (tunnel->guest >= 0)
		close(tunnel->guest);
	tunnel->guest = -1;
	child_destroy(tunnel->child);
	tunnel->child = NULL;
	free(tunnel->unstarted);
	tunnel->unstarted = NULL;
}

/* ---- why not ---- */

/* The last line that it said. */
static const char *last_words(struct tunnel *tunnel)
{
	struct buf *words = &tunnel->words;
	char *line;

	while (words->len && strchr("\r\n ", words->at[words->len - 1]))
		words->len--;
	buf_add_byte(words, '\0');
	line = strrchr(words->at, '\n');
	line = line ? line + 1 : words->at;
	report_plain(line);
	return line;
}

/* ssh's own words (OpenSSH translates none) for what only a person can settle. */
static bool needs_person(const char *words)
{
	static const char *const those[] = {"Permission denied", "Host key verification failed",
		"Too many authentication failures", "No supported authentication methods"};

	for (size_t i = 0; i < sizeof(those) / sizeof(those[0]); i++)
		if (strstr(words, those[i]))
			return true;
	return false;
}

static char *sentence_of(const struct tunnel *tunnel, int status, const char *words)
{
	if (status == 127)
		return report_sentence(
			"there is no codecollab on %s, or not where its shell looks. "
			"Install it there, or name it with --remote-program",
			tunnel->url.host);
	if (status == 255)
		return report_sentence("ssh did not get to %s: %s", tunnel->url.host,
			*words ? words : "it says no more");
	if (*words)
		return report_sentence("%s (on %s)", words, tunnel->url.host);
	return report_sentence("ssh to %s ended with status %d", tunnel->url.host, status);
}

static void fail(struct tunnel *tunnel, int status)
{
	const char *words = last_words(tunnel), *mine = "codecollab: ";
	bool for_good = tunnel->quiet && status == 255 && needs_person(words);
	char *why;

	if (strncmp(words, mine, strlen(mine)) == 0)
		words += strlen(mine);
	why = sentence_of(tunnel, status, words);
	tunnel_close(tunnel);
	tunnel->handler->failed(tunnel->ctx, why, for_good);
	free(why);
}

/* ---- the bytes ---- */

/* When both have said their last, or a while after we did. */
static void on_done(void *ctx, enum pump_side side)
{
	struct tunnel *tunnel = ctx;

	(void)side;
	timer_set(tunnel->patience, LINGER_MS, 0);
}

static void on_door(void *ctx, bool readable, bool writable)
{
	struct tunnel *tunnel = ctx;
	int guest = accept4(tunnel->door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int ssh = child_fd(tunnel->child);
	struct local_peer peer;

	(void)readable, (void)writable;
	if (guest < 0)
		return;
	if (!local_peer(guest, &peer) || peer.pid != getpid()) {
		close(guest);
		return;
	}
	close_door(tunnel);
	tunnel->guest = guest;
	tunnel->pump = pump_create(tunnel->loop, &(struct pump_end){guest, guest},
		&(struct pump_end){ssh, ssh}, on_done, tunnel);
}

static void open_door(struct tunnel *tunnel)
{
	struct local_access own = {.shared = false};
	const char *fault = NULL;

	tunnel->door = local_listen(tunnel->dir, tunnel->name, &own, &tunnel->lock, &fault);
	if (tunnel->door < 0) {
		buf_printf(&tunnel->words, "no local socket in %s: %s", tunnel->dir, fault);
		fail(tunnel, 1);
		return;
	}
	tunnel->door_watch = watch_create(tunnel->loop, tunnel->door, on_door, tunnel);
	watch_set(tunnel->door_watch, true, false);
	tunnel->handler->ready(tunnel->ctx);
}

/* ---- ssh ---- */

static void on_said(void *ctx, const char *at, size_t len)
{
	struct tunnel *tunnel = ctx;

	if (!tunnel->quiet && tunnel->hearing)
		fwrite(at, 1, len, stderr);
	buf_add(&tunnel->words, at, len);
	if (tunnel->words.len > WORDS_BYTES)
		buf_drop(&tunnel->words, tunnel->words.len - WORDS_BYTES);
}

/* The room's answer, or nothing more: ended() says why then. */
static void on_heard(void *ctx, bool readable, bool writable)
{
	struct tunnel *tunnel = ctx;
	struct buf *heard = &tunnel->heard;
	ssize_t n = read(child_fd(tunnel->child), buf_room(heard, 4096), 4096);

	(void)readable, (void)writable;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	heard->len += n > 0 ? (size_t)n : 0;
	if (n > 0 && memmem(heard->at, heard->len, BRIDGE_READY, strlen(BRIDGE_READY))) {
		timer_stop(tunnel->patience);
		stop_hearing(tunnel);
		open_door(tunnel);
	} else if (n <= 0 || heard->len > TUNNEL_SKIP_BYTES) {
		watch_set(tunnel->hearing, false, false);
		timer_set(tunnel->patience, LINGER_MS, 0);
	}
}

static void on_ended(void *ctx, int status)
{
	struct tunnel *tunnel = ctx;

	if (tunnel->hearing)
		fail(tunnel, status);
}

static void on_patience(void *ctx)
{
	struct tunnel *tunnel = ctx;
	char *why = tunnel->unstarted;

	tunnel->unstarted = NULL;
	if (why)
		tunnel->handler->failed(tunnel->ctx, why, false);
	free(why);
	if (why || !tunnel->hearing) {
		tunnel_close(tunnel);
		return;
	}
	buf_clear(&tunnel->words);
	buf_add_str(&tunnel->words, "no answer");
	fail(tunnel, 255);
}

static const struct child_handler child_handler = {.said = on_said, .ended = on_ended};

/* What the user gave is the shell's to read; what is behind it is not. */
static size_t put_program(const struct tunnel *tunnel, const char **argv, char **script)
{
	size_t n = 0;

	*script = NULL;
	if (!tunnel->ssh) {
		argv[n++] = "ssh";
		return n;
	}
	*script = report_sentence("exec %s \"$@\"", tunnel->ssh);
	argv[n++] = "/bin/sh";
	argv[n++] = "-c";
	argv[n++] = *script;
	argv[n++] = "ssh";
	return n;
}

static size_t put_options(const struct tunnel *tunnel, const char **argv, char port[16])
{
	static const char *const always[] = {
		"-T", "-a", "-x", "-o", "ClearAllForwardings=yes", "-o", "RemoteCommand=none"};
	static const char *const unasked[] = {"-o", "BatchMode=yes", "-o", "ConnectTimeout=20"};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		argv[n++] = always[i];
	for (size_t i = 0; tunnel->quiet && i < sizeof(unasked) / sizeof(unasked[0]); i++)
		argv[n++] = unasked[i];
	snprintf(port, 16, "%u", tunnel->url.port);
	if (tunnel->url.port) {
		argv[n++] = "-p";
		argv[n++] = port;
	}
	if (*tunnel->url.user) {
		argv[n++] = "-l";
		argv[n++] = tunnel->url.user;
	}
	return n;
}

/* For the shell there. */
static char *command_of(const struct tunnel *tunnel)
{
	const char *owner = tunnel->url.owner;

	return report_sentence(
		"%s connect %s%s%s", tunnel->program, owner, *owner ? "/" : "", tunnel->url.room);
}

static struct child *start_ssh(struct tunnel *tunnel, char **why)
{
	const char *argv[ARGS_MAX] = {0};
	char port[16], *script, *command = command_of(tunnel);
	size_t n = put_program(tunnel, argv, &script);
	struct child *child;

	n += put_options(tunnel, argv + n, port);
	argv[n++] = "--";
	argv[n++] = tunnel->url.host;
	argv[n++] = command;
	child = child_start(tunnel->loop, argv, !tunnel->quiet, &child_handler, tunnel, why);
	free(script);
	free(command);
	return child;
}

void tunnel_open(struct tunnel *tunnel, const struct tunnel_handler *handler, void *ctx)
{
	char *why = NULL;

	tunnel_close(tunnel);
	tunnel->handler = handler;
	tunnel->ctx = ctx;
	buf_clear(&tunnel->words);
	tunnel->child = start_ssh(tunnel, &why);
	if (!tunnel->child) { /* told from a turn of the loop, like all else */
		tunnel->unstarted = why;
		timer_set(tunnel->patience, 0, 0);
		return;
	}
	tunnel->hearing = watch_create(tunnel->loop, child_fd(tunnel->child), on_heard, tunnel);
	watch_set(tunnel->hearing, true, false);
	if (tunnel->quiet)
		timer_set(tunnel->patience, TUNNEL_OPEN_MS, 0);
}

/* ---- for its owner ---- */

struct tunnel *tunnel_create(struct loop *loop, const struct tunnel_options *options, char **why)
{
	char *dir = runtime_own(NULL, why);
	struct tunnel *tunnel = dir ? mem_alloc(sizeof(*tunnel)) : NULL;

	if (!tunnel)
		return NULL;
	tunnel->loop = loop;
	tunnel->url = options->url;
	tunnel->ssh = options->ssh;
	tunnel->program = options->program ? options->program : "codecollab";
	tunnel->dir = dir;
	snprintf(tunnel->name, sizeof(tunnel->name), ".ssh-%ld", (long)getpid());
	tunnel->door = tunnel->guest = -1;
	tunnel->patience = timer_make(loop, on_patience, tunnel);
	return tunnel;
}

void tunnel_destroy(struct tunnel *tunnel)
{
	if (!tunnel)
		return;
	tunnel_close(tunnel);
	timer_destroy(tunnel->patience);
	buf_fini(&tunnel->heard);
	buf_fini(&tunnel->words);
	free(tunnel->dir);
	free(tunnel);
}

/* Host and port stand in the names of what is kept: one room of one machine. */
void tunnel_url(const struct tunnel *tunnel, struct url *out)
{
	*out = (struct url){.port = tunnel->url.port ? tunnel->url.port : 22};
	snprintf(out->host, sizeof(out->host), "%s", tunnel->url.host);
	snprintf(out->room, sizeof(out->room), "%s", tunnel->url.room);
	snprintf(out->socket, sizeof(out->socket), "%s/%s%s", tunnel->dir, tunnel->name,
		LOCAL_SUFFIX);
}

void tunnel_quiet(struct tunnel *tunnel)
{
	tunnel->quiet = true;
}
