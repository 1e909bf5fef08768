/*
 * canvas.h: cells drawn by curses, as the bytes that a terminal is told. The only module that includes curses.
 *
 *	canvas = canvas_open(fd, rows, cols, &why)
 *	canvas_resize(canvas, rows, cols)
 *	frame = canvas_frame(canvas, &cells, row, col, &before)	-- before, and then frame, are for the terminal
 *
 * Curses draws and does nothing else: it neither reads nor writes to the terminal, nor does it handle signals. Its output goes to a
 * file in memory (spool.h).
 *
 * Limits: one at a time, for curses has globals.
 */
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include "ot/buf.h"
#include "tui/cells.h"

struct canvas;

/* Of the terminal at fd, whose type is $TERM, and of that size. NULL: *why is one sentence in static memory. */
struct canvas *canvas_open(int fd, int rows, int cols, const char **why);
void canvas_close(struct canvas *canvas); /* NULL is fine */

int canvas_colors(const struct canvas *canvas); /* as term_colors() */
/* What shows the alternate screen, and the usual one again. NULL: it has none, or one that curses alone can send. */
const char *canvas_enters(const struct canvas *canvas);
const char *canvas_leaves(const struct canvas *canvas);

void canvas_resize(struct canvas *canvas, int rows, int cols);
void canvas_forget(struct canvas *canvas); /* what the terminal shows is unknown: the next frame paints all */

/*
 * What changed in cells, with the cursor at this place; outside of them it is hidden. They are as shown afterwards, but for
 * cells_keep(). Adds to *before what is to be sent first; the frame is borrowed until the next.
 */
const struct buf *canvas_frame(
	struct canvas *canvas, struct cells *cells, int row, int col, struct buf *before);

#endif
