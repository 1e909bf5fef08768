/*
 * What a terminal shows is what was drawn: libvterm, told only the bytes of each frame, beside a plain picture. Frames follow each other as an editor's
 * do (typing before other text, scrolling, whole new screens), and the window changes its size between them; in every type of terminal that
 * libvterm understands.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vterm.h>

#include "tests/laws/choice.h"
#include "tui/canvas.h"
#include "tui/locale.h"

#define MOST_ROWS 60
#define MOST_COLS 160
#define FRAMES    120

static const char *const types[] = {
	"xterm-256color", "xterm", "screen-256color", "tmux-256color", "vt220", "vt100", "linux"};

/* A letter, and how many columns it has. */
static const struct letter {
	const char *utf8;
	int cols;
} letters[] = {{" ", 1}, {" ", 1}, {"a", 1}, {"b", 1}, {"Z", 1}, {"9", 1}, {"\xc3\xa9", 1},
	{"e\xcc\x81", 1}, {"\xe6\xbc\xa2", 2}};

#define MARKED (&letters[7]) /* it loses its mark in the last column of a libvterm */

struct shown { /* the right half of a wide letter has none */
	const struct letter *letter;
	uint8_t attr;
};

struct picture {
	int rows, cols;
	struct shown at[MOST_ROWS][MOST_COLS];
};

struct bench {
	struct choice *c;
	struct canvas *canvas;
	struct cells cells;
	VTerm *vt;
	struct picture is;
};

/* ---- the picture ---- */

static struct shown blank(void)
{
	return (struct shown){.letter = &letters[0]};
}

/* So many columns from there are blank, and no half of a letter is left. */
static void clear(struct picture *is, int row, int col, int count)
{
	struct shown *at = is->at[row];

	if (col > 0 && !at[col].letter)
		at[col - 1] = blank();
	if (col + count < is->cols && !at[col + count].letter)
		at[col + count] = blank();
	for (int i = col; i < col + count; i++)
		at[i] = blank();
}

static void put(struct bench *b, int row, int col)
{
	static const uint8_t attrs[] = {0, 0, 0, TERM_BOLD, TERM_REVERSE, TERM_UNDERLINE};
	const struct letter *letter = &letters[pick(b->c, sizeof(letters) / sizeof(*letters))];

	if (col + letter->cols > b->is.cols || (letter == MARKED && col + 1 == b->is.cols))
		return;
	clear(&b->is, row, col, letter->cols);
	b->is.at[row][col] =
		(struct shown){letter, attrs[pick(b->c, sizeof(attrs) / sizeof(*attrs))]};
	if (letter->cols == 2)
		b->is.at[row][col + 1].letter = NULL;
}

static void write_row(struct bench *b, int row)
{
	for (int col = (int)pick(b->c, (size_t)b->is.cols); col < b->is.cols; col++)
		put(b, row, col);
}

static void write_all(struct bench *b)
{
	for (int row = 0; row < b->is.rows; row++) {
		clear(&b->is, row, 0, b->is.cols);
		if (pick(b->c, 4))
			write_row(b, row);
	}
}

static int any_row(struct bench *b)
{
	return (int)pick(b->c, (size_t)b->is.rows);
}

static int any_col(struct bench *b)
{
	return (int)pick(b->c, (size_t)b->is.cols);
}

static void scroll(struct bench *b)
{
	int top = any_row(b), bottom = any_row(b);

	for (int row = top; row < bottom; row++)
		memcpy(b->is.at[row], b->is.at[row + 1], sizeof(b->is.at[row]));
	for (int row = top; row > bottom; row--)
		memcpy(b->is.at[row], b->is.at[row - 1], sizeof(b->is.at[row]));
	write_row(b, bottom);
}

/* Somebody types there: what is behind it moves, and its end is lost. */
static void type(struct bench *b, int row, int col)
{
	struct shown *at = b->is.at[row];

	if (!at[col].letter)
		col--;
	if (!at[b->is.cols - 1].letter)
		clear(&b->is, row, b->is.cols - 2, 2);
	memmove(&at[col + 1], &at[col], (size_t)(b->is.cols - col - 1) * sizeof(*at));
	at[col] = (struct shown){&letters[2], 0};
	if (at[b->is.cols - 1].letter == MARKED)
		at[b->is.cols - 1] = blank();
}

/* ---- both ---- */

static void resize(struct bench *b)
{
	b->is = (struct picture){.rows = 2 + (int)pick(b->c, MOST_ROWS - 1),
		.cols = 4 + (int)pick(b->c, MOST_COLS - 3)};
	for (int row = 0; row < b->is.rows; row++)
		clear(&b->is, row, 0, b->is.cols);
	write_all(b);
	vterm_set_size(b->vt, b->is.rows, b->is.cols);
	canvas_resize(b->canvas, b->is.rows, b->is.cols);
	canvas_forget(b->canvas);
	cells_resize(&b->cells, b->is.rows, b->is.cols);
}

static void draw_cells(struct bench *b)
{
	cells_begin(&b->cells);
	for (int row = 0; row < b->is.rows; row++)
		for (int col = 0; col < b->is.cols; col++) {
			struct shown is = b->is.at[row][col];
			if (is.letter)
				cells_put(&b->cells, row, col, is.letter->utf8,
					strlen(is.letter->utf8), is.letter->cols,
					(struct term_style){-1, -1, is.attr});
		}
}

static void draw(struct bench *b, int row, int col)
{
	struct buf before = {0};

	draw_cells(b);
	const struct buf *frame = canvas_frame(b->canvas, &b->cells, row, col, &before);
	vterm_input_write(b->vt, before.at ? before.at : "", before.len);
	vterm_input_write(b->vt, frame->at ? frame->at : "", frame->len);
	cells_keep(&b->cells);
	buf_fini(&before);
}

static bool is_letter(const VTermScreenCell *cell, const struct letter *letter)
{
	static const uint32_t chars[][3] = {
		{' '}, {' '}, {'a'}, {'b'}, {'Z'}, {'9'}, {0xe9}, {'e', 0x301}, {0x6f22}};
	const uint32_t *is = chars[letter - letters];

	if (!cell->chars[0])
		return is[0] == ' ';
	for (int i = 0; i < 3; i++)
		if (cell->chars[i] != is[i] || !is[i])
			return cell->chars[i] == is[i];
	return true;
}

static void check_cell(struct bench *b, int row, int col)
{
	struct shown want = b->is.at[row][col];
	VTermScreenCell cell;

	vterm_screen_get_cell(vterm_obtain_screen(b->vt), (VTermPos){row, col}, &cell);
	if (!want.letter || (row + 1 == b->is.rows && col + 1 == b->is.cols))
		return; /* a half; or the corner, where not every terminal can be written */
	LAW(b->c, is_letter(&cell, want.letter));
	LAW(b->c, cell.width == want.letter->cols);
	LAW(b->c, cell.attrs.reverse == !!(want.attr & TERM_REVERSE));
}

static void check(struct bench *b, int row, int col)
{
	VTermPos at;

	for (int r = 0; r < b->is.rows; r++)
		for (int c = 0; c < b->is.cols; c++)
			check_cell(b, r, c);
	vterm_state_get_cursorpos(vterm_obtain_state(b->vt), &at);
	LAW(b->c, at.row == row && at.col == col);
}

static void change(struct bench *b, int row, int col)
{
	switch (pick(b->c, 12)) {
	case 0: resize(b); break;
	case 1: write_all(b); break;
	case 2: canvas_forget(b->canvas); break;
	case 3:
	case 4: scroll(b); break;
	case 5: clear(&b->is, row, 0, b->is.cols); break;
	case 6: put(b, any_row(b), any_col(b)); break;
	default: type(b, row, col); break;
	}
}

static void frames(struct bench *b)
{
	int row = 0, col = 0;

	for (int i = 0; i < FRAMES; i++) {
		change(b, row, col);
		row = row < b->is.rows && pick(b->c, 3) ? row : any_row(b);
		col = col + 1 < b->is.cols && pick(b->c, 3) ? col + 1 : any_col(b);
		draw(b, row, col);
		check(b, row, col);
	}
}

static void law(struct choice *c)
{
	struct bench b = {.c = c, .vt = vterm_new(5, 20)};
	int none = open("/dev/null", O_RDWR);
	const char *why;

	setenv("TERM", types[pick(c, sizeof(types) / sizeof(types[0]))], 1);
	vterm_set_utf8(b.vt, 1);
	vterm_screen_reset(vterm_obtain_screen(b.vt), 1);
	b.canvas = canvas_open(none, 5, 20, &why);
	LAW(c, b.canvas != NULL);
	resize(&b);
	frames(&b);
	canvas_close(b.canvas);
	cells_fini(&b.cells);
	vterm_free(b.vt);
	close(none);
}

int main(void)
{
	const char *why = locale_enter();

	if (why) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	return laws_run(50, law);
}
