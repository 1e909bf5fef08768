#include "tui/view_draw.h"

#include "tui/edges.h"
#include "tui/painter.h"

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* What shows of the text: the first position, and the first that does not show any more; SIZE_MAX: all the rest shows. */
struct span {
	size_t top, below;
};

/* To the next row, which is not looked for where it is as it was. */
static bool next_row(struct view *view, const struct text *t, struct wrap_row *row)
{
	bool same_line = row->end < row->to;
	struct rows_row *kept = same_line || row->to < text_size(t).points
					? rows_kept(&view->rows, same_line ? row->end : row->to + 1)
					: NULL;

	if (!kept)
		return view_next_row(view, t, row);
	size_t line = row->line + !same_line;
	*row = kept->at;
	row->line = line;
	return true;
}

static struct span lay_out(struct view *view, const struct text *t)
{
	struct rows *rows = &view->rows;
	struct wrap_row row = view_row(view, t, view->top);
	struct span span = {row.start, SIZE_MAX};
	bool more = true;

	rows_begin(rows, view_rows(view), view->area.cols);
	for (struct rows_row *added;
		more && (added = rows_add(rows, rows_kept(rows, row.start)));) {
		added->at = row;
		more = next_row(view, t, &row);
	}
	if (more)
		span.below = row.start;
	return span;
}

/* The row of those laid out that shows pos; NULL: none. Where a row ends and the next one of its line begins, it is the next. */
static const struct rows_row *row_of(const struct view *view, size_t pos)
{
	const struct rows *rows = &view->rows;
	size_t i = rows->count;

	while (i && rows->now[i - 1].at.start > pos)
		i--;
	const struct rows_row *row = i ? &rows->now[i - 1] : NULL;
	bool last = row && row->at.end == row->at.to;
	return row && pos < row->at.end + last ? row : NULL;
}

/* The caret's column counts as much as its row. */
static struct span lay_out_around(struct view *view, const struct text *t, size_t pos)
{
	struct span span = lay_out(view, t);
	size_t left = view->left;

	if (!view->follow)
		return span;
	if (row_of(view, pos))
		view_show_col(view, t, pos, row_of(view, pos)->at.from);
	else
		view_show(view, t, pos);
	return row_of(view, pos) && left == view->left ? span : lay_out(view, t);
}

/* Its look depends on what is known where its line begins, if that is not too far away. */
static bool is_remembered(const struct painter *p, const struct rows_row *row)
{
	return row->at.to - row->at.from < SYNTAX_BACK && !search_is_on(p->found->search) &&
	       !(p->view->blame && p->view->blame->on);
}

static bool draw_again(const struct painter *p, const struct rows_row *row)
{
	const struct rect *area = &p->view->area;

	if (!term_give(p->term, p->row, area->col, row->cells, area->cols, row->stamp))
		return false;
	if (row->at.end == row->at.to && row->leads)
		syntax_skip(p->syntax, row->at.from, row->at.to + 1, row->behind);
	return true;
}

static void draw_anew(struct painter *p, struct rows_row *row)
{
	painter_draw(p);
	row->used = p->used;
	row->leads = false;
}

static void draw_row(struct painter *p, struct rows_row *row, uint16_t number)
{
	uint64_t sign = painter_sign(p, number);

	if (row->stamp && row->sign == sign && draw_again(p, row))
		return;
	draw_anew(p, row);
	row->sign = sign;
	row->stamp = term_take(p->term, p->row, p->view->area.col, row->cells, p->view->area.cols);
}

/*
 * What the lexer knows where the row's line begins: as for the row above, if that is of the same line; else the row above is told that it
 * leads there.
 */
static uint16_t number_of(const struct painter *p, const struct rows_row *row,
	struct rows_row *above, uint16_t number)
{
	if (!above || above->at.from != row->at.from)
		number = syntax_begins(p->syntax, p->text, row->at.from);
	if (above && above->at.end == above->at.to) {
		above->behind = number;
		above->leads = true;
	}
	return number;
}

static void draw_rows(struct painter *p)
{
	struct rows *rows = &p->view->rows;
	uint16_t number = 0;

	for (size_t i = 0; i < rows->count && (int)i < p->view->area.rows; i++) {
		struct rows_row *row = &rows->now[i];
		p->shown = row->at;
		p->row = p->view->area.row + (int)i;
		painter_look(p);
		if (is_remembered(p, row)) {
			number = number_of(p, row, i ? row - 1 : NULL, number);
			draw_row(p, row, number);
		} else {
			draw_anew(p, row);
			row->stamp = 0;
		}
	}
}

/* Of a window with more long lines than the ruler keeps, some would be forgotten for others for ever. */
bool view_idle(struct view *view, const struct text *t)
{
	size_t longs = 0;

	for (size_t i = 0; i < view->rows.count && !view->wrap && longs < RULER_LINES / 2; i++) {
		const struct wrap_row *row = &view->rows.now[i].at;
		if (row->to > text_size(t).points || row->to - row->from <= RULER_STEP)
			continue;
		if (ruler_idle(view->ruler, t, row->from, row->to, RULER_SLICE))
			return true;
		longs++;
	}
	return false;
}

struct place {
	int row, col;
};

/* Where one's own caret is on the screen; -1, -1: nowhere. */
static struct place place_cursor(const struct painter *p)
{
	struct view *view = p->view;
	const struct rows_row *row = row_of(view, p->own);
	struct place place = {-1, -1};

	if (row) {
		size_t col = view->wrap ? wrap_col(p->text, &row->at, p->own)
					: ruler_col(view->ruler, p->text, row->at.from, p->own);
		size_t right = view->left + view_cols(view);
		col = view->wrap ? min_size(col, right - 1) : col;
		if (col >= view->left && col < right)
			place = (struct place){view->area.row + (int)(row - view->rows.now),
				p->col + (int)(col - view->left)};
	}
	term_cursor(p->term, place.row, place.col);
	return place;
}

static void draw_edges(const struct painter *p, const struct span *span, struct place cursor)
{
	const struct rows *rows = &p->view->rows;
	struct rect area = p->view->area;
	bool full = (int)rows->count == area.rows;
	struct edges edges = {.text = p->text,
		.area = {area.row, p->col, area.rows, p->cols},
		.top = span->top,
		.below = span->below,
		.cursor_row = cursor.row,
		.cursor_col = cursor.col,
		.used = {rows->now[0].used, full ? rows->now[rows->count - 1].used : 0}};

	edges_draw(&edges, p->term, p->people);
}

void view_draw(struct view *view, struct term *term, const struct document *doc,
	const struct people *people, struct syntax *syntax, uint64_t now_ms)
{
	const struct text *t = document_text(doc);
	struct span span = lay_out_around(view, t, doc->sel.head);
	const struct rows_row *own = row_of(view, doc->sel.head);
	struct marks marks, here; /* large: not made zeros */
	struct found found;
	struct painter p = {
		.view = view,
		.term = term,
		.text = t,
		.now_ms = now_ms,
		.colors = term_colors(term),
		.col = view->area.col + view->gutter,
		.cols = (int)view_cols(view),
		.own = doc->sel.head,
		.own_line = own ? own->at.line : text_line_at(t, doc->sel.head),
		.marks = &marks,
		.here = &here,
		.people = people,
		.syntax = syntax,
		.found = &found,
	};
	found_begin(&found, view->search);
	p.bracketed =
		doc->sel.anchor == doc->sel.head && bracket_at(t, p.own, BRACKET_SHOW, &p.bracket);
	marks_collect(&marks, doc, people, span.top, min_size(span.below, text_size(t).points));
	draw_rows(&p);
	draw_edges(&p, &span, place_cursor(&p));
}
