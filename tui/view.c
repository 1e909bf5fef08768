#include "tui/view.h"

#include <string.h>

#include "tui/edges.h"
#include "tui/painter.h"
#include "tui/motion.h"

void view_init(struct view *view)
{
	*view = (struct view){.ruler = ruler_create(), .follow = true, .numbers = NUMBERS_ABSOLUTE};
}

void view_fini(struct view *view)
{
	rows_fini(&view->rows);
	ruler_destroy(view->ruler);
	view->ruler = NULL;
}

void view_forget(struct view *view)
{
	ruler_forget(view->ruler);
	rows_forget(&view->rows);
}

void view_reset(struct view *view)
{
	view_forget(view);
	view->top = view->left = 0;
	view->follow = true;
}

/* ---- what is where ---- */

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int digits(size_t number)
{
	int count = 1;

	while (number /= 10)
		count++;
	return count;
}

void view_place(struct view *view, const struct text *t, struct rect area)
{
	int count = digits(text_size(t).lines + 1);

	view->area = area;
	view->gutter =
		area.cols < VIEW_GUTTER_COLS || !view->numbers ? 0 : (count < 3 ? 3 : count) + 1;
	if (view->gutter && view->blame && view->blame->on)
		view->gutter += BLAME_COLS;
	view->top = min_size(view->top, text_size(t).points);
}

static size_t view_rows(const struct view *view)
{
	return view->area.rows > 0 ? (size_t)view->area.rows : 1;
}

static size_t view_cols(const struct view *view)
{
	int cols = view->area.cols - view->gutter;

	return cols > 0 ? (size_t)cols : 1;
}

static size_t wrap_cols(const struct view *view)
{
	size_t cols = view_cols(view);

	if (!view->wrap)
		return WRAP_NEVER;
	return view->wrap_at && view->wrap_at < cols ? view->wrap_at : cols;
}

static struct wrap_row row_at(const struct view *view, const struct text *t, size_t pos)
{
	return wrap_row_at(t, pos, wrap_cols(view));
}

/* Down as many rows as there are, at most count; how many. */
static size_t rows_down(
	const struct view *view, const struct text *t, struct wrap_row *row, size_t count)
{
	size_t moved = 0;

	while (moved < count && wrap_next(t, row, wrap_cols(view)))
		moved++;
	return moved;
}

size_t view_col(struct view *view, const struct text *t, size_t pos)
{
	return ruler_col(view->ruler, t, motion_line_start(t, pos), pos);
}

size_t view_pos(struct view *view, const struct text *t, size_t line, size_t col)
{
	line = min_size(line, text_size(t).lines);
	return ruler_pos(view->ruler, t, text_line_start(t, line), col, NULL);
}

static size_t clamp(int value, size_t count)
{
	return value < 0 ? 0 : min_size((size_t)value, count - 1);
}

struct wrap_row view_row(const struct view *view, const struct text *t, size_t pos)
{
	return row_at(view, t, pos);
}

size_t view_row_col(struct view *view, const struct text *t, size_t pos)
{
	struct wrap_row row = row_at(view, t, pos);

	return view->wrap ? wrap_col(t, &row, pos) : ruler_col(view->ruler, t, row.from, pos);
}

static size_t pos_in_row(
	struct view *view, const struct text *t, const struct wrap_row *row, size_t col)
{
	return view->wrap ? wrap_pos(t, row, col) : ruler_pos(view->ruler, t, row->from, col, NULL);
}

size_t view_pos_down(
	struct view *view, const struct text *t, size_t pos, ptrdiff_t rows, size_t col)
{
	struct wrap_row row = row_at(view, t, pos);

	if (rows < 0 && row.start == 0)
		return 0;
	if (rows < 0)
		wrap_back(t, &row, (size_t)-rows, wrap_cols(view));
	else if (!rows_down(view, t, &row, (size_t)rows))
		return text_size(t).points;
	return pos_in_row(view, t, &row, col);
}

size_t view_pos_under(struct view *view, const struct text *t, int row, int col)
{
	struct wrap_row at = row_at(view, t, view->top);
	size_t below = clamp(row - view->area.row, view_rows(view));
	size_t cells = clamp(col - view->area.col - view->gutter, view_cols(view));

	if (rows_down(view, t, &at, below) < below)
		return text_size(t).points;
	return pos_in_row(view, t, &at, view->left + cells);
}

/* ---- scrolling ---- */

void view_shift(struct view *view, const struct op *op, bool own)
{
	ruler_shift(view->ruler, op);
	rows_shift(&view->rows, op);
	view->top = op_transform_pos(op, view->top, !own);
}

static void set_top(struct view *view, const struct text *t, struct wrap_row row, size_t above)
{
	wrap_back(t, &row, above, wrap_cols(view));
	view->top = row.start;
}

void view_scroll(struct view *view, const struct text *t, ptrdiff_t rows)
{
	struct wrap_row top = row_at(view, t, view->top);

	if (rows > 0)
		rows_down(view, t, &top, (size_t)rows);
	set_top(view, t, top, rows < 0 ? (size_t)-rows : 0);
	view->follow = false;
}

static void show_row(struct view *view, const struct text *t, struct wrap_row row)
{
	struct wrap_row top = row_at(view, t, view->top);
	size_t rows = view_rows(view), cols = wrap_cols(view);
	bool above = row.start < top.start;
	size_t far = above ? wrap_distance(t, row, top, rows + 1, cols)
			   : wrap_distance(t, top, row, 2 * rows, cols);

	if (far > (above ? rows : 2 * rows - 1)) /* far away: in the middle */
		set_top(view, t, row, rows / 2);
	else if (above)
		set_top(view, t, row, 0);
	else if (far >= rows)
		set_top(view, t, row, rows - 1);
}

/* After a window grew, nothing should stay hidden to the left for no reason. A line is not walked farther than the window is wide. */
static bool line_fits(struct view *view, const struct text *t, size_t pos)
{
	size_t line = text_line_at(t, pos), cols = view_cols(view), col;
	size_t end = ruler_pos(view->ruler, t, text_line_start(t, line), cols, &col);

	return end == text_line_end(t, line) && col < cols;
}

static void show_col(struct view *view, size_t col)
{
	size_t cols = view_cols(view), margin = cols / 4;

	if (col < cols && col < view->left + margin)
		view->left = 0;
	else if (col < view->left)
		view->left = col - margin;
	else if (col >= view->left + cols)
		view->left = col - cols + 1 + margin;
}

/* from: where the line of pos begins */
static void show_col_of(struct view *view, const struct text *t, size_t pos, size_t from)
{
	if (view->wrap || (view->left && line_fits(view, t, pos)))
		view->left = 0;
	if (!view->wrap)
		show_col(view, ruler_col(view->ruler, t, from, pos));
}

void view_show(struct view *view, const struct text *t, size_t pos)
{
	struct wrap_row row = row_at(view, t, pos);

	show_row(view, t, row);
	show_col_of(view, t, pos, row.from);
}

/* ---- drawing ---- */

/* What shows of the text, beside its rows. */
struct span {
	size_t top,
		below; /* the first position, and the first that does not show any more; SIZE_MAX: all the rest shows */
};

/* To the next row, which is not looked for where it is as it was. */
static bool next_row(struct view *view, const struct text *t, struct wrap_row *row)
{
	bool same_line = row->end < row->to;
	struct rows_row *kept = same_line || row->to < text_size(t).points
					? rows_kept(&view->rows, same_line ? row->end : row->to + 1)
					: NULL;

	if (!kept)
		return wrap_next(t, row, wrap_cols(view));
	size_t line = row->line + !same_line;
	*row = kept->at;
	row->line = line;
	return true;
}

static struct span lay_out(struct view *view, const struct text *t)
{
	struct rows *rows = &view->rows;
	struct wrap_row row = row_at(view, t, view->top);
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
		show_col_of(view, t, pos, row_of(view, pos)->at.from);
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

static void draw_rows(struct painter *p)
{
	struct rows *rows = &p->view->rows;
	uint16_t number = 0;

	for (size_t i = 0; i < rows->count && (int)i < p->view->area.rows; i++) {
		struct rows_row *row = &rows->now[i], *above = i ? row - 1 : NULL;
		p->shown = row->at;
		p->row = p->view->area.row + (int)i;
		painter_look(p);
		if (!is_remembered(p, row)) {
			draw_anew(p, row);
			row->stamp = 0;
			continue;
		}
		if (!above || above->at.from != row->at.from)
			number = syntax_begins(p->syntax, p->text, row->at.from);
		if (above && above->at.end == above->at.to) {
			above->behind = number;
			above->leads = true;
		}
		draw_row(p, row, number);
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
