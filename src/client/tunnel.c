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
#include "src/client/ssh_run.h"
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
	bool quiet, needs_person;

	const struct tunnel_handler *handler;
	void *ctx;
	struct child *child;
	struct watch *hearing; /* until it says that it is there */
	struct buf heard;
	struct ssh_words words;
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

/* Closed before it is told, since who is told may open it again. */
static void fail(struct tunnel *tunnel, char *takes_why, bool for_good)
{
	tunnel_close(tunnel);
	tunnel->needs_person = for_good;
	tunnel->handler->failed(tunnel->ctx, takes_why, for_good);
	free(takes_why);
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
		fail(tunnel, report_sentence("no local socket in %s: %s", tunnel->dir, fault),
			false);
		return;
	}
	tunnel->door_watch = watch_create(tunnel->loop, tunnel->door, on_door, tunnel);
	watch_set(tunnel->door_watch, true, false);
	tunnel->handler->ready(tunnel->ctx);
}

/* ---- ssh ---- */

/* Of codecollab there: it is told once more, with the machine's name. */
static bool is_ours(const char *at, size_t len)
{
	static const char name[] = "codecollab: ";

	return len >= strlen(name) && memcmp(at, name, strlen(name)) == 0;
}

static void on_said(void *ctx, const char *at, size_t len)
{
	struct tunnel *tunnel = ctx;

	if (!tunnel->quiet && tunnel->hearing && !is_ours(at, len))
		fwrite(at, 1, len, stderr);
	ssh_words_add(&tunnel->words, at, len);
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

	if (!tunnel->hearing)
		return;
	bool for_good = ssh_words_need_person(&tunnel->words, status);
	fail(tunnel, ssh_words_tell(&tunnel->words, tunnel->url.host, status), for_good);
}

static void on_patience(void *ctx)
{
	struct tunnel *tunnel = ctx;
	char *unstarted = tunnel->unstarted;

	tunnel->unstarted = NULL;
	if (unstarted)
		fail(tunnel, unstarted, false);
	else if (tunnel->hearing)
		fail(tunnel, report_sentence("no answer from %s", tunnel->url.host), false);
	else
		tunnel_close(tunnel);
}

static const struct child_handler child_handler = {.said = on_said, .ended = on_ended};

/* For the shell there. */
static char *command_of(const struct tunnel *tunnel)
{
	const char *owner = tunnel->url.owner;

	return report_sentence(
		"%s connect %s%s%s", tunnel->program, owner, *owner ? "/" : "", tunnel->url.room);
}

static struct child *start_ssh(struct tunnel *tunnel, char **why)
{
	char *command = command_of(tunnel);
	struct ssh_run run = {.url = &tunnel->url,
		.ssh = tunnel->ssh,
		.quiet = tunnel->quiet,
		.command = command};
	struct child *child = ssh_run_start(tunnel->loop, &run, &child_handler, tunnel, why);

	free(command);
	return child;
}

void tunnel_open(struct tunnel *tunnel, const struct tunnel_handler *handler, void *ctx)
{
	char *why = NULL;

	tunnel_close(tunnel);
	tunnel->needs_person = false;
	tunnel->handler = handler;
	tunnel->ctx = ctx;
	tunnel->words = (struct ssh_words){0};
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

void tunnel_quiet(struct tunnel *tunnel, bool quiet)
{
	tunnel->quiet = quiet;
}

bool tunnel_needs_person(const struct tunnel *tunnel)
{
	return tunnel->needs_person;
}
