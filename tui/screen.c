#include "tui/screen.h"

#include <string.h>

#include "tui/width.h"

static bool panel_shown(int cols, int rows, enum screen_panel panel)
{
	if (panel == SCREEN_PANEL_AUTO)
		return cols >= SCREEN_PANEL_ROOM && rows >= SCREEN_PANEL_ROWS;
	return panel == SCREEN_PANEL_ON;
}

static struct rect take_row(struct rect *from, bool first)
{
	struct rect rect = {
		first ? from->row : from->row + from->rows - 1, from->col, 1, from->cols};

	from->row += first;
	from->rows--;
	return rect;
}

struct screen screen_layout(int cols, int rows, enum screen_panel panel, bool hints)
{
	struct screen screen = {.text = {0, 0, rows, cols}};
	struct rect *text = &screen.text;

	if (rows >= SCREEN_TOP_ROWS)
		screen.top = take_row(text, true);
	if (hints && rows >= SCREEN_HINT_ROWS)
		screen.hints = take_row(text, false);
	if (rows >= SCREEN_STATUS_ROWS)
		screen.status = take_row(text, false);
	if (panel_shown(cols, rows, panel)) {
		int most = cols < SCREEN_PANEL_WIDE_ROOM ? SCREEN_PANEL_COLS : SCREEN_PANEL_WIDE;
		int width = most < cols / 2 ? most : cols / 2;
		text->cols -= width;
		screen.panel = (struct rect){text->row, text->cols, text->rows, width};
	}
	return screen;
}

bool screen_within(struct rect rect, int row, int col)
{
	return row >= rect.row && row < rect.row + rect.rows && col >= rect.col &&
	       col < rect.col + rect.cols;
}

int screen_bytes(struct term *term, int row, int col, int cells, const char *at, size_t bytes,
	struct term_style style)
{
	int used = 0;

	for (struct cluster c; width_next_in(&at, &bytes, &c); used += c.cells) {
		struct term_style own = style;
		/* The last cell is kept for "…" as long as more may come. */
		if (used + c.cells > cells - (bytes ? 1 : 0)) {
			if (used < cells)
				term_put(term, row, col + used, "…", strlen("…"), 1, style);
			return used < cells ? used + 1 : used;
		}
		own.attr ^= c.odd ? TERM_REVERSE : 0;
		term_put(term, row, col + used, c.draw, c.bytes, c.cells, own);
	}
	return used;
}

int screen_text(
	struct term *term, int row, int col, int cells, const char *utf8, struct term_style style)
{
	return screen_bytes(term, row, col, cells, utf8, strlen(utf8), style);
}
