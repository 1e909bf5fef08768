#include "tui/view.h"

#include <stdio.h>
#include <string.h>

#include "tui/badge.h"
#include "tui/bracket.h"
#include "tui/edges.h"
#include "tui/found.h"
#include "tui/marks.h"
#include "tui/motion.h"
#include "tui/theme.h"
#include "tui/width.h"

#define WRAP_SIGN  "↪" /* beside the rows that a line continues on */
#define NAME_CELLS 20  /* of a name beside a caret */
#define FOUND_AHEAD                                                                                \
	4 /* characters that one cell is taken to show at most, of those that are searched */

/* One drawing of one line. */
struct painter {
	struct view *view;
	struct term *term;
	const struct text *text;
	uint64_t now_ms;
	int colors;
	int row, col, cols;    /* of the line's text on the screen */
	struct wrap_row shown; /* of the text, in this row of the screen */
	size_t own;            /* own caret */
	const struct marks *marks;
	const struct people *people;
	struct syntax *syntax;
	size_t colored;                /* the first character in classes */
	uint8_t classes[VIEW_COLORED]; /* of the line's text */
	struct found *found;
	bool bracketed; /* the caret is at a bracket that has a partner */
	struct bracket bracket;
};

void view_init(struct view *view)
{
	*view = (struct view){.ruler = ruler_create(), .follow = true, .numbers = NUMBERS_ABSOLUTE};
}

void view_fini(struct view *view)
{
	ruler_destroy(view->ruler);
	view->ruler = NULL;
}

void view_reset(struct view *view)
{
	ruler_forget(view->ruler);
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
	return view->wrap ? view_cols(view) : WRAP_NEVER;
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

void view_show(struct view *view, const struct text *t, size_t pos)
{
	show_row(view, t, row_at(view, t, pos));
	if (view->wrap || (view->left && line_fits(view, t, pos)))
		view->left = 0;
	if (!view->wrap)
		show_col(view, view_col(view, t, pos));
}

/* ---- drawing ---- */

/* What languages tell apart, and themes. */
static const enum theme parts[SYNTAX_CLASSES] = {
	[SYNTAX_TEXT] = THEME_TEXT,
	[SYNTAX_COMMENT] = THEME_COMMENT,
	[SYNTAX_STRING] = THEME_STRING,
	[SYNTAX_ESCAPE] = THEME_ESCAPE,
	[SYNTAX_NUMBER] = THEME_NUMBER,
	[SYNTAX_CONSTANT] = THEME_CONSTANT,
	[SYNTAX_KEYWORD] = THEME_KEYWORD,
	[SYNTAX_TYPE] = THEME_TYPE,
	[SYNTAX_PREPROC] = THEME_PREPROCESSOR,
	[SYNTAX_FUNCTION] = THEME_FUNCTION,
	[SYNTAX_OPERATOR] = THEME_OPERATOR,
	[SYNTAX_TAG] = THEME_KEYWORD,
	[SYNTAX_ATTRIBUTE] = THEME_TYPE,
	[SYNTAX_VARIABLE] = THEME_CONSTANT,
	[SYNTAX_LABEL] = THEME_PREPROCESSOR,
	[SYNTAX_TITLE] = THEME_TITLE,
	[SYNTAX_STRONG] = THEME_TITLE,
	[SYNTAX_EMPHASIS] = THEME_EMPHASIS,
	[SYNTAX_LINK] = THEME_LINK,
	[SYNTAX_ADDED] = THEME_ADDED,
	[SYNTAX_REMOVED] = THEME_REMOVED,
	[SYNTAX_CHANGED] = THEME_PREPROCESSOR,
	[SYNTAX_TODO] = THEME_TITLE,
	[SYNTAX_BAD] = THEME_BAD,
};

static enum theme part_at(const struct painter *p, const struct cluster *c, size_t pos)
{
	size_t i = pos - p->colored;

	if (c->odd)
		return THEME_ODD;
	return i < VIEW_COLORED ? parts[p->classes[i]] : THEME_TEXT;
}

static bool is_bracket(const struct painter *p, size_t pos)
{
	return p->bracketed && (pos == p->bracket.at || pos == p->bracket.partner);
}

static struct term_style cluster_style(const struct painter *p, const struct cluster *c, size_t pos,
	const struct mark *mark, bool found)
{
	struct term_style style = theme_style(p->colors, found ? THEME_FOUND : part_at(p, c, pos));

	if (!mark && is_bracket(p, pos))
		style.attr |= TERM_BOLD | TERM_UNDERLINE;
	if (!mark)
		return style;
	struct term_style marked = marks_style(p->colors, mark);
	/* A number under a selection must not lose one of the two. */
	if (c->odd && marked.attr & TERM_REVERSE)
		marked.attr |= TERM_UNDERLINE;
	return marked;
}

/* A sign for a blank that is to be seen; NULL: drawn as it is. */
static const char *blank_sign(const struct painter *p, const struct cluster *c)
{
	if (!p->view->blanks)
		return NULL;
	return c->first == '\t' ? "→" : c->first == ' ' ? "·" : c->first == 0xA0 ? "⍽" : NULL;
}

static void draw_blank(
	const struct painter *p, const struct cluster *c, int at, struct term_style style)
{
	const char *sign = blank_sign(p, c);

	term_put(p->term, p->row, at, sign, strlen(sign), 1, style);
	if (c->cells > 1)
		term_fill(p->term, p->row, at + 1, c->cells - 1, style);
}

/* A cluster that begins left of the window or ends right of it is drawn as blanks, as far as it shows. */
static void draw_cluster(const struct painter *p, const struct cluster *c, size_t pos, size_t col)
{
	const struct mark *mark = marks_over(p->marks, pos, pos + c->points);
	bool found = found_at(p->found, pos, c->points);
	struct term_style style = cluster_style(p, c, pos, mark, found);
	size_t left = p->view->left, right = left + (size_t)p->cols;
	size_t from = col < left ? left : col, to = min_size(col + (size_t)c->cells, right);
	bool whole = from == col && to == col + (size_t)c->cells;
	int at = p->col + (int)(from - left);

	if (c->first == '\t' && mark && mark->caret &&
		whole) { /* a caret is one cell wide, on a tab too */
		term_fill(p->term, p->row, at, 1, style);
		return;
	}
	if (whole && blank_sign(p, c)) {
		draw_blank(p, c, at, mark || found ? style : theme_style(p->colors, THEME_FAINT));
		return;
	}
	if (whole || c->odd)
		term_put(p->term, p->row, at, c->draw, c->bytes, (int)(to - from), style);
	else if (to > from)
		term_fill(p->term, p->row, at, (int)(to - from), style);
}

/* Behind the line's last character: the cell of its line end, for carets and selections that reach it. */
static void draw_line_end(const struct painter *p, size_t pos, int col)
{
	const struct mark *mark = marks_over(p->marks, pos, pos + 1);

	if (!mark || col >= p->col + p->cols)
		return;
	const char *letter = mark->caret && mark->person && !p->colors ? mark->person->name : "";
	badge_letter(p->term, p->row, col, letter, marks_style(p->colors, mark));
}

/* A caret where a row ends and the next one of its line begins is in the next. */
static bool is_in_row(const struct wrap_row *row, size_t pos)
{
	return pos >= row->start && (pos < row->end || (pos == row->end && row->end == row->to));
}

static bool is_caret_here(const struct painter *p, const struct mark *mark)
{
	return mark->caret && mark->person && is_in_row(&p->shown, mark->start);
}

/* Names of those whose caret moved lately: behind the row, or over its end where there is no room. */
static void draw_names(const struct painter *p, int col)
{
	for (size_t i = 0; i < p->marks->count; i++) {
		const struct mark *m = &p->marks->at[i];
		if (!is_caret_here(p, m) || !person_flagged(m->person, p->now_ms))
			continue;
		int cells = (int)min_size(width_string(m->person->name), NAME_CELLS);
		int right = p->col + p->cols - cells;
		bool fits = col <= right, own_row = is_in_row(&p->shown, p->own);
		if (!fits && (own_row || right < p->col))
			continue;
		screen_text(p->term, p->row, fits ? col : right, cells, m->person->name,
			theme_name(p->colors, m->person->color));
		col = fits ? col + cells + 1 : p->col + p->cols;
	}
}

/* The first cluster of the row that shows, and its column. */
static size_t first_shown(const struct painter *p, size_t *col)
{
	*col = 0;
	if (p->view->wrap)
		return p->shown.start;
	return ruler_pos(p->view->ruler, p->text, p->shown.from, p->view->left, col);
}

static void draw_row(struct painter *p)
{
	const struct wrap_row *row = &p->shown;
	size_t col, pos = first_shown(p, &col), left = p->view->left;
	size_t right = left + (size_t)p->cols;
	struct text_iter it = text_iter(p->text, pos);
	struct cluster c;

	p->colored = pos;
	syntax_line(p->syntax, p->text, row->from, pos, min_size(VIEW_COLORED, (size_t)p->cols * 4),
		p->classes);
	found_line(p->found, p->text, row->from, pos,
		min_size(row->to, pos + FOUND_AHEAD * (size_t)p->cols));
	while (col < right && pos < row->end && width_next(&it, col, &c)) {
		draw_cluster(p, &c, pos, col);
		col += (size_t)c.cells;
		pos = it.pos;
	}
	/* A blank at which a row ends may take its last column, where the line's end is shown then. */
	if (p->view->wrap)
		col = min_size(col, right - 1);
	int behind = p->col + (col > left ? (int)(min_size(col, right) - left) : 0);
	if (row->end == row->to && col >= left && col < right)
		draw_line_end(p, row->to, behind);
	draw_names(p, behind + 1);
}

/* Who is in this line, beside its number. */
static void draw_badge(const struct painter *p)
{
	const struct rect *area = &p->view->area;

	for (size_t i = 0; i < p->marks->count; i++) {
		if (!is_caret_here(p, &p->marks->at[i]))
			continue;
		badge_draw(
			p->term, p->row, area->col + p->view->gutter - 1, p->marks->at[i].person);
		return;
	}
}

/* The row's author: their letter, and the style of what is behind it. */
static struct term_style draw_author(const struct painter *p, struct term_style style)
{
	struct blame_author author;

	if (!p->view->blame ||
		!blame_line(p->view->blame, p->people, p->shown.start, p->shown.end, &author))
		return style;
	struct term_style mark = theme_mark(p->colors, author.color);
	badge_letter(p->term, p->row, p->view->area.col, author.name, mark);
	return p->colors ? mark : style;
}

/* A line's number, and a sign for the rows that it continues on. */
static void draw_gutter(const struct painter *p)
{
	size_t own = text_line_at(p->text, p->own), line = p->shown.line, shown = line + 1;
	bool here = own == line, blamed = p->view->blame && p->view->blame->on;
	struct term_style style = theme_style(p->colors, here ? THEME_GUTTER_HERE : THEME_GUTTER);
	int before = blamed ? BLAME_COLS : 0, cells = p->view->gutter - before;
	char number[32];

	if (!p->view->gutter)
		return;
	if (p->view->numbers == NUMBERS_RELATIVE && !here)
		shown = own > line ? own - line : line - own;
	style = draw_author(p, style);
	if (p->shown.start == p->shown.from)
		snprintf(number, sizeof(number), "%*zu", cells - 1, shown);
	else
		snprintf(number, sizeof(number), "%*s%s", cells - 2, "", WRAP_SIGN);
	screen_text(p->term, p->row, p->view->area.col + before, cells, number, style);
	draw_badge(p);
}

/* What shows of the text. */
struct span {
	struct wrap_row top, last;
	size_t below; /* the first position that does not show any more; SIZE_MAX: all the rest shows */
};

static struct span visible(const struct view *view, const struct text *t)
{
	struct span span = {.top = row_at(view, t, view->top)};

	span.last = span.top;
	rows_down(view, t, &span.last, view_rows(view) - 1);
	struct wrap_row next = span.last;
	span.below = wrap_next(t, &next, wrap_cols(view)) ? next.start : SIZE_MAX;
	return span;
}

static void draw_rows(struct painter *p, const struct span *span)
{
	const struct rect *area = &p->view->area;
	bool more = true;

	p->shown = span->top;
	for (int i = 0; i < area->rows && more; i++) {
		p->row = area->row + i;
		draw_gutter(p);
		draw_row(p);
		more = wrap_next(p->text, &p->shown, wrap_cols(p->view));
	}
}

struct cell {
	int row, col;
};

/* Where one's own caret is on the screen; -1, -1: nowhere. */
static struct cell place_cursor(const struct painter *p, const struct span *span)
{
	struct view *view = p->view;
	size_t col = view_row_col(view, p->text, p->own), right = view->left + view_cols(view);
	struct cell cell = {-1, -1};

	if (view->wrap)
		col = min_size(col, right - 1);
	if (p->own >= span->top.start && p->own < span->below && col >= view->left && col < right) {
		size_t rows = wrap_distance(p->text, span->top, row_at(view, p->text, p->own),
			view_rows(view), wrap_cols(view));
		cell = (struct cell){view->area.row + (int)rows, p->col + (int)(col - view->left)};
	}
	term_cursor(p->term, cell.row, cell.col);
	return cell;
}

/* Cells of the window that a row takes; looks no further than the window. */
static int used_cells(const struct painter *p, const struct wrap_row *row)
{
	size_t right = p->view->left + (size_t)p->cols, col;

	if (p->view->wrap)
		col = wrap_col(p->text, row, row->end);
	else
		ruler_pos(p->view->ruler, p->text, row->from, right, &col);
	return col > p->view->left ? (int)(min_size(col, right) - p->view->left) : 0;
}

static void draw_edges(const struct painter *p, const struct span *span, struct cell cursor,
	const struct people *people)
{
	struct rect area = p->view->area;
	bool full = wrap_distance(p->text, span->top, span->last, view_rows(p->view),
			    wrap_cols(p->view)) +
			    1 ==
		    view_rows(p->view);
	struct edges edges = {.text = p->text,
		.area = {area.row, p->col, area.rows, p->cols},
		.top = span->top.start,
		.below = span->below,
		.cursor_row = cursor.row,
		.cursor_col = cursor.col,
		.used = {used_cells(p, &span->top), full ? used_cells(p, &span->last) : 0}};

	edges_draw(&edges, p->term, people);
}

void view_draw(struct view *view, struct term *term, const struct document *doc,
	const struct people *people, struct syntax *syntax, uint64_t now_ms)
{
	const struct text *t = document_text(doc);
	struct marks marks;
	struct found found = {.search = view->search};

	if (view->follow)
		view_show(view, t, doc->sel.head);
	struct span span = visible(view, t);
	struct painter p = {
		.view = view,
		.term = term,
		.text = t,
		.now_ms = now_ms,
		.colors = term_colors(term),
		.col = view->area.col + view->gutter,
		.cols = (int)view_cols(view),
		.own = doc->sel.head,
		.marks = &marks,
		.people = people,
		.syntax = syntax,
		.found = &found,
	};
	p.bracketed =
		doc->sel.anchor == doc->sel.head && bracket_at(t, p.own, BRACKET_SHOW, &p.bracket);
	marks_collect(
		&marks, doc, people, span.top.start, min_size(span.below, text_size(t).points));
	draw_rows(&p, &span);
	draw_edges(&p, &span, place_cursor(&p, &span), people);
}
