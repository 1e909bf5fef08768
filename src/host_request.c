#include "src/host_request.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/options.h"
#include "src/report.h"

#define KEEP_MAX  1000000
#define DRAIN_MAX 3600

/* ---- the table ---- */

#define AT(member) offsetof(struct host_request, member)

static const struct {
	const char *name, *value, *help;
	enum option_kind kind;
	size_t at;
} table[] = {
	{"listen", "ADDR:PORT",
		"where to listen (default [::]:8443, IPv4 too; port 0: any free one)", OPTION_TEXT,
		AT(flags.listen)},
	{"room", "NAME", "the room's name (default: the one it had, or three words)", OPTION_TEXT,
		AT(options.room)},
	{"rooms", "DIR", "serve many rooms: each a folder in DIR, with its files", OPTION_TEXT,
		AT(options.rooms)},
	{"name", "NAME", "how the others see you (default: your login name)", OPTION_TEXT,
		AT(flags.name)},
	{"backplane", "URL",
		"share the rooms with other servers by this Redis (redis://HOST[:PORT])",
		OPTION_TEXT, AT(flags.backplane)},
	{"state", "DIR", "where keys and history live (default $XDG_STATE_HOME/codecollab)",
		OPTION_TEXT, AT(options.state)},
	{"token-key", "FILE", "sign tokens with this secret, which several servers share",
		OPTION_TEXT, AT(options.files.token_key)},
	{"cert", "FILE", "and show this certificate, with its chain (PEM),", OPTION_TEXT,
		AT(options.files.cert)},
	{"key", "FILE", "to which this key belongs (PEM)", OPTION_TEXT, AT(options.files.key)},
	{"jwt-key", "FILE", "take tokens signed with this public key too (PEM or JWK)", OPTION_TEXT,
		AT(options.issuer)},
	{"user", "NAME", "started as root: become this user once it listens", OPTION_TEXT,
		AT(options.user)},
	{"socket-dir", "DIR",
		"where the socket for this machine is made (default $XDG_RUNTIME_DIR/codecollab)",
		OPTION_TEXT, AT(options.local.dir)},
	{"socket-group", "GROUP", "this group may join on this machine too, not only you",
		OPTION_TEXT, AT(options.local.group)},
	{"socket-role", "ROLE",
		"as what these join, and who comes by --reverse: editor (default) or viewer",
		OPTION_TEXT, AT(flags.socket_role)},
	{"reverse", "[USER@]HOST[:PORT]", "publish the room there by ssh, for who can log in there",
		OPTION_TEXT, AT(flags.reverse)},
	{"ssh", "COMMAND", "for --reverse: run this in place of ssh, with options if it has any",
		OPTION_TEXT, AT(flags.ssh)},
	{"remote-program", "COMMAND", "for --reverse: what is run there (default codecollab)",
		OPTION_TEXT, AT(flags.program)},
	{"no-socket", NULL, "no socket for this machine", OPTION_SET, AT(options.local.off)},
	{"public", "HOST[:PORT]", "what join URLs name: a load balancer, a forwarded port",
		OPTION_TEXT, AT(options.public)},
	{"no-pin", NULL, "join URLs without the key's pin: TLS ends before this server", OPTION_SET,
		AT(options.no_pin)},
	{"proxy-protocol", "FROM",
		"balancers that say for whom they come by the PROXY protocol (10.0.0.0/8,...)",
		OPTION_TEXT, AT(flags.proxies)},
	{"forwarded-for", "FROM", "and those that do so with X-Forwarded-For", OPTION_TEXT,
		AT(flags.forwarders)},
	{"drain", "SECONDS", "after SIGTERM let nobody new in for so long, then end (default 0)",
		OPTION_NUMBER, AT(flags.drain_s)},
	{"headless", NULL, "no editor here: print the URLs and serve until SIGTERM", OPTION_SET,
		AT(flags.headless)},
	{"log", "FILE", "append the log there, not to standard error", OPTION_TEXT, AT(flags.log)},
	{"json", NULL, "print the URLs as one line of JSON first", OPTION_SET, AT(flags.json)},
	{"no-autosave", NULL, "write the file only when somebody saves it", OPTION_CLEAR,
		AT(options.autosave)},
	{"durability", "WHAT", "when an edit counts as stored: disk (default), process or memory",
		OPTION_TEXT, AT(flags.durability)},
	{"keep-days", "N", "drop edits older than that (default: keep all)", OPTION_TEXT,
		AT(flags.keep_days)},
	{"keep-mb", "N", "keep the newest edits of that many MiB (default: all)", OPTION_TEXT,
		AT(flags.keep_mb)},
	{"help", NULL, "show this", OPTION_SET, AT(flags.help)},
};

#define TABLE_ROWS (sizeof(table) / sizeof(table[0]))

/* A row of the table for each, then one for each limit. */
struct rows {
	struct option_row at[TABLE_ROWS + LIMITS_ROWS + 1];
	struct option_number drain, limits[LIMITS_ROWS];
};

static void add_limits(struct rows *rows, struct limits *limits)
{
	limits_init(limits);
	for (size_t i = 0; i < LIMITS_ROWS; i++) {
		const struct limits_row *row = &limits_rows[i];
		rows->limits[i] =
			(struct option_number){limits_field(limits, row), row->least, row->most};
		rows->at[TABLE_ROWS + i] = (struct option_row){
			row->name, row->value, row->help, OPTION_NUMBER, &rows->limits[i]};
	}
}

static void make_rows(struct rows *rows, struct host_request *r)
{
	*rows = (struct rows){.drain = {&r->flags.drain_s, 0, DRAIN_MAX}};
	for (size_t i = 0; i < TABLE_ROWS; i++)
		rows->at[i] = (struct option_row){table[i].name, table[i].value, table[i].help,
			table[i].kind,
			table[i].kind == OPTION_NUMBER ? (void *)&rows->drain
						       : (char *)r + table[i].at};
	add_limits(rows, &r->limits);
}

/* ---- what was said, understood ---- */

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

/* The address is cut out of a copy. */
static bool parse_address(struct host_request *r)
{
	const char *listen = r->flags.listen, *fault;

	if (!listen)
		return true;
	r->address = mem_dup(listen, strlen(listen));
	fault = parse_listen(r->address, &r->options);
	if (fault)
		report_error("--listen %s: %s", listen, fault);
	return !fault;
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

static bool parse_keeping(struct host_request *r)
{
	const struct host_flags *flags = &r->flags;
	unsigned mb = 0;

	if (flags->durability && !parse_durability(flags->durability, &r->options.durability))
		return false;
	if (flags->keep_days && !parse_keep("keep-days", flags->keep_days, &r->options.keep.days))
		return false;
	if (flags->keep_mb && !parse_keep("keep-mb", flags->keep_mb, &mb))
		return false;
	r->options.keep.bytes = (uint64_t)mb << 20;
	return true;
}

/* The room is known when it is hosted. */
static bool parse_box(struct host_request *r)
{
	const struct host_flags *flags = &r->flags;
	char *url = flags->reverse ? report_sentence("ssh://%s/room", flags->reverse) : NULL;
	const char *fault = url ? ssh_url_parse(url, &r->box) : NULL;

	if (fault)
		report_error("--reverse %s: %s", flags->reverse, fault);
	free(url);
	if (flags->reverse || (!flags->ssh && !flags->program))
		return !fault;
	report_error("--ssh and --remote-program are for --reverse");
	return false;
}

static bool parse_socket(struct host_request *r)
{
	const struct host_flags *flags = &r->flags;
	struct local_options *local = &r->options.local;
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

/* From the environment, where a password in it is not seen by all who list processes. */
static bool parse_backplane(struct host_request *r)
{
	const char *url = r->flags.backplane ? r->flags.backplane : getenv("CODECOLLAB_BACKPLANE");
	const char *fault = url && *url ? redis_url(url, &r->redis) : NULL;

	if (!fault && url && *url)
		fault = redis_tls_fault(&r->redis);
	if (fault)
		report_error("--backplane: %s", fault);
	if (url && *url)
		r->options.backplane = &r->redis;
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

static bool parse_balancers(struct host_request *r)
{
	return parse_networks(
		       "proxy-protocol", r->flags.proxies, &r->proxies, &r->options.proxies) &&
	       parse_networks("forwarded-for", r->flags.forwarders, &r->forwarders,
		       &r->options.forwarders);
}

/* A folder of rooms has no room of the host's own. */
static bool fits(const struct host_request *r)
{
	const struct host_options *options = &r->options;
	const char *fault = NULL;

	if (!options->files.cert != !options->files.key) {
		report_error("--cert and --key belong together: name both, or the same file twice");
		return false;
	}
	if (options->rooms && options->path)
		fault = "name a file or a folder of rooms, not both";
	else if (options->rooms && options->room)
		fault = "their names are those of its folders; leave --room out";
	else if (options->rooms && !r->flags.headless)
		fault = "there is no one text to edit here: add --headless";
	if (fault)
		report_error("--rooms %s: %s", options->rooms, fault);
	return !fault;
}

static bool open_log(const struct host_request *r)
{
	char *why = NULL;

	if (r->flags.log && !report_to(r->flags.log, &why))
		report_error("%s", why);
	bool opened = !why;
	free(why);
	return opened;
}

/* ---- all of it ---- */

static bool parse(struct host_request *r, const struct rows *rows, int argc, char **argv)
{
	static bool (*const steps[])(struct host_request *) = {parse_keeping, parse_backplane,
		parse_balancers, parse_socket, parse_box, parse_address};
	int rest;

	if (!options_parse(rows->at, argc, argv, 1, &rest))
		return false;
	r->options.path = rest < argc ? argv[rest] : NULL;
	for (size_t i = 0; !r->flags.help && i < sizeof(steps) / sizeof(steps[0]); i++)
		if (!steps[i](r))
			return false;
	return r->flags.help || (open_log(r) && fits(r));
}

struct host_request *host_request(int argc, char **argv, int *status)
{
	struct host_request *r = mem_alloc(sizeof(*r));
	struct rows rows;

	r->options = (struct host_options){
		.address = "::", .port = HOST_PORT, .autosave = true, .limits = &r->limits};
	make_rows(&rows, r);
	*status = parse(r, &rows, argc, argv) ? 0 : 1;
	if (!*status && !r->flags.help)
		return r;
	if (!*status) {
		puts("codecollab host [PATH] [options]: share a file, and edit it here\n");
		options_help(rows.at);
	}
	host_request_destroy(r);
	return NULL;
}

void host_request_destroy(struct host_request *r)
{
	free(r ? r->address : NULL);
	free(r);
}
