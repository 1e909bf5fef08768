/*
 * load.c: a server meets very many people: how soon each key is everybody's, and what that costs the server.
 *
 *	codecollab-bench load URL... --clients N --rate R | --window W [--writers M] [--secs S] [--pid PID]... [--tally FILE] [--json]
 *
 * A URL is a room (of IPv4 by number), and so is the path of a local socket; several of one name are one room on several servers. People
 * are shared out among the URLs. They come one after the other; then, for S seconds, M of each room (all, if nobody says otherwise) type R letters a second each, or as fast as they are acknowledged with W under way;
 * or nothing. In the end everybody must have the same text, or the exit status is 1.  The process PID is the server's, and
 * FILE where it counts how often it asks for memory (tally.h).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "net/local.h"
#include "ot/mem.h"
#include "tests/bench/bench.h"
#include "tests/bench/person.h"
#include "tests/bench/process.h"
#include "tests/bench/tally.h"

#define ROOMS_MAX   256
#define URLS_MAX    1024
#define PEOPLE_MAX  20000
#define TICK_MS     1
#define LATE_MS     100   /* a key that another sees later than this is not "in time" */
#define DEADLINE_MS 60000 /* for what must come true at all */

struct load_options {
	size_t rooms, urls, clients, writers, window, pids;
	double rate, secs;
	bool json;
	pid_t pid[ROOMS_MAX];
	const struct tally *tally; /* NULL: it does not count */
};

struct load_cost { /* at one moment */
	double ms, own_s, server_s, server_kb, server_wakes;
	uint64_t acked, delivered;
	uint64_t said, heard; /* bytes of all people */
	uint64_t heard_writers, heard_listeners;
	double ours, libraries, threads; /* how often the server asked for memory */
};

struct load {
	struct load_options options;
	struct loop *loop;
	struct url urls[URLS_MAX];
	struct person_room rooms[ROOMS_MAX], *room_of[URLS_MAX]; /* by URL */
	struct person *people;
	struct person **writers;
	size_t writer_count;
	size_t invited;
	uint64_t due; /* letters, by the clock */
	bool typing;
	double began_ms; /* to type */
	struct timer *tick, *deadline;
	bool (*until)(struct load *load);
	const char *waits_for;
	struct person_counts counts;
	struct load_cost first, ready, typed, last;
};

/* ---- waiting ---- */

static void type_by_window(struct load *load)
{
	for (size_t i = 0; i < load->writer_count; i++)
		while (replica_unacked(load->writers[i]->replica) < load->options.window)
			person_type(load->writers[i]);
}

/* Everybody's letters are spread over the second: the k-th of all is the (k mod M)-th person's. */
static void type_by_rate(struct load *load)
{
	double all = load->options.rate * (double)load->writer_count;
	uint64_t due = (uint64_t)((bench_now_ms() - load->began_ms) / 1000 * all);

	for (; load->due < due; load->due++)
		person_type(load->writers[load->due % load->writer_count]);
}

static void type(struct load *load)
{
	if (load->options.window)
		type_by_window(load);
	else
		type_by_rate(load);
	for (size_t i = 0; i < load->writer_count; i++)
		person_say(load->writers[i]);
}

static void on_turn(void *ctx)
{
	struct load *load = ctx;

	if (load->typing)
		type(load);
	if (load->until && load->until(load))
		loop_stop(load->loop);
}

static void on_tick(void *ctx)
{
	(void)ctx; /* the turn that follows types */
}

static void on_deadline(void *ctx)
{
	struct load *load = ctx;

	if (!load->until) {
		loop_stop(load->loop);
		return;
	}
	fprintf(stderr, "codecollab-bench: never: %s\n", load->waits_for);
	exit(1);
}

static void run_until(struct load *load, bool (*until)(struct load *load), const char *what)
{
	load->until = until;
	load->waits_for = what;
	timer_set(load->deadline, DEADLINE_MS, 0);
	if (!until(load))
		loop_run(load->loop);
	timer_stop(load->deadline);
	load->until = NULL;
}

static void run_for(struct load *load, double secs)
{
	timer_set(load->deadline, (uint64_t)(secs * 1000), 0);
	loop_run(load->loop);
}

/* ---- what happens ---- */

/* One at a time, so that everybody's way in is measured alone. */
static bool all_in(struct load *load)
{
	if (load->invited && !load->people[load->invited - 1].replica)
		return false;
	if (load->invited == load->options.clients)
		return true;
	timer_set(load->deadline, DEADLINE_MS, 0); /* each has its own */
	person_connect(&load->people[load->invited++]);
	return false;
}

static bool all_in_step(struct load *load)
{
	for (size_t i = 0; i < load->options.clients; i++) {
		const struct person *person = &load->people[i];
		if (!replica_in_step(person->replica) ||
			replica_rev(person->replica) != person->room->rev)
			return false;
	}
	return true;
}

static bool all_equal(const struct load *load)
{
	for (size_t i = 0; i < load->options.clients; i++)
		if (text_hash(replica_text(load->people[i].replica)) !=
			text_hash(replica_text(load->people[i].room->first->replica)))
			return false;
	return true;
}

static bool is_writer(const struct load *load, size_t index)
{
	return load->people[index].rank < load->options.writers;
}

static struct load_cost cost(const struct load *load)
{
	struct load_cost now = {.ms = bench_now_ms(),
		.acked = load->counts.acked.count,
		.delivered = load->counts.delivered.count};
	struct rusage own;

	getrusage(RUSAGE_SELF, &own);
	now.own_s = (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) +
		    (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
	for (size_t i = 0; i < load->options.pids; i++) {
		now.server_s += process_cpu_s(load->options.pid[i]);
		now.server_kb += process_resident_kb(load->options.pid[i]);
		now.server_wakes += process_wakes(load->options.pid[i]);
	}
	for (size_t i = 0; i < load->invited; i++) {
		const struct lean *lean = load->people[i].lean;
		now.said += lean_said_bytes(lean);
		if (is_writer(load, i))
			now.heard_writers += lean_heard_bytes(lean);
		else
			now.heard_listeners += lean_heard_bytes(lean);
	}
	now.heard = now.heard_writers + now.heard_listeners;
	if (load->options.tally) {
		now.ours = (double)load->options.tally->ours;
		now.libraries = (double)load->options.tally->libraries;
		now.threads = (double)load->options.tally->threads;
	}
	return now;
}

/* Without a rate nothing is ever due. */
static void type_for_a_while(struct load *load)
{
	load->typing = true;
	load->began_ms = bench_now_ms();
	timer_set(load->tick, 0, load->options.window ? 0 : TICK_MS);
	run_for(load, load->options.secs);
	timer_stop(load->tick);
	load->typing = false;
}

static bool measure(struct load *load)
{
	load->first = cost(load);
	run_until(load, all_in, "everybody is in");
	load->ready = cost(load);
	type_for_a_while(load);
	load->typed = cost(load);
	run_until(load, all_in_step, "all have heard of all");
	load->last = cost(load);
	return all_equal(load);
}

/* ---- what is told ---- */

struct figure {
	const char *name;
	double value;
};

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static double wanted(const struct load *load)
{
	double letters = load->options.window ? (double)load->counts.typed : (double)load->due;
	double people = (double)load->options.clients / (double)load->options.rooms;

	return letters * (people - 1);
}

/* Deliveries to those who only listen. */
static double listened(const struct load *load)
{
	return (double)load->counts.typed *
	       ((double)(load->options.clients - load->writer_count) / (double)load->options.rooms);
}

static void tell(const struct load *load, const struct figure *figures, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (load->options.json)
			printf("%s\"%s\":%.10g", i ? "," : "{", figures[i].name, figures[i].value);
		else
			printf("%-26s %.10g\n", figures[i].name, figures[i].value);
	if (load->options.json)
		printf("}\n");
}

static void report(const struct load *load, bool equal)
{
	const struct load_options *o = &load->options;
	const struct person_counts *counts = &load->counts;
	const struct load_cost *first = &load->first, *ready = &load->ready, *typed = &load->typed,
			       *last = &load->last;
	double secs = (typed->ms - ready->ms) / 1000;
	double acked = (double)typed->acked, server_s = typed->server_s - ready->server_s;
	const struct figure figures[] = {
		{"rooms", (double)o->rooms},
		{"clients", (double)o->clients},
		{"writers", (double)load->writer_count},
		{"secs", secs},
		{"typed", (double)counts->typed},
		{"delivered", (double)counts->delivered.count},
		{"edits_per_s", ratio(acked, secs)},
		{"deliveries_per_s", ratio((double)typed->delivered, secs)},
		{"in_time", ratio((double)counts->in_time, wanted(load))},
		{"delivery_p50_ms", spread_share(&counts->delivered, 0.5)},
		{"delivery_p99_ms", spread_share(&counts->delivered, 0.99)},
		{"delivery_max_ms", counts->delivered.most_ms},
		{"ack_p50_ms", spread_share(&counts->acked, 0.5)},
		{"ack_p99_ms", spread_share(&counts->acked, 0.99)},
		{"ack_max_ms", counts->acked.most_ms},
		{"connect_p50_ms", spread_share(&counts->connected, 0.5)},
		{"open_p50_ms", spread_share(&counts->opened, 0.5)},
		{"open_max_ms", counts->opened.most_ms},
		{"up_bytes_per_edit",
			ratio((double)(last->said - ready->said), (double)counts->typed)},
		{"down_bytes_per_edit",
			ratio((double)(last->heard - ready->heard), (double)counts->typed)},
		{"listener_bytes_per_edit",
			ratio((double)(last->heard_listeners - ready->heard_listeners),
				listened(load))},
		{"writer_bytes_per_edit",
			ratio((double)(last->heard_writers - ready->heard_writers),
				(double)counts->typed)},
		{"own_cpu", ratio(typed->own_s - ready->own_s, secs)},
		{"server_cpu", ratio(server_s, secs)},
		{"server_wakes_per_s", ratio(typed->server_wakes - ready->server_wakes, secs)},
		{"server_s_per_1000_edits", ratio(server_s * 1000, acked)},
		{"edits_per_server_s", ratio(acked, server_s)},
		{"server_ms_per_join",
			ratio((ready->server_s - first->server_s) * 1000, (double)o->clients)},
		{"server_kb_per_client",
			(ready->server_kb - first->server_kb) / (double)o->clients},
		{"server_kb", last->server_kb},
		{"allocations_per_edit", ratio(typed->ours - ready->ours, acked)},
		{"library_allocations_per_edit", ratio(typed->libraries - ready->libraries, acked)},
		{"thread_allocations_per_edit", ratio(typed->threads - ready->threads, acked)},
		{"equal", equal},
	};

	tell(load, figures, sizeof(figures) / sizeof(figures[0]));
}

/* ---- who they are ---- */

static void gather(struct load *load)
{
	const struct load_options *o = &load->options;

	load->people = mem_alloc(o->clients * sizeof(*load->people));
	load->writers = mem_alloc(o->clients * sizeof(struct person *));
	load->counts.late_ms = LATE_MS;
	for (size_t i = 0; i < o->clients; i++) {
		struct person_room *room = load->room_of[i % o->urls];
		load->people[i] = (struct person){.loop = load->loop,
			.url = &load->urls[i % o->urls],
			.room = room,
			.rank = room->people++,
			.counts = &load->counts,
			.index = i,
			.place = i * PERSON_PLACES / o->clients};
		if (!room->first)
			room->first = &load->people[i];
		if (is_writer(load, i))
			load->writers[load->writer_count++] = &load->people[i];
	}
}

static void part(struct load *load)
{
	for (size_t i = 0; i < load->options.clients; i++)
		person_fini(&load->people[i]);
	for (size_t i = 0; i < load->options.rooms; i++)
		person_room_fini(&load->rooms[i]);
	free(load->people);
	free(load->writers);
}

static int run(struct load *load)
{
	struct rlimit files;

	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	load->loop = loop_create();
	load->tick = timer_make(load->loop, on_tick, load);
	load->deadline = timer_make(load->loop, on_deadline, load);
	loop_on_turn(load->loop, on_turn, load);
	gather(load);
	bool equal = measure(load);
	report(load, equal);
	loop_off_turn(load->loop, on_turn, load);
	timer_destroy(load->tick);
	timer_destroy(load->deadline);
	part(load);
	loop_destroy(load->loop);
	return equal ? 0 : 1;
}

/* ---- what is asked for ---- */

static const struct option long_options[] = {
	{"clients", required_argument, NULL, 'c'},
	{"rate", required_argument, NULL, 'r'},
	{"window", required_argument, NULL, 'w'},
	{"writers", required_argument, NULL, 'm'},
	{"secs", required_argument, NULL, 's'},
	{"pid", required_argument, NULL, 'p'},
	{"tally", required_argument, NULL, 't'},
	{"json", no_argument, NULL, 'j'},
	{0},
};

static bool take_option(struct load_options *o, int option)
{
	switch (option) {
	case 'c': o->clients = strtoul(optarg, NULL, 10); return true;
	case 'r': o->rate = strtod(optarg, NULL); return true;
	case 'w': o->window = strtoul(optarg, NULL, 10); return true;
	case 'm': o->writers = strtoul(optarg, NULL, 10); return true;
	case 's': o->secs = strtod(optarg, NULL); return true;
	case 'j': o->json = true; return true;
	case 't': o->tally = tally_read(optarg); return o->tally;
	case 'p':
		if (o->pids == ROOMS_MAX)
			return false;
		o->pid[o->pids++] = (pid_t)strtol(optarg, NULL, 10);
		return true;
	default: return false;
	}
}

/* A local socket is named after its room. */
static const char *take_path(const char *path, struct url *out)
{
	const char *name = strrchr(path, '/') + 1, *end = strstr(name, LOCAL_SUFFIX);
	size_t len = end ? (size_t)(end - name) : 0;

	if (!len || len >= sizeof(out->room) || strlen(path) >= sizeof(out->socket))
		return "it is not the path of a room's socket";
	snprintf(out->socket, sizeof(out->socket), "%s", path);
	snprintf(out->room, sizeof(out->room), "%.*s", (int)len, name);
	return NULL;
}

/* The one of that name; NULL: there are too many. */
static struct person_room *room_named(struct load *load, const char *name)
{
	for (size_t i = 0; i < load->options.urls; i++)
		if (strcmp(load->urls[i].room, name) == 0)
			return load->room_of[i];
	return load->options.rooms < ROOMS_MAX ? &load->rooms[load->options.rooms++] : NULL;
}

static const char *take_url(struct load *load, const char *text)
{
	struct load_options *o = &load->options;
	const char *fault = "there are too many";

	if (o->urls < URLS_MAX)
		fault = (*text == '/' ? take_path : url_parse)(text, &load->urls[o->urls]);
	if (fault)
		return fault;
	load->room_of[o->urls] = room_named(load, load->urls[o->urls].room);
	return load->room_of[o->urls++] ? NULL : "there are too many rooms";
}

static bool take_urls(struct load *load, int argc, char **argv)
{
	for (int i = optind; i < argc; i++) {
		const char *fault = take_url(load, argv[i]);
		if (fault)
			fprintf(stderr, "codecollab-bench: %s: %s\n", argv[i], fault);
		if (fault)
			return false;
	}
	return load->options.urls > 0;
}

static bool is_sound(const struct load_options *o)
{
	return o->clients >= o->urls && o->clients <= PEOPLE_MAX && o->window <= PERSON_FLIGHT &&
	       o->rate >= 0 && !(o->rate > 0 && o->window) && o->secs > 0 && o->secs < 3600;
}

static bool take(struct load *load, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		if (!take_option(&load->options, option))
			return false;
	return take_urls(load, argc, argv) && is_sound(&load->options);
}

int bench_load(int argc, char **argv)
{
	struct load *load = mem_alloc(sizeof(*load));
	int status = 2;

	load->options = (struct load_options){.clients = 2, .writers = PEOPLE_MAX, .secs = 5};
	if (take(load, argc, argv))
		status = run(load);
	else
		fprintf(stderr,
			"usage: codecollab-bench load URL... [--clients N] [--rate R | --window W]"
			" [--writers M] [--secs S] [--pid PID]... [--tally FILE] [--json]\n");
	free(load);
	return status;
}
