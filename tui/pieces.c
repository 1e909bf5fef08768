#include "tui/pieces.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "tui/width.h"

void pieces_fini(struct pieces *line)
{
	free(line->at);
	*line = (struct pieces){0};
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

struct mark piece_end(const struct piece *piece)
{
	size_t col = piece->begin.col + piece->lead, tab = width_tab();

	if (piece->tabbed)
		col = col - col % tab + tab + piece->tail;
	return (struct mark){piece->begin.off + piece->points, col};
}

struct mark pieces_end(const struct pieces *line)
{
	return line->count ? piece_end(&line->at[line->count - 1]) : (struct mark){0};
}

size_t pieces_points(const struct pieces *line)
{
	size_t points = 0;

	if (line->sure == line->count)
		return pieces_end(line).off;
	for (size_t i = 0; i < line->count; i++)
		points += line->at[i].points;
	return points;
}

void pieces_put(struct pieces *line, size_t i, const struct piece *piece)
{
	line->at = mem_grow(line->at, &line->cap, line->count + 1, sizeof(*line->at));
	memmove(line->at + i + 1, line->at + i, (line->count - i) * sizeof(*line->at));
	line->at[i] = *piece;
	line->count++;
}

void pieces_drop(struct pieces *line, size_t first, size_t count)
{
	memmove(line->at + first, line->at + first + count,
		(line->count - first - count) * sizeof(*line->at));
	line->count -= count;
}

void pieces_cut(struct pieces *line, size_t i)
{
	line->count = i;
	line->sure = least(line->sure, i);
}

size_t pieces_find(const struct pieces *line, struct mark limit)
{
	size_t low = 0, high = line->sure;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		struct mark begin = line->at[mid].begin;
		if (begin.off <= limit.off && begin.col <= limit.col)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? low - 1 : 0;
}

/* The first piece that ends at off or behind it, and its end. */
static size_t piece_to(const struct pieces *line, size_t off, size_t *end)
{
	size_t i = off ? pieces_find(line, (struct mark){off - 1, SIZE_MAX}) : 0;

	*end = line->sure ? line->at[i].begin.off : 0;
	for (; i < line->count; i++) {
		*end += line->at[i].points;
		if (*end >= off)
			break;
	}
	return i;
}

/* The pieces that the change at off is in, or at the end of, become a stale one. */
static void change_at(struct pieces *line, size_t off, const struct pieces_change *change)
{
	size_t end, first = piece_to(line, off, &end), last = first, points;

	if (first == line->count)
		return;
	points = line->at[first].points;
	for (; last + 1 < line->count && off + change->drop > end; end += line->at[last].points)
		points += line->at[++last].points;
	if (change->breaks || off + change->drop > end ||
		points - change->drop + change->put > PIECE_MOST) {
		pieces_cut(line, first);
		return;
	}
	line->at[first].points = (uint32_t)(points - change->drop + change->put);
	line->at[first].stale = true;
	pieces_drop(line, first + 1, last - first);
	line->sure = least(line->sure, first);
}

void pieces_change(struct pieces *line, const struct pieces_change *change)
{
	if (change->pos >= line->start)
		change_at(line, change->pos - line->start, change);
	else if (change->pos + change->drop >= line->start)
		pieces_fini(line);
	else
		line->start = line->start - change->drop + change->put;
}
