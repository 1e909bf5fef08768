/*
 * crowd.c: very many people in one document, a fifth of whom never read; and more people than there are descriptors.
 *
 *	CLIENTS=1000 DEAF=200 QUEUE=256K EDITS=300 PAUSE=50 CODECOLLAB=build/codecollab faults-crowd
 *
 * The crowd passes when those who read hear of every revision in its order, those who do not are closed with 1013 and can come back
 * to hear all that they missed, a newcomer finds every letter once, and the server's memory stays within what codecollab(1) says. Times
 * are told, not judged.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "ot/mem.h"
#include "tests/e2e/stage.h"
#include "tests/faults/guests.h"

#define WRITERS      10
#define PAUSE_MS     5  /* between two edits of a crowd, if nobody says otherwise */
#define AT_A_TIME    64 /* in their handshakes */
#define LINE         "a line of forty bytes, as a person types"
#define BLOCK_BYTES  65536
#define SOCKET_BYTES (2 << 20) /* what the kernel and the program may hold besides the queue */
#define CLOSE_MS     4000      /* less than a server waits for that answer */
#define DEADLINE_MS  60000
#define MIB          (1024.0 * 1024.0)

/* codecollab(1), LIMITS */
#define BASE_MIB  64
#define GUEST_KIB 100
#define DEAF_KIB  512 /* besides what waits for them */

/* A program built to find mistakes with memory takes more of it. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 3
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 3
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 1
#endif

struct crowd {
	struct loop *loop;
	struct stage *stage;
	struct server *server;
	struct guests *guests;
	size_t readers, deaf;
	size_t at_a_time; /* who come back */
	struct timer *deadline, *hand;
	const char *waits_for;
	bool (*until)(struct crowd *crowd);
	size_t invited, returned, edits;
	bool floods;          /* blocks and not lines */
	uint64_t flood_bytes; /* more than a queue takes, and a socket */
	uint64_t written;     /* bytes */
	double most_mib;
	double flood_ms; /* when it began */
};

static size_t number_of(const char *name, size_t otherwise)
{
	const char *value = getenv(name);

	return value ? (size_t)strtoull(value, NULL, 10) : otherwise;
}

/* ---- the server, from outside ---- */

static double resident_mib(const struct server *server)
{
	char path[64], line[256];
	unsigned long kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)server_pid(server));
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) && sscanf(line, "VmRSS: %lu", &kib) != 1)
		;
	fclose(file);
	return (double)kib / 1024;
}

static uint64_t newest_rev(const struct crowd *crowd)
{
	uint64_t rev = 0;

	for (size_t i = 0; i < crowd->readers; i++)
		rev = crowd->guests->at[i].rev > rev ? crowd->guests->at[i].rev : rev;
	return rev;
}

/* How many of the first `count` guests have heard of all that anybody has heard of. */
static size_t in_step(const struct crowd *crowd, size_t count)
{
	uint64_t rev = newest_rev(crowd);
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += crowd->guests->at[i].in && crowd->guests->at[i].rev == rev &&
			 !crowd->guests->at[i].missing;
	return found;
}

/* ---- waiting ---- */

static void on_turn(void *ctx)
{
	struct crowd *crowd = ctx;

	if (crowd->until && crowd->until(crowd))
		loop_stop(crowd->loop);
}

static void on_deadline(void *ctx)
{
	const struct crowd *crowd = ctx;

	fail_msg("never: %s (%zu in, %zu closed, revision %llu of %llu)", crowd->waits_for,
		crowd->guests->in, crowd->guests->closed,
		(unsigned long long)crowd->guests->at[0].rev,
		(unsigned long long)newest_rev(crowd));
}

static void run_until(struct crowd *crowd, bool (*until)(struct crowd *crowd), const char *what)
{
	crowd->until = until;
	crowd->waits_for = what;
	timer_set(crowd->deadline, DEADLINE_MS, 0);
	if (!until(crowd))
		loop_run(crowd->loop);
	timer_stop(crowd->deadline);
	crowd->until = NULL;
}

/* ---- what a crowd does ---- */

static size_t total(const struct crowd *crowd)
{
	return crowd->readers + crowd->deaf;
}

/* Invites the next as soon as fewer than AT_A_TIME are on their way. */
static bool all_in(struct crowd *crowd)
{
	while (crowd->invited < total(crowd) && crowd->invited - crowd->guests->in < AT_A_TIME)
		guests_invite(crowd->guests, crowd->invited++);
	return crowd->guests->in == total(crowd);
}

static bool writers_acked(struct crowd *crowd)
{
	for (size_t i = 0; i < WRITERS; i++)
		if (crowd->guests->at[i].acked != crowd->guests->at[i].seq)
			return false;
	return true;
}

static void on_hand(void *ctx)
{
	struct crowd *crowd = ctx;
	static char block[BLOCK_BYTES];
	struct guest *guest = &crowd->guests->at[crowd->edits % WRITERS];
	uint64_t seq = guest->seq;

	memset(block, 'b', sizeof(block));
	if (crowd->floods &&
		!(writers_acked(crowd) && in_step(crowd, crowd->readers) == crowd->readers))
		return; /* who reads must be able to keep up */
	if (crowd->floods)
		guest_write(guest, block, sizeof(block));
	else
		guest_write(guest, LINE, sizeof(LINE) - 1);
	if (guest->seq > seq)
		crowd->written += crowd->floods ? sizeof(block) : sizeof(LINE) - 1;
	crowd->edits++;
	double mib = resident_mib(crowd->server);
	crowd->most_mib = mib > crowd->most_mib ? mib : crowd->most_mib;
}

static bool flooded(struct crowd *crowd)
{
	return crowd->written >= crowd->flood_bytes;
}

static bool typed_enough(struct crowd *crowd)
{
	return crowd->edits >= number_of("EDITS", 200);
}

static bool deaf_closed(struct crowd *crowd)
{
	return crowd->guests->closed == crowd->deaf;
}

static bool readers_in_step(struct crowd *crowd)
{
	return in_step(crowd, crowd->readers) == crowd->readers;
}

static bool all_in_step(struct crowd *crowd)
{
	while (crowd->returned < crowd->deaf &&
		crowd->readers + crowd->returned - in_step(crowd, total(crowd)) < crowd->at_a_time)
		guests_invite(crowd->guests, crowd->readers + crowd->returned++);
	return in_step(crowd, total(crowd)) == total(crowd);
}

/* ---- a crowd ---- */

static void open_crowd(struct crowd *crowd, const char *const *options, size_t room_for)
{
	struct url url;

	stage_write(crowd->stage, "a.txt", "", 0);
	crowd->server = server_start_with(crowd->stage, "a.txt", options);
	assert_null(url_parse(server_url(crowd->server, "editor"), &url));
	crowd->loop = loop_create();
	crowd->guests = guests_create(crowd->loop, &url, room_for);
	crowd->guests->witness = &crowd->guests->at[WRITERS];
	crowd->deadline = timer_make(crowd->loop, on_deadline, crowd);
	crowd->hand = timer_make(crowd->loop, on_hand, crowd);
	loop_on_turn(crowd->loop, on_turn, crowd);
}

static void close_crowd(struct crowd *crowd)
{
	loop_off_turn(crowd->loop, on_turn, crowd);
	timer_destroy(crowd->deadline);
	timer_destroy(crowd->hand);
	guests_destroy(crowd->guests);
	loop_destroy(crowd->loop);
	assert_int_equal(server_stop(crowd->server, SIGTERM), 0);
}

static bool newcomer_in(struct crowd *crowd)
{
	return crowd->guests->at[total(crowd)].in && !crowd->guests->at[total(crowd)].missing;
}

static void write_until(struct crowd *crowd, bool (*until)(struct crowd *crowd), const char *what)
{
	timer_set(crowd->hand, number_of("PAUSE", PAUSE_MS), number_of("PAUSE", PAUSE_MS));
	run_until(crowd, until, what);
	timer_stop(crowd->hand);
}

static void settle(struct crowd *crowd)
{
	run_until(crowd, writers_acked, "the acks");
	run_until(crowd, readers_in_step, "all who read are in step");
}

static double queue_mib(const char *queue)
{
	char *end;
	double number = (double)strtoull(queue, &end, 10);

	return number * (*end == 'M' ? 1 : 1 / 1024.0);
}

static void gather(struct crowd *crowd, const char *const *options)
{
	open_crowd(crowd, options, total(crowd) + 1);
	for (size_t i = crowd->readers; i < total(crowd); i++)
		crowd->guests->at[i].deafens = true;
	run_until(crowd, all_in, "all are in");
	print_message("    %zu in, %zu of them deaf: entry p50 %.0f ms, p99 %.0f ms; %.0f MiB\n",
		total(crowd), crowd->deaf, times_share(&crowd->guests->entries, 0.5),
		times_share(&crowd->guests->entries, 0.99), resident_mib(crowd->server));
}

static void type(struct crowd *crowd)
{
	write_until(crowd, typed_enough, "people type");
	print_message(
		"    edit to ack: p50 %.1f ms, p99 %.1f ms; to another: p50 %.1f ms, p99 %.1f ms\n",
		times_share(&crowd->guests->acks, 0.5), times_share(&crowd->guests->acks, 0.99),
		times_share(&crowd->guests->others, 0.5),
		times_share(&crowd->guests->others, 0.99));
}

/* waits_mib: what may wait for all together. */
static void flood(struct crowd *crowd, double waits_mib)
{
	double bound_mib;

	crowd->floods = true;
	crowd->flood_ms = now_ms();
	write_until(crowd, flooded, "people write much");
	settle(crowd);
	bound_mib = BASE_MIB + (double)(total(crowd) * GUEST_KIB + crowd->deaf * DEAF_KIB) / 1024 +
		    waits_mib + 4.0 * (double)crowd->written / MIB;
	print_message(
		"    revision %llu, %.1f MiB written; at most %.0f MiB resident of %.0f allowed\n",
		(unsigned long long)newest_rev(crowd), (double)crowd->written / MIB,
		crowd->most_mib, bound_mib);
	assert_true(crowd->most_mib < SANITIZED * bound_mib);
	assert_int_equal(crowd->guests->closed,
		0); /* none who reads, and the others have not heard of it yet */
}

/*
 * What others heard was sent to them, too, and was too much: when they read again, that is what they come to. Who takes longer than a
 * server waits for the answer to its close frame is cut off instead.
 */
static void hear(struct crowd *crowd)
{
	bool was_long = now_ms() - crowd->flood_ms > CLOSE_MS;

	for (size_t i = crowd->readers; i < total(crowd); i++)
		lean_hear(crowd->guests->at[i].lean);
	run_until(crowd, deaf_closed, "those who did not read are closed");
	for (size_t i = crowd->readers; i < total(crowd); i++)
		if (crowd->guests->at[i].code != 1013 && !(was_long && !crowd->guests->at[i].code))
			fail_msg("guest %zu was closed with %u", i, crowd->guests->at[i].code);
}

static void make_up(struct crowd *crowd)
{
	for (size_t i = crowd->readers; i < total(crowd); i++) {
		guest_leave(&crowd->guests->at[i]);
		crowd->guests->at[i].deafens = false;
	}
	run_until(crowd, all_in_step, "the deaf come back, and hear what they missed");
	guests_invite(crowd->guests, total(crowd));
	run_until(crowd, newcomer_in, "a newcomer");
	assert_int_equal(crowd->guests->at[total(crowd)].size, crowd->written);
}

static void test_a_fifth_never_reads(void **state)
{
	const char *queue = getenv("QUEUE") ? getenv("QUEUE") : "256K";
	const char *const options[] = {"--max-queue", queue, "--max-people", "5000", NULL};
	struct crowd crowd = {.stage = *state, .deaf = number_of("DEAF", 20), .at_a_time = 8};

	crowd.readers = number_of("CLIENTS", 100) - crowd.deaf;
	crowd.flood_bytes = (uint64_t)(queue_mib(queue) * MIB) + SOCKET_BYTES;
	gather(&crowd, options);
	type(&crowd);
	flood(&crowd, (double)crowd.deaf * queue_mib(queue));
	hear(&crowd);
	make_up(&crowd);
	close_crowd(&crowd);
}

/* Each alone might let more wait than all of them may. */
static void test_all_queues_together_have_a_bound(void **state)
{
	static const char *const options[] = {"--max-queue", "4M", "--max-queues", "8M", NULL};
	struct crowd crowd = {.stage = *state,
		.deaf = 10,
		.readers = 30,
		.at_a_time = 1,
		.flood_bytes = (4 << 20) + SOCKET_BYTES};

	gather(&crowd, options);
	flood(&crowd, 8 + 4); /* all but the longest */
	hear(&crowd);
	make_up(&crowd);
	close_crowd(&crowd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, stage_setup, stage_teardown)
		TEST(a_fifth_never_reads),
		TEST(all_queues_together_have_a_bound),
#undef TEST
	};
	const struct rlimit files = {16384, 16384};

	setrlimit(RLIMIT_NOFILE, &files);
	setenv("ASAN_OPTIONS", "quarantine_size_mb=16", 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
