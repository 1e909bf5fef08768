/*
 * Rows that are shown again are what they would be if they were made anew: an editor is drawn on paper (cells without a terminal)
 * while people type, move and come and go in it, and each drawing is compared with one that remembers nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/mem.h"
#include "tui/cells.h"
#include "tui/colors.h"
#include "tui/state.h"

#define COLS   60
#define ROWS   16
#define SEEDS  8
#define ROUNDS 120
#define PEOPLE 4 /* others */
#define ME     7

/* ---- paper ---- */

struct term {
	struct cells cells;
	int cursor_row, cursor_col;
	int colors;
	int kept; /* rows that nobody looked at, in all frames */
};

bool term_ready(const struct term *term)
{
	return term != NULL;
}

int term_colors(const struct term *term)
{
	return term->colors;
}

void term_put(struct term *term, int row, int col, const char *cluster, size_t bytes, int cells,
	struct term_style style)
{
	cells_put(&term->cells, row, col, cluster, bytes, cells, style);
}

void term_fill(struct term *term, int row, int col, int cells, struct term_style style)
{
	cells_put(&term->cells, row, col, "", 0, cells, style);
}

uint64_t term_take(struct term *term, int row, int col, struct cell *out, int cells)
{
	return cells_take(&term->cells, row, col, out, cells);
}

bool term_give(
	struct term *term, int row, int col, const struct cell *at, int cells, uint64_t stamp)
{
	return cells_give(&term->cells, row, col, at, cells, stamp);
}

void term_cursor(struct term *term, int row, int col)
{
	term->cursor_row = row;
	term->cursor_col = col;
}

/* What is wanted is shown from here on, and the next is begun. */
void term_frame(struct term *term)
{
	for (int row = 0; row < term->cells.rows; row++)
		term->kept += term->cells.wanted[row].is == CELLS_KEPT;
	cells_keep(&term->cells);
	cells_begin(&term->cells);
}

void term_mouse(struct term *term, bool on)
{
	(void)term;
	(void)on;
}

void term_title(struct term *term, const char *title)
{
	(void)term;
	(void)title;
}

void term_copy(struct term *term, const char *text, size_t bytes)
{
	(void)term;
	(void)text;
	(void)bytes;
}

/* ---- a desk ---- */

struct desk {
	struct editor *ed;
	struct replica *replica;
	struct keys *keys;
	struct term paper, other; /* what is drawn with memory, and without */
	uint64_t now, random;
};

static size_t below(struct desk *desk, size_t limit)
{
	desk->random = desk->random * 6364136223846793005u + 1442695040888963407u;
	return limit ? (size_t)(desk->random >> 33) % limit : 0;
}

static void source(struct buf *out)
{
	for (int i = 0; i < 60; i++) {
		buf_printf(out, "int f_%d(void)\n{\n\treturn \"s\" + %d; // so\n}\n", i, i);
		if (i % 7 == 0)
			buf_printf(out, "/* \xE6\x97\xA5\xE6\x9C\xAC e\xCC\x81\n and on */\n\n");
		if (i % 11 == 0)
			for (int k = 0; k < 40; k++)
				buf_add_str(out, k % 5 ? "long, " : "(\"word\")");
	}
	buf_add_byte(out, '\0');
}

static struct desk desk_make(uint64_t seed)
{
	struct desk desk = {
		.ed = editor_create(), .keys = keys_create(), .now = 1000000, .random = seed};
	struct buf text = {0};
	struct text *t;

	source(&text);
	assert_int_equal(text_load(&t, text.at, text.len - 1), ERR_NONE);
	buf_fini(&text);
	desk.replica = replica_create(t, 0, ME);
	desk.paper.colors = seed % 3 ? 256 : 0;
	desk.other.colors = desk.paper.colors;
	cells_resize(&desk.paper.cells, ROWS, COLS);
	cells_resize(&desk.other.cells, ROWS, COLS);
	editor_resize(desk.ed, COLS, ROWS);
	editor_open(desk.ed, desk.replica, &(struct editor_document){"main.c", false, false});
	assert_non_null(desk.ed->syntax);
	for (uint64_t i = 0; i <= PEOPLE; i++) {
		uint64_t user = i ? 10 + i : ME;
		char name[16];
		snprintf(name, sizeof(name), "P%u", (unsigned)i);
		editor_person(desk.ed,
			&(struct editor_person){user, name, "", "editor", "active", user == ME});
	}
	return desk;
}

static void desk_drop(struct desk *desk)
{
	editor_destroy(desk->ed);
	keys_destroy(desk->keys);
	replica_destroy(desk->replica);
	cells_fini(&desk->paper.cells);
	cells_fini(&desk->other.cells);
}

static void draw(struct desk *desk, struct term *paper)
{
	desk->ed->dirty = true;
	editor_draw(desk->ed, paper, desk->now);
}

static void draw_without(struct desk *desk)
{
	struct rows *rows = &desk->ed->view.rows, remembered = *rows;

	*rows = (struct rows){0};
	draw(desk, &desk->other);
	rows_fini(rows);
	*rows = remembered;
}

static void check(struct desk *desk, uint64_t seed, size_t round)
{
	draw(desk, &desk->paper);
	draw_without(desk);
	if (desk->ed->view.follow && !desk->ed->prompt.kind && !desk->ed->overlay)
		assert_true(desk->paper.cursor_row >= 0 && desk->paper.cursor_col >= 0);
	assert_int_equal(desk->paper.cursor_row, desk->other.cursor_row);
	assert_int_equal(desk->paper.cursor_col, desk->other.cursor_col);
	for (int i = 0; i < ROWS * COLS; i++) {
		const struct cell *a = &desk->paper.cells.shown[i / COLS].at[i % COLS];
		const struct cell *b = &desk->other.cells.shown[i / COLS].at[i % COLS];
		if (memcmp(a->chars, b->chars, sizeof(a->chars)) != 0 ||
			a->style.fg != b->style.fg || a->style.bg != b->style.bg ||
			a->style.attr != b->style.attr)
			fail_msg("seed %u, round %zu: row %d, column %d is '%lc', not '%lc'",
				(unsigned)seed, round, i / COLS, i % COLS, (wint_t)a->chars[0],
				(wint_t)b->chars[0]);
	}
}

/* ---- what happens ---- */

static void press(struct desk *desk, const char *bytes)
{
	struct key key;

	keys_feed(desk->keys, bytes, strlen(bytes));
	while (keys_next(desk->keys, &key))
		editor_key(desk->ed, &key, desk->now);
}

static void press_any(struct desk *desk)
{
	static const char *const keys[] = {"x", "y", "(", ")", "\"", "/", "*", "\r", "\x7f",
		"\033[A", "\033[B", "\033[C", "\033[D", "\033[F", "\033[H", "\033[5~", "\033[6~",
		"\033[1;2B", "\033[1;2D", "\033[1;3B", "\033w", "\x1a", "\x0b", "\t", "\x06",
		"\x10", "\033[27u", "\033[27u", "\033OP"};

	press(desk, keys[below(desk, sizeof(keys) / sizeof(keys[0]))]);
}

/* Mostly where it shows. */
static size_t somewhere(struct desk *desk)
{
	const struct text *t = replica_text(desk->replica);
	size_t points = text_size(t).points, near = desk->ed->view.top + below(desk, 500);

	return below(desk, 4) && near < points ? near : below(desk, points + 1);
}

/* Own edits are acknowledged first: what is retained here is what the others have. */
static void hear(struct desk *desk, uint64_t user, const struct op *op)
{
	uint64_t rev, seq;
	const struct op *sent;
	struct op shown;

	while (replica_send(desk->replica, &rev, &seq, &sent))
		assert_int_equal(
			replica_ack(desk->replica, replica_rev(desk->replica) + 1, seq), ERR_NONE);
	assert_int_equal(
		replica_receive(desk->replica, replica_rev(desk->replica) + 1, user, op, &shown),
		ERR_NONE);
	editor_remote(desk->ed, user, &shown);
	op_fini(&shown);
}

static void edit_remotely(struct desk *desk)
{
	static const char *const texts[] = {"a", "\n", "/*", "*/", "\"", "", "\xC3\xA9", "ab\ncd"};
	const char *text = texts[below(desk, sizeof(texts) / sizeof(texts[0]))];
	size_t pos = somewhere(desk), left = text_size(replica_text(desk->replica)).points - pos;
	uint64_t user = 11 + below(desk, PEOPLE);
	struct op op = {0};

	op_retain(&op, pos);
	op_insert(&op, text, strlen(text));
	op_delete(&op, below(desk, 3) ? 0 : below(desk, left < 60 ? left + 1 : 60));
	hear(desk, user, &op);
	op_fini(&op);
}

static void move_somebody(struct desk *desk)
{
	size_t head = somewhere(desk), anchor = below(desk, 2) ? head : somewhere(desk);

	editor_person_sels(desk->ed, 11 + below(desk, PEOPLE), &(struct sel){anchor, head},
		below(desk, 8) > 0);
}

static void happen(struct desk *desk)
{
	size_t what = below(desk, 40);

	desk->now += below(desk, 900);
	if (what < 20)
		press_any(desk);
	else if (what < 28)
		edit_remotely(desk);
	else if (what < 34)
		move_somebody(desk);
	else if (what < 37)
		colors_settle(desk->ed);
	else if (what < 39)
		view_scroll(&desk->ed->view, replica_text(desk->replica),
			(ptrdiff_t)below(desk, 9) - 4);
	else
		editor_resize(desk->ed, COLS - 20 * (int)below(desk, 2), ROWS);
}

static void test_shown_again(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct desk desk = desk_make(seed);
		for (size_t round = 0; round < ROUNDS; round++) {
			happen(&desk);
			check(&desk, seed, round);
		}
		desk_drop(&desk);
	}
}

/* ---- the rows themselves ---- */

static void put_rows(struct rows *rows, const size_t (*lines)[2], size_t count)
{
	rows_begin(rows, 8, COLS);
	for (size_t i = 0; i < count; i++) {
		struct rows_row *row = rows_add(rows, rows_kept(rows, lines[i][0]));
		row->at = (struct wrap_row){
			i, lines[i][0], lines[i][1], lines[i][0], lines[i][1], lines[i][1]};
		row->stamp = 1;
		row->sign = i;
	}
}

static const struct row_case {
	size_t pos, cut;
	const char *text;
	ptrdiff_t starts[3]; /* of the lines 0-4, 5-9 and 10-14 afterwards; -1: forgotten */
} row_cases[] = {
	{6, 0, "x", {0, -1, 11}},    /* in the middle of a line */
	{5, 0, "x", {0, -1, 11}},    /* where it begins */
	{9, 0, "x", {0, -1, 11}},    /* where it ends */
	{9, 1, "", {0, -1, -1}},     /* its end goes: two lines become one */
	{6, 2, "", {0, -1, 8}},      /* shorter */
	{3, 4, "", {-1, -1, 6}},     /* over a line's end */
	{15, 0, "x", {0, 5, 10}},    /* behind all of them */
	{0, 0, "a\nb", {-1, 8, 13}}, /* before most */
	{7, 2, "yz", {0, -1, 10}},   /* no longer, but another */
};

static void test_shift(void **state)
{
	static const size_t lines[3][2] = {{0, 4}, {5, 9}, {10, 14}};

	(void)state;
	for (size_t i = 0; i < sizeof(row_cases) / sizeof(row_cases[0]); i++) {
		const struct row_case *c = &row_cases[i];
		struct rows rows = {0};
		struct op op = {0};
		put_rows(&rows, lines, 3);
		op_retain(&op, c->pos);
		op_insert(&op, c->text, strlen(c->text));
		op_delete(&op, c->cut);
		rows_shift(&rows, &op);
		rows_begin(&rows, 8, COLS);
		for (size_t k = 0; k < 3; k++) {
			struct rows_row *row =
				c->starts[k] < 0 ? NULL : rows_kept(&rows, (size_t)c->starts[k]);
			assert_true((row != NULL) == (c->starts[k] >= 0));
			if (row)
				assert_int_equal(row->sign, k);
		}
		size_t expected =
			(size_t)((c->starts[0] >= 0) + (c->starts[1] >= 0) + (c->starts[2] >= 0));
		assert_int_equal(rows.before_count, expected);
		op_fini(&op);
		rows_fini(&rows);
	}
}

/* Typing in one row makes that one anew, and the bars; nobody looks at the others. */
static void test_only_what_changed(void **state)
{
	struct desk desk = desk_make(1);
	const struct rows *rows = &desk.ed->view.rows;

	(void)state;
	press(&desk, "\033[B\033[B");
	draw(&desk, &desk.paper);
	colors_settle(desk.ed);
	draw(&desk, &desk.paper);
	press(&desk, "x");
	assert_int_equal(rows->count, (size_t)desk.ed->screen.text.rows - 1);
	desk.paper.kept = 0;
	draw(&desk, &desk.paper);
	assert_true(desk.paper.kept >= desk.ed->screen.text.rows - 1);
	desk_drop(&desk);
}

/* A line of more rows than there are: its end is another place than its last row that shows. */
static void test_caret_of_a_long_line(void **state)
{
	struct desk desk = desk_make(1);

	(void)state;
	press(&desk, "\033w");
	for (int i = 0; i < 400; i++)
		press(&desk, "word ");
	editor_go(desk.ed, 0);
	draw(&desk, &desk.paper);
	assert_int_equal(desk.paper.cursor_row, desk.ed->screen.text.row);
	editor_go(desk.ed, 400 * strlen("word "));
	draw(&desk, &desk.paper);
	assert_in_range(desk.paper.cursor_row, desk.ed->screen.text.row + 1, ROWS - 1);
	assert_true(desk.ed->view.top > 0);
	desk_drop(&desk);
}

/* ---- a line of two hundred thousand letters ---- */

#define LONG_LETTERS 200000
#define LONG_STEP    (32 * RULER_STEP) /* characters looked at for a key, all that it draws included */

static void open_long_line(struct desk *desk, const char *letter)
{
	struct op op = {0};

	for (size_t i = 0; i < LONG_LETTERS; i++)
		op_insert(&op, letter, strlen(letter));
	op_insert(&op, "\n", 1);
	hear(desk, 11, &op);
	op_fini(&op);
	editor_go(desk->ed, 0);
	draw(desk, &desk->paper);
}

/* At the line's start, or somewhere in it. */
static void write_into(struct desk *desk, size_t pos)
{
	struct op op = {0};

	op_retain(&op, pos);
	op_insert(&op, "\xE6\x97\xA5", 3);
	hear(desk, 12, &op);
	op_fini(&op);
}

static void test_keys_in_a_long_line(void **state)
{
	static const char *const letters[] = {
		"x", "\xF0\x9F\x98\x80", "e\xCC\x81", "\xE0\xA4\xA8\xE0\xA5\x8D"};
	static const char *const keys[] = {"\033[F", "x", "\x7f", "\033[B", "\033[A", "\033[F",
		"\033[D", "\033[H", "\033[B", "\033[A", "y", "\033[1;5F", "\033[A", "\033[F"};

	(void)state;
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		struct desk desk = desk_make(1);
		const struct ruler *ruler = desk.ed->view.ruler;
		open_long_line(&desk, letters[i]);
		while (editor_idle(desk.ed, desk.now))
			;
		assert_in_range(ruler_walked(ruler), LONG_LETTERS - LONG_STEP, 4 * LONG_LETTERS);
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
			size_t before = ruler_walked(ruler);
			press(&desk, keys[k]);
			draw(&desk, &desk.paper);
			write_into(&desk, k % 2 ? k : k * LONG_LETTERS / 16);
			draw(&desk, &desk.paper);
			assert_in_range(ruler_walked(ruler) - before, 0, LONG_STEP);
			check(&desk, 1, k);
		}
		desk_drop(&desk);
	}
}

/* More long lines in the window than are kept measured: that must not be begun anew for ever. */
static void test_many_long_lines(void **state)
{
	struct desk desk = desk_make(1);
	struct op op = {0};
	size_t slices = 0;

	(void)state;
	for (size_t line = 0; line < 2 * RULER_LINES; line++) {
		for (size_t i = 0; i < 2 * RULER_STEP; i++)
			op_insert(&op, "x", 1);
		op_insert(&op, "\n", 1);
	}
	hear(&desk, 11, &op);
	op_fini(&op);
	cells_resize(&desk.paper.cells, 2 * RULER_LINES, COLS);
	editor_resize(desk.ed, COLS, 2 * RULER_LINES);
	editor_go(desk.ed, 0);
	draw(&desk, &desk.paper);
	assert_in_range(desk.ed->view.rows.count, RULER_LINES + 1, 2 * RULER_LINES);
	while (editor_idle(desk.ed, desk.now))
		assert_in_range(++slices, 1, 8 * RULER_LINES);
	desk_drop(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shift),
		cmocka_unit_test(test_only_what_changed),
		cmocka_unit_test(test_caret_of_a_long_line),
		cmocka_unit_test(test_shown_again),
		cmocka_unit_test(test_keys_in_a_long_line),
		cmocka_unit_test(test_many_long_lines),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
