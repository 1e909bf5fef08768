/*
 * sentence.h: a sentence over as many rows as it takes, cut between words.
 *
 *	rows = sentence_rows("There is such a file.", 12)	-- 2
 *	sentence_draw(term, rect, "There is such a file.", style)
 *
 * Units: cells.
 */
#ifndef TUI_SENTENCE_H
#define TUI_SENTENCE_H

#include "tui/screen.h"
#include "tui/term.h"

int sentence_rows(const char *utf8, int cols); /* 1 at least */
int sentence_last(const char *utf8, int cols); /* how many cells it takes of the last of them */
/* Its last rows where there are too few; a single row is cut at its end instead. Gives sentence_last, or what a single row took. */
int sentence_draw(struct term *term, struct rect rect, const char *utf8, struct term_style style);

#endif
