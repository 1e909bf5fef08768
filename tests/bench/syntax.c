#include "tests/bench/bench.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ot/mem.h"
#include "ot/text.h"
#include "tests/bench/trace.h"
#include "tui/syntax.h"
#include "tui/syntax_language.h"

#define LEAST_BYTES ((size_t)8 << 20) /* of text: the file, as often as it takes */

/* What a key takes: the lines on a screen, in the middle. */
#define SCREEN_LINES 50
#define SCREEN_COLS  200

/* Of this program alone, whatever else the machine does. */
static double cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct text *many(const struct bytes *file)
{
	struct text *all = text_create();

	do
		text_insert(all, text_size(all).points, (const char *)file->at, file->len);
	while (text_size(all).bytes < LEAST_BYTES);
	return all;
}

static void draw(struct syntax *s, const struct text *t)
{
	size_t first = text_size(t).lines / 2;
	uint8_t classes[SCREEN_COLS];

	for (size_t line = first; line < first + SCREEN_LINES && line <= text_size(t).lines;
		line++) {
		size_t start = text_line_start(t, line);
		syntax_line(s, t, start, start, SCREEN_COLS, classes);
	}
}

struct times {
	double settle[BENCH_ROUNDS], draw[BENCH_ROUNDS], key[BENCH_ROUNDS];
};

static void type(struct text *t, struct syntax *s, size_t pos)
{
	struct op op = {0};

	op_retain(&op, pos);
	op_insert(&op, "x", 1);
	op_apply(&op, t);
	syntax_changed(s, &op);
	op_fini(&op);
}

static void measure(struct syntax *s, struct text *t, struct times *times, size_t round)
{
	bool seen;
	double start = cpu_ms();

	syntax_reset(s, t);
	while (syntax_idle(s, t, SYNTAX_SLICE, &seen))
		;
	times->settle[round] = cpu_ms() - start;
	start = cpu_ms();
	draw(s, t);
	times->draw[round] = cpu_ms() - start;
	start = cpu_ms();
	type(t, s, text_line_start(t, text_size(t).lines / 2));
	draw(s, t);
	while (syntax_idle(s, t, SYNTAX_SLICE, &seen))
		;
	times->key[round] = cpu_ms() - start;
}

int bench_syntax(const char *path, size_t rounds)
{
	struct bytes file = trace_read_file(path);
	struct text *t = many(&file);
	char name[SYNTAX_FILE_NAME + 1] = "", *why = NULL;
	struct syntax_machine *m = NULL;
	struct times times;

	double start = cpu_ms();
	if (syntax_language(path, t, name))
		m = syntax_language_load(name, &why);
	double load = cpu_ms() - start;
	free(why);
	if (!m) {
		fprintf(stderr, "%s: no description of \"%s\"\n", path, name);
		return 1;
	}
	size_t states = m->state_count, bytes = text_size(t).bytes;
	struct syntax *s = syntax_create(m);
	for (size_t i = 0; i < rounds; i++)
		measure(s, t, &times, i);
	double settle = bench_median(times.settle, rounds),
	       drawn = bench_median(times.draw, rounds);
	printf("syntax language=%s states=%zu load_ms=%.1f MB/s=%.0f best=%.0f screen_ms=%.3f key_ms=%.3f\n",
		name, states, load, (double)bytes / settle / 1e3,
		(double)bytes / times.settle[0] / 1e3, drawn, bench_median(times.key, rounds));
	bool done = !syntax_unsure(s);
	syntax_destroy(s);
	text_destroy(t);
	free(file.at);
	return done ? 0 : 1;
}
