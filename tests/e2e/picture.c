#include "tests/e2e/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ot/buf.h"
#include "ot/utf8.h"

/* Of a cell and of what is around the screen, in the SVG's pixels. */
#define CELL_WIDE 9
#define CELL_HIGH 19
#define BASE_LINE 14
#define MARGIN    12
#define FONT_SIZE 15
#define COLS_MAX  400

#define INK    0xd8dee9 /* of the terminal */
#define GROUND 0x1f2430

/* The sixteen that a terminal brings along. */
static const uint32_t basic[16] = {0x1f2430, 0xe06c75, 0x98c379, 0xe5c07b, 0x61afef, 0xc678dd,
	0x56b6c2, 0xabb2bf, 0x7f8796, 0xf47983, 0xb5e08f, 0xf5d78e, 0x82c4ff, 0xdc9bef, 0x7fd6e0,
	0xffffff};

struct look {
	uint32_t ink, ground;
	bool bold, italic, under;
};

struct cell {
	uint32_t chars[VTERM_MAX_CHARS_PER_CELL];
	int width;
	struct look look;
};

/* ---- colours ---- */

/* xterm's: sixteen, a cube of 6 x 6 x 6, and greys. */
static uint32_t indexed(unsigned n)
{
	static const uint32_t steps[6] = {0, 95, 135, 175, 215, 255};

	if (n < 16)
		return basic[n];
	if (n >= 232)
		return (8 + (n - 232) * 10) * 0x010101;
	n -= 16;
	return steps[n / 36] << 16 | steps[n / 6 % 6] << 8 | steps[n % 6];
}

static uint32_t color(const VTermColor *c, uint32_t own)
{
	if (VTERM_COLOR_IS_DEFAULT_FG(c) || VTERM_COLOR_IS_DEFAULT_BG(c))
		return own;
	if (VTERM_COLOR_IS_INDEXED(c))
		return indexed(c->indexed.idx);
	return (uint32_t)(c->rgb.red << 16 | c->rgb.green << 8 | c->rgb.blue);
}

static struct look look_of(const VTermScreenCell *cell, bool cursor)
{
	struct look look = {color(&cell->fg, INK), color(&cell->bg, GROUND), cell->attrs.bold,
		cell->attrs.italic, cell->attrs.underline != 0};

	if ((cell->attrs.reverse != 0) != cursor) {
		uint32_t ink = look.ink;
		look.ink = look.ground;
		look.ground = ink;
	}
	return look;
}

/* ---- a row ---- */

static int read_row(struct terminal *t, int row, int cols, struct cell *out)
{
	struct terminal_place cursor = terminal_cursor(t);
	bool shown = terminal_mode(t, 25);
	int count = 0;

	for (int col = 0; col < cols; col += out[count++].width) {
		VTermScreenCell cell = terminal_cell(t, row, col);
		memcpy(out[count].chars, cell.chars, sizeof(cell.chars));
		if (!out[count].chars[0])
			out[count].chars[0] = ' ';
		out[count].width = cell.width > 0 ? cell.width : 1;
		out[count].look = look_of(&cell, shown && row == cursor.row && col == cursor.col);
	}
	return count;
}

static bool is_digit(const struct cell *cell)
{
	return cell->chars[0] >= '0' && cell->chars[0] <= '9';
}

/* In a pattern # is a digit. */
static bool fits(const struct cell *cells, int left, const char *pattern)
{
	for (; *pattern; pattern++, cells++, left--)
		if (left <= 0 || (*pattern == '#' ? !is_digit(cells)
						  : cells->chars[0] != (unsigned char)*pattern))
			return false;
	return true;
}

static void write_over(struct cell *cells, const char *text)
{
	for (; *text; text++, cells++)
		cells->chars[0] = (unsigned char)*text;
}

/* One of the digits at `at` goes, and what stands before them, back to two blanks, moves up: it is at the right of its row. */
static void drop_digit(struct cell *cells, int at)
{
	int from = at;

	while (from > 1 && !(cells[from - 1].chars[0] == ' ' && cells[from - 2].chars[0] == ' '))
		from--;
	for (int i = at; i > from; i--)
		memcpy(cells[i].chars, cells[i - 1].chars, sizeof(cells[i].chars));
	if (from < at)
		memcpy(cells[from].chars, cells[from - 1].chars, sizeof(cells[from].chars));
}

static void alike(struct cell *cells, int count)
{
	static const struct {
		const char *is, *drawn;
	} masks[] = {{" ##:## ", " 12:01 "}, {" # ms", " 1 ms"}, {" in # s", " in 1 s"}};

	for (int i = 0; i < count; i++) {
		while (fits(cells + i, count - i, "## ms"))
			drop_digit(cells, i);
		for (size_t m = 0; m < sizeof(masks) / sizeof(masks[0]); m++)
			if (fits(cells + i, count - i, masks[m].is))
				write_over(cells + i, masks[m].drawn);
	}
}

/* ---- drawing ---- */

static bool is_blank(const struct cell *cell)
{
	return cell->chars[0] == ' ' && !cell->look.under;
}

static void draw_ground(struct buf *svg, int row, int col, int cols, uint32_t ground)
{
	if (ground != GROUND)
		buf_printf(svg,
			"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
			MARGIN + col * CELL_WIDE, MARGIN + row * CELL_HIGH, cols * CELL_WIDE,
			CELL_HIGH, ground);
}

static void draw_character(struct buf *svg, uint32_t c)
{
	char bytes[4];
	const char *named = c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : NULL;

	if (named)
		buf_add_str(svg, named);
	else
		buf_add(svg, bytes, utf8_encode(c, bytes));
}

/* Its width is told, so that it is where it belongs in any font. */
static void draw_words(
	struct buf *svg, int row, int col, int cols, const struct cell *cells, int count)
{
	const struct look *look = &cells[0].look;

	buf_printf(svg, "<text x=\"%d\" y=\"%d\" textLength=\"%d\"", MARGIN + col * CELL_WIDE,
		MARGIN + row * CELL_HIGH + BASE_LINE, cols * CELL_WIDE);
	if (look->ink != INK)
		buf_printf(svg, " fill=\"#%06x\"", look->ink);
	buf_printf(svg, "%s%s%s>", look->bold ? " font-weight=\"bold\"" : "",
		look->italic ? " font-style=\"italic\"" : "",
		look->under ? " text-decoration=\"underline\"" : "");
	for (int i = 0; i < count; i++)
		for (int k = 0; k < VTERM_MAX_CHARS_PER_CELL && cells[i].chars[k]; k++)
			draw_character(svg, cells[i].chars[k]);
	buf_add_str(svg, "</text>\n");
}

static bool same_look(const struct look *a, const struct look *b)
{
	return a->ink == b->ink && a->ground == b->ground && a->bold == b->bold &&
	       a->italic == b->italic && a->under == b->under;
}

static bool same_ground(const struct cell *a, const struct cell *b)
{
	return a->look.ground == b->look.ground;
}

/* Cells of one look; blanks at either end are ground alone. */
static bool same_words(const struct cell *a, const struct cell *b)
{
	return same_look(&a->look, &b->look);
}

static int run_of(const struct cell *cells, int count,
	bool (*same)(const struct cell *, const struct cell *), int *cols)
{
	int n = 0;

	*cols = 0;
	while (n < count && same(&cells[0], &cells[n]))
		*cols += cells[n++].width;
	return n;
}

/* How many cells go before two blanks, or the end. */
static int words_of(const struct cell *cells, int count, int *cols)
{
	int n = 0;

	*cols = 0;
	while (n < count && !(is_blank(&cells[n]) && (n + 1 == count || is_blank(&cells[n + 1]))))
		*cols += cells[n++].width;
	return n;
}

/* In pieces between wide gaps, each where it belongs: not every viewer heeds the width. */
static void draw_run(struct buf *svg, int row, int col, const struct cell *cells, int count)
{
	int cols, n;

	while (count) {
		for (; count && is_blank(cells); count--)
			col += cells++->width;
		n = words_of(cells, count, &cols);
		if (n)
			draw_words(svg, row, col, cols, cells, n);
		cells += n;
		count -= n;
		col += cols;
	}
}

static void draw_row(struct buf *svg, int row, const struct cell *cells, int count)
{
	for (int i = 0, col = 0, cols, n; i < count; i += n, col += cols) {
		n = run_of(cells + i, count - i, same_ground, &cols);
		draw_ground(svg, row, col, cols, cells[i].look.ground);
	}
	for (int i = 0, col = 0, cols, n; i < count; i += n, col += cols) {
		n = run_of(cells + i, count - i, same_words, &cols);
		draw_run(svg, row, col, cells + i, n);
	}
}

static void draw_frame(struct buf *svg, int rows, int cols)
{
	int wide = cols * CELL_WIDE + 2 * MARGIN, high = rows * CELL_HIGH + 2 * MARGIN;

	buf_printf(svg,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n",
		wide, high, wide, high);
	buf_printf(svg, "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#%06x\"/>\n", wide, high,
		GROUND);
	buf_printf(svg,
		"<g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"%d\" "
		"fill=\"#%06x\" xml:space=\"preserve\">\n",
		FONT_SIZE, INK);
}

char *picture_of(struct terminal *t)
{
	struct cell cells[COLS_MAX];
	struct buf svg = {0};
	int rows, cols;

	terminal_size(t, &rows, &cols);
	assert_true(cols <= COLS_MAX);
	draw_frame(&svg, rows, cols);
	for (int row = 0; row < rows; row++) {
		int count = read_row(t, row, cols, cells);
		alike(cells, count);
		draw_row(&svg, row, cells, count);
	}
	buf_add_str(&svg, "</g>\n</svg>\n");
	return buf_take(&svg);
}
