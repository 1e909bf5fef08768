#include "tui/ruler.h"

#include <stdint.h>
#include <stdlib.h>

#include "ot/mem.h"
#include "tui/extent.h"
#include "tui/plain.h"
#include "tui/width.h"

struct mark {
	size_t off; /* from the line's start; a cluster boundary */
	size_t col;
};

struct line {
	size_t start;
	struct mark *marks; /* rising; NULL: the line is not in use */
	size_t count, cap;
	uint64_t used;
};

struct ruler {
	struct line lines[RULER_LINES];
	uint64_t clock;
};

struct ruler *ruler_create(void)
{
	return mem_alloc(sizeof(struct ruler));
}

static void line_forget(struct line *line)
{
	free(line->marks);
	*line = (struct line){0};
}

void ruler_forget(struct ruler *ruler)
{
	for (size_t i = 0; i < RULER_LINES; i++)
		line_forget(&ruler->lines[i]);
}

void ruler_destroy(struct ruler *ruler)
{
	if (!ruler)
		return;
	ruler_forget(ruler);
	free(ruler);
}

/* ---- edits ---- */

static void line_shift(struct line *line, const struct extent *extent)
{
	if (extent->first >= line->start) {
		/* Whether there is a boundary at a mark depends on the character behind it: it must be untouched. */
		while (line->count &&
			line->marks[line->count - 1].off >= extent->first - line->start)
			line->count--;
		return;
	}
	if (extent->end >= line->start)
		line_forget(line);
	else
		line->start = (size_t)((ptrdiff_t)line->start + extent->growth);
}

void ruler_shift(struct ruler *ruler, const struct op *op)
{
	struct extent extent = extent_of(op);

	if (extent.first == SIZE_MAX)
		return;
	for (size_t i = 0; i < RULER_LINES; i++)
		if (ruler->lines[i].marks)
			line_shift(&ruler->lines[i], &extent);
}

/* ---- walking ---- */

static struct line *line_find(struct ruler *ruler, size_t start)
{
	for (size_t i = 0; i < RULER_LINES; i++)
		if (ruler->lines[i].marks && ruler->lines[i].start == start) {
			ruler->lines[i].used = ++ruler->clock;
			return &ruler->lines[i];
		}
	return NULL;
}

static struct line *line_make(struct ruler *ruler, size_t start)
{
	struct line *oldest = &ruler->lines[0];

	for (size_t i = 1; i < RULER_LINES; i++)
		if (ruler->lines[i].used < oldest->used)
			oldest = &ruler->lines[i];
	line_forget(oldest);
	oldest->start = start;
	oldest->used = ++ruler->clock;
	return oldest;
}

/* The last mark at or before both an offset and a column. */
static struct mark line_mark(const struct line *line, struct mark limit)
{
	size_t low = 0, high = line ? line->count : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (line->marks[mid].off <= limit.off && line->marks[mid].col <= limit.col)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? line->marks[low - 1] : (struct mark){0};
}

static struct line *line_add(struct ruler *ruler, struct line *line, size_t start, struct mark here)
{
	if (!line)
		line = line_make(ruler, start);
	line->marks = mem_grow(line->marks, &line->cap, line->count + 1, sizeof(*line->marks));
	line->marks[line->count++] = here;
	return line;
}

static size_t last_off(const struct line *line)
{
	return line && line->count ? line->marks[line->count - 1].off : 0;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Walks on while the next cluster ends at or before the limit, in offset and in column. */
static struct mark walk(struct ruler *ruler, const struct text *t, size_t start, struct mark limit)
{
	struct line *line = line_find(ruler, start);
	struct mark here = line_mark(line, limit), next = here;
	struct text_iter it = text_iter(t, start + here.off);

	for (struct cluster c;; here = next) {
		if (here.off >= last_off(line) + RULER_STEP)
			line = line_add(ruler, line, start, here);
		struct plain plain = plain_ahead(
			&it, least(limit.off - here.off, RULER_STEP), limit.col - here.col);
		if (plain.points) {
			text_iter_skip(&it, plain.points, plain.bytes);
			next = (struct mark){here.off + plain.points, here.col + plain.cells};
			continue;
		}
		if (!width_next(&it, here.col, &c) || c.first == '\n')
			break;
		next = (struct mark){it.pos - start, here.col + (size_t)c.cells};
		if (next.off > limit.off || next.col > limit.col)
			break;
	}
	return here;
}

size_t ruler_col(struct ruler *ruler, const struct text *t, size_t start, size_t pos)
{
	return walk(ruler, t, start, (struct mark){pos - start, SIZE_MAX}).col;
}

size_t ruler_pos(struct ruler *ruler, const struct text *t, size_t start, size_t col, size_t *at)
{
	struct mark here = walk(ruler, t, start, (struct mark){SIZE_MAX, col});

	if (at)
		*at = here.col;
	return start + here.off;
}
