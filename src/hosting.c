#include "src/hosting.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/url.h"
#include "ot/mem.h"
#include "src/notify.h"
#include "src/report.h"

#define GOODBYE_MS 2000
#define RESTART_MS 2000 /* after a signal: people should look again, the server may be back */

struct hosting {
	struct loop *loop;
	struct host *host;
	struct join *join;
	char *address; /* it listens on */
	char *failed;
	const char *goodbye;
	unsigned retry_ms;
	char question[120];
	bool on_terminal;
	struct reverse *reverse; /* NULL: none */
	bool is_published;
	char *ssh_url;          /* the room by it; NULL until it is published */
	struct timer *watchdog; /* NULL: nobody watches */
	struct timer *drained;  /* NULL: it ends as soon as it is asked to */
	unsigned drain_s;
	bool draining;
};

/* ---- endings ---- */

static void stop(struct hosting *hosting, const char *goodbye, unsigned retry_ms)
{
	hosting->goodbye = goodbye;
	hosting->retry_ms = retry_ms;
	loop_stop(hosting->loop);
}

static void on_editor_end(void *ctx, const char *failed)
{
	struct hosting *hosting = ctx;

	hosting->failed = failed ? report_sentence("%s", failed) : NULL;
	stop(hosting, "The host ended the session.", 0);
}

static void on_room_end(void *ctx, const char *why)
{
	(void)why;
	stop(ctx, "The owner ended the session.", 0);
}

static void on_drained(void *ctx)
{
	stop(ctx, "The server is stopping.", RESTART_MS);
}

static void on_signal(void *ctx, int signum)
{
	struct hosting *hosting = ctx;

	if (signum != SIGTERM || !hosting->drained || hosting->draining) {
		on_drained(hosting);
		return;
	}
	hosting->draining = true;
	host_drain(hosting->host);
	report_info("event=drain seconds=%u", hosting->drain_s);
	notify_send("STOPPING=1");
	timer_set(hosting->drained, hosting->drain_s * 1000ULL, 0);
}

void hosting_drain(struct hosting *hosting, unsigned seconds)
{
	if (!seconds)
		return;
	hosting->drain_s = seconds;
	hosting->drained = timer_make(hosting->loop, on_drained, hosting);
}

/* Not while the terminal that hung up is what people look at: then it is the end. */
static void on_hangup(void *ctx, int signum)
{
	struct hosting *hosting = ctx;
	char *why = NULL;

	if (hosting->join || (hosting->on_terminal && !isatty(STDIN_FILENO))) {
		on_signal(ctx, signum);
		return;
	}
	notify_send("RELOADING=1");
	if (report_reopen(&why) && host_reload(hosting->host, &why))
		report_info("event=reload");
	else
		report_info("event=reload failed: %s", why);
	free(why);
	notify_send("READY=1");
}

static void on_watchdog(void *ctx)
{
	(void)ctx;
	notify_send("WATCHDOG=1");
}

static void tell_manager(struct hosting *hosting)
{
	unsigned every_ms = notify_watchdog_ms();

	if (!notify_send("READY=1") || !every_ms)
		return;
	hosting->watchdog = timer_make(hosting->loop, on_watchdog, NULL);
	timer_set(hosting->watchdog, every_ms, every_ms);
}

static const char *quit_question(void *ctx)
{
	struct hosting *hosting = ctx;
	size_t others = host_people(hosting->host) - 1;

	if (host_people(hosting->host) < 2)
		return NULL;
	snprintf(hosting->question, sizeof(hosting->question),
		"%zu other%s here; end the session for all? (y/n)", others,
		others == 1 ? " is" : "s are");
	return hosting->question;
}

/* ---- for its owner ---- */

/* The address under which the host's own editor finds its server. */
static const char *own_address(const char *listens_on)
{
	if (strcmp(listens_on, "0.0.0.0") == 0 || strcmp(listens_on, "::") == 0)
		return "127.0.0.1";
	return listens_on;
}

bool hosting_edit(struct hosting *hosting, const struct join_options *options)
{
	struct join_options join = *options;
	char *own = host_url(hosting->host, ROLE_OWNER, own_address(hosting->address));
	char *editor = host_url(hosting->host, ROLE_EDITOR, NULL);
	char *viewer = host_url(hosting->host, ROLE_VIEWER, NULL);
	char *socket = host_socket(hosting->host);
	const char *fault = url_parse(own, &join.url);

	join.editor_url = hosting->ssh_url ? hosting->ssh_url : editor;
	join.viewer_url = viewer;
	join.room_here = socket ? host_room(hosting->host) : NULL;
	join.quit_question = quit_question;
	if (fault)
		hosting->failed = report_sentence("the host's own URL is broken: %s", fault);
	else
		hosting->join = join_start(hosting->loop, &join, on_editor_end, hosting);
	free(own);
	free(editor);
	free(viewer);
	free(socket);
	return !fault;
}

static void on_published(void *ctx, bool again)
{
	struct hosting *hosting = ctx;

	hosting->is_published = true;
	if (!again)
		loop_stop(hosting->loop);
	else if (hosting->join)
		join_notice(hosting->join, "The room is to be found on the other machine again.");
}

static void on_lost(void *ctx, const char *sentence, bool for_good)
{
	const struct hosting *hosting = ctx;
	char *words = report_sentence("Nobody new comes by ssh: %s. %s", sentence,
		for_good ? "Host anew to sign in" : "Trying again");

	if (hosting->join)
		join_notice(hosting->join, words);
	free(words);
}

static void on_unpublished(void *ctx, const char *sentence)
{
	struct hosting *hosting = ctx;

	hosting->failed = report_sentence("%s", sentence);
	loop_stop(hosting->loop);
}

static const struct reverse_handler reverse_handler = {
	.published = on_published, .failed = on_unpublished, .lost = on_lost};

bool hosting_reverse(
	struct hosting *hosting, const struct reverse_options *options, enum role role, char **why)
{
	struct reverse_options reverse = *options;
	char *socket = host_guests(hosting->host, role, why);

	if (!socket)
		return false;
	snprintf(reverse.box.room, sizeof(reverse.box.room), "%s", host_room(hosting->host));
	reverse.socket = socket;
	hosting->reverse = reverse_create(hosting->loop, &reverse, &reverse_handler, hosting);
	free(socket);
	loop_run(hosting->loop);
	if (hosting->is_published) {
		reverse_quiet(hosting->reverse);
		hosting->ssh_url = ssh_url_format(&reverse.box);
	}
	*why = hosting->failed;
	hosting->failed = NULL;
	return hosting->is_published;
}

const char *hosting_ssh_url(const struct hosting *hosting)
{
	return hosting->ssh_url;
}

struct hosting *hosting_start(struct loop *loop, const struct host_options *options, char **why)
{
	struct host *host = host_start(loop, options, why);
	struct hosting *hosting = host ? mem_alloc(sizeof(*hosting)) : NULL;

	if (!host)
		return NULL;
	hosting->loop = loop;
	hosting->host = host;
	hosting->address = mem_dup(options->address, strlen(options->address));
	hosting->goodbye = "The server is stopping.";
	hosting->on_terminal = isatty(STDIN_FILENO);
	loop_on_signal(loop, SIGTERM, on_signal, hosting);
	loop_on_signal(loop, SIGHUP, on_hangup, hosting);
	loop_on_signal(loop, SIGINT, on_signal, hosting);
	host_on_end(host, on_room_end, hosting);
	tell_manager(hosting);
	return hosting;
}

struct host *hosting_host(const struct hosting *hosting)
{
	return hosting->host;
}

struct join *hosting_join(struct hosting *hosting)
{
	return hosting->join;
}

static bool busy(void *ctx)
{
	return host_busy(((struct hosting *)ctx)->host);
}

static bool unsettled(void *join)
{
	return join_unsettled(join);
}

char *hosting_finish(struct hosting *hosting)
{
	char *failed = hosting->failed;

	notify_send("STOPPING=1");
	if (hosting->join) {
		loop_drain(hosting->loop, unsettled, hosting->join, GOODBYE_MS);
		join_leave(hosting->join);
	}
	host_stop(hosting->host, hosting->goodbye, hosting->retry_ms);
	loop_drain(hosting->loop, busy, hosting, GOODBYE_MS);
	reverse_destroy(hosting->reverse);
	join_destroy(hosting->join);
	timer_destroy(hosting->watchdog);
	timer_destroy(hosting->drained);
	host_destroy(hosting->host);
	free(hosting->address);
	free(hosting->ssh_url);
	free(hosting);
	return failed;
}
