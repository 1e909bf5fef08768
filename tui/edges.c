#include "tui/edges.h"

#include <string.h>

#include "ot/buf.h"
#include "tui/theme.h"
#include "tui/width.h"

#define NAME_CELLS 12 /* of a name at an edge */

struct side {
	const char *arrow;
	size_t count;
	struct {
		const struct person *person;
		size_t line, distance;
	} near[EDGES_NAMED]; /* the nearest first */
	int row, used;
};

static void side_add(struct side *side, const struct person *person, size_t line, size_t distance)
{
	size_t at = side->count < EDGES_NAMED ? side->count : EDGES_NAMED;

	side->count++;
	for (; at && side->near[at - 1].distance > distance; at--)
		if (at < EDGES_NAMED)
			side->near[at] = side->near[at - 1];
	if (at < EDGES_NAMED) {
		side->near[at].person = person;
		side->near[at].line = line;
		side->near[at].distance = distance;
	}
}

static void find_people(const struct edges *edges, const struct people *people, struct side *above,
	struct side *below)
{
	for (size_t i = 0; i < people->count; i++) {
		const struct person *p = &people->at[i];
		if (p->me || !p->count || person_is(p, "offline"))
			continue;
		size_t at = p->sels[0].head, line = text_line_at(edges->text, at);
		if (at < edges->top)
			side_add(above, p, line, edges->top - at);
		else if (at >= edges->below)
			side_add(below, p, line, at - edges->below);
	}
}

/* What is told of the nth of the near ones: "↑ Ada 120", " Ben 80 ". */
static int near_text(const struct side *side, size_t n, struct buf *out)
{
	const char *name = side->near[n].person->name;
	size_t left = strlen(name), bytes = left, cells = 0;
	const char *at = name;

	for (struct cluster c; width_next_in(&at, &left, &c); cells += (size_t)c.cells)
		if (cells + (size_t)c.cells <= NAME_CELLS)
			bytes = (size_t)(at - name);
	buf_clear(out);
	buf_printf(out, "%s %.*s %zu ", n ? "" : side->arrow, (int)bytes, name,
		side->near[n].line + 1);
	*buf_room(out, 1) = '\0';
	return (int)width_string(out->at);
}

static size_t named(const struct side *side)
{
	return side->count < EDGES_NAMED ? side->count : EDGES_NAMED;
}

/* "+3 " */
static int more_text(const struct side *side, struct buf *out)
{
	buf_clear(out);
	if (side->count > EDGES_NAMED)
		buf_printf(out, "+%zu ", side->count - EDGES_NAMED);
	*buf_room(out, 1) = '\0';
	return (int)width_string(out->at);
}

static int whole_cells(const struct side *side, struct buf *room)
{
	int cells = more_text(side, room);

	for (size_t i = 0; i < named(side); i++)
		cells += near_text(side, i, room);
	return cells;
}

static void draw_whole(const struct side *side, struct term *term, int col, struct buf *room)
{
	int colors = term_colors(term);

	for (size_t i = 0; i < named(side); i++) {
		int cells = near_text(side, i, room);
		screen_text(term, side->row, col, cells, room->at,
			theme_name(colors, side->near[i].person->color));
		col += cells;
	}
	int cells = more_text(side, room);
	screen_text(term, side->row, col, cells, room->at, theme_style(colors, THEME_BAR));
}

/* "↑2", over whatever text there is. */
static void draw_count(
	const struct edges *edges, const struct side *side, struct term *term, struct buf *room)
{
	buf_clear(room);
	buf_printf(room, "%s%zu", side->arrow, side->count);
	*buf_room(room, 1) = '\0';
	int cells = (int)width_string(room->at);
	int col = edges->area.col + edges->area.cols - cells;
	bool own = edges->cursor_row == side->row && edges->cursor_col >= col;

	if (!own && cells < edges->area.cols / 2)
		screen_text(term, side->row, col, cells, room->at,
			theme_name(term_colors(term), side->near[0].person->color));
}

static void draw_side(const struct edges *edges, const struct side *side, struct term *term)
{
	struct buf room = {0};
	int cells = side->count ? whole_cells(side, &room) : 0;
	int col = edges->area.col + edges->area.cols - cells;
	bool own = edges->cursor_row == side->row && edges->cursor_col >= col - 1;

	if (side->count && !own && side->used + 1 + cells <= edges->area.cols)
		draw_whole(side, term, col, &room);
	else if (side->count)
		draw_count(edges, side, term, &room);
	buf_fini(&room);
}

void edges_draw(const struct edges *edges, struct term *term, const struct people *people)
{
	const struct rect *area = &edges->area;
	struct side above = {.arrow = "↑", .row = area->row, .used = edges->used[0]},
		    below = {.arrow = "↓",
			    .row = area->row + area->rows - 1,
			    .used = edges->used[1]};

	if (area->rows < 1)
		return;
	find_people(edges, people, &above, &below);
	draw_side(edges, &above, term);
	/* On a screen of one row the one edge is both. */
	if (area->rows > 1 || !above.count)
		draw_side(edges, &below, term);
}
