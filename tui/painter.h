/*
 * painter.h: one row of the text on the screen: its number, its characters in their colours, and everybody in it.
 *
 *	struct painter p = {... what all rows share ...};
 *	p.shown = row, p.row = 3;
 *	painter_look(&p);			-- who is in this row
 *	sign = painter_sign(&p, number);	-- what it looks like, besides its text
 *	painter_draw(&p);
 *
 * Units:   rows and columns of the whole screen.
 */
#ifndef TUI_PAINTER_H
#define TUI_PAINTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/text.h"
#include "tui/bracket.h"
#include "tui/found.h"
#include "tui/marks.h"
#include "tui/people.h"
#include "tui/syntax.h"
#include "tui/term.h"
#include "tui/wrap.h"

#define PAINTER_COLORED 2048 /* characters of a line that are drawn in a language's colours; longer clusters are rare */

struct view;

struct painter {
	struct view *view;
	struct term *term;
	const struct text *text;
	const struct people *people;
	const struct marks *marks; /* in all rows */
	struct syntax *syntax;
	struct found *found;
	uint64_t now_ms;
	int colors;
	int col, cols;        /* of the text on the screen */
	size_t own, own_line; /* own caret */
	bool bracketed;       /* the caret is at a bracket that has a partner */
	struct bracket bracket;

	int row;               /* on the screen */
	struct wrap_row shown; /* what it shows of the text */
	struct marks *here;    /* in this row */
	int used;              /* cells of the window that its text took */

	/* private */
	size_t colored; /* the first character in classes */
	uint8_t classes[PAINTER_COLORED];
};

void painter_look(struct painter *p);
/* number: what the lexer knows where the row's line begins (syntax.h). Rows of the same text and sign look the same. */
uint64_t painter_sign(const struct painter *p, uint16_t number);
void painter_draw(struct painter *p);

#endif
