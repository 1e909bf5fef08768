/*
 * status_command.c: codecollab status: how servers are, once or live.
 */
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "ot/mem.h"
#include "src/client/known_hosts.h"
#include "src/client/live.h"
#include "src/client/status.h"
#include "src/commands.h"
#include "src/options.h"
#include "src/places.h"
#include "src/report.h"
#include "src/server/gate.h"
#include "src/server/whereabouts.h"

#define SERVERS_MAX   64
#define TOKEN_SECONDS 60
#define PLAIN_COLS    120 /* of a line for a pipe */

struct asking {
	const char *state;
	bool watch, json, help;
	struct told servers[SERVERS_MAX];
	size_t count;
	/* of a state folder: its servers are asked with tokens made here */
	bool local;
	struct state keys;
	struct gate gate;
};

/* ---- which servers ---- */

static void add(struct asking *a, const struct url *url)
{
	struct told *server = &a->servers[a->count];

	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->servers[i].url.host, url->host) == 0 &&
			a->servers[i].url.port == url->port)
			return;
	if (a->count == SERVERS_MAX)
		return;
	server->url = *url;
	told_label(server);
	a->count++;
}

/* Whom this user trusted before needs no pin in the URL. */
static void find_pin(struct url *url)
{
	char *why = NULL, *dir = places_find_state(NULL, &why);
	char *file = dir ? report_sentence("%s/known_hosts", dir) : NULL;

	if (file && !*url->pin)
		known_hosts_find(file, url, url->pin);
	free(file);
	free(dir);
	free(why);
}

static bool add_url(struct asking *a, const char *text)
{
	struct url url;
	const char *fault = url_parse(text, &url);

	if (!fault && !url.tls)
		fault = "its scheme is not wss";
	if (fault)
		report_error("\"%s\" is no join URL: %s", text, fault);
	else
		find_pin(&url);
	if (!fault)
		add(a, &url);
	return !fault;
}

/* Where who is on this machine reaches a server that listens there. */
static void add_here(struct asking *a, const char *address, unsigned port)
{
	bool all = !*address || strcmp(address, "::") == 0 || strcmp(address, "0.0.0.0") == 0;
	struct url url = {.tls = true, .port = port};

	snprintf(url.host, sizeof(url.host), "%s", all ? "127.0.0.1" : address);
	snprintf(url.pin, sizeof(url.pin), "%s", a->keys.identity.pin);
	if (port)
		add(a, &url);
}

static void add_room(void *ctx, const char *name, unsigned port)
{
	struct asking *a = ctx;
	struct whereabouts where;

	if (!state_room_served(&a->keys, name))
		return;
	whereabouts_find(a->gate.invites, name, &where);
	add_here(a, where.address, port);
}

static void add_folder(struct asking *a)
{
	struct whereabouts where;

	if (whereabouts_find(a->gate.invites, INVITES_ROOMS, &where))
		add_here(a, where.address, where.port);
}

static bool find_here(struct asking *a)
{
	char *why = NULL, *dir = places_find_state(a->state, &why);
	char *index = dir ? report_sentence("%s/index.db", dir) : NULL;

	if (index && access(index, F_OK))
		why = report_sentence("nothing was ever hosted with the state folder %s", dir);
	if (!why && state_open(&a->keys, dir, NULL, &why) &&
		gate_open(&a->gate, &a->keys, NULL, &why)) {
		a->local = true;
		add_folder(a);
		state_rooms(&a->keys, add_room, a);
		if (!a->count)
			why = report_sentence("no server runs with the state folder %s", dir);
	}
	if (why)
		report_error("%s", why);
	free(index);
	free(dir);
	bool found = !why;
	free(why);
	return found;
}

/* ---- asking ---- */

static void make_token(const struct asking *a, struct url *url)
{
	int64_t now = (int64_t)time(NULL);
	struct claims claims = {.room = "*",
		.role = ROLE_OWNER,
		.sub = "status",
		.issued = now,
		.expires = now + TOKEN_SECONDS};
	char *token = token_mint(&a->keys.secret, &claims);

	snprintf(url->token, sizeof(url->token), "%s", token);
	explicit_bzero(token, strlen(token));
	free(token);
}

static void ask(void *ctx)
{
	struct asking *a = ctx;

	for (size_t i = 0; i < a->count; i++) {
		if (a->local)
			make_token(a, &a->servers[i].url);
		told_ask(&a->servers[i]);
	}
}

/* ---- showing ---- */

static bool is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void make_page(const struct asking *a, int cols, int rows, bool live, struct page *page)
{
	char clock[16];
	time_t now = time(NULL);
	struct tm local;

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &local));
	status_page(a->servers, a->count,
		&(struct status_view){.cols = cols,
			.rows = rows,
			.utf8 = is_utf8(),
			.live = live,
			.clock = clock},
		page);
}

static void draw(void *ctx, struct term *term, int cols, int rows)
{
	struct page page = {0};

	make_page(ctx, cols, rows, true, &page);
	page_draw(&page, term);
	page_fini(&page);
}

static void print(const struct asking *a)
{
	struct winsize size;
	bool known = isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
		     size.ws_col > 0;
	struct page page = {0};

	if (a->json) {
		told_print_json(a->servers, a->count);
		return;
	}
	make_page(a, known ? size.ws_col : PLAIN_COLS, 0, false, &page);
	page_print(&page, stdout);
	fflush(stdout);
	page_fini(&page);
}

static bool all_answered(const struct asking *a)
{
	for (size_t i = 0; i < a->count; i++)
		if (!a->servers[i].now)
			return false;
	return true;
}

/* Again and again, for a pipe, until it is closed. */
static void print_on(struct asking *a)
{
	struct timespec pause = {.tv_sec = LIVE_MS / 1000};

	do {
		ask(a);
		print(a);
	} while (!ferror(stdout) && nanosleep(&pause, NULL) == 0);
}

static int show(struct asking *a)
{
	const char *why = NULL;

	if (a->watch && !a->json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
		if (live_run(&(struct live){.ask = ask, .draw = draw, .ctx = a}, &why))
			return 0;
		report_error("%s", why);
		return 1;
	}
	if (a->watch) {
		print_on(a);
		return 0;
	}
	ask(a);
	print(a);
	return all_answered(a) ? 0 : 1;
}

static int run(struct asking *a, int argc, char **argv, int rest)
{
	bool found = true;
	int status = 1;

	for (int i = rest; i < argc && found; i++)
		found = add_url(a, argv[i]);
	if (found && rest == argc)
		found = find_here(a);
	if (found)
		status = show(a);
	for (size_t i = 0; i < a->count; i++)
		told_forget(&a->servers[i]);
	explicit_bzero(a->servers, sizeof(a->servers));
	gate_fini(&a->gate);
	state_close(&a->keys);
	return status;
}

int command_status(int argc, char **argv)
{
	struct asking *a = mem_alloc(sizeof(*a));
	const struct option_row rows[] = {
		{"state", "DIR",
			"ask the servers of this state (default $XDG_STATE_HOME/codecollab)",
			OPTION_TEXT, &a->state},
		{"watch", NULL, "again every second, until q", OPTION_SET, &a->watch},
		{"json", NULL, "as a line of JSON", OPTION_SET, &a->json},
		{"help", NULL, "show this", OPTION_SET, &a->help},
		{0},
	};
	int rest, status = 1;

	setlocale(LC_CTYPE, "");
	if (options_parse(rows, argc, argv, SERVERS_MAX, &rest)) {
		status = 0;
		if (a->help) {
			puts("codecollab status [URL ...] [options]: how servers are, and who is there\n");
			options_help(rows);
		} else if (a->state && rest < argc) {
			report_error("name servers by their URLs or by --state, not both");
			status = 1;
		} else {
			status = run(a, argc, argv, rest);
		}
	}
	free(a);
	return status;
}
