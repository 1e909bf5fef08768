#include "src/reverse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "src/client/backoff.h"
#include "src/client/bridge.h"
#include "src/client/ssh_run.h"
#include "src/report.h"
#include "src/runtime.h"

#define HEARD_BYTES ((size_t)64 << 10) /* of what a login shell may say first */
#define STABLE_MS   60000              /* it will last */
#define PATH_CHARS                                                                                 \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-" /* mean nothing to ssh */

struct reverse {
	struct loop *loop;
	struct ssh_url box;
	const char *ssh, *program;
	char *socket;
	const struct reverse_handler *handler;
	void *ctx;
	bool quiet, was_published;

	struct child *master;  /* holds the connection and the name */
	struct child *request; /* asks it for the socket; NULL: not now */
	struct watch *hearing;
	struct buf heard;
	struct ssh_words words;
	char *control; /* its path */
	struct timer *retry, *stable;
	struct backoff backoff;
};

/* ---- lost, and again ---- */

static void hang_up(struct reverse *reverse)
{
	if (reverse->hearing)
		watch_destroy(reverse->hearing);
	reverse->hearing = NULL;
	child_destroy(reverse->request);
	child_destroy(reverse->master);
	reverse->request = reverse->master = NULL;
	buf_clear(&reverse->heard);
	if (reverse->control)
		unlink(reverse->control);
	timer_stop(reverse->stable);
}

static void wait(struct reverse *reverse)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		random = 0;
	timer_set(reverse->retry, backoff_next(&reverse->backoff, random), 0);
}

static void give_up(struct reverse *reverse, char *takes_why, bool for_good)
{
	hang_up(reverse);
	if (!reverse->was_published) {
		reverse->handler->failed(reverse->ctx, takes_why);
	} else {
		report_info("event=unpublished box=%s: %s", reverse->box.host, takes_why);
		reverse->handler->lost(reverse->ctx, takes_why, for_good);
		if (!for_good)
			wait(reverse);
	}
	free(takes_why);
}

static void fail(struct reverse *reverse, char *takes_why)
{
	give_up(reverse, takes_why, false);
}

static void on_said(void *ctx, const char *at, size_t len)
{
	struct reverse *reverse = ctx;

	if (!reverse->quiet)
		fwrite(at, 1, len, stderr);
	ssh_words_add(&reverse->words, at, len);
}

static void on_ended(void *ctx, int status)
{
	struct reverse *reverse = ctx;

	give_up(reverse, ssh_words_tell(&reverse->words, reverse->box.host, status),
		ssh_words_need_person(&reverse->words, status));
}

static const struct child_handler master_handler = {.said = on_said, .ended = on_ended};

/* ---- the socket there ---- */

static void on_requested(void *ctx, int status)
{
	struct reverse *reverse = ctx;

	child_destroy(reverse->request);
	reverse->request = NULL;
	if (status)
		fail(reverse, ssh_words_tell(&reverse->words, reverse->box.host, status));
	else if (send(child_fd(reverse->master), BRIDGE_THERE, strlen(BRIDGE_THERE), MSG_NOSIGNAL) <
		 0)
		fail(reverse, report_sentence("ssh to %s ended", reverse->box.host));
}

static const struct child_handler request_handler = {.said = on_said, .ended = on_requested};

static void request(struct reverse *reverse, const char *place)
{
	char *ways = report_sentence("%s:%s", place, reverse->socket), *why = NULL;
	const char *const options[] = {
		"-F", "none", "-S", reverse->control, "-O", "forward", "-R", ways, NULL};
	struct ssh_run run = {.url = &reverse->box,
		.ssh = reverse->ssh,
		.quiet = reverse->quiet,
		.more = options,
		.bare = true};

	reverse->request = ssh_run_start(reverse->loop, &run, &request_handler, reverse, &why);
	free(ways);
	if (!reverse->request)
		fail(reverse, why);
}

/* ---- what is said there ---- */

static void on_stable(void *ctx)
{
	backoff_reset(&((struct reverse *)ctx)->backoff);
}

static void publish(struct reverse *reverse)
{
	bool again = reverse->was_published;

	reverse->was_published = true;
	timer_set(reverse->stable, STABLE_MS, 0);
	report_info("event=published box=%s room=%s", reverse->box.host, reverse->box.room);
	reverse->handler->published(reverse->ctx, again);
}

/* The path of the line; owned, and the line is forgotten. NULL: it is not here yet. */
static char *take_place(struct buf *heard)
{
	char *at = heard->len ? memmem(heard->at, heard->len, BRIDGE_PLACE, strlen(BRIDGE_PLACE))
			      : NULL;
	char *end = at ? memchr(at, '\n', heard->len - (size_t)(at - heard->at)) : NULL;
	char *place;

	if (!end)
		return NULL;
	at += strlen(BRIDGE_PLACE);
	place = mem_dup(at, (size_t)(end - at));
	buf_clear(heard);
	return place;
}

/*
 * It is the other machine's word, and becomes an argument of ssh, which would replace ${NAME} in it by what our environment holds
 * and send it there, and end it at a colon.
 */
static bool is_plain_path(const char *path)
{
	return *path == '/' && path[strspn(path, PATH_CHARS)] == '\0';
}

static void take_line(struct reverse *reverse)
{
	struct buf *heard = &reverse->heard;
	char *place = take_place(heard);

	if (place && is_plain_path(place))
		request(reverse, place);
	else if (place)
		fail(reverse, report_sentence(
				      "codecollab on %s says what is no path", reverse->box.host));
	else if (memmem(heard->at, heard->len, BRIDGE_READY, strlen(BRIDGE_READY))) {
		buf_clear(heard);
		publish(reverse);
	}
	free(place);
}

static void on_heard(void *ctx, bool readable, bool writable)
{
	struct reverse *reverse = ctx;
	struct buf *heard = &reverse->heard;
	ssize_t n = read(child_fd(reverse->master), buf_room(heard, 4096), 4096);

	(void)readable, (void)writable;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	heard->len += n > 0 ? (size_t)n : 0;
	if (n > 0 && heard->len <= HEARD_BYTES)
		take_line(reverse);
	else
		watch_set(reverse->hearing, false, false); /* its end says why */
}

/* ---- starting ---- */

static void start(void *ctx)
{
	struct reverse *reverse = ctx;
	char *command = report_sentence(
		     "%s connect --publish %s", reverse->program, reverse->box.room),
	     *why = NULL;
	const char *const options[] = {
		"-o", "ControlMaster=yes", "-o", "ControlPersist=no", "-S", reverse->control, NULL};
	struct ssh_run run = {.url = &reverse->box,
		.ssh = reverse->ssh,
		.quiet = reverse->quiet,
		.more = options,
		.command = command};

	reverse->words = (struct ssh_words){0};
	unlink(reverse->control);
	reverse->master = ssh_run_start(reverse->loop, &run, &master_handler, reverse, &why);
	free(command);
	if (!reverse->master) {
		fail(reverse, why);
		return;
	}
	reverse->hearing =
		watch_create(reverse->loop, child_fd(reverse->master), on_heard, reverse);
	watch_set(reverse->hearing, true, false);
}

/* The first time too, so that it never fails inside reverse_create(). */
static void on_retry(void *ctx)
{
	struct reverse *reverse = ctx;
	char *why = NULL, *dir = reverse->control ? NULL : runtime_own(NULL, &why);

	if (dir)
		reverse->control = report_sentence("%s/.ssh-%ld.ctl", dir, (long)getpid());
	free(dir);
	if (reverse->control && !is_plain_path(reverse->control))
		why = report_sentence("ssh cannot use the path %s: choose another runtime folder "
				      "(XDG_RUNTIME_DIR)",
			reverse->control);
	if (why)
		fail(reverse, why);
	else
		start(reverse);
}

struct reverse *reverse_create(struct loop *loop, const struct reverse_options *options,
	const struct reverse_handler *handler, void *ctx)
{
	struct reverse *reverse = mem_alloc(sizeof(*reverse));

	reverse->loop = loop;
	reverse->box = options->box;
	reverse->ssh = options->ssh;
	reverse->program = options->program ? options->program : "codecollab";
	reverse->socket = mem_dup(options->socket, strlen(options->socket));
	reverse->handler = handler;
	reverse->ctx = ctx;
	reverse->retry = timer_make(loop, on_retry, reverse);
	reverse->stable = timer_make(loop, on_stable, reverse);
	timer_set(reverse->retry, 0, 0);
	return reverse;
}

void reverse_quiet(struct reverse *reverse)
{
	reverse->quiet = true;
}

void reverse_destroy(struct reverse *reverse)
{
	if (!reverse)
		return;
	hang_up(reverse);
	timer_destroy(reverse->retry);
	timer_destroy(reverse->stable);
	buf_fini(&reverse->heard);
	free(reverse->control);
	free(reverse->socket);
	free(reverse);
}
