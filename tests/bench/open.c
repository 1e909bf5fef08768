#include "tests/bench/bench.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "ot/text.h"
#include "tests/bench/trace.h"

static double time_open(const struct bytes *file, size_t *memory, bool *right)
{
	struct text *text;
	size_t before = bench_memory();
	double start = bench_now_ms();

	if (text_load(&text, file->at, file->len)) {
		*right = false;
		return 0;
	}
	double ms = bench_now_ms() - start;
	*memory = bench_memory() - before;
	*right = *right && text_size(text).bytes == file->len;
	text_destroy(text);
	return ms;
}

int bench_open(const char *path, size_t rounds)
{
	struct bytes file = trace_read_file(path);
	double ms[BENCH_ROUNDS];
	size_t memory = 0;
	bool right = true;

	for (size_t i = 0; i < rounds; i++)
		ms[i] = time_open(&file, &memory, &right);
	double median = bench_median(ms, rounds);
	printf("open ms=%.3f min=%.3f mem=%zu\n", median, ms[0], memory);
	free(file.at);
	return right ? 0 : 1;
}
