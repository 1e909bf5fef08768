/*
 * myers.h: what two sequences of numbers have in common, in order, and as much of it as can be found for a price.
 *
 *	a: 1 2 3 1 2 2 1	left = myers_mark(a, 7, b, 6, gone, fresh, 1000);
 *	b: 3 2 1 2 1 3		-- gone 1 1 0 1 0 0 0, fresh 0 0 1 0 0 1: both keep 3 2 2 1 (or another four)
 *
 * The numbers may stand for anything: lines of a text, its characters. What is not marked in a is, in order, what is not marked in
 * b. With budget enough there is no longer common part; where it runs out, the stretch at hand is marked whole.
 *
 * Cost:   at most `budget` steps, and O(n + m) beside them; memory O(n + m).
 * Source: Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, section 4b (linear space).
 */
#ifndef OT_MYERS_H
#define OT_MYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sets gone[i] for each of the n of a, and fresh[j] for each of the m of b, that is not common; the others stay. Gives what is left of the budget. */
size_t myers_mark(const uint32_t *a, size_t n, const uint32_t *b, size_t m, bool *gone, bool *fresh,
	size_t budget);

#endif
