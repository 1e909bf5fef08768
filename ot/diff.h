/*
 * diff.h: the change that was made to a text, found by looking at what it was and what it is.
 *
 *	"int a;\nint b;\n"  to  "long a;\nint b;\nint c;\n"	-- insert "long", delete 3, retain 11, insert "int c;\n"
 *
 * Whose caret, and whose edit in the meantime, stands in what both texts share is not disturbed by it. So lines come first: those that
 * both texts have once each anchor the others (patience), a shortest script (myers.h) is found between them, and within the lines that
 * changed another by characters. There a few characters that are equal between larger changes are taken for chance, and go with them:
 * a word becomes another word, not a mixture of both.
 *
 * Cost:   O(n) in the characters, O(l log l) in the lines that a common beginning and end leave, and DIFF_STEPS for each of the two
 *         searches; a stretch for which those are not enough is replaced whole.
 * Source: Cohen's patience diff (longest increasing sequence of unique lines: Schensted 1961); Myers 1986; the tidying after Fraser,
 *         "Diff Strategies", 2006.
 */
#ifndef OT_DIFF_H
#define OT_DIFF_H

#include "ot/op.h"
#include "ot/text.h"

#ifdef OT_TINY
#define DIFF_STEPS 40
#else
#define DIFF_STEPS ((size_t)1 << 23) /* some 20 ms */
#endif

/* What makes `from` into `to`. */
struct op op_diff(const struct text *from, const struct text *to);

#endif
