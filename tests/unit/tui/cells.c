/* What is to change on a screen, and what only moved. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "tui/cells.h"

#define COLS 20

static const struct term_style plain = {-1, -1, 0}, bold = {-1, -1, TERM_BOLD};

/* One row, with a letter a column. */
static void show(struct cells *c, const char *row)
{
	cells_begin(c);
	for (int col = 0; row[col]; col++)
		cells_put(c, 0, col, &row[col], 1, 1, plain);
}

static void shown(struct cells *c, const char *row)
{
	show(c, row);
	cells_keep(c);
}

static void change(struct cells *c, int from, int to)
{
	int first, last;

	assert_true(cells_changed(c, 0, &first, &last));
	assert_int_equal(first, from);
	assert_int_equal(last, to);
}

static void none(struct cells *c)
{
	int first, last;

	assert_false(cells_changed(c, 0, &first, &last));
}

static void all_of_a_new_screen_changes(void **state)
{
	struct cells c = {0};

	(void)state;
	cells_resize(&c, 2, COLS);
	change(&c, 0, COLS - 1);
	shown(&c, "a text");
	show(&c, "a text");
	none(&c);
	cells_resize(&c, 2, COLS);
	change(&c, 0, COLS - 1);
	cells_fini(&c);
}

static void what_differs_changes(void **state)
{
	struct cells c = {0};

	(void)state;
	cells_resize(&c, 1, COLS);
	shown(&c, "a text");
	show(&c, "a test");
	change(&c, 4, 4);
	show(&c, "a text");
	cells_put(&c, 0, 2, "t", 1, 1, bold);
	change(&c, 2, 2);
	show(&c, "a te");
	change(&c, 4, 5);
	cells_fini(&c);
}

static void wide_letters_change_whole(void **state)
{
	struct cells c = {0};

	(void)state;
	cells_resize(&c, 1, COLS);
	cells_begin(&c);
	cells_put(&c, 0, 3, "漢", 3, 2, plain);
	cells_keep(&c);
	cells_begin(&c);
	cells_put(&c, 0, 3, "字", 3, 2, plain);
	change(&c, 3, 3); /* the half behind is of the letter */
	cells_begin(&c);
	cells_put(&c, 0, 2, "漢", 3, 2, plain);
	change(&c, 2, 4);
	cells_keep(&c);
	show(&c, "  ab");
	change(&c, 2, 3);
	assert_int_equal(cells_at(&c, 0, 3)->chars[0], 'b');
	/* Half of it has no room at the edge. */
	cells_put(&c, 0, COLS - 1, "漢", 3, 2, plain);
	assert_int_equal(cells_at(&c, 0, COLS - 1)->chars[0], ' ');
	cells_fini(&c);
}

static void marks_stay_with_their_letter(void **state)
{
	static const char many[] = "e\u0301\u0302\u0303\u0304\u0305\u0306";
	struct cells c = {0};

	(void)state;
	cells_resize(&c, 1, COLS);
	cells_begin(&c);
	cells_put(&c, 0, 0, many, strlen(many), 1, plain);
	assert_memory_equal(cells_at(&c, 0, 0)->chars, L"e\u0301\u0302\u0303\u0304",
		CELL_CHARS * sizeof(wchar_t));
	assert_int_equal(cells_at(&c, 0, 1)->chars[0], ' ');
	cells_fini(&c);
}

static void outside_is_cut(void **state)
{
	struct cells c = {0};

	(void)state;
	cells_resize(&c, 1, COLS);
	shown(&c, "");
	cells_begin(&c);
	cells_put(&c, 1, 0, "x", 1, 1, plain);
	cells_put(&c, -1, 0, "x", 1, 1, plain);
	cells_put(&c, 0, COLS, "x", 1, 1, plain);
	cells_put(&c, 0, -1, "x", 1, 1, plain);
	none(&c);
	cells_put(&c, 0, COLS - 2, "", 0, 100, bold);
	change(&c, COLS - 2, COLS - 1);
	cells_fini(&c);
}

/* A place in "now" behind which all of "before" moved by so many columns. */
static void inserted(const char *before, const char *now, int col, int count)
{
	struct cells c = {0};

	cells_resize(&c, 1, COLS);
	shown(&c, before);
	show(&c, now);
	assert_int_equal(cells_inserted(&c, 0, col), count);
	if (count) {
		cells_shift(&c, 0, col, count);
		change(&c, col, col + count - 1);
	}
	cells_fini(&c);
}

static void what_only_moved_is_found(void **state)
{
	(void)state;
	inserted("a long text", "a long xtext", 7, 0); /* too little to be worth it */
	inserted("one longer text", "one xlonger text", 4, 1);
	inserted("one longer text", "one xyzlonger text", 4, 3);
	inserted("one longer text", "xone longer text", 0, 1);
	inserted("one longer text", "one longer text", 4, 0);
	inserted("one longer text", "one xlonger test", 4, 0);
	inserted("one longer text", "one longer textx", 15, 0);
	inserted("one longer text", "one abcdelonger text", 4, 0); /* more than is typed at once */
	inserted(
		"twenty letters fit..", "twenty xletters fit.", 7, 0); /* one is lost at the edge */
}

static void nothing_moves_where_nothing_is_known(void **state)
{
	struct cells c = {0};

	(void)state;
	cells_resize(&c, 1, COLS);
	show(&c, "one xlonger text");
	assert_int_equal(cells_inserted(&c, 0, 4), 0);
	cells_fini(&c);
}

static int utf8(void **state)
{
	(void)state;
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_a_new_screen_changes),
		cmocka_unit_test(what_differs_changes),
		cmocka_unit_test(wide_letters_change_whole),
		cmocka_unit_test(marks_stay_with_their_letter),
		cmocka_unit_test(outside_is_cut),
		cmocka_unit_test(what_only_moved_is_found),
		cmocka_unit_test(nothing_moves_where_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, utf8, NULL);
}
