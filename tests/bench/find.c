#include "tests/bench/bench.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/text.h"
#include "tui/search.h"

#define LINE "static int count_lines(const char *at, size_t bytes, struct lines *out); /* 0042 */\n"
#define LAST "the Needle at the end\n"

static const struct {
	const char *name, *what;
	unsigned flags;
} kinds[] = {
	{"words", "Needle at the end", PATTERN_CASE},
	{"folded", "needle at the end", 0},
	{"whole", "needle", PATTERN_WORD},
	{"folded-unicode",
		"n\xC3\xA9"
		"edle|",
		0},
	{"regex", "need[a-z]+ at (the|an) end$", PATTERN_REGEX},
	{"regex-slow", "\\w+ at the end", PATTERN_REGEX},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct text *long_text(size_t megabytes)
{
	size_t lines = (megabytes << 20) / strlen(LINE), bytes = lines * strlen(LINE);
	char *at = mem_alloc(bytes + strlen(LAST));
	struct text *t = NULL;

	for (size_t i = 0; i < lines; i++)
		memcpy(at + i * strlen(LINE), LINE, strlen(LINE));
	memcpy(at + bytes, LAST, strlen(LAST));
	if (text_load(&t, at, bytes + strlen(LAST)))
		abort();
	free(at);
	return t;
}

/* From the start of the text to the answer, in slices; *longest is the longest of them. */
static double time_find(const struct text *t, size_t kind, double *longest, bool *right)
{
	struct search search = {0};
	char why[128];
	size_t end = text_size(t).points - strlen(LAST);
	double start = bench_now_ms(), before = start, now;

	*longest = 0;
	*right &= search_start(&search, kinds[kind].what, strlen(kinds[kind].what),
		kinds[kind].flags, NULL, why, sizeof(why));
	search_seek(&search, t, 0, true);
	do {
		now = bench_now_ms();
		*longest = now - before > *longest ? now - before : *longest;
		before = now;
	} while (search.seek == SEARCH_SEEKING && search_idle(&search, t));
	bool there = search.seek == SEARCH_FOUND && search.found.anchor >= end;
	*right &= there == !strchr(kinds[kind].what, '|') || kinds[kind].flags & PATTERN_REGEX;
	search_stop(&search);
	return now - start;
}

int bench_find(const char *megabytes, size_t rounds)
{
	struct text *t = long_text(strtoul(megabytes, NULL, 10));
	double ms[BENCH_ROUNDS], longest = 0, most = 0;
	bool right = true;

	for (size_t kind = 0; kind < KINDS; kind++, most = 0) {
		for (size_t i = 0; i < rounds; i++) {
			ms[i] = time_find(t, kind, &longest, &right);
			most = longest > most ? longest : most;
		}
		double median = bench_median(ms, rounds);
		printf("find %-14s ms=%.3f min=%.3f slice=%.3f\n", kinds[kind].name, median, ms[0],
			most);
	}
	text_destroy(t);
	return right ? 0 : 1;
}
