#include "tui/rows.h"

#include <stdlib.h>

#include "ot/mem.h"
#include "tui/extent.h"

static void free_rows(struct rows_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(rows[i].cells);
	free(rows);
}

void rows_fini(struct rows *rows)
{
	free_rows(rows->now, rows->most);
	free_rows(rows->before, rows->most);
	*rows = (struct rows){0};
}

void rows_forget(struct rows *rows)
{
	rows->count = rows->before_count = 0;
}

static struct rows_row *make_rows(size_t count, int cols)
{
	struct rows_row *rows = mem_alloc(count * sizeof(*rows));

	for (size_t i = 0; i < count; i++)
		rows[i].cells = mem_alloc((size_t)cols * sizeof(struct cell));
	return rows;
}

static void resize(struct rows *rows, size_t most, int cols)
{
	rows_fini(rows);
	rows->most = most;
	rows->cols = cols;
	rows->now = make_rows(most, cols);
	rows->before = make_rows(most, cols);
}

void rows_begin(struct rows *rows, size_t most, int cols)
{
	struct rows_row *now = rows->before;

	if (rows->most != most || rows->cols != cols) {
		resize(rows, most, cols);
		return;
	}
	rows->before = rows->now;
	rows->before_count = rows->count;
	rows->now = now;
	rows->count = rows->next = 0;
}

struct rows_row *rows_kept(struct rows *rows, size_t start)
{
	while (rows->next < rows->before_count && rows->before[rows->next].at.start < start)
		rows->next++;
	if (rows->next == rows->before_count || rows->before[rows->next].at.start != start)
		return NULL;
	return &rows->before[rows->next];
}

struct rows_row *rows_add(struct rows *rows, struct rows_row *kept)
{
	if (rows->count == rows->most)
		return NULL;
	struct rows_row *row = &rows->now[rows->count++];
	struct cell *cells = row->cells;
	if (kept) {
		*row = *kept;
		kept->cells = cells;
		rows->next++;
	} else {
		*row = (struct rows_row){.cells = cells};
	}
	return row;
}

/* ---- edits ---- */

/* false: the row's line is not as it was. */
static bool shift(struct wrap_row *at, const struct extent *extent)
{
	if (extent->first > at->to)
		return true;
	if (extent->end >= at->from)
		return false;
	size_t growth = (size_t)extent->growth; /* below 0 it comes round */
	at->start += growth;
	at->end += growth;
	at->from += growth;
	at->to += growth;
	at->part += growth;
	return true;
}

static void swap(struct rows_row *a, struct rows_row *b)
{
	struct rows_row was = *a;

	*a = *b;
	*b = was;
}

void rows_shift(struct rows *rows, const struct op *op)
{
	struct extent extent = extent_of(op);
	size_t kept = 0;

	if (extent.first == SIZE_MAX)
		return;
	for (size_t i = 0; i < rows->count; i++)
		if (shift(&rows->now[i].at, &extent)) {
			swap(&rows->now[kept], &rows->now[i]);
			kept++;
		}
	rows->count = kept;
}
