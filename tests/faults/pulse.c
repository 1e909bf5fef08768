/*
 * pulse.c: how long people wait for a server while somebody else treats it badly. Not a test: hostile.js runs it, and reads its
 * one line.
 *
 *	faults-pulse URL < pipe
 *	{"edits":…, "ack":{"p50":…,"p99":…,"max":…}, "other":{…}}
 *
 * Ten write a line every 100 ms each, twenty watch, until the standard input ends; then all must be in step. It is a process of its own
 * with little to do, so that what it measures is the server's time and not its own. With one that cannot come in, or is
 * cut off, or hears of revisions out of order, it fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/faults/guests.h"

#define WRITERS  10
#define GUESTS   30
#define PAUSE_MS 10 /* so every writer's turn comes each 100 ms */
#define LINE     "a line of forty bytes, as a person types"

struct pulse {
	struct loop *loop;
	struct guests *guests;
	struct timer *hand;
	size_t edits;
	bool over;
};

static void on_hand(void *ctx)
{
	struct pulse *pulse = ctx;

	if (pulse->guests->in == GUESTS)
		guest_write(&pulse->guests->at[pulse->edits++ % WRITERS], LINE, sizeof(LINE) - 1);
}

static void on_input(void *ctx, bool readable, bool writable)
{
	struct pulse *pulse = ctx;
	char byte;

	(void)readable, (void)writable;
	if (read(STDIN_FILENO, &byte, 1) > 0)
		return;
	pulse->over = true;
	timer_stop(pulse->hand);
}

static bool in_step(const struct guests *guests)
{
	for (size_t i = 0; i < GUESTS; i++)
		if (guests->at[i].rev != guests->at[0].rev ||
			guests->at[i].acked != guests->at[i].seq)
			return false;
	return true;
}

static void on_turn(void *ctx)
{
	struct pulse *pulse = ctx;

	if (pulse->guests->closed || (pulse->over && in_step(pulse->guests)))
		loop_stop(pulse->loop);
}

static void tell(const char *name, struct times *times)
{
	printf(", \"%s\": {\"p50\": %.1f, \"p99\": %.1f, \"max\": %.1f}", name,
		times_share(times, 0.5), times_share(times, 0.99), times_share(times, 1));
}

static int pulse_of(const struct url *url)
{
	struct pulse pulse = {.loop = loop_create()};
	struct watch *input = watch_create(pulse.loop, STDIN_FILENO, on_input, &pulse);
	size_t closed;

	pulse.guests = guests_create(pulse.loop, url, GUESTS);
	pulse.guests->witness = &pulse.guests->at[GUESTS - 1];
	for (size_t i = 0; i < GUESTS; i++)
		guests_invite(pulse.guests, i);
	pulse.hand = timer_make(pulse.loop, on_hand, &pulse);
	timer_set(pulse.hand, PAUSE_MS, PAUSE_MS);
	watch_set(input, true, false);
	loop_on_turn(pulse.loop, on_turn, &pulse);
	loop_run(pulse.loop);
	loop_off_turn(pulse.loop, on_turn, &pulse);
	closed = pulse.guests->closed;
	printf("{\"edits\": %zu", pulse.guests->acks.count);
	tell("ack", &pulse.guests->acks);
	tell("other", &pulse.guests->others);
	printf("}\n");
	guests_destroy(pulse.guests);
	timer_destroy(pulse.hand);
	watch_destroy(input);
	loop_destroy(pulse.loop);
	if (closed)
		fprintf(stderr, "faults-pulse: %zu connections were lost\n", closed);
	return closed != 0;
}

int main(int argc, char **argv)
{
	struct url url;
	const char *why = argc == 2 ? url_parse(argv[1], &url) : "it takes one join URL";

	if (!why)
		return pulse_of(&url);
	fprintf(stderr, "faults-pulse: %s\n", why);
	return 2;
}
