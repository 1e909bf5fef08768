#include "tui/cells.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/utf8.h"

#define INSERT_MAX   4 /* columns: a typed cluster, or an indent */
#define INSERT_SAVES 4 /* what stands behind, at least: less is drawn as fast */

static const struct cell blank = {.chars = L" ", .style = {-1, -1, 0}};

static size_t row_bytes(const struct cells *cells)
{
	return (size_t)cells->cols * sizeof(struct cell);
}

static void rows_free(struct cells_row *rows, int count)
{
	for (int i = 0; rows && i < count; i++)
		free(rows[i].at);
	free(rows);
}

static struct cells_row *rows_make(const struct cells *cells)
{
	struct cells_row *rows = mem_alloc((size_t)cells->rows * sizeof(*rows));

	for (int i = 0; i < cells->rows; i++)
		rows[i].at = mem_alloc(row_bytes(cells));
	return rows;
}

void cells_fini(struct cells *cells)
{
	rows_free(cells->wanted, cells->rows);
	rows_free(cells->shown, cells->rows);
	*cells = (struct cells){.stamps = cells->stamps};
}

void cells_resize(struct cells *cells, int rows, int cols)
{
	cells_fini(cells);
	cells->rows = rows;
	cells->cols = cols;
	/* A cell of zeros is none that is ever wanted: all of them are to change. */
	cells->wanted = rows_make(cells);
	cells->shown = rows_make(cells);
}

void cells_begin(struct cells *cells)
{
	for (int row = 0; row < cells->rows; row++) {
		cells->wanted[row].is = CELLS_BLANK;
		cells->wanted[row].stamp = 0;
	}
}

/* The row's wanted cells, to be looked at or changed. */
static struct cell *touch(struct cells *cells, int row)
{
	struct cells_row *wanted = &cells->wanted[row];

	if (wanted->is == CELLS_BLANK)
		for (int col = 0; col < cells->cols; col++)
			wanted->at[col] = blank;
	else if (wanted->is == CELLS_KEPT)
		memcpy(wanted->at, cells->shown[row].at, row_bytes(cells));
	wanted->is = CELLS_PUT;
	wanted->stamp = 0;
	return wanted->at;
}

void cells_keep(struct cells *cells)
{
	for (int row = 0; row < cells->rows; row++) {
		struct cells_row shown = cells->shown[row];
		if (cells->wanted[row].is == CELLS_KEPT)
			continue;
		if (cells->wanted[row].is == CELLS_BLANK)
			touch(cells, row);
		cells->shown[row] = cells->wanted[row];
		cells->wanted[row] = shown;
	}
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
	struct cell *at = touch(cells, row);
	if (bytes == 1 && width == 1 && *cluster >= 0x20 && *cluster < 0x7F) {
		at[col] = (struct cell){.chars = {*cluster}, .style = style};
		return;
	}
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

uint64_t cells_take(struct cells *cells, int row, int col, struct cell *out, int count)
{
	if (!inside(cells, row, col, count))
		return 0;
	memcpy(out, touch(cells, row) + col, (size_t)count * sizeof(*out));
	cells->stamps++;
	if (count == cells->cols)
		cells->wanted[row].stamp = cells->stamps;
	return cells->stamps;
}

bool cells_give(
	struct cells *cells, int row, int col, const struct cell *at, int count, uint64_t stamp)
{
	if (!inside(cells, row, col, count))
		return false;
	struct cells_row *wanted = &cells->wanted[row];
	bool whole = count == cells->cols && wanted->is == CELLS_BLANK;
	if (whole && cells->shown[row].stamp == stamp) {
		wanted->is = CELLS_KEPT;
		return true;
	}
	memcpy(touch(cells, row) + col, at, (size_t)count * sizeof(*at));
	wanted->stamp = whole ? stamp : 0;
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
	return cells->wanted[row].at + col;
}

bool cells_changed(struct cells *cells, int row, int *first, int *last)
{
	if (cells->wanted[row].is == CELLS_KEPT)
		return false;
	const struct cell *wanted =
		cells->wanted[row].is == CELLS_PUT ? cells->wanted[row].at : touch(cells, row);
	const struct cell *shown = cells->shown[row].at;
	int from = 0, to = cells->cols - 1;

	/* Mostly no byte of them is another. */
	if (memcmp(wanted, shown, row_bytes(cells)) == 0)
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
	const struct cell *wanted = cells->wanted[row].at;
	const struct cell *shown = cells->shown[row].at, *end = shown + cells->cols;
	int tail = cells->cols - col;

	if (cells->wanted[row].is != CELLS_PUT || tail <= INSERT_MAX + INSERT_SAVES ||
		same(&wanted[col], &shown[col]) || !shown[col].chars[0] ||
		all_blank(shown + col + INSERT_SAVES, end))
		return 0;
	for (int n = 1; n <= INSERT_MAX; n++)
		if (all_same(wanted + col + n, shown + col, tail - n) && all_blank(end - n, end))
			return n;
	return 0;
}

void cells_shift(struct cells *cells, int row, int col, int count)
{
	struct cell *shown = cells->shown[row].at;

	memmove(shown + col + count, shown + col,
		(size_t)(cells->cols - col - count) * sizeof(*shown));
	for (int i = 0; i < count; i++)
		shown[col + i] = blank;
	cells->shown[row].stamp = 0;
}
