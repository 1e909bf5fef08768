/*
 * view_draw.h: the text in its window (view.h), with everybody in it, drawn.
 *
 *	view_draw(&view, term, &document, &people, syntax, now);
 *	while (nothing_else_to_do && view_idle(&view, text))
 *		;
 *
 * The rows are laid out first, from those of the last drawing where they are as they were (rows.h); then those are painted (painter.h)
 * that look other than then, and the others given again as they are.
 */
#ifndef TUI_VIEW_DRAW_H
#define TUI_VIEW_DRAW_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/document.h"
#include "tui/people.h"
#include "tui/syntax.h"
#include "tui/term.h"
#include "tui/view.h"

/* Draws the text and everybody in it, and places the cursor. syntax NULL: without a language's colours. */
void view_draw(struct view *view, struct term *term, const struct document *doc,
	const struct people *people, struct syntax *syntax, uint64_t now_ms);

/* After a drawing, when nothing else is to be done: measures on in the long lines that were drawn. true: there is more. */
bool view_idle(struct view *view, const struct text *t);

#endif
