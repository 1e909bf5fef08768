/*
 * view.h: the window onto a text: which lines show, where the carets are in it, what is under the mouse.
 *
 *	view_place(&view, text, rect)		each time before the others
 *	view_shift(&view, &op, own)		the text changed
 *	view_draw(&view, ...)			view_draw.h
 *
 * A line is one row, of which a part shows, or with `wrap` as many rows as show all of it. The first row shown is kept as a position
 * that moves with the text, so what others write above never makes the lines jump. While `follow` is set, drawing first scrolls until
 * the own caret can be seen; the mouse wheel lets go of it, and any key takes hold again. Work is in proportion to what is visible, never to the
 * text (ruler.h for long lines).
 *
 * Units:   rows and columns of the whole screen; lines from 0.
 */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/blame.h"
#include "tui/rows.h"
#include "tui/ruler.h"
#include "tui/screen.h"
#include "tui/search.h"
#include "tui/settings.h"
#include "tui/wrap.h"

#define VIEW_GUTTER_COLS 30 /* columns from which there are line numbers */

struct view {
	bool blanks; /* tabs and blanks are drawn as signs */
	struct ruler *ruler;
	struct rows rows; /* as they were drawn */
	struct rect area;
	int gutter;  /* columns of the line numbers */
	size_t top;  /* a position in the first row shown */
	size_t left; /* the first column of the text shown; 0 with wrap */
	bool wrap;   /* long lines continue on further rows (wrap.h) */
	size_t wrap_at; /* at this column at the latest; 0: where the window ends */
	bool follow;
	enum settings_numbers numbers;
	const struct blame *blame; /* whose lines are marked; NULL: nobody's */
	struct search *search; /* whose matches are marked; NULL: none */
};

void view_init(struct view *view);
void view_fini(struct view *view);
void view_reset(struct view *view); /* another text: from its start */
void view_forget(struct view *view); /* what was measured and drawn: other settings, colours or text */

void view_place(struct view *view, const struct text *t, struct rect area);
void view_shift(struct view *view, const struct op *op, bool own);
void view_scroll(struct view *view, const struct text *t, ptrdiff_t rows);
void view_show(struct view *view, const struct text *t, size_t pos); /* scroll until pos is visible */
/* The same, sideways alone; from: where the line of pos begins. */
void view_show_col(struct view *view, const struct text *t, size_t pos, size_t from);

/* Of the window, for text: 1 at least. */
size_t view_rows(const struct view *view);
size_t view_cols(const struct view *view);

/*
 * The row that shows pos: without `wrap` its line. view_row_col: pos's column in it; view_pos_down: the place at a column so many rows
 * below pos's, or above; without such a row the text's end, or its start.
 */
struct wrap_row view_row(const struct view *view, const struct text *t, size_t pos);
bool view_next_row(const struct view *view, const struct text *t, struct wrap_row *row); /* false: it is the last */
size_t view_row_col(struct view *view, const struct text *t, size_t pos);
size_t view_pos_down(struct view *view, const struct text *t, size_t pos, ptrdiff_t rows, size_t col);
/* Columns count from the line's start. */
size_t view_col(struct view *view, const struct text *t, size_t pos);
size_t view_pos(struct view *view, const struct text *t, size_t line, size_t col);
/* Where a mouse points; rows and columns outside mean the nearest inside. */
size_t view_pos_under(struct view *view, const struct text *t, int row, int col);

#endif
