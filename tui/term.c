#include "tui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "tui/canvas.h"
#include "tui/cells.h"
#include "tui/locale.h"
#include "tui/modes.h"
#include "tui/osc.h"
#include "tui/rescue.h"
#include "tui/thrift.h"

#define STOP_MS 50 /* in which a stop reaches every thread */

/* Frames of fewer bytes are as good as one: a key's leaves in one write, and is to cost no more. */
#define SYNC_LEAST 256

struct term {
	int fd; /* /dev/tty, opened anew: its flags are nobody else's */
	struct canvas *canvas;
	int cols, rows;
	struct modes modes;
	bool shown; /* a frame was made, and with it the alternate screen */
	bool begun; /* something was put since the last frame */
	struct cells cells;
	int cursor_row, cursor_col;
	struct buf waiting; /* bytes for the terminal */
	size_t sent;
	struct buf strings; /* title, clipboard: with the next frame */
};

/* ---- giving the terminal back ---- */

static void prepare_rescue(const struct term *term)
{
	const char *leave = canvas_leaves(term->canvas);
	bool known = leave && strlen(leave) < 64;
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
	canvas_resize(term->canvas, term->rows, term->cols);
	cells_resize(&term->cells, term->rows, term->cols);
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
	canvas_close(term->canvas);
	if (term->fd >= 0)
		close(term->fd);
	buf_fini(&term->waiting);
	buf_fini(&term->strings);
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
	size_ask(term, &term->cols, &term->rows);
	if (!(term->canvas = canvas_open(term->fd, term->rows, term->cols, &why)))
		return why;
	take_size(term);
	term->modes = modes_of(getenv("TERM"));
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
	rescue_now();
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
	const char *entry = canvas_enters(term->canvas);
	if (entry)
		buf_add_str(&term->waiting, entry);
	enter(term);
	if (given_back)
		modes_keys(&term->modes, &term->waiting);
	term_flush(term);
	term_resized(term);
	canvas_forget(term->canvas);
}

/* The whole job stops, as the shell expects; where there is no shell to continue it, nothing does. */
void term_suspend(struct term *term)
{
	rescue_now();
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

/* Of the same size again it may have been smaller meanwhile, and lost what did not fit. */
bool term_resized(struct term *term)
{
	int cols, rows;

	if (!size_ask(term, &cols, &rows))
		return false;
	term->cols = cols;
	term->rows = rows;
	take_size(term);
	canvas_forget(term->canvas);
	return true;
}

int term_colors(const struct term *term)
{
	return canvas_colors(term->canvas);
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

static void frame_add(struct term *term, const struct buf *frame)
{
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

void term_frame(struct term *term)
{
	frame_begin(term);
	frame_add(term, canvas_frame(term->canvas, &term->cells, term->cursor_row, term->cursor_col,
				&term->waiting));
	cells_keep(&term->cells);
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
