/*
 * join_command.c: codecollab join [URL|ROOM].
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/loop.h"
#include "src/client/join.h"
#include "src/client/journal.h"
#include "src/client/recover.h"
#include "src/commands.h"
#include "src/options.h"
#include "src/report.h"
#include "src/way.h"

#define GOODBYE_MS 1000

struct joining {
	struct loop *loop;
	struct join *join;
	char *failed;
};

static void on_end(void *ctx, const char *failed)
{
	struct joining *joining = ctx;

	joining->failed = failed ? report_sentence("%s", failed) : NULL;
	loop_stop(joining->loop);
}

static void on_signal(void *ctx, int signum)
{
	const struct joining *joining = ctx;

	if (signum != SIGINT || !join_is_asking(joining->join))
		loop_stop(joining->loop);
}

static bool unsettled(void *join)
{
	return join_unsettled(join);
}

static bool busy(void *ctx)
{
	return join_connected(ctx);
}

/* ---- what a killed client left ---- */

/* y, n, or just Enter for yes. */
static bool ask(const char *question)
{
	char answer[16] = "";

	fprintf(stderr, "%s [Y/n] ", question);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	return *answer == '\n' || *answer == 'y' || *answer == 'Y';
}

static bool wants_them(const struct journal_left *left)
{
	char when[64], *question;
	struct tm local;
	bool yes;

	strftime(when, sizeof(when), "%a %H:%M", localtime_r(&left->when, &local));
	question = report_sentence(
		"Edits of yours in %s, last written down on %s, have not reached the server. Send them now?",
		left->path, when);
	report_plain(question);
	yes = ask(question);
	free(question);
	return yes;
}

/* false: they could not be sent; they are still there, and so is the reason on the screen. */
static bool offer_left(struct loop *loop, const struct recover_from *from, struct journal *journal)
{
	struct journal_left left;
	char *why = NULL, *copy = NULL;

	if (!journal_left(journal, &left))
		return true;
	if (wants_them(&left))
		why = recover_edits(loop, from, journal, &left, &copy);
	else if (!ask("Throw them away?"))
		why = report_sentence("they are kept");
	if (copy && why)
		report_error("your edits were not sent: %s. What they insert is in %s", why, copy);
	else if (why)
		report_error("your edits were not sent: %s. Join again to send them", why);
	if (copy || !why)
		journal_clear(journal);
	journal_left_fini(&left);
	free(copy);
	free(why);
	return journal_is_empty(journal);
}

/* NULL: nothing is kept, and that was said. */
static struct journal *open_journal(const struct url *url)
{
	char *why = NULL;
	struct journal *journal = journal_open(url, &why);

	if (!journal)
		report_error(
			"%s. If this program is killed, edits that were not sent are lost", why);
	free(why);
	return journal;
}

/* From the first connection until all is said. NULL, or why it failed (owned). */
static char *edit(struct loop *loop, const struct join_options *options)
{
	struct joining joining = {.loop = loop};
	struct join *join = joining.join = join_start(loop, options, on_end, &joining);

	loop_on_signal(loop, SIGTERM, on_signal, &joining);
	loop_on_signal(loop, SIGHUP, on_signal, &joining);
	loop_on_signal(loop, SIGINT, on_signal, &joining);
	loop_run(loop);
	loop_drain(loop, unsettled, join, GOODBYE_MS);
	join_leave(join);
	loop_drain(loop, busy, join, GOODBYE_MS);
	join_destroy(join);
	return joining.failed;
}

static int run(struct loop *loop, struct join_options *options)
{
	struct recover_from from = {.url = &options->url, .tunnel = options->tunnel};
	struct journal *journal = options->journal = open_journal(&options->url);
	char *failed = NULL;
	int status = 1;

	if (!journal)
		options->warning =
			"Unsent edits cannot be kept on this machine: do not kill this program.";
	if (!journal || offer_left(loop, &from, journal)) {
		failed = edit(loop, options);
		status = failed ? 1 : 0;
	}
	journal_close(journal);
	if (failed)
		report_error("%s", failed);
	free(failed);
	return status;
}

static int join_at(
	struct loop *loop, const struct way_options *wanted, struct join_options *options)
{
	struct way way;
	char *why;
	int status = 1;

	if (way_find(loop, wanted, &way, &why)) {
		options->url = way.url;
		options->tunnel = way.tunnel;
		options->warning = *way.note ? way.note : NULL;
		status = run(loop, options);
		explicit_bzero(&options->url, sizeof(options->url));
	} else {
		report_error("%s", why);
	}
	way_fini(&way);
	free(why);
	return status;
}

int command_join(int argc, char **argv)
{
	struct join_options options = {0};
	struct way_options wanted = {0};
	struct loop *loop;
	bool help = false;
	const struct option_row rows[] = {
		{"name", "NAME", "how the others see you (default: your login name)", OPTION_TEXT,
			&options.name},
		{"trust", "FINGERPRINT", "the server's key, for a URL that has no fp=", OPTION_TEXT,
			&wanted.fingerprint},
		{"socket-dir", "DIR", "for ROOM: look only there", OPTION_TEXT, &wanted.dir},
		{"ssh", "COMMAND",
			"for ssh://: run this in place of ssh, with options if it has any",
			OPTION_TEXT, &wanted.ssh},
		{"remote-program", "COMMAND", "for ssh://: what is run there (default codecollab)",
			OPTION_TEXT, &wanted.program},
		{"help", NULL, "show this", OPTION_SET, &help},
		{0},
	};
	int rest, status;

	if (!options_parse(rows, argc, argv, 2, &rest))
		return 1;
	if (help) {
		puts("codecollab join [URL|ROOM [FILE]] [options]: edit what somebody shares; FILE is the "
		     "one to begin with\n");
		options_help(rows);
		return 0;
	}
	options.file = rest + 1 < argc ? argv[rest + 1] : NULL;
	wanted.wanted = rest < argc ? argv[rest] : NULL;
	loop = loop_create();
	status = join_at(loop, &wanted, &options);
	loop_destroy(loop);
	return status;
}
