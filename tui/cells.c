#include "tui/cells.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/utf8.h"

#define INSERT_MAX   4 /* columns: a typed cluster, or an indent */
#define INSERT_SAVES 4 /* what stands behind, at least: less is drawn as fast */

static const struct cell blank = {.chars = L" ", .style = {-1, -1, 0}};

static struct cell *row_of(struct cell *at, const struct cells *cells, int row)
{
	return at + (size_t)row * (size_t)cells->cols;
}

static size_t count_of(const struct cells *cells)
{
	return (size_t)cells->rows * (size_t)cells->cols;
}

void cells_fini(struct cells *cells)
{
	free(cells->wanted);
	free(cells->shown);
	*cells = (struct cells){0};
}

void cells_resize(struct cells *cells, int rows, int cols)
{
	cells_fini(cells);
	cells->rows = rows;
	cells->cols = cols;
	/* A cell of zeros is none that is ever wanted: all of them are to change. */
	cells->wanted = mem_alloc(count_of(cells) * sizeof(struct cell));
	cells->shown = mem_alloc(count_of(cells) * sizeof(struct cell));
	cells_begin(cells);
}

void cells_begin(struct cells *cells)
{
	for (size_t i = 0; i < count_of(cells); i++)
		cells->wanted[i] = blank;
}

void cells_keep(struct cells *cells)
{
	struct cell *shown = cells->shown;

	cells->shown = cells->wanted;
	cells->wanted = shown;
}

/* ---- putting ---- */

/* One letter and the marks behind it from *at on; gives its cells, 0 at the end. */
static int next_letter(const char **at, const char *end, wchar_t out[CELL_CHARS])
{
	int cells = 0, count = 0;

	for (size_t width; *at < end; *at += width) {
		wchar_t c = (wchar_t)utf8_decode(*at, &width);
		int own = c >= 0x20 && c < 0x7F ? 1 : wcwidth(c);
		if (cells && own > 0)
			break;
		if (own < 0 || (!cells && own == 0))
			continue;
		if (count == CELL_CHARS)
			continue;
		cells += own;
		out[count++] = c;
	}
	return cells;
}

void cells_put(struct cells *cells, int row, int col, const char *cluster, size_t bytes, int width,
	struct term_style style)
{
	const char *end = cluster + bytes;
	int last = col + width, own;

	if (row < 0 || row >= cells->rows || col < 0 || col >= cells->cols)
		return;
	last = last < cells->cols ? last : cells->cols;
	struct cell *at = row_of(cells->wanted, cells, row);
	for (struct cell cell = {.style = style};
		(own = next_letter(&cluster, end, cell.chars)) && col + own <= last;
		cell = (struct cell){.style = style}) {
		at[col++] = cell;
		for (int i = 1; i < own; i++)
			at[col++] = (struct cell){.style = style};
	}
	for (struct cell cell = {.chars = L" ", .style = style}; col < last; col++)
		at[col] = cell;
}

static bool inside(const struct cells *cells, int row, int col, int count)
{
	return row >= 0 && row < cells->rows && col >= 0 && count >= 0 &&
	       count <= cells->cols - col;
}

bool cells_take(const struct cells *cells, int row, int col, struct cell *out, int count)
{
	if (!inside(cells, row, col, count))
		return false;
	memcpy(out, row_of(cells->wanted, cells, row) + col, (size_t)count * sizeof(*out));
	return true;
}

bool cells_give(struct cells *cells, int row, int col, const struct cell *at, int count)
{
	if (!inside(cells, row, col, count))
		return false;
	memcpy(row_of(cells->wanted, cells, row) + col, at, (size_t)count * sizeof(*at));
	return true;
}

/* ---- comparing ---- */

static bool same_style(struct term_style a, struct term_style b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attr == b.attr;
}

static bool same(const struct cell *a, const struct cell *b)
{
	return a->chars[0] == b->chars[0] && same_style(a->style, b->style) &&
	       memcmp(a->chars, b->chars, sizeof(a->chars)) == 0;
}

const struct cell *cells_at(const struct cells *cells, int row, int col)
{
	return row_of(cells->wanted, cells, row) + col;
}

bool cells_changed(const struct cells *cells, int row, int *first, int *last)
{
	const struct cell *wanted = row_of(cells->wanted, cells, row);
	const struct cell *shown = row_of(cells->shown, cells, row);
	int from = 0, to = cells->cols - 1;

	/* Most rows: no byte of them is another. */
	if (memcmp(wanted, shown, (size_t)cells->cols * sizeof(*wanted)) == 0)
		return false;
	while (from <= to && same(&wanted[from], &shown[from]))
		from++;
	if (from > to)
		return false;
	while (same(&wanted[to], &shown[to]))
		to--;
	while (from > 0 && !wanted[from].chars[0])
		from--;
	*first = from;
	*last = to;
	return true;
}

static bool all_blank(const struct cell *from, const struct cell *end)
{
	while (from < end && same(from, &blank))
		from++;
	return from == end;
}

static bool all_same(const struct cell *a, const struct cell *b, int count)
{
	for (int i = 0; i < count; i++)
		if (!same(&a[i], &b[i]))
			return false;
	return true;
}

int cells_inserted(const struct cells *cells, int row, int col)
{
	const struct cell *wanted = row_of(cells->wanted, cells, row);
	const struct cell *shown = row_of(cells->shown, cells, row), *end = shown + cells->cols;
	int tail = cells->cols - col;

	if (tail <= INSERT_MAX + INSERT_SAVES || same(&wanted[col], &shown[col]) ||
		!shown[col].chars[0] || all_blank(shown + col + INSERT_SAVES, end))
		return 0;
	for (int n = 1; n <= INSERT_MAX; n++)
		if (all_same(wanted + col + n, shown + col, tail - n) && all_blank(end - n, end))
			return n;
	return 0;
}

void cells_shift(struct cells *cells, int row, int col, int count)
{
	struct cell *shown = row_of(cells->shown, cells, row);

	memmove(shown + col + count, shown + col,
		(size_t)(cells->cols - col - count) * sizeof(*shown));
	for (int i = 0; i < count; i++)
		shown[col + i] = blank;
}
