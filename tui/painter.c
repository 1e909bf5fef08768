#include "tui/painter.h"

#include <stdio.h>
#include <string.h>

#include "tui/badge.h"
#include "tui/screen.h"
#include "tui/theme.h"
#include "tui/view.h"
#include "tui/width.h"

#define WRAP_SIGN  "↪" /* beside the rows that a line continues on */
#define NAME_CELLS 20  /* of a name beside a caret */
#define FOUND_AHEAD                                                                                \
	4 /* characters that one cell is taken to show at most, of those that are searched */

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* ---- characters ---- */

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
	return i < PAINTER_COLORED ? parts[p->classes[i]] : THEME_TEXT;
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
	const struct mark *mark = marks_over(p->here, pos, pos + c->points);
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
	const struct mark *mark = marks_over(p->here, pos, pos + 1);

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
	for (size_t i = 0; i < p->here->count; i++) {
		const struct mark *m = &p->here->at[i];
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

/* What the lexer and the search say of the part of the row's line that shows, from pos on. */
static void look_up(struct painter *p, size_t pos)
{
	const struct wrap_row *row = &p->shown;

	p->colored = pos;
	syntax_line(p->syntax, p->text, row->from, pos,
		min_size(PAINTER_COLORED, (size_t)p->cols * 4), p->classes);
	found_line(p->found, p->text, row->from, pos,
		min_size(row->to, pos + FOUND_AHEAD * (size_t)p->cols));
}

/* From the cluster at pos, which is at col; gives the column behind the last one. */
static size_t draw_clusters(struct painter *p, size_t pos, size_t col)
{
	size_t right = p->view->left + (size_t)p->cols;
	struct text_iter it = text_iter(p->text, pos);
	struct cluster c;

	while (col < right && pos < p->shown.end && width_next(&it, col, &c)) {
		draw_cluster(p, &c, pos, col);
		col += (size_t)c.cells;
		pos = it.pos;
	}
	/* A blank at which a row ends may take its last column, where the line's end is shown then. */
	return p->view->wrap ? min_size(col, right - 1) : col;
}

static void draw_row(struct painter *p)
{
	const struct wrap_row *row = &p->shown;
	size_t left = p->view->left, right = left + (size_t)p->cols;
	size_t col, pos = first_shown(p, &col);

	look_up(p, pos);
	col = draw_clusters(p, pos, col);
	int behind = p->col + (col > left ? (int)(min_size(col, right) - left) : 0);
	if (row->end == row->to && col >= left && col < right)
		draw_line_end(p, row->to, behind);
	p->used = behind - p->col;
	draw_names(p, behind + 1);
}

/* ---- beside the text ---- */

/* Who is in this line, beside its number. */
static void draw_badge(const struct painter *p)
{
	const struct rect *area = &p->view->area;

	for (size_t i = 0; i < p->here->count; i++) {
		if (!is_caret_here(p, &p->here->at[i]))
			continue;
		badge_draw(p->term, p->row, area->col + p->view->gutter - 1, p->here->at[i].person);
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

static size_t number_of(const struct painter *p)
{
	size_t line = p->shown.line, own = p->own_line;

	if (p->view->numbers != NUMBERS_RELATIVE || line == own)
		return line + 1;
	return own > line ? own - line : line - own;
}

/* A line's number, and a sign for the rows that it continues on. */
static void draw_gutter(const struct painter *p)
{
	bool here = p->own_line == p->shown.line, blamed = p->view->blame && p->view->blame->on;
	struct term_style style = theme_style(p->colors, here ? THEME_GUTTER_HERE : THEME_GUTTER);
	int before = blamed ? BLAME_COLS : 0, cells = p->view->gutter - before;
	char number[32];

	if (!p->view->gutter)
		return;
	style = draw_author(p, style);
	if (p->shown.start == p->shown.from)
		snprintf(number, sizeof(number), "%*zu", cells - 1, number_of(p));
	else
		snprintf(number, sizeof(number), "%*s%s", cells - 2, "", WRAP_SIGN);
	screen_text(p->term, p->row, p->view->area.col + before, cells, number, style);
	draw_badge(p);
}

/* ---- for who shows many ---- */

void painter_look(struct painter *p)
{
	marks_pick(p->marks, p->shown.start, p->shown.end, p->here);
}

void painter_draw(struct painter *p)
{
	draw_gutter(p);
	draw_row(p);
}

static uint64_t mix(uint64_t sign, uint64_t more)
{
	sign = (sign ^ more) * 0x9e3779b97f4a7c15u;
	return sign ^ sign >> 29;
}

static uint64_t mix_string(uint64_t sign, const char *at)
{
	for (; *at; at++)
		sign = mix(sign, (unsigned char)*at);
	return sign;
}

/* As an offset in the row: one in front of it and one behind it are beyond its ends. */
static size_t offset(const struct painter *p, size_t pos)
{
	return pos < p->shown.start ? 0 : min_size(pos, p->shown.end + 1) - p->shown.start + 1;
}

static uint64_t sign_mark(const struct painter *p, uint64_t sign, const struct mark *mark)
{
	const struct person *person = mark->person;

	sign = mix(sign, offset(p, mark->start));
	sign = mix(sign, offset(p, mark->end) << 1 | mark->caret);
	if (!person)
		return sign;
	sign = mix(sign, (size_t)person->color << 1 | person_flagged(person, p->now_ms));
	return mark->caret ? mix_string(sign, person->name) : sign;
}

uint64_t painter_sign(const struct painter *p, uint16_t number)
{
	bool here = p->own_line == p->shown.line, first = p->shown.start == p->shown.from;
	uint64_t sign =
		mix(number, (size_t)here << 2 | (size_t)first << 1 | is_in_row(&p->shown, p->own));

	sign = mix(sign, number_of(p));
	sign = mix(sign, p->view->left);
	sign = mix(sign, (size_t)p->view->gutter);
	sign = mix(sign, (size_t)p->colors);
	if (p->bracketed) {
		sign = mix(sign, offset(p, p->bracket.at));
		sign = mix(sign, offset(p, p->bracket.partner));
	}
	for (size_t i = 0; i < p->here->count; i++)
		sign = sign_mark(p, sign, &p->here->at[i]);
	return sign;
}
