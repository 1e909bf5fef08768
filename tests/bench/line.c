/*
 * line.c: columns and words of one long line, in letters of different kinds. In milliseconds of this program's time:
 *
 *	far     the column of its end, with nothing known of it: End right after the file is opened
 *	ahead   the same in slices, while nobody presses a key; and the longest slice
 *	end     the column of its end once it is known
 *	other   somebody writes at the line's start, and the column of its end is asked for
 *	word    the longer of a step by words to the right from its start, and to the left from its end
 */
#include "tests/bench/bench.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ot/mem.h"
#include "ot/op.h"
#include "ot/text.h"
#include "tui/motion.h"
#include "tui/ruler.h"

static const struct {
	const char *name, *letters;
	size_t cells; /* of all the letters, wherever they stand */
} kinds[] = {
	{"code", "if (x[1] == \"a\") { y = f(x, 2.5); }", 35},
	{"word", "abcdefgh", 8},
	{"tabs", "a\tbc\t", 16},
	{"pictures", "\xF0\x9F\x98\x80\xF0\x9F\x9A\x80", 4},
	{"families",
		"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"
		"\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD",
		8},
	{"accents", "e\xCC\x81", 1},
	{"devanagari", "\xE0\xA4\xA8\xE0\xA4\xAE\xE0\xA4\xB8\xE0\xA5\x8D\xE0\xA4\xA4\xE0\xA5\x87 ",
		5},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

enum { FAR, AHEAD, SLICE, END, OTHER, WORD, FIGURES };

static const char *const names[FIGURES] = {"far", "ahead", "slice", "end", "other", "word"};

static double cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct text *long_line(size_t kind, size_t megabytes, size_t *times)
{
	size_t len = strlen(kinds[kind].letters);
	struct text *t = NULL;

	*times = (megabytes << 20) / len;
	char *at = mem_alloc(*times * len);
	for (size_t i = 0; i < *times; i++)
		memcpy(at + i * len, kinds[kind].letters, len);
	if (text_load(&t, at, *times * len))
		abort();
	free(at);
	return t;
}

static double time_end(struct ruler *ruler, const struct text *t, size_t *col)
{
	double start = cpu_ms();

	*col = ruler_col(ruler, t, 0, text_size(t).points);
	return cpu_ms() - start;
}

static void time_ahead(struct ruler *ruler, const struct text *t, double *ms)
{
	double before = cpu_ms(), start = before, now = before;
	bool more = true;

	ms[SLICE] = 0;
	for (; more; before = now) {
		more = ruler_idle(ruler, t, 0, text_size(t).points, RULER_SLICE);
		now = cpu_ms();
		ms[SLICE] = now - before > ms[SLICE] ? now - before : ms[SLICE];
	}
	ms[AHEAD] = now - start;
}

static double time_other(struct ruler *ruler, struct text *t, size_t *col)
{
	struct op op = {0};

	op_insert(&op, "abcdefgh", 8); /* as wide as a tab, which stays as it is so */
	op_apply(&op, t);
	double start = cpu_ms();
	ruler_shift(ruler, &op);
	time_end(ruler, t, col);
	double ms = cpu_ms() - start;
	op_fini(&op);
	return ms;
}

static double time_word(const struct text *t)
{
	double start = cpu_ms(), middle;

	motion_word_right(t, 0);
	middle = cpu_ms();
	motion_word_left(t, text_size(t).points);
	double right = middle - start, left = cpu_ms() - middle;
	return left > right ? left : right;
}

/* false: a column is not what the letters add up to. */
static bool measure(size_t kind, size_t megabytes, double *ms)
{
	struct ruler *first = ruler_create(), *second = ruler_create();
	size_t times, far, end, other;
	struct text *t = long_line(kind, megabytes, &times);

	ms[FAR] = time_end(first, t, &far);
	time_ahead(second, t, ms);
	ms[END] = time_end(second, t, &end);
	ms[WORD] = time_word(t);
	ms[OTHER] = time_other(second, t, &other);
	text_destroy(t);
	ruler_destroy(first);
	ruler_destroy(second);
	return far == times * kinds[kind].cells && end == far && other == far + 8;
}

int bench_line(const char *megabytes, size_t rounds)
{
	double ms[FIGURES], all[FIGURES][BENCH_ROUNDS];
	bool right = true;

	setlocale(LC_ALL, "C.UTF-8");
	for (size_t kind = 0; kind < KINDS; kind++) {
		for (size_t i = 0; i < rounds; i++) {
			right &= measure(kind, strtoul(megabytes, NULL, 10), ms);
			for (size_t f = 0; f < FIGURES; f++)
				all[f][i] = ms[f];
		}
		printf("line %-10s", kinds[kind].name);
		for (size_t f = 0; f < FIGURES; f++)
			printf(" %s=%.3f", names[f], bench_median(all[f], rounds));
		printf("\n");
	}
	return right ? 0 : 1;
}
