/*
 * latency.c: how long a key takes to one's own screen and to another person's.
 *
 *	codecollab-latency [KEYS]
 *	latency keys=200 own_p50=0.2 own_p99=0.9 other_p50=6.1 other_p99=12.0
 *
 * A server and two editors as separate processes, over wss on loopback; Ada types, both screens are read through a terminal
 * emulator. Milliseconds from just before the key is written to the terminal until the letter is on the screen. The way to the other
 * screen holds one fsync, since an edit is shown to others only when it is stored.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/e2e/stage.h"

#define MOST_KEYS 2000
#define LINE      60 /* letters, then a new line */

static size_t keys = 200;

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double percentile(double *all, size_t count, double part)
{
	qsort(all, count, sizeof(*all), compare);
	return all[(size_t)((double)(count - 1) * part)];
}

static void measure(void **state)
{
	static double own[MOST_KEYS], other[MOST_KEYS];
	struct stage *stage = *state;
	char typed[LINE + 1] = "", key[2] = "";

	stage_write(stage, "a.txt", "", 0);
	struct server *server = server_start(stage, "a.txt", NULL);
	struct terminal *ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "1 here");
	struct terminal *ben = stage_join(stage, server_url(server, "editor"), "Ben");
	terminal_see(ben, "2 here");
	for (size_t i = 0; i < keys; i++) {
		size_t len = i % LINE;
		if (len == 0 && i) {
			terminal_press(ada, "C-a Backspace");
			terminal_see_none(ben, typed);
		}
		key[0] = (char)('a' + i % 26);
		typed[len] = key[0];
		typed[len + 1] = '\0';
		double from = now_ms();
		terminal_type(ada, key);
		terminal_see(ada, typed);
		own[i] = now_ms() - from;
		terminal_see(ben, typed);
		other[i] = now_ms() - from;
	}
	printf("latency keys=%zu own_p50=%.2f own_p99=%.2f other_p50=%.2f other_p99=%.2f\n", keys,
		percentile(own, keys, 0.5), percentile(own, keys, 0.99),
		percentile(other, keys, 0.5), percentile(other, keys, 0.99));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(measure, stage_setup, stage_teardown)};

	if (argc > 1)
		keys = strtoul(argv[1], NULL, 10);
	if (keys < 1 || keys > MOST_KEYS)
		keys = MOST_KEYS;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
