/*
 * term.h: the terminal: modes, size, cells out.
 *
 *	term_put(term, 0, 4, "é", 2, 1, style);	-- a frame's cells, one by one
 *	term_cursor(term, 0, 5);
 *	term_frame(term);			-- its bytes are made (canvas.h)
 *	gone = term_flush(term);		-- and leave
 *
 * They leave without blocking, and no new frame is made before they are gone: a stalled terminal costs frames, not the loop.
 * Input bytes are read by the owner from term_fd() and decoded by key.h.
 *
 * The terminal is put back as it was by term_close(), and on SIGTERM, SIGHUP, SIGSEGV and the like (rescue.h).
 */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct term;

/* NULL when there is no usable terminal; *why then says so in one sentence in static memory. */
struct term *term_open(const char **why);
void term_close(struct term *term); /* NULL is fine */
void term_suspend(struct term *term); /* leave all modes, stop the job, term_resume when it is continued */
void term_resume(struct term *term);  /* after SIGCONT, whoever stopped us: take the terminal again, and its size, and redraw */

int term_fd(const struct term *term); /* readable: input; its own descriptor, non-blocking */
ptrdiff_t term_read(struct term *term, char *at,
	size_t cap); /* bytes; 0: nothing now; -1: the terminal is gone */
void term_size(const struct term *term, int *cols, int *rows);
bool term_resized(struct term *term); /* after SIGWINCH: takes the size; the next frame paints all. false: it has none */

bool term_asks(const struct term *term); /* term_open asked what it can do, and KEY_ANSWERED is to come */
/* It can show a frame all at once (its answer to what term_open asked is KEY_SYNCHRONIZES): large ones are sent so from now on. */
void term_synchronize(struct term *term);
/* It can tell more keys apart (KEY_TELLS_KEYS): it does so, from the next frame until it is given back. */
void term_tell_keys(struct term *term);

/* What it can show. */
int term_colors(const struct term *term); /* 0 (or NO_COLOR), 8, 16, 256 */

enum term_attr {
	TERM_BOLD = 1,
	TERM_DIM = 2,
	TERM_REVERSE = 4,
	TERM_UNDERLINE = 8,
	TERM_ITALIC = 16
};

struct term_style {
	int16_t fg,
		bg; /* -1: the terminal's own; 0-255 as xterm numbers them (nearest is taken where fewer) */
	uint8_t attr;
};

/*
 * Drawing a frame: rows and columns from 0; what falls outside is cut, what is not put stays blank. A cluster is one grapheme
 * (or what width.h draws for it) of `cells` columns.
 */
bool term_ready(const struct term
		*term); /* the last frame has left; else draw later, when term_flush says so */
void term_put(struct term *term, int row, int col, const char *cluster, size_t bytes, int cells,
	struct term_style style);
void term_fill(struct term *term, int row, int col, int cells, struct term_style style);
/* What was put, to be put again in another frame: `cells` columns of a row (cells_take). 0, false: they are not all on the screen. */
struct cell;
uint64_t term_take(struct term *term, int row, int col, struct cell *out, int cells);
bool term_give(struct term *term, int row, int col, const struct cell *at, int cells, uint64_t stamp);
void term_cursor(struct term *term, int row, int col); /* -1: hidden */
void term_frame(struct term *term);                    /* make the frame's bytes */
bool term_flush(struct term *term);  /* write what is waiting; true when all is gone */
void term_mouse(struct term *term, bool on); /* with the next frame; on at first */

#define TERM_COPY_MAX                                                                              \
	((size_t)74994) /* bytes that the clipboards of terminals take: 100 kB of base64 */

/* Title (OSC 2) and the system clipboard (OSC 52), with the next frame; not on terminals that would print them. */
void term_title(struct term *term, const char *title);
void term_copy(struct term *term, const char *text,
	size_t bytes); /* nothing when longer than TERM_COPY_MAX */

#endif
