#include "tui/ruler.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "tui/extent.h"
#include "tui/pieces.h"
#include "tui/plain.h"
#include "tui/width.h"

struct ruler {
	struct pieces lines[RULER_LINES];
	uint64_t clock;
	size_t walked;
};

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

struct ruler *ruler_create(void)
{
	return mem_alloc(sizeof(struct ruler));
}

void ruler_forget(struct ruler *ruler)
{
	for (size_t i = 0; i < RULER_LINES; i++)
		pieces_fini(&ruler->lines[i]);
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

/* ---- edits ---- */

static void ruler_change(struct ruler *ruler, const struct pieces_change *change)
{
	for (size_t i = 0; i < RULER_LINES; i++)
		if (ruler->lines[i].at)
			pieces_change(&ruler->lines[i], change);
}

/* All from the first change to the last as one. */
static void shift_roughly(struct ruler *ruler, const struct op *op)
{
	struct extent extent = extent_of(op);
	size_t drop = extent.end - extent.first;

	ruler_change(ruler, &(struct pieces_change){extent.first, drop,
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
		struct pieces_change change = {.pos = pos};
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

static struct pieces *line_find(struct ruler *ruler, size_t start)
{
	for (size_t i = 0; i < RULER_LINES; i++)
		if (ruler->lines[i].at && ruler->lines[i].start == start) {
			ruler->lines[i].used = ++ruler->clock;
			return &ruler->lines[i];
		}
	return NULL;
}

static struct pieces *line_make(struct ruler *ruler, size_t start)
{
	struct pieces *oldest = &ruler->lines[0];

	for (size_t i = 1; i < RULER_LINES; i++)
		if (ruler->lines[i].used < oldest->used)
			oldest = &ruler->lines[i];
	pieces_fini(oldest);
	oldest->start = start;
	oldest->used = ++ruler->clock;
	return oldest;
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

/* Over the next cluster, which is no tab. false likewise. */
static bool cluster_on(struct walk *w, struct mark limit)
{
	struct text_iter ahead = w->it;
	struct cluster c;

	if (!width_next(&ahead, w->here.col, &c) || c.first == '\n')
		return false;
	if (c.first == '\r' && c.points > 1) /* with the line's end */
		return false;
	size_t points = ahead.pos - w->it.pos;
	if (points > limit.off - w->here.off || (size_t)c.cells > limit.col - w->here.col)
		return false;
	w->it = ahead;
	pass(w, points, (size_t)c.cells, false);
	return true;
}

/* Over the next cluster, or some plain ones. false: the line ends here, or beyond the limit they would end. */
static bool walk_on(struct walk *w, struct mark limit)
{
	struct plain plain = plain_ahead(
		&w->it, least(limit.off - w->here.off, RULER_STEP), limit.col - w->here.col);

	if (!plain.points)
		return tab_on(w, limit) || cluster_on(w, limit);
	text_iter_skip(&w->it, plain.points, plain.bytes);
	pass(w, plain.points, plain.cells, false);
	return true;
}

static void begin_piece(struct walk *w)
{
	w->piece = (struct piece){.begin = w->here};
}

/* The ith piece takes in the next one; gives the characters that makes more. */
static size_t take_next(struct pieces *line, size_t i)
{
	size_t points = i + 1 < line->count ? line->at[i + 1].points : 0;

	if (points)
		pieces_drop(line, i + 1, 1);
	return points;
}

/* On in the ith piece. Where a cluster reaches over its end, that is no end: the next piece is part of it. */
static bool walk_to(struct walk *w, struct pieces *line, size_t i, size_t *end)
{
	size_t more;

	if (walk_on(w, (struct mark){*end, SIZE_MAX}))
		return true;
	more = take_next(line, i);
	*end += more;
	return more || walk_on(w, (struct mark){SIZE_MAX, SIZE_MAX});
}

/*
 * The ith piece, which begins where it says, is walked anew: to its end, or on to a place where one of those behind it begins. Where it
 * has grown, it becomes several.
 */
static void measure(struct ruler *ruler, const struct text *t, struct pieces *line, size_t i)
{
	struct mark begin = line->at[i].begin;
	size_t end = begin.off + line->at[i].points;
	struct walk w = walk_from(ruler, t, line->start, begin);

	while (w.here.off < end) {
		if (w.piece.points >= RULER_STEP && end - w.here.off >= RULER_STEP) {
			pieces_put(line, i++, &w.piece);
			begin_piece(&w);
		}
		if (!walk_to(&w, line, i, &end))
			break;
	}
	if (w.here.off < end)
		pieces_cut(line, i);
	else if (w.piece.points)
		line->at[i] = w.piece;
	else
		pieces_drop(line, i, 1);
}

/* Makes the pieces sure that begin at or before the limit. */
static void settle(
	struct ruler *ruler, const struct text *t, struct pieces *line, struct mark limit)
{
	while (line->sure < line->count) {
		struct piece *piece = &line->at[line->sure];
		piece->begin = line->sure ? piece_end(piece - 1) : (struct mark){0};
		if (piece->begin.off > limit.off || piece->begin.col > limit.col)
			break;
		if (piece->stale)
			measure(ruler, t, line, line->sure);
		else
			line->sure++;
	}
}

/* The last place at or before the limit that is known. *all: it is the end of what is known. */
static struct mark known_place(struct ruler *ruler, const struct text *t, struct pieces *line,
	struct mark limit, bool *all)
{
	settle(ruler, t, line, limit);
	struct mark end = pieces_end(line);
	*all = line->sure == line->count && end.off <= limit.off && end.col <= limit.col;
	return *all ? end : line->at[pieces_find(line, limit)].begin;
}

static struct pieces *line_add(
	struct ruler *ruler, struct pieces *line, size_t start, struct walk *w)
{
	if (!line)
		line = line_make(ruler, start);
	pieces_put(line, line->count, &w->piece);
	line->sure = line->count;
	begin_piece(w);
	return line;
}

/* On while the next cluster ends at or before the limit, in offset and in column. */
static struct mark walk(struct ruler *ruler, const struct text *t, size_t start, struct mark limit)
{
	struct pieces *line = line_find(ruler, start);
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
	const struct pieces *line = line_find(ruler, start);

	*sure = !line || line->sure == line->count;
	return line ? pieces_points(line) : 0;
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
