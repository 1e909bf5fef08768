/*
 * host_command.c: codecollab host [PATH]: the server, and unless headless the host's own editor in it.
 */
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/loop.h"
#include "net/networks.h"
#include "net/redis.h"
#include "src/commands.h"
#include "src/hosting.h"
#include "src/options.h"
#include "src/report.h"
#include "src/server/host.h"
#include "src/server/limits.h"

#define KEEP_MAX  1000000
#define DRAIN_MAX 3600

struct host_flags {
	size_t drain_s;
	const char *socket_role, *reverse, *ssh, *program, *log, *listen, *name, *durability,
		*keep_days, *keep_mb, *backplane, *proxies, *forwarders;
	bool headless, json, help;
	struct ssh_url box; /* of --reverse */
	struct networks proxy_list, forwarder_list;
};

/* ---- what is shown ---- */

static void print_json(const struct hosting *hosting, char *const urls[])
{
	const struct host *host = hosting_host(hosting);
	cJSON *line = cJSON_CreateObject();
	char *text, *socket = host_socket(host);

	cJSON_AddStringToObject(line, "event", "listening");
	if (host_rooms(host))
		cJSON_AddStringToObject(line, "rooms", host_rooms(host));
	else
		cJSON_AddStringToObject(line, "room", host_room(host));
	cJSON_AddNumberToObject(line, "port", host_port(host));
	for (enum role r = ROLE_VIEWER; r <= ROLE_OWNER && urls[r]; r++)
		cJSON_AddStringToObject(line, role_name[r], urls[r]);
	if (socket)
		cJSON_AddStringToObject(line, "socket", socket);
	if (hosting_ssh_url(hosting))
		cJSON_AddStringToObject(line, "ssh", hosting_ssh_url(hosting));
	text = cJSON_PrintUnformatted(line);
	puts(text);
	free(text);
	free(socket);
	cJSON_Delete(line);
}

static void print_rooms(const struct host *host)
{
	printf("codecollab serves the rooms in %s on port %u.\n\nTo invite somebody, who makes the"
	       " room by joining it:\n  codecollab invite --room NAME --role owner\n\nCtrl-C ends"
	       " it.\n",
		host_rooms(host), host_port(host));
}

static void print_urls(const struct hosting *hosting, char *const urls[])
{
	const struct host *host = hosting_host(hosting);
	char *socket = host_socket(host);

	printf("codecollab hosts room %s on port %u.\n\nTo edit:\n  codecollab join '%s'\n\nTo "
	       "watch:\n  codecollab join '%s'\n\n"
	       "As its owner:\n  codecollab join '%s'\n\n",
		host_room(host), host_port(host), urls[ROLE_EDITOR], urls[ROLE_VIEWER],
		urls[ROLE_OWNER]);
	if (socket)
		printf("On this machine, or over ssh:\n  codecollab join %s\n  codecollab join "
		       "ssh://HOST/%s\n\n",
			host_room(host), host_room(host));
	if (hosting_ssh_url(hosting))
		printf("By way of another machine:\n  codecollab join %s\n\n",
			hosting_ssh_url(hosting));
	puts("Ctrl-C ends it.");
	free(socket);
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

/* The room is known when it is hosted. */
static bool parse_box(struct host_flags *flags)
{
	char *url = flags->reverse ? report_sentence("ssh://%s/room", flags->reverse) : NULL;
	const char *fault = url ? ssh_url_parse(url, &flags->box) : NULL;

	if (fault)
		report_error("--reverse %s: %s", flags->reverse, fault);
	free(url);
	if (flags->reverse || (!flags->ssh && !flags->program))
		return !fault;
	report_error("--ssh and --remote-program are for --reverse");
	return false;
}

static bool parse_socket(const struct host_flags *flags, struct local_options *local)
{
	const char *role = flags->socket_role ? flags->socket_role : role_name[ROLE_EDITOR];

	if (!role_parse(str(role), &local->role) || local->role == ROLE_OWNER)
		report_error("--socket-role %s: it is editor or viewer", role);
	else if (flags->socket_role && !local->group && !flags->reverse)
		report_error("--socket-role is for --socket-group and --reverse");
	else if (local->off && (local->dir || local->group))
		report_error("--no-socket leaves nothing for --socket-dir and --socket-group");
	else
		return true;
	return false;
}

/* false: it could not be, or a signal came meanwhile (*why NULL). */
static bool publish(struct hosting *hosting, const struct host_options *options,
	const struct host_flags *flags, char **why)
{
	struct reverse_options reverse = {
		.box = flags->box, .ssh = flags->ssh, .program = flags->program};

	return !flags->reverse || hosting_reverse(hosting, &reverse, options->local.role, why);
}

static void serve(
	struct hosting *hosting, struct loop *loop, const struct host_flags *flags, bool editor)
{
	struct host *host = hosting_host(hosting);
	char *urls[ROLE_OWNER + 1];

	for (enum role r = ROLE_VIEWER; r <= ROLE_OWNER; r++)
		urls[r] = host_url(host, r, NULL);
	if (flags->json)
		print_json(hosting, urls);
	else if (host_rooms(host))
		print_rooms(host);
	else if (!editor)
		print_urls(hosting, urls);
	fflush(stdout);
	if (!editor || hosting_edit(hosting, &(struct join_options){.name = flags->name}))
		loop_run(loop);
	for (enum role r = ROLE_VIEWER; r <= ROLE_OWNER; r++)
		free(urls[r]);
}

static int run(const struct host_options *options, const struct host_flags *flags)
{
	struct loop *loop = loop_create();
	char *failed = NULL;
	bool editor =
		!flags->headless && isatty(STDIN_FILENO) && (isatty(STDOUT_FILENO) || flags->json);

	report_quiet(editor && isatty(STDERR_FILENO));
	struct hosting *hosting = hosting_start(loop, options, &failed);
	if (hosting) {
		char *why = NULL;
		hosting_drain(hosting, (unsigned)flags->drain_s);
		if (publish(hosting, options, flags, &why))
			serve(hosting, loop, flags, editor);
		failed = hosting_finish(hosting);
		free(failed ? why : NULL);
		failed = failed ? failed : why;
	}
	loop_destroy(loop);
	if (failed)
		report_error("%s", failed);
	int status = failed ? 1 : 0;
	free(failed);
	return status;
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

/* A folder of rooms has no room of the host's own. */
static bool fits(const struct host_options *options, const struct host_flags *flags)
{
	const char *fault = NULL;

	if (!options->files.cert != !options->files.key) {
		report_error("--cert and --key belong together: name both, or the same file twice");
		return false;
	}
	if (options->rooms && options->path)
		fault = "name a file or a folder of rooms, not both";
	else if (options->rooms && options->room)
		fault = "their names are those of its folders; leave --room out";
	else if (options->rooms && !flags->headless)
		fault = "there is no one text to edit here: add --headless";
	if (fault)
		report_error("--rooms %s: %s", options->rooms, fault);
	return !fault;
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

/* The address is cut out of a copy, which options borrow while they are used. */
static int run_where_told(struct host_options *options, const struct host_flags *flags)
{
	char *listen = flags->listen ? strdup(flags->listen) : NULL;
	const char *fault = listen ? parse_listen(listen, options) : NULL;
	int status = 1;

	if (fault)
		report_error("--listen %s: %s", flags->listen, fault);
	else
		status = run(options, flags);
	free(listen);
	return status;
}

/* From the environment, where a password in it is not seen by all who list processes. */
static bool parse_backplane(
	struct host_flags *flags, struct host_options *options, struct redis_options *redis)
{
	const char *url = flags->backplane ? flags->backplane : getenv("CODECOLLAB_BACKPLANE");
	const char *fault = url && *url ? redis_url(url, redis) : NULL;

	if (!fault && url && *url)
		fault = redis_tls_fault(redis);
	if (fault)
		report_error("--backplane: %s", fault);
	if (url && *url)
		options->backplane = redis;
	return !fault;
}

static bool parse_networks(
	const char *option, const char *text, struct networks *list, const struct networks **out)
{
	const char *fault = text ? networks_parse(text, list) : NULL;

	if (fault)
		report_error("--%s %s: %s", option, text, fault);
	*out = text ? list : NULL;
	return !fault;
}

static bool parse_balancers(struct host_flags *flags, struct host_options *options)
{
	return parse_networks(
		       "proxy-protocol", flags->proxies, &flags->proxy_list, &options->proxies) &&
	       parse_networks("forwarded-for", flags->forwarders, &flags->forwarder_list,
		       &options->forwarders);
}

int command_host(int argc, char **argv)
{
	struct redis_options redis;
	struct limits limits;
	struct option_number numbers[LIMITS_ROWS];
	struct host_options options = {
		.address = "::", .port = HOST_PORT, .autosave = true, .limits = &limits};
	struct host_flags flags = {0};
	struct option_number drain = {&flags.drain_s, 0, DRAIN_MAX};
	struct option_row rows[48] = {
		{"listen", "ADDR:PORT",
			"where to listen (default [::]:8443, IPv4 too; port 0: any free one)",
			OPTION_TEXT, &flags.listen},
		{"room", "NAME", "the room's name (default: the one it had, or three words)",
			OPTION_TEXT, &options.room},
		{"rooms", "DIR", "serve many rooms: each a folder in DIR, with its files",
			OPTION_TEXT, &options.rooms},
		{"name", "NAME", "how the others see you (default: your login name)", OPTION_TEXT,
			&flags.name},
		{"backplane", "URL",
			"share the rooms with other servers by this Redis (redis://HOST[:PORT])",
			OPTION_TEXT, &flags.backplane},
		{"state", "DIR", "where keys and history live (default $XDG_STATE_HOME/codecollab)",
			OPTION_TEXT, &options.state},
		{"token-key", "FILE", "sign tokens with this secret, which several servers share",
			OPTION_TEXT, &options.files.token_key},
		{"cert", "FILE", "and show this certificate, with its chain (PEM),", OPTION_TEXT,
			&options.files.cert},
		{"key", "FILE", "to which this key belongs (PEM)", OPTION_TEXT, &options.files.key},
		{"jwt-key", "FILE", "take tokens signed with this public key too (PEM or JWK)",
			OPTION_TEXT, &options.issuer},
		{"user", "NAME", "started as root: become this user once it listens", OPTION_TEXT,
			&options.user},
		{"socket-dir", "DIR",
			"where the socket for this machine is made (default $XDG_RUNTIME_DIR/codecollab)",
			OPTION_TEXT, &options.local.dir},
		{"socket-group", "GROUP", "this group may join on this machine too, not only you",
			OPTION_TEXT, &options.local.group},
		{"socket-role", "ROLE",
			"as what these join, and who comes by --reverse: editor (default) or viewer",
			OPTION_TEXT, &flags.socket_role},
		{"reverse", "[USER@]HOST[:PORT]",
			"publish the room there by ssh, for who can log in there", OPTION_TEXT,
			&flags.reverse},
		{"ssh", "COMMAND",
			"for --reverse: run this in place of ssh, with options if it has any",
			OPTION_TEXT, &flags.ssh},
		{"remote-program", "COMMAND",
			"for --reverse: what is run there (default codecollab)", OPTION_TEXT,
			&flags.program},
		{"no-socket", NULL, "no socket for this machine", OPTION_SET, &options.local.off},
		{"public", "HOST[:PORT]", "what join URLs name: a load balancer, a forwarded port",
			OPTION_TEXT, &options.public},
		{"no-pin", NULL, "join URLs without the key's pin: TLS ends before this server",
			OPTION_SET, &options.no_pin},
		{"proxy-protocol", "FROM",
			"balancers that say for whom they come by the PROXY protocol (10.0.0.0/8,...)",
			OPTION_TEXT, &flags.proxies},
		{"forwarded-for", "FROM", "and those that do so with X-Forwarded-For", OPTION_TEXT,
			&flags.forwarders},
		{"drain", "SECONDS",
			"after SIGTERM let nobody new in for so long, then end (default 0)",
			OPTION_NUMBER, &drain},
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
	int rest;

	add_limits(rows, &limits, numbers);
	if (!options_parse(rows, argc, argv, 1, &rest))
		return 1;
	if (flags.help) {
		puts("codecollab host [PATH] [options]: share a file, and edit it here\n");
		options_help(rows);
		return 0;
	}
	if (!parse_keeping(&flags, &options) || !parse_backplane(&flags, &options, &redis) ||
		!parse_balancers(&flags, &options) || !parse_socket(&flags, &options.local) ||
		!parse_box(&flags) || !open_log(flags.log))
		return 1;
	options.path = rest < argc ? argv[rest] : NULL;
	if (!fits(&options, &flags))
		return 1;
	return run_where_told(&options, &flags);
}
