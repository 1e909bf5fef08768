#include "tui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "tui/cells.h"
#include "tui/locale.h"
#include "tui/modes.h"
#include "tui/osc.h"
#include "tui/rescue.h"
#include "tui/spool.h"
#include "tui/thrift.h"
#include "tui/xterm.h"

/* Last, for their macros are named like anything; and they have a struct term as well. */
#define NCURSES_WIDECHAR 1
#define term             curses_terminal
#include <curses.h>
#include <term.h>
#undef term

#define SCROLL_ROWS 4 /* that change, at least, when some of them scroll */

#define STOP_MS 50 /* in which a stop reaches every thread */

/* Frames of fewer bytes are as good as one: a key's leaves in one write, and is to cost no more. */
#define SYNC_LEAST 256

struct term {
	int fd; /* /dev/tty, opened anew: its flags are nobody else's */
	FILE *in;
	struct spool spool; /* curses draws there */
	SCREEN *screen;
	int cols, rows;
	int colors;
	bool direct; /* colours are RGB values, not numbers */
	struct modes modes;
	bool shown; /* a frame was made, and with it the alternate screen */
	bool begun; /* something was put since the last frame */
	struct cells cells;
	int cursor_row, cursor_col;
	int stands_row, stands_col; /* where the terminal's cursor stands; -1: it is not known */
	struct buf waiting;         /* bytes for the terminal */
	size_t sent;
	struct buf strings; /* title, clipboard: with the next frame */
};

/* ---- giving the terminal back ---- */

void term_restore_now(void)
{
	rescue_now();
}

static void prepare_rescue(const struct term *term)
{
	const char *leave = tigetstr("rmcup");
	bool known = leave && leave != (char *)-1 && !strchr(leave, '$') && strlen(leave) < 64;
	struct buf reset = {0};

	modes_leave(&term->modes, &reset);
	buf_add_str(&reset, known ? leave : "\r\n");
	rescue_prepare(reset.at, reset.len);
	buf_fini(&reset);
}

/* ---- opening ---- */

static int tty_open(void)
{
	int flags = O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
	int fd = open("/dev/tty", flags);

	if (fd < 0 && isatty(STDIN_FILENO))
		fd = open(ttyname(STDIN_FILENO), flags);
	return fd;
}

static void colors_start(struct term *term)
{
	const char *no = getenv("NO_COLOR");

	if ((no && *no) || !has_colors() || start_color() == ERR)
		return;
	use_default_colors();
	term->direct = COLORS > 256;
	term->colors = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
}

static bool size_ask(const struct term *term, int *cols, int *rows)
{
	struct winsize size;
	bool known = ioctl(term->fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;

	*cols = known ? size.ws_col : 80;
	*rows = known ? size.ws_row : 24;
	return known;
}

static void take_size(struct term *term)
{
	resize_term(term->rows, term->cols);
	cells_resize(&term->cells, term->rows, term->cols);
	term->stands_row = -1;
}

/*
 * newterm() takes signals for itself; they stay whose they were. Where it finds SIGTSTP ignored it leaves it alone for good, which
 * saves two system calls a frame: it draws into memory, and there is nothing to protect.
 */
static SCREEN *screen_make(struct term *term)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
	struct sigaction kept[sizeof(numbers) / sizeof(numbers[0])];

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], NULL, &kept[i]);
	signal(SIGTSTP, SIG_IGN);
	SCREEN *screen = newterm(NULL, term->spool.out, term->in);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &kept[i], NULL);
	return screen;
}

static const char *screen_open(struct term *term)
{
	term->in = fdopen(dup(term->fd), "r");
	if (!term->in || !spool_open(&term->spool))
		return "The terminal cannot be drawn on: out of file descriptors.";
	term->screen = screen_make(term);
	if (!term->screen)
		return "This terminal's type is not known here: set TERM to one that is, for example xterm-256color.";
	if (!cursor_address)
		return "This type of terminal (TERM) cannot place its cursor, so there is no editing on it.";
	return NULL;
}

static void screen_start(struct term *term)
{
	typeahead(-1);
	nonl();
	scrollok(stdscr, FALSE);
	leaveok(stdscr, FALSE);
	/* Not all that call themselves xterm know how to repeat a character. */
	repeat_char = NULL;
	colors_start(term);
	term->modes = modes_of(getenv("TERM"));
	size_ask(term, &term->cols, &term->rows);
	take_size(term);
}

static void enter(struct term *term)
{
	struct termios raw = *rescue_arm();

	cfmakeraw(&raw);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(term->fd, TCSANOW, &raw);
	modes_enter(&term->modes, &term->waiting);
}

void term_mouse(struct term *term, bool on)
{
	modes_mouse(&term->modes, on, &term->strings);
}

static void term_free(struct term *term)
{
	if (term->screen)
		delscreen(term->screen);
	if (term->in)
		fclose(term->in);
	if (term->fd >= 0)
		close(term->fd);
	buf_fini(&term->waiting);
	buf_fini(&term->strings);
	spool_fini(&term->spool);
	cells_fini(&term->cells);
	free(term);
}

static const char *term_start(struct term *term)
{
	const char *why;

	if ((why = locale_enter()))
		return why;
	term->fd = tty_open();
	if (term->fd < 0 || !rescue_note(term->fd))
		return "There is no terminal here: start it in a terminal window.";
	if ((why = screen_open(term)))
		return why;
	screen_start(term);
	prepare_rescue(term);
	enter(term);
	modes_ask(&term->modes, &term->waiting);
	term_flush(term);
	return NULL;
}

struct term *term_open(const char **why)
{
	struct term *term = mem_alloc(sizeof(*term));

	term->fd = -1;
	*why = term_start(term);
	if (!*why)
		return term;
	term_free(term);
	return NULL;
}

void term_close(struct term *term)
{
	if (!term)
		return;
	term_restore_now();
	term_free(term);
}

void term_resume(struct term *term)
{
	/* Given back by us, it is another's now, who may have changed the modes; else we were stopped in the middle of ours. */
	bool given_back = !rescue_is_armed();

	if (given_back)
		rescue_note(term->fd);
	buf_clear(&term->waiting);
	term->sent = 0;
	if (enter_ca_mode)
		buf_add_str(&term->waiting, enter_ca_mode);
	enter(term);
	if (given_back)
		modes_keys(&term->modes, &term->waiting);
	term_flush(term);
	term_resized(term);
	term_redraw(term);
}

/* The whole job stops, as the shell expects; where there is no shell to continue it, nothing does. */
void term_suspend(struct term *term)
{
	term_restore_now();
	kill(0, SIGTSTP);
	poll(NULL, 0, STOP_MS);
	term_resume(term);
}

/* ---- reading, size ---- */

int term_fd(const struct term *term)
{
	return term->fd;
}

ptrdiff_t term_read(struct term *term, char *at, size_t cap)
{
	ssize_t n = read(term->fd, at, cap);

	if (n > 0)
		return n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

void term_size(const struct term *term, int *cols, int *rows)
{
	*cols = term->cols;
	*rows = term->rows;
}

bool term_resized(struct term *term)
{
	int cols, rows;

	if (!size_ask(term, &cols, &rows) || (cols == term->cols && rows == term->rows))
		return false;
	term->cols = cols;
	term->rows = rows;
	take_size(term);
	term_redraw(term);
	return true;
}

void term_redraw(struct term *term)
{
	term->stands_row = -1;
	clearok(curscr, TRUE);
}

int term_colors(const struct term *term)
{
	return term->colors;
}

/* ---- colours ---- */

static int color_here(const struct term *term, int color)
{
	if (color < 0 || color > 255)
		return -1;
	if (term->direct)
		return color < 8 ? color : xterm_rgb(color) < 8 ? 8 : xterm_rgb(color);
	return color < term->colors ? color : xterm_nearest(color, term->colors);
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

static int pair_of(const struct term *term, struct term_style style)
{
	if (!term->colors || (style.fg < 0 && style.bg < 0))
		return 0;
	int pair = alloc_pair(color_here(term, style.fg), color_here(term, style.bg));
	return pair < 0 ? 0 : pair;
}

/* ---- cells ---- */

static void frame_begin(struct term *term)
{
	if (!term->begun)
		cells_begin(&term->cells);
	term->begun = true;
}

void term_put(struct term *term, int row, int col, const char *cluster, size_t bytes, int cells,
	struct term_style style)
{
	frame_begin(term);
	cells_put(&term->cells, row, col, cluster, bytes, cells, style);
}

void term_fill(struct term *term, int row, int col, int cells, struct term_style style)
{
	term_put(term, row, col, "", 0, cells, style);
}

uint64_t term_take(struct term *term, int row, int col, struct cell *out, int cells)
{
	frame_begin(term);
	return cells_take(&term->cells, row, col, out, cells);
}

bool term_give(
	struct term *term, int row, int col, const struct cell *at, int cells, uint64_t stamp)
{
	frame_begin(term);
	return cells_give(&term->cells, row, col, at, cells, stamp);
}

void term_cursor(struct term *term, int row, int col)
{
	term->cursor_row = row;
	term->cursor_col = col;
}

/* ---- frames ---- */

bool term_ready(const struct term *term)
{
	return term->sent == term->waiting.len;
}

bool term_asks(const struct term *term)
{
	return term->modes.speaks;
}

void term_synchronize(struct term *term)
{
	term->modes.synchronizes = true;
}

/* Not before the alternate screen is shown, which has a keyboard of its own. */
void term_tell_keys(struct term *term)
{
	if (term->modes.tells_keys)
		return;
	term->modes.tells_keys = true;
	prepare_rescue(term);
	modes_keys(&term->modes, term->shown ? &term->waiting : &term->strings);
}

static void frame_take(struct term *term)
{
	const struct buf *frame = spool_take(&term->spool);
	bool whole = term->modes.synchronizes && frame->len >= SYNC_LEAST;

	if (whole)
		buf_add_str(&term->waiting, MODES_HOLD);
	if (frame->len && term->modes.speaks)
		thrift_frame(frame->at, frame->len, term->rows, &term->waiting);
	else
		buf_add(&term->waiting, frame->at, frame->len);
	if (whole)
		buf_add_str(&term->waiting, MODES_RELEASE);
}

static void draw_cell(const struct term *term, int row, int col)
{
	const struct cell *cell = cells_at(&term->cells, row, col);
	wchar_t chars[CELL_CHARS + 1] = {0};
	int pair = pair_of(term, cell->style);
	cchar_t out;

	memcpy(chars, cell->chars, sizeof(cell->chars));
	if (chars[0] &&
		setcchar(&out, chars, attributes(cell->style.attr), (short)pair, &pair) == OK)
		mvadd_wch(row, col, &out);
}

/* What scrolls is looked for only where as many rows change as can have scrolled: a key's few have not. */
static void draw_changes(struct term *term)
{
	int first, last, changed = 0;

	for (int row = 0; row < term->cells.rows; row++)
		if (cells_changed(&term->cells, row, &first, &last)) {
			changed++;
			for (int col = first; col <= last; col++)
				draw_cell(term, row, col);
		}
	idlok(stdscr, changed >= SCROLL_ROWS);
}

/*
 * What is typed before other text moves it by one sequence. Curses would write all of it anew; so it is done for curses,
 * and in its picture of the terminal too.
 */
static void insert_room(struct term *term)
{
	const char *room = parm_ich;
	int row = term->stands_row, col = term->stands_col, count;

	if (row < 0 || !room || strchr(room, '$') ||
		!(count = cells_inserted(&term->cells, row, col)))
		return;
	buf_add_str(&term->waiting, tparm(room, (long)count, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L));
	cells_shift(&term->cells, row, col, count);
	for (int i = 0; i < count; i++) {
		cchar_t blank;
		setcchar(&blank, L" ", A_NORMAL, 0, NULL);
		mvwins_wch(curscr, row, col, &blank);
		mvins_wch(row, col, &blank);
	}
}

static void place_cursor(struct term *term)
{
	bool shown = term->cursor_row >= 0 && term->cursor_row < term->rows &&
		     term->cursor_col >= 0 && term->cursor_col < term->cols;

	curs_set(shown);
	if (shown)
		move(term->cursor_row, term->cursor_col);
	term->stands_row = shown ? term->cursor_row : -1;
	term->stands_col = term->cursor_col;
}

void term_frame(struct term *term)
{
	frame_begin(term);
	insert_room(term);
	draw_changes(term);
	cells_keep(&term->cells);
	place_cursor(term);
	refresh();
	frame_take(term);
	buf_add(&term->waiting, term->strings.at, term->strings.len);
	buf_clear(&term->strings);
	term->begun = false;
	term->shown = true;
}

bool term_flush(struct term *term)
{
	while (term->sent < term->waiting.len) {
		ssize_t n = write(
			term->fd, term->waiting.at + term->sent, term->waiting.len - term->sent);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		term->sent += (size_t)n;
	}
	buf_clear(&term->waiting);
	term->sent = 0;
	return true;
}

/* ---- title and clipboard ---- */

void term_title(struct term *term, const char *title)
{
	if (term->modes.speaks)
		osc_title(&term->strings, title);
}

void term_copy(struct term *term, const char *text, size_t bytes)
{
	if (term->modes.speaks && bytes <= TERM_COPY_MAX)
		osc_copy(&term->strings, text, bytes);
}
