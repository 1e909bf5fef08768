#include "tui/view.h"

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

size_t view_rows(const struct view *view)
{
	return view->area.rows > 0 ? (size_t)view->area.rows : 1;
}

size_t view_cols(const struct view *view)
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

bool view_next_row(const struct view *view, const struct text *t, struct wrap_row *row)
{
	return wrap_next(t, row, wrap_cols(view));
}

/* Down as many rows as there are, at most count; how many. */
static size_t rows_down(
	const struct view *view, const struct text *t, struct wrap_row *row, size_t count)
{
	size_t moved = 0;

	while (moved < count && view_next_row(view, t, row))
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
	return wrap_row_at(t, pos, wrap_cols(view));
}

size_t view_row_col(struct view *view, const struct text *t, size_t pos)
{
	struct wrap_row row = view_row(view, t, pos);

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
	struct wrap_row row = view_row(view, t, pos);

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
	struct wrap_row at = view_row(view, t, view->top);
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
	struct wrap_row top = view_row(view, t, view->top);

	if (rows > 0)
		rows_down(view, t, &top, (size_t)rows);
	set_top(view, t, top, rows < 0 ? (size_t)-rows : 0);
	view->follow = false;
}

static void show_row(struct view *view, const struct text *t, struct wrap_row row)
{
	struct wrap_row top = view_row(view, t, view->top);
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

void view_show_col(struct view *view, const struct text *t, size_t pos, size_t from)
{
	if (view->wrap || (view->left && line_fits(view, t, pos)))
		view->left = 0;
	if (!view->wrap)
		show_col(view, ruler_col(view->ruler, t, from, pos));
}

void view_show(struct view *view, const struct text *t, size_t pos)
{
	struct wrap_row row = view_row(view, t, pos);

	show_row(view, t, row);
	view_show_col(view, t, pos, row.from);
}
