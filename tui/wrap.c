#include "tui/wrap.h"

#include "tui/motion.h"
#include "tui/width.h"

static bool is_blank(uint32_t c)
{
	return c == ' ' || c == '\t' || c == 0x3000;
}

/* ---- parts ---- */

/* Where the nth part of a line begins: near its WRAP_PART * nth character, which is in the line. */
static size_t part_start(const struct text *t, size_t from, size_t nth)
{
	size_t limit = from + nth * WRAP_PART, best = 0;

	if (!nth)
		return from;
	struct text_iter it = text_iter(t, motion_snap(t, limit - WRAP_NEAR));
	size_t last = it.pos;
	struct cluster c;

	while (width_next(&it, 0, &c) && it.pos <= limit) {
		last = it.pos;
		best = is_blank(c.first) ? last : best;
	}
	return best ? best : last;
}

static size_t part_end(const struct text *t, const struct wrap_row *row, size_t nth)
{
	return (nth + 1) * WRAP_PART < row->to - row->from ? part_start(t, row->from, nth + 1)
							   : row->to;
}

/* The number of the part that shows pos, whose line the row tells; sets the part's end. */
static size_t part_at(const struct text *t, struct wrap_row *row, size_t pos)
{
	size_t length = row->to - row->from, off = pos - row->from;
	size_t nth = length ? (off < length ? off : length - 1) / WRAP_PART : 0;

	row->part = part_end(t, row, nth);
	if (pos >= row->part && row->part < row->to)
		row->part = part_end(t, row, ++nth);
	return nth;
}

/* ---- rows of a part ---- */

static size_t room(size_t cols)
{
	return cols > 1 ? cols - 1 : 1;
}

/* Where the row that begins at start ends. */
static size_t row_end(const struct text *t, size_t start, size_t part, size_t cols)
{
	struct text_iter it = text_iter(t, start);
	size_t col = 0, pos = start, behind_blank = 0;
	bool letters = false;

	for (struct cluster c; pos < part && width_next(&it, col, &c);) {
		bool blank = is_blank(c.first), full = col + (size_t)c.cells > room(cols);
		size_t next = it.pos < part ? it.pos : part;
		if (full && letters && blank)
			return next;
		if (full && pos > start)
			return behind_blank ? behind_blank : pos;
		letters = letters || !blank;
		behind_blank = blank && letters ? next : behind_blank;
		col += (size_t)c.cells;
		pos = next;
	}
	return part;
}

static void line_of(const struct text *t, struct wrap_row *row, size_t line)
{
	row->line = line;
	row->from = row->start = text_line_start(t, line);
	row->to = row->end = row->part = text_line_end(t, line);
}

/* The first row of the row's part; the part is `nth`. */
static void part_first(const struct text *t, struct wrap_row *row, size_t nth, size_t cols)
{
	row->start = part_start(t, row->from, nth);
	row->end = row_end(t, row->start, row->part, cols);
}

static void row_next(const struct text *t, struct wrap_row *row, size_t cols)
{
	row->start = row->end;
	if (row->start == row->part)
		part_at(t, row, row->start);
	row->end = row_end(t, row->start, row->part, cols);
}

struct wrap_row wrap_row_at(const struct text *t, size_t pos, size_t cols)
{
	struct wrap_row row;

	line_of(t, &row, text_line_at(t, pos));
	if (cols == WRAP_NEVER)
		return row;
	part_first(t, &row, part_at(t, &row, pos), cols);
	while (pos >= row.end && row.end < row.to)
		row_next(t, &row, cols);
	return row;
}

bool wrap_next(const struct text *t, struct wrap_row *row, size_t cols)
{
	if (row->end < row->to) {
		row_next(t, row, cols);
		return true;
	}
	if (row->line >= text_size(t).lines)
		return false;
	line_of(t, row, row->line + 1);
	if (cols != WRAP_NEVER)
		part_first(t, row, part_at(t, row, row->from), cols);
	return true;
}

/* Rows of the part before this one. */
static size_t rows_before(const struct text *t, const struct wrap_row *row, size_t cols)
{
	struct wrap_row at = *row;
	size_t count = 0;

	for (part_first(t, &at, part_at(t, &at, row->start), cols); at.start < row->start; count++)
		row_next(t, &at, cols);
	return count;
}

/* To the last row of what is before the row's part: of the part before, or of the line before. false: nothing is. */
static bool part_back(const struct text *t, struct wrap_row *row, size_t cols)
{
	size_t start = part_start(t, row->from, part_at(t, row, row->start));

	if (!start)
		return false;
	*row = wrap_row_at(t, start - 1, cols);
	return true;
}

static void lines_back(const struct text *t, struct wrap_row *row, size_t count)
{
	line_of(t, row, count < row->line ? row->line - count : 0);
}

void wrap_back(const struct text *t, struct wrap_row *row, size_t count, size_t cols)
{
	if (cols == WRAP_NEVER) {
		lines_back(t, row, count);
		return;
	}
	for (size_t before; (before = rows_before(t, row, cols)) < count; count -= before + 1)
		if (!part_back(t, row, cols)) {
			count = before;
			break;
		}
	size_t skip = rows_before(t, row, cols) - count;
	for (part_first(t, row, part_at(t, row, row->start), cols); skip; skip--)
		row_next(t, row, cols);
}

size_t wrap_distance(
	const struct text *t, struct wrap_row from, struct wrap_row to, size_t most, size_t cols)
{
	size_t rows = 0;

	if (cols == WRAP_NEVER)
		return to.line - from.line < most ? to.line - from.line : most;
	while (rows < most && from.start != to.start && wrap_next(t, &from, cols))
		rows++;
	return rows;
}

/* ---- columns ---- */

size_t wrap_col(const struct text *t, const struct wrap_row *row, size_t pos)
{
	struct text_iter it = text_iter(t, row->start);
	size_t col = 0;

	for (struct cluster c; it.pos < pos && width_next(&it, col, &c) && it.pos <= pos;)
		col += (size_t)c.cells;
	return col;
}

size_t wrap_pos(const struct text *t, const struct wrap_row *row, size_t col)
{
	struct text_iter it = text_iter(t, row->start);
	size_t pos = row->start, at = 0;

	for (struct cluster c; pos < row->end && width_next(&it, at, &c); pos = it.pos) {
		at += (size_t)c.cells;
		if (at > col || (it.pos == row->end && row->end < row->to))
			break;
	}
	return pos;
}
