#include "tui/canvas.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "ot/mem.h"
#include "tui/spool.h"
#include "tui/xterm.h"

/* Last, for their macros are named like anything; and they have a struct term as well. */
#define NCURSES_WIDECHAR 1
#define term             curses_terminal
#include <curses.h>
#include <term.h>
#undef term

#define SCROLL_ROWS 4 /* that change, at least, when some of them scroll */

struct canvas {
	FILE *in;           /* never read */
	struct spool spool; /* curses draws there */
	SCREEN *screen;
	int colors;
	bool direct;                /* colours are RGB values, not numbers */
	bool drawn;                 /* the terminal was told something */
	int stands_row, stands_col; /* where the terminal's cursor stands; -1: it is not known */
};

/* ---- opening ---- */

/* With a delay in it, it is not for others to send. */
static const char *plain_string(const char *capability)
{
	return capability && !strchr(capability, '$') ? capability : NULL;
}

static void colors_start(struct canvas *canvas)
{
	const char *no = getenv("NO_COLOR");

	if ((no && *no) || !has_colors() || start_color() == ERR)
		return;
	use_default_colors();
	canvas->direct = COLORS > 256;
	canvas->colors = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
}

/*
 * newterm() takes signals for itself; they stay whose they were. Where it finds SIGTSTP ignored it leaves it alone for good, which
 * saves two system calls a frame: it draws into memory, and there is nothing to protect.
 */
static SCREEN *screen_make(struct canvas *canvas)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
	struct sigaction kept[sizeof(numbers) / sizeof(numbers[0])];

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], NULL, &kept[i]);
	signal(SIGTSTP, SIG_IGN);
	SCREEN *screen = newterm(NULL, canvas->spool.out, canvas->in);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &kept[i], NULL);
	return screen;
}

/* As the environment has it while curses begins: what it draws on is no terminal that it could ask. Gives what was there, owned. */
static char *swap_size(const char *name, int size)
{
	const char *is = getenv(name);
	char *was = is ? mem_dup(is, strlen(is)) : NULL, number[16];

	snprintf(number, sizeof(number), "%d", size);
	setenv(name, number, 1);
	return was;
}

static void put_back(const char *name, char *was)
{
	if (was)
		setenv(name, was, 1);
	else
		unsetenv(name);
	free(was);
}

/* Its first words to the terminal say which of the rows may scroll: one that has more than it believes would mix them up. */
static SCREEN *screen_of_size(struct canvas *canvas, int rows, int cols)
{
	char *height = swap_size("LINES", rows), *width = swap_size("COLUMNS", cols);
	SCREEN *screen = screen_make(canvas);

	put_back("LINES", height);
	put_back("COLUMNS", width);
	return screen;
}

static const char *start(struct canvas *canvas, int fd, int rows, int cols)
{
	canvas->in = fdopen(dup(fd), "r");
	if (!canvas->in || !spool_open(&canvas->spool))
		return "The terminal cannot be drawn on: out of file descriptors.";
	canvas->screen = screen_of_size(canvas, rows, cols);
	if (!canvas->screen)
		return "This terminal's type is not known here: set TERM to one that is, for example xterm-256color.";
	if (!cursor_address)
		return "This type of terminal (TERM) cannot place its cursor, so there is no editing on it.";
	return NULL;
}

static void settle(struct canvas *canvas)
{
	typeahead(-1);
	nonl();
	scrollok(stdscr, FALSE);
	leaveok(stdscr, FALSE);
	/* Not all that call themselves xterm know how to repeat a character. */
	repeat_char = NULL;
	colors_start(canvas);
}

struct canvas *canvas_open(int fd, int rows, int cols, const char **why)
{
	struct canvas *canvas = mem_alloc(sizeof(*canvas));

	*why = start(canvas, fd, rows, cols);
	if (*why) {
		canvas_close(canvas);
		return NULL;
	}
	settle(canvas);
	return canvas;
}

void canvas_close(struct canvas *canvas)
{
	if (!canvas)
		return;
	if (canvas->screen)
		delscreen(canvas->screen);
	if (canvas->in)
		fclose(canvas->in);
	spool_fini(&canvas->spool);
	free(canvas);
}

int canvas_colors(const struct canvas *canvas)
{
	return canvas->colors;
}

const char *canvas_enters(const struct canvas *canvas)
{
	(void)canvas;
	return plain_string(enter_ca_mode);
}

const char *canvas_leaves(const struct canvas *canvas)
{
	(void)canvas;
	return plain_string(exit_ca_mode);
}

/* What curses has to say first, it has not said yet. It began once: only memory can be lacking. */
static void begin_again(struct canvas *canvas, int rows, int cols)
{
	delscreen(canvas->screen);
	canvas->screen = screen_of_size(canvas, rows, cols);
	if (!canvas->screen)
		abort();
	settle(canvas);
}

void canvas_resize(struct canvas *canvas, int rows, int cols)
{
	if (canvas->drawn)
		resize_term(rows, cols);
	else if (rows != LINES || cols != COLS)
		begin_again(canvas, rows, cols);
	canvas->stands_row = -1;
}

void canvas_forget(struct canvas *canvas)
{
	canvas->stands_row = -1;
	clearok(curscr, TRUE);
}

/* ---- colours ---- */

static int color_here(const struct canvas *canvas, int color)
{
	if (color < 0 || color > 255)
		return -1;
	if (canvas->direct)
		return color < 8 ? color : xterm_rgb(color) < 8 ? 8 : xterm_rgb(color);
	return color < canvas->colors ? color : xterm_nearest(color, canvas->colors);
}

static attr_t attributes(uint8_t attr)
{
	static const struct {
		uint8_t ours;
		attr_t theirs;
	} table[] = {
		{TERM_BOLD, A_BOLD},
		{TERM_DIM, A_DIM},
		{TERM_REVERSE, A_REVERSE},
		{TERM_UNDERLINE, A_UNDERLINE},
		{TERM_ITALIC, A_ITALIC},
	};
	attr_t attrs = A_NORMAL;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		attrs |= attr & table[i].ours ? table[i].theirs : 0;
	return attrs;
}

static int pair_of(const struct canvas *canvas, struct term_style style)
{
	if (!canvas->colors || (style.fg < 0 && style.bg < 0))
		return 0;
	int pair = alloc_pair(color_here(canvas, style.fg), color_here(canvas, style.bg));
	return pair < 0 ? 0 : pair;
}

/* ---- frames ---- */

static void draw_cell(const struct canvas *canvas, const struct cells *cells, int row, int col)
{
	const struct cell *cell = cells_at(cells, row, col);
	wchar_t chars[CELL_CHARS + 1] = {0};
	int pair = pair_of(canvas, cell->style);
	cchar_t out;

	memcpy(chars, cell->chars, sizeof(cell->chars));
	if (chars[0] &&
		setcchar(&out, chars, attributes(cell->style.attr), (short)pair, &pair) == OK)
		mvadd_wch(row, col, &out);
}

/* What scrolls is looked for only where as many rows change as can have scrolled: a key's few have not. */
static void draw_changes(const struct canvas *canvas, struct cells *cells)
{
	int first, last, changed = 0;

	for (int row = 0; row < cells->rows; row++)
		if (cells_changed(cells, row, &first, &last)) {
			changed++;
			for (int col = first; col <= last; col++)
				draw_cell(canvas, cells, row, col);
		}
	idlok(stdscr, changed >= SCROLL_ROWS);
}

/*
 * What is typed before other text moves it by one sequence. Curses would write all of it anew; so it is done for curses,
 * and in its picture of the terminal too.
 */
static void insert_room(const struct canvas *canvas, struct cells *cells, struct buf *before)
{
	const char *room = plain_string(parm_ich);
	int row = canvas->stands_row, col = canvas->stands_col, count;

	if (row < 0 || !room || !(count = cells_inserted(cells, row, col)))
		return;
	buf_add_str(before, tparm(room, (long)count, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L));
	cells_shift(cells, row, col, count);
	for (int i = 0; i < count; i++) {
		cchar_t blank;
		setcchar(&blank, L" ", A_NORMAL, 0, NULL);
		mvwins_wch(curscr, row, col, &blank);
		mvins_wch(row, col, &blank);
	}
}

static void place_cursor(struct canvas *canvas, const struct cells *cells, int row, int col)
{
	bool shown = row >= 0 && row < cells->rows && col >= 0 && col < cells->cols;

	curs_set(shown);
	if (shown)
		move(row, col);
	canvas->stands_row = shown ? row : -1;
	canvas->stands_col = col;
}

const struct buf *canvas_frame(
	struct canvas *canvas, struct cells *cells, int row, int col, struct buf *before)
{
	insert_room(canvas, cells, before);
	draw_changes(canvas, cells);
	place_cursor(canvas, cells, row, col);
	refresh();
	canvas->drawn = true;
	return spool_take(&canvas->spool);
}
