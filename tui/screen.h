/*
 * screen.h: which part of the screen is whose, and strings drawn into parts.
 *
 *	struct screen screen = screen_layout(80, 24, SCREEN_PANEL_AUTO, true);
 *	screen_text(term, screen.status.row, 0, screen.status.cols, "main.c", style);
 *
 * What does not fit goes, the least needed first: the panel, the line of keys, the top bar, the status bar; the text always stays.
 *
 * Units:  rows and columns are cells from 0. A part without rows is not shown.
 */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/term.h"

#define SCREEN_PANEL_COLS  28  /* with its edge */
#define SCREEN_PANEL_ROOM  100 /* columns from which the panel shows by itself */
#define SCREEN_PANEL_WIDE  46  /* where there is much room */
#define SCREEN_PANEL_WIDE_ROOM 160
#define SCREEN_PANEL_ROWS  10
#define SCREEN_STATUS_ROWS 3 /* rows from which there is a status bar */
#define SCREEN_TOP_ROWS    6
#define SCREEN_HINT_ROWS   10

struct rect {
	int row, col, rows, cols;
};

enum screen_panel { SCREEN_PANEL_AUTO, SCREEN_PANEL_ON, SCREEN_PANEL_OFF };

struct screen {
	struct rect top, text, panel, status, hints;
};

struct screen screen_layout(int cols, int rows, enum screen_panel panel, bool hints);
bool screen_within(struct rect rect, int row, int col);

/*
 * Draws a string of UTF-8 into at most `cells` cells; gives how many it took. Characters that cannot be seen are shown as numbers in
 * reverse. What is cut off shows as "…".
 */
int screen_text(
	struct term *term, int row, int col, int cells, const char *utf8, struct term_style style);
/* The same for a string of so many bytes. */
int screen_bytes(struct term *term, int row, int col, int cells, const char *at, size_t bytes,
	struct term_style style);

#endif
