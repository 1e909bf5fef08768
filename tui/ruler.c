#include "tui/ruler.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "tui/extent.h"
#include "tui/plain.h"
#include "tui/width.h"

struct mark {
	size_t off; /* from the line's start; a cluster boundary */
	size_t col;
};

/* Some clusters: `lead` cells, and if there is a tab among them, up to its stop, and then `tail` cells. */
struct piece {
	struct mark begin; /* right for those before line.sure */
	uint32_t points, lead, tail;
	bool tabbed;
	bool stale; /* something in it was changed: only its points are right, and it may not end at a boundary */
};

struct line {
	size_t start;
	struct piece *pieces; /* from the line's start on; NULL: the line is not in use */
	size_t count, cap;
	size_t sure; /* pieces before this one are not stale, and it begins where it says; at most count */
	uint64_t used;
};

struct ruler {
	struct line lines[RULER_LINES];
	uint64_t clock;
	size_t walked;
};

struct ruler *ruler_create(void)
{
	return mem_alloc(sizeof(struct ruler));
}

static void line_forget(struct line *line)
{
	free(line->pieces);
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

size_t ruler_walked(const struct ruler *ruler)
{
	return ruler->walked;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* ---- edits ---- */

/* One place of the text: at pos `drop` characters went and `put` came, with a line's end among them or not. */
struct change {
	size_t pos, drop, put;
	bool breaks;
};

static void drop_pieces(struct line *line, size_t first, size_t count)
{
	memmove(line->pieces + first, line->pieces + first + count,
		(line->count - first - count) * sizeof(*line->pieces));
	line->count -= count;
}

/* Nothing is known from the ith piece on. */
static void cut(struct line *line, size_t i)
{
	line->count = i;
	line->sure = least(line->sure, i);
}

/* The last of those that are sure that begins at or before both an offset and a column, or the first. */
static size_t sure_piece(const struct line *line, struct mark limit)
{
	size_t low = 0, high = line->sure;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		struct mark begin = line->pieces[mid].begin;
		if (begin.off <= limit.off && begin.col <= limit.col)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? low - 1 : 0;
}

/* The first piece that ends at off or behind it, and its end. */
static size_t piece_to(const struct line *line, size_t off, size_t *end)
{
	size_t i = off ? sure_piece(line, (struct mark){off - 1, SIZE_MAX}) : 0;

	*end = line->sure ? line->pieces[i].begin.off : 0;
	for (; i < line->count; i++) {
		*end += line->pieces[i].points;
		if (*end >= off)
			break;
	}
	return i;
}

/* The pieces that the change at off is in, or at the end of, become a stale one. */
static void change_pieces(struct line *line, size_t off, const struct change *change)
{
	size_t end, first = piece_to(line, off, &end), last = first, points;

	if (first == line->count)
		return;
	points = line->pieces[first].points;
	for (; last + 1 < line->count && off + change->drop > end; end += line->pieces[last].points)
		points += line->pieces[++last].points;
	if (change->breaks || off + change->drop > end ||
		points - change->drop + change->put > RULER_SLICE) {
		cut(line, first);
		return;
	}
	line->pieces[first].points = (uint32_t)(points - change->drop + change->put);
	line->pieces[first].stale = true;
	drop_pieces(line, first + 1, last - first);
	line->sure = least(line->sure, first);
}

static void line_change(struct line *line, const struct change *change)
{
	if (change->pos >= line->start)
		change_pieces(line, change->pos - line->start, change);
	else if (change->pos + change->drop >= line->start)
		line_forget(line);
	else
		line->start = line->start - change->drop + change->put;
}

static void ruler_change(struct ruler *ruler, const struct change *change)
{
	for (size_t i = 0; i < RULER_LINES; i++)
		if (ruler->lines[i].pieces)
			line_change(&ruler->lines[i], change);
}

/* All from the first change to the last as one. */
static void shift_roughly(struct ruler *ruler, const struct op *op)
{
	struct extent extent = extent_of(op);
	size_t drop = extent.end - extent.first;

	ruler_change(ruler, &(struct change){extent.first, drop,
				    (size_t)((ptrdiff_t)drop + extent.growth), true});
}

void ruler_shift(struct ruler *ruler, const struct op *op)
{
	struct op_iter it = op_iter(op);
	size_t pos = 0;

	if (op_count(op) > 2 * RULER_CHANGES) {
		shift_roughly(ruler, op);
		return;
	}
	for (struct op_component c; op_next(&it, &c);) {
		struct change change = {.pos = pos};
		if (c.kind == OP_INSERT) {
			change.put = c.points;
			change.breaks = memchr(c.text, '\n', c.bytes) != NULL;
		} else if (c.kind == OP_DELETE) {
			change.drop = c.points;
		}
		if (c.kind != OP_RETAIN)
			ruler_change(ruler, &change);
		pos += c.kind == OP_DELETE ? 0 : c.points;
	}
}

/* ---- lines ---- */

static struct line *line_find(struct ruler *ruler, size_t start)
{
	for (size_t i = 0; i < RULER_LINES; i++)
		if (ruler->lines[i].pieces && ruler->lines[i].start == start) {
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

static struct mark behind(struct mark begin, const struct piece *piece)
{
	size_t col = begin.col + piece->lead, tab = width_tab();

	if (piece->tabbed)
		col = col - col % tab + tab + piece->tail;
	return (struct mark){begin.off + piece->points, col};
}

/* Its begin and all before must be right. */
static struct mark known_end(const struct line *line)
{
	const struct piece *last = line->count ? &line->pieces[line->count - 1] : NULL;

	return last ? behind(last->begin, last) : (struct mark){0};
}

/* ---- walking ---- */

/* A walk in a line: where it is, and what it has passed since the piece began that it is in. */
struct walk {
	struct ruler *ruler;
	struct text_iter it;
	struct mark here;
	struct piece piece; /* its points, lead, tail and tab so far */
};

static struct walk walk_from(
	struct ruler *ruler, const struct text *t, size_t start, struct mark at)
{
	return (struct walk){.ruler = ruler,
		.it = text_iter(t, start + at.off),
		.here = at,
		.piece = {.begin = at}};
}

static void pass(struct walk *w, size_t points, size_t cells, bool tab)
{
	uint32_t *sum = w->piece.tabbed ? &w->piece.tail : &w->piece.lead;

	if (tab && !w->piece.tabbed)
		w->piece.tabbed = true;
	else
		*sum += (uint32_t)cells;
	w->piece.points += (uint32_t)points;
	w->here.off += points;
	w->here.col += cells;
	w->ruler->walked += points;
}

/* A tab is always a cluster of its own. false: there is none, or beyond the limit it would end. */
static bool tab_on(struct walk *w, struct mark limit)
{
	size_t cells = width_tab() - w->here.col % width_tab();
	const char *at;

	if (!text_iter_rest(&w->it, &at) || *at != '\t' || w->here.off == limit.off ||
		cells > limit.col - w->here.col)
		return false;
	text_iter_skip(&w->it, 1, 1);
	pass(w, 1, cells, true);
	return true;
}

/* Over the next cluster, or some plain ones. false: the line ends here, or beyond the limit they would end. */
static bool walk_on(struct walk *w, struct mark limit)
{
	struct plain plain = plain_ahead(
		&w->it, least(limit.off - w->here.off, RULER_STEP), limit.col - w->here.col);
	struct text_iter ahead;
	struct cluster c;

	if (plain.points) {
		text_iter_skip(&w->it, plain.points, plain.bytes);
		pass(w, plain.points, plain.cells, false);
		return true;
	}
	if (tab_on(w, limit))
		return true;
	ahead = w->it;
	if (!width_next(&ahead, w->here.col, &c) || c.first == '\n')
		return false;
	if (c.first == '\r' && c.points > 1) /* with the line's end */
		return false;
	size_t points = ahead.pos - w->it.pos;
	if (points > limit.off - w->here.off || (size_t)c.cells > limit.col - w->here.col)
		return false;
	w->it = ahead;
	pass(w, points, (size_t)c.cells, c.first == '\t');
	return true;
}

static void begin_piece(struct walk *w)
{
	w->piece = (struct piece){.begin = w->here};
}

/* Another piece in front of the ith. */
static void put_piece(struct line *line, size_t i, const struct piece *piece)
{
	line->pieces = mem_grow(line->pieces, &line->cap, line->count + 1, sizeof(*line->pieces));
	memmove(line->pieces + i + 1, line->pieces + i, (line->count - i) * sizeof(*line->pieces));
	line->pieces[i] = *piece;
	line->count++;
}

/* The ith piece takes in the next one; gives the characters that makes more. */
static size_t take_next(struct line *line, size_t i)
{
	size_t points = i + 1 < line->count ? line->pieces[i + 1].points : 0;

	if (points)
		drop_pieces(line, i + 1, 1);
	return points;
}

/*
 * The ith piece, which begins where it says, is walked anew: to its end, or on to a place where one of those behind it begins. Where it
 * has grown, it becomes several.
 */
static void measure(struct ruler *ruler, const struct text *t, struct line *line, size_t i)
{
	struct mark begin = line->pieces[i].begin;
	size_t end = begin.off + line->pieces[i].points, more;
	struct walk w = walk_from(ruler, t, line->start, begin);

	while (w.here.off < end) {
		if (w.piece.points >= RULER_STEP && end - w.here.off >= RULER_STEP) {
			put_piece(line, i++, &w.piece);
			begin_piece(&w);
		}
		if (walk_on(&w, (struct mark){end, SIZE_MAX}))
			continue;
		/* A cluster reaches over the end. */
		more = take_next(line, i);
		end += more;
		if (!more && !walk_on(&w, (struct mark){SIZE_MAX, SIZE_MAX}))
			break;
	}
	if (w.here.off < end)
		cut(line, i);
	else if (w.piece.points)
		line->pieces[i] = w.piece;
	else
		drop_pieces(line, i, 1);
}

/* Makes the pieces sure that begin at or before the limit. */
static void settle(struct ruler *ruler, const struct text *t, struct line *line, struct mark limit)
{
	while (line->sure < line->count) {
		struct piece *piece = &line->pieces[line->sure];
		piece->begin = line->sure ? behind(piece[-1].begin, &piece[-1]) : (struct mark){0};
		if (piece->begin.off > limit.off || piece->begin.col > limit.col)
			break;
		if (piece->stale)
			measure(ruler, t, line, line->sure);
		else
			line->sure++;
	}
}

/* The last place at or before the limit that is known. *all: it is the end of what is known. */
static struct mark known_place(
	struct ruler *ruler, const struct text *t, struct line *line, struct mark limit, bool *all)
{
	settle(ruler, t, line, limit);
	struct mark end = known_end(line);
	*all = line->sure == line->count && end.off <= limit.off && end.col <= limit.col;
	return *all ? end : line->pieces[sure_piece(line, limit)].begin;
}

static struct line *line_add(struct ruler *ruler, struct line *line, size_t start, struct walk *w)
{
	if (!line)
		line = line_make(ruler, start);
	put_piece(line, line->count, &w->piece);
	line->sure = line->count;
	begin_piece(w);
	return line;
}

/* On while the next cluster ends at or before the limit, in offset and in column. */
static struct mark walk(struct ruler *ruler, const struct text *t, size_t start, struct mark limit)
{
	struct line *line = line_find(ruler, start);
	bool unknown = true;
	struct mark from = line ? known_place(ruler, t, line, limit, &unknown) : (struct mark){0};
	struct walk w = walk_from(ruler, t, start, from);

	while (walk_on(&w, limit))
		if (unknown && w.piece.points >= RULER_STEP)
			line = line_add(ruler, line, start, &w);
	return w.here;
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

/* ---- ahead ---- */

static size_t known_points(struct ruler *ruler, size_t start, bool *sure)
{
	const struct line *line = line_find(ruler, start);
	size_t points = 0;

	*sure = !line || line->sure == line->count;
	if (line && *sure)
		return known_end(line).off;
	for (size_t i = 0; line && i < line->count; i++)
		points += line->pieces[i].points;
	return points;
}

bool ruler_idle(struct ruler *ruler, const struct text *t, size_t start, size_t end, size_t budget)
{
	bool sure;
	size_t known = known_points(ruler, start, &sure);

	if (sure && known + RULER_STEP > end - start)
		return false;
	walk(ruler, t, start, (struct mark){least(known + budget, end - start), SIZE_MAX});
	size_t now = known_points(ruler, start, &sure);
	return now > known && now + RULER_STEP <= end - start;
}
