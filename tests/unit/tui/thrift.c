/*
 * A terminal that reads the fewer bytes shows the same as one that reads all of them: frames like those of curses, drawn at random, are
 * read by two emulators, and their cells compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <vterm.h>

#include "tui/thrift.h"

#define ROWS   8
#define COLS   240 /* more than a frame fills: curses does not let a row run over */
#define FRAMES 4000

static uint64_t seed = 1;

static int roll(int below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (int)((seed >> 33) % (unsigned)below);
}

/* ---- frames ---- */

static void add_look(struct buf *out)
{
	static const char *const looks[] = {"\033[m", "\033[m\017", "\033(B\033[m",
		"\033(B\033[0;1m", "\033[0;2m", "\033[0;7m", "\033[0;3;4m", "\033[31m", "\033[92m",
		"\033[38;5;208m", "\033[44m", "\033[48;5;17m", "\033[39m", "\033[49m",
		"\033[39;49m", "\033[1m", "\033[27m", "\033[22m", "\033[5m", "\033[;4;35m"};

	buf_add_str(out, looks[roll((int)(sizeof(looks) / sizeof(looks[0])))]);
}

static void add_move(struct buf *out)
{
	int row = roll(ROWS) + 1, col = roll(COLS / 8) + 1;

	switch (roll(6)) {
	case 0: buf_printf(out, "\033[%d;%dH", row, col); break;
	case 1: buf_printf(out, "\033[%dd", row); break;
	case 2: buf_printf(out, "\033[%dG", col); break;
	case 3: buf_add_str(out, "\r"); break;
	case 4: buf_printf(out, "\r\033[%dd", row); break;
	default: buf_add_str(out, "\033[H"); break;
	}
}

/* As curses scrolls: without a look, and with the whole screen again afterwards. */
static void add_scroll(struct buf *out)
{
	int top = roll(ROWS - 1) + 1, bottom = top + 1 + roll(ROWS - top);

	buf_printf(out, "\033(B\033[m\0337\033[%d;%dr\0338\033[%d;1H\n\033[1;%dr\033[%d;%dH", top,
		bottom, bottom, ROWS, roll(ROWS) + 1, roll(2) ? 1 : 5);
}

static void add_text(struct buf *out)
{
	static const char *const texts[] = {
		"a", "int x", "  ", " ", "\xC3\xA9t\xC3\xA9", "\xE6\x97\xA5", "  37 ", "}"};

	buf_add_str(out, texts[roll((int)(sizeof(texts) / sizeof(texts[0])))]);
}

static void add_erasing(struct buf *out)
{
	static const char *const ways[] = {
		"\033[K", "\033[1K", "\033[J", "\033[3X", "\033[2P", "\033[1@", "\033[L", "\033[M"};

	buf_add_str(out, ways[roll((int)(sizeof(ways) / sizeof(ways[0])))]);
}

static void add_frame(struct buf *out)
{
	buf_printf(out, "\033[%d;1H", roll(ROWS) + 1);
	for (int i = roll(30); i >= 0; i--) {
		int what = roll(20);
		if (what < 6)
			add_look(out);
		else if (what < 11)
			add_move(out);
		else if (what < 18)
			add_text(out);
		else if (what < 19)
			add_erasing(out);
		else
			add_scroll(out);
	}
	buf_add_str(out, "\033(B\033[m");
}

/* ---- two terminals ---- */

struct pair {
	VTerm *all, *fewer;
};

static VTerm *terminal(void)
{
	VTerm *vt = vterm_new(ROWS, COLS);

	vterm_set_utf8(vt, 1);
	vterm_screen_reset(vterm_obtain_screen(vt), 1);
	return vt;
}

static bool seen_same(const VTermScreenCell *a, const VTermScreenCell *b)
{
	bool blank = (a->chars[0] == 0 || a->chars[0] == ' ') && !a->attrs.underline &&
		     !a->attrs.reverse && !b->attrs.underline && !b->attrs.reverse;
	uint32_t left = a->chars[0] ? a->chars[0] : ' ', right = b->chars[0] ? b->chars[0] : ' ';

	if (left == (uint32_t)-1 && right == left) /* the right half of a wide letter */
		return true;
	if (left != right || !vterm_color_is_equal(&a->bg, &b->bg))
		return false;
	return blank ||
	       (vterm_color_is_equal(&a->fg, &b->fg) && a->attrs.bold == b->attrs.bold &&
		       a->attrs.underline == b->attrs.underline &&
		       a->attrs.italic == b->attrs.italic && a->attrs.reverse == b->attrs.reverse &&
		       a->attrs.blink == b->attrs.blink);
}

static void compare(struct pair *pair, int frame)
{
	VTermPos left, right;

	for (int row = 0; row < ROWS; row++)
		for (int col = 0; col < COLS; col++) {
			VTermPos pos = {row, col};
			VTermScreenCell a, b;
			vterm_screen_get_cell(vterm_obtain_screen(pair->all), pos, &a);
			vterm_screen_get_cell(vterm_obtain_screen(pair->fewer), pos, &b);
			if (!seen_same(&a, &b))
				fail_msg("frame %d, row %d, column %d: U+%04X for U+%04X", frame,
					row, col, (unsigned)b.chars[0], (unsigned)a.chars[0]);
		}
	vterm_state_get_cursorpos(vterm_obtain_state(pair->all), &left);
	vterm_state_get_cursorpos(vterm_obtain_state(pair->fewer), &right);
	assert_int_equal(left.row, right.row);
	assert_int_equal(left.col, right.col);
}

static void what_shows_is_the_same(void **state)
{
	struct pair pair = {terminal(), terminal()};
	struct buf all = {0}, fewer = {0};
	size_t before = 0, after = 0;

	(void)state;
	for (int i = 0; i < FRAMES; i++) {
		buf_clear(&all);
		buf_clear(&fewer);
		add_frame(&all);
		thrift_frame(all.at, all.len, ROWS, &fewer);
		vterm_input_write(pair.all, all.at, all.len);
		vterm_input_write(pair.fewer, fewer.at, fewer.len);
		before += all.len;
		after += fewer.len;
		compare(&pair, i);
	}
	assert_true(after < before * 3 / 4);
	buf_fini(&all);
	buf_fini(&fewer);
	vterm_free(pair.all);
	vterm_free(pair.fewer);
}

static void exactly(void **state)
{
	static const char *const examples[][2] = {
		{"\033[m", ""},
		{"\033(B\033[0;1m\033[32mint\033(B\033[m x", "\033[1;32mint \033[mx"},
		{"\033[3;1Ha\r\033[4db\r\033[6dc", "\033[3;1Ha\r\nb\r\033[6dc"},
		{"\0337\033[2;5r\0338\r\n\033[1;8r\033[5;1Hx",
			"\0337\033[2;5r\0338\r\n\033[r\033[5dx"},
		{"\033[0;2m  1\r\033[0;1m  2", "  \033[2m1\r  \033[;1m2\033[m"},
		{"\033[0;7m  \033[mx", "\033[7m  \033[mx"},
		{"\033[31ma\033[39m\033[1mb", "\033[31ma\033[;1mb\033[m"},
		{"\033[m\017a\016b\017c", "a\016b\017c"},
		{"\033[1;31ma\033[mb", "\033[1;31ma\033[mb"},
		{"\033[38:2::1:2:3mx\033[m y", "\033[38:2::1:2:3mx\033[m y"},
		{"\033)0x", "\033)0x"},
		{"\033[44m \033[m", "\033[44m \033[m"},
		{"\033[30m\033[43mname\033[39;49m\033(B\033[m ? x", "\033[30;43mname\033[m ? x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct buf out = {0};
		thrift_frame(examples[i][0], strlen(examples[i][0]), ROWS, &out);
		*buf_room(&out, 1) = '\0';
		assert_string_equal(out.at, examples[i][1]);
		buf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exactly),
		cmocka_unit_test(what_shows_is_the_same),
	};

	return cmocka_run_group_tests_name("thrift", tests, NULL, NULL);
}
