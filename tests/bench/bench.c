/* codecollab-bench: how fast the text layer is, on recorded sessions; and a server, under very many people. */
#include "tests/bench/bench.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
	const char *name, *argument, *what;
	int (*run)(const char *argument, size_t rounds);
} commands[] = {
	{"replay", "F.cct", "one person's edits, with undo", bench_replay},
	{"session", "F.ccs", "a server and everybody, all messages encoded", bench_session},
	{"offline", "F.ccs", "two who worked apart meet", bench_offline},
	{"open", "FILE", "a text is loaded", bench_open},
	{"find", "MB", "the end of a long text is looked for", bench_find},
	{"line", "MB", "columns and words of one long line", bench_line},
	{"syntax", "FILE", "a text is lexed, drawn, typed in", bench_syntax},
	{"editors", "NAMES", "ours beside the others of these, or all", bench_editors},
	{"apart", "EDITS", "write a trace for offline", bench_apart},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

double bench_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

size_t bench_memory(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(double *ms, size_t rounds)
{
	qsort(ms, rounds, sizeof(*ms), by_value);
	return ms[rounds / 2];
}

/*
 * Memory stays with the process between rounds: otherwise all of a small measurement would be the kernel's, which takes pages
 * back after one round and clears them for the next.
 */
static void keep_memory(void)
{
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	mallopt(M_MMAP_THRESHOLD, 1 << 25); /* the most that is taken */
}

static int usage(void)
{
	fprintf(stderr, "usage: codecollab-bench COMMAND ARGUMENT [ROUNDS]\n"
			"       codecollab-bench load URL... [OPTION...]\n"
			"       codecollab-bench write URL F.cct\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(stderr, "  %-8s %-6s  %s\n", commands[i].name, commands[i].argument,
			commands[i].what);
	fprintf(stderr, "  %-8s %-6s  %s\n", "load", "URL", "a server meets very many people");
	fprintf(stderr, "  %-8s %-6s  %s\n", "write", "URL", "a room gets a past");
	return 2;
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 3 ? strtoul(argv[3], NULL, 10) : 9;

	if (argc > 1 && strcmp(argv[1], "load") == 0)
		return bench_load(argc - 1, argv + 1);
	if (argc == 4 && strcmp(argv[1], "write") == 0)
		return bench_write(argv[2], argv[3]);
	if (argc < 3 || argc > 4 || !rounds || rounds > BENCH_ROUNDS)
		return usage();
	keep_memory();
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argv[2], rounds);
	return usage();
}
