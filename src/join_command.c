/*
 * join_command.c: codecollab join URL.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/loop.h"
#include "net/url.h"
#include "src/client/join.h"
#include "src/commands.h"
#include "src/options.h"
#include "src/report.h"

#define GOODBYE_MS 1000

struct joining {
	struct loop *loop;
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
	(void)signum;
	loop_stop(((struct joining *)ctx)->loop);
}

static bool busy(void *ctx)
{
	return join_connected(ctx);
}

static int run(const struct join_options *options)
{
	struct joining joining = {.loop = loop_create()};
	struct join *join = join_start(joining.loop, options, on_end, &joining);
	int status;

	loop_on_signal(joining.loop, SIGTERM, on_signal, &joining);
	loop_on_signal(joining.loop, SIGHUP, on_signal, &joining);
	loop_on_signal(joining.loop, SIGINT, on_signal, &joining);
	loop_run(joining.loop);
	join_leave(join);
	loop_drain(joining.loop, busy, join, GOODBYE_MS);
	join_destroy(join);
	loop_destroy(joining.loop);
	if (joining.failed)
		report_error("%s", joining.failed);
	status = joining.failed ? 1 : 0;
	free(joining.failed);
	return status;
}

int command_join(int argc, char **argv)
{
	struct join_options options = {0};
	bool help = false;
	const struct option_row rows[] = {
		{"name", "NAME", "how the others see you (default: your login name)", OPTION_TEXT,
			&options.name},
		{"help", NULL, "show this", OPTION_SET, &help},
		{0},
	};
	const char *fault;
	int rest;

	if (!options_parse(rows, argc, argv, 1, &rest))
		return 1;
	if (help) {
		puts("codecollab join URL [options]: edit what somebody shares\n");
		options_help(rows);
		return 0;
	}
	if (rest == argc) {
		report_error("which room? codecollab join URL, with the URL that the host shows "
			     "(F2 there)");
		return 1;
	}
	fault = url_parse(argv[rest], &options.url);
	if (fault) {
		report_error(
			"this is not a join URL: %s. Quote it in the shell, since it holds # and &",
			fault);
		return 1;
	}
	return run(&options);
}
