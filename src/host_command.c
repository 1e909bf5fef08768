/*
 * host_command.c: codecollab host [PATH]: the server, and unless headless the host's own editor in it.
 */
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "net/loop.h"
#include "net/url.h"
#include "src/client/join.h"
#include "src/commands.h"
#include "src/notify.h"
#include "src/options.h"
#include "src/report.h"
#include "src/server/host.h"
#include "src/server/limits.h"

#define GOODBYE_MS 2000
#define KEEP_MAX   1000000
#define RESTART_MS 2000 /* after a signal: people should look again, the server may be back */

struct hosting {
	struct loop *loop;
	struct host *host;
	struct join *join;
	char *failed;
	const char *goodbye;
	unsigned retry_ms;
	char question[120];
	bool on_terminal;
	struct timer *watchdog; /* NULL: nobody watches */
};

struct host_flags {
	const char *log, *listen, *name, *durability, *keep_days, *keep_mb;
	bool headless, json, help;
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

static void on_signal(void *ctx, int signum)
{
	(void)signum;
	stop(ctx, "The server is stopping.", RESTART_MS);
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

/* ---- what is shown ---- */

static void print_json(struct host *host, char *const urls[])
{
	cJSON *line = cJSON_CreateObject();
	char *text;

	cJSON_AddStringToObject(line, "event", "listening");
	cJSON_AddStringToObject(line, "room", host_room(host));
	cJSON_AddNumberToObject(line, "port", host_port(host));
	cJSON_AddStringToObject(line, "owner", urls[ROLE_OWNER]);
	cJSON_AddStringToObject(line, "editor", urls[ROLE_EDITOR]);
	cJSON_AddStringToObject(line, "viewer", urls[ROLE_VIEWER]);
	text = cJSON_PrintUnformatted(line);
	puts(text);
	free(text);
	cJSON_Delete(line);
}

static void print_urls(struct host *host, char *const urls[])
{
	printf("codecollab hosts room %s on port %u.\n\nTo edit:\n  codecollab join '%s'\n\nTo "
	       "watch:\n  codecollab join '%s'\n\n"
	       "As its owner:\n  codecollab join '%s'\n\nCtrl-C ends it.\n",
		host_room(host), host_port(host), urls[ROLE_EDITOR], urls[ROLE_VIEWER],
		urls[ROLE_OWNER]);
}

/* ---- options ---- */

/* ADDR:PORT, [ADDR]:PORT, :PORT or PORT; the address must be numeric. NULL, or what is wrong. */
static const char *parse_listen(char *listen, struct host_options *options)
{
	char *colon = strrchr(listen, ':'), *end;
	const char *port = colon ? colon + 1 : listen;
	unsigned char bytes[16];
	unsigned long number = strtoul(port, &end, 10);

	if (!*port || *end || *port == '-' || *port == '+' || number > 65535)
		return "the port must be a number from 0 to 65535";
	options->port = (unsigned)number;
	if (!colon || colon == listen)
		return NULL;
	*colon = '\0';
	if (*listen == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		listen++;
	}
	if (strcmp(listen, "localhost") == 0)
		listen = "127.0.0.1";
	options->address = strcmp(listen, "*") == 0 ? "::" : listen;
	if (inet_pton(AF_INET, options->address, bytes) != 1 &&
		inet_pton(AF_INET6, options->address, bytes) != 1)
		return "the address must be numeric, like 127.0.0.1 or [::]";
	return NULL;
}

static bool parse_durability(const char *word, enum store_durability *out)
{
	static const char *const words[] = {
		[STORE_DISK] = "disk", [STORE_PROCESS] = "process", [STORE_MEMORY] = "memory"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], word) == 0) {
			*out = (enum store_durability)i;
			return true;
		}
	report_error("--durability %s: it is disk, process or memory", word);
	return false;
}

static bool parse_keep(const char *name, const char *word, unsigned *out)
{
	char *end;
	unsigned long number = strtoul(word, &end, 10);

	*out = (unsigned)number;
	if (*word >= '0' && *word <= '9' && !*end && number > 0 && number <= KEEP_MAX)
		return true;
	report_error("--%s %s: it must be a number from 1 to %d", name, word, KEEP_MAX);
	return false;
}

static bool parse_keeping(const struct host_flags *flags, struct host_options *options)
{
	unsigned mb = 0;

	if (flags->durability && !parse_durability(flags->durability, &options->durability))
		return false;
	if (flags->keep_days && !parse_keep("keep-days", flags->keep_days, &options->keep.days))
		return false;
	if (flags->keep_mb && !parse_keep("keep-mb", flags->keep_mb, &mb))
		return false;
	options->keep.bytes = (uint64_t)mb << 20;
	return true;
}

/* The address under which the host's own editor finds its server. */
static const char *own_address(const char *listens_on)
{
	if (strcmp(listens_on, "0.0.0.0") == 0 || strcmp(listens_on, "::") == 0)
		return "127.0.0.1";
	return listens_on;
}

static bool start_editor(struct hosting *hosting, const struct host_flags *flags,
	const char *address, char *const urls[])
{
	struct join_options join = {.name = flags->name,
		.editor_url = urls[ROLE_EDITOR],
		.viewer_url = urls[ROLE_VIEWER],
		.quit_question = quit_question};
	char *own = host_own_url(hosting->host, own_address(address));
	const char *fault = url_parse(own, &join.url);

	if (fault)
		hosting->failed = report_sentence("the host's own URL is broken: %s", fault);
	else
		hosting->join = join_start(hosting->loop, &join, on_editor_end, hosting);
	free(own);
	return !fault;
}

static bool busy(void *ctx)
{
	return host_busy(((struct hosting *)ctx)->host);
}

static bool unsettled(void *join)
{
	return join_unsettled(join);
}

static int finish(struct hosting *hosting)
{
	int status = hosting->failed ? 1 : 0;

	notify_send("STOPPING=1");
	if (hosting->join) {
		loop_drain(hosting->loop, unsettled, hosting->join, GOODBYE_MS);
		join_leave(hosting->join);
	}
	if (hosting->host) {
		host_stop(hosting->host, hosting->goodbye, hosting->retry_ms);
		loop_drain(hosting->loop, busy, hosting, GOODBYE_MS);
	}
	join_destroy(hosting->join);
	timer_destroy(hosting->watchdog);
	host_destroy(hosting->host);
	loop_destroy(hosting->loop);
	if (hosting->failed)
		report_error("%s", hosting->failed);
	free(hosting->failed);
	return status;
}

static int run(const struct host_options *options, const struct host_flags *flags)
{
	struct hosting hosting = {.loop = loop_create(), .goodbye = "The server is stopping."};
	char *urls[ROLE_OWNER + 1];
	bool editor =
		!flags->headless && isatty(STDIN_FILENO) && (isatty(STDOUT_FILENO) || flags->json);

	report_quiet(editor && isatty(STDERR_FILENO));
	loop_on_signal(hosting.loop, SIGTERM, on_signal, &hosting);
	loop_on_signal(hosting.loop, SIGHUP, on_hangup, &hosting);
	loop_on_signal(hosting.loop, SIGINT, on_signal, &hosting);
	hosting.host = host_start(hosting.loop, options, &hosting.failed);
	if (!hosting.host)
		return finish(&hosting);
	host_on_end(hosting.host, on_room_end, &hosting);
	hosting.on_terminal = isatty(STDIN_FILENO);
	tell_manager(&hosting);
	for (enum role r = ROLE_VIEWER; r <= ROLE_OWNER; r++)
		urls[r] = host_url(hosting.host, r, NULL);
	if (flags->json)
		print_json(hosting.host, urls);
	else if (!editor)
		print_urls(hosting.host, urls);
	fflush(stdout);
	if (!editor || start_editor(&hosting, flags, options->address, urls))
		loop_run(hosting.loop);
	for (enum role r = ROLE_VIEWER; r <= ROLE_OWNER; r++)
		free(urls[r]);
	return finish(&hosting);
}

/* Behind rows that are there: one for each limit. */
static void add_limits(
	struct option_row *rows, struct limits *limits, struct option_number numbers[LIMITS_ROWS])
{
	while (rows->name)
		rows++;
	limits_init(limits);
	for (size_t i = 0; i < LIMITS_ROWS; i++) {
		const struct limits_row *row = &limits_rows[i];
		numbers[i] =
			(struct option_number){limits_field(limits, row), row->least, row->most};
		rows[i] = (struct option_row){
			row->name, row->value, row->help, OPTION_NUMBER, &numbers[i]};
	}
}

#ifndef __has_feature
#define __has_feature(x) 0 /* gcc has none, and says __SANITIZE_ADDRESS__ */
#endif

/* Keys, tokens and texts stay out of core files, and out of other processes' reach. (A sanitizer must look into us.) */
static void keep_secrets(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
	setrlimit(RLIMIT_CORE, &(struct rlimit){0});
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

static bool open_log(const char *path)
{
	char *why = NULL;

	if (path && !report_to(path, &why))
		report_error("%s", why);
	bool opened = !why;
	free(why);
	return opened;
}

int command_host(int argc, char **argv)
{
	struct limits limits;
	struct option_number numbers[LIMITS_ROWS];
	struct host_options options = {
		.address = "::", .port = HOST_PORT, .autosave = true, .limits = &limits};
	struct host_flags flags = {0};
	struct option_row rows[32] = {
		{"listen", "ADDR:PORT",
			"where to listen (default [::]:8443, IPv4 too; port 0: any free one)",
			OPTION_TEXT, &flags.listen},
		{"room", "NAME", "the room's name (default: the one it had, or three words)",
			OPTION_TEXT, &options.room},
		{"name", "NAME", "how the others see you (default: your login name)", OPTION_TEXT,
			&flags.name},
		{"state", "DIR", "where keys and history live (default $XDG_STATE_HOME/codecollab)",
			OPTION_TEXT, &options.state},
		{"jwt-key", "FILE", "take tokens signed with this public key too (PEM or JWK)",
			OPTION_TEXT, &options.issuer},
		{"headless", NULL, "no editor here: print the URLs and serve until SIGTERM",
			OPTION_SET, &flags.headless},
		{"log", "FILE", "append the log there, not to standard error", OPTION_TEXT,
			&flags.log},
		{"json", NULL, "print the URLs as one line of JSON first", OPTION_SET, &flags.json},
		{"no-autosave", NULL, "write the file only when somebody saves it", OPTION_CLEAR,
			&options.autosave},
		{"durability", "WHAT",
			"when an edit counts as stored: disk (default), process or memory",
			OPTION_TEXT, &flags.durability},
		{"keep-days", "N", "drop edits older than that (default: keep all)", OPTION_TEXT,
			&flags.keep_days},
		{"keep-mb", "N", "keep the newest edits of that many MiB (default: all)",
			OPTION_TEXT, &flags.keep_mb},
		{"help", NULL, "show this", OPTION_SET, &flags.help},
	};
	char *listen;
	const char *fault = NULL;
	int rest, status;

	add_limits(rows, &limits, numbers);
	if (!options_parse(rows, argc, argv, 1, &rest))
		return 1;
	if (flags.help) {
		puts("codecollab host [PATH] [options]: share a file, and edit it here\n");
		options_help(rows);
		return 0;
	}
	if (!parse_keeping(&flags, &options))
		return 1;
	if (!open_log(flags.log))
		return 1;
	keep_secrets();
	options.path = rest < argc ? argv[rest] : NULL;
	listen = flags.listen ? strdup(flags.listen) : NULL;
	if (listen)
		fault = parse_listen(listen, &options);
	if (fault)
		report_error("--listen %s: %s", flags.listen, fault);
	status = fault ? 1 : run(&options, &flags);
	free(listen);
	return status;
}
