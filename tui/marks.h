/*
 * marks.h: carets and selections in the text that shows: the others', and one's own besides the main caret, which is the terminal's cursor.
 *
 *	marks_collect(&marks, doc, people, first, last)
 *	marks_pick(&marks, start, end, &here)		-- for each row
 *	mark = marks_over(&here, pos, pos + 1)		-- what is drawn on this character
 *
 * Others' carets stand out most, then one's own selection, then theirs.
 *
 * Limits:  MARKS_MOST; more are not drawn.
 */
#ifndef TUI_MARKS_H
#define TUI_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/document.h"
#include "tui/people.h"
#include "tui/term.h"

#define MARKS_MOST 512

struct mark {
	size_t start, end;           /* what is selected; of a caret: the caret */
	const struct person *person; /* NULL: oneself */
	bool caret;
};

struct marks {
	size_t count;
	struct mark at[MARKS_MOST];
};

/* Those that are between two positions, both included. Borrows the people. */
void marks_collect(struct marks *marks, const struct document *doc, const struct people *people,
	size_t first, size_t last);
/* Those of them that are between two positions: of a row. */
void marks_pick(const struct marks *marks, size_t first, size_t last, struct marks *out);
/* NULL: none is on [start, end). */
const struct mark *marks_over(const struct marks *marks, size_t start, size_t end);
struct term_style marks_style(int colors, const struct mark *mark);

#endif
