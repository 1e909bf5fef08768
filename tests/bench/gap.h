/*
 * gap.h: the yardstick: a bare gap buffer of bytes, without any index. No editor can do with less.
 *
 * Units: bytes. Nothing is checked.
 */
#ifndef TESTS_BENCH_GAP_H
#define TESTS_BENCH_GAP_H

#include <stddef.h>

struct gap {
	char *at;
	size_t head, tail, cap; /* bytes before the gap, behind it, and in all */
};

void gap_fini(struct gap *g);
void gap_replace(struct gap *g, size_t pos, size_t del, const char *text, size_t bytes);

#endif
