/*
 * Cells are wcwidth()'s for single characters; clusters are Unicode's own test file, where the system has it.
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

#include "ot/buf.h"
#include "ot/utf8.h"
#include "tests/unit/tui/widths.h"
#include "tui/width.h"

#define BREAK_TEST "/usr/share/unicode/auxiliary/GraphemeBreakTest.txt"

static struct text *text_of(const char *bytes, size_t len)
{
	struct text *t;

	assert_int_equal(text_load(&t, bytes, len), ERR_NONE);
	return t;
}

static void characters_have_their_cells(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(width_rows) / sizeof(width_rows[0]); i++) {
		struct text *t = text_of(width_rows[i].text, strlen(width_rows[i].text));
		struct text_iter it = text_iter(t, 0);
		struct cluster c;
		assert_true(width_next(&it, 0, &c));
		if (c.points != width_rows[i].points || c.cells != width_rows[i].cells ||
			c.bytes != strlen(width_rows[i].draw) ||
			memcmp(c.draw, width_rows[i].draw, c.bytes) != 0)
			fail_msg("row %zu: %zu points, %d cells, \"%.*s\"", i, c.points, c.cells,
				(int)c.bytes, c.draw);
		assert_int_equal(c.odd, width_rows[i].draw[0] == '<');
		assert_false(width_next(&it, 0, &c));
		text_destroy(t);
	}
}

static void tabs_reach_the_next_stop(void **state)
{
	struct text *t = text_of("\t", 1);
	struct cluster c;
	(void)state;

	for (size_t col = 0; col < 3 * WIDTH_TAB; col++) {
		struct text_iter it = text_iter(t, 0);
		assert_true(width_next(&it, col, &c));
		assert_int_equal((col + (size_t)c.cells) % WIDTH_TAB, 0);
		assert_in_range(c.cells, 1, WIDTH_TAB);
	}
	text_destroy(t);
}

static void strings_show_line_ends(void **state)
{
	(void)state;
	assert_int_equal(width_string("a\tb\n"), 1 + 4 + 1 + 4);
	assert_int_equal(width_string("\xE6\x97\xA5\xE6\x9C\xAC"), 4);
	assert_int_equal(width_string(""), 0);
}

static void a_heap_of_marks_is_bounded(void **state)
{
	struct buf b = {0};
	struct cluster c;
	size_t clusters = 0, points = 0;
	(void)state;

	buf_add_byte(&b, 'a');
	for (int i = 0; i < 10000; i++)
		buf_add(&b, "\xCC\x81", 2);
	struct text *t = text_of(b.at, b.len);
	for (struct text_iter it = text_iter(t, 0); width_next(&it, 0, &c); clusters++) {
		assert_in_range(c.points, 1, WIDTH_POINTS);
		assert_in_range(c.bytes, 1, WIDTH_DRAW);
		points += c.points;
	}
	assert_int_equal(points, 10001);
	assert_int_equal(clusters, (10001 + WIDTH_POINTS - 1) / WIDTH_POINTS);
	text_destroy(t);
	buf_fini(&b);
}

/* "÷ 0020 × 0308 ÷": ÷ is a break, × is none. */
static size_t read_case(char *line, struct buf *text, size_t breaks[64])
{
	size_t count = 0, points = 0;

	buf_clear(text);
	for (char *word = strtok(line, " \t\n"); word && *word != '#';
		word = strtok(NULL, " \t\n")) {
		char bytes[4];
		if (strcmp(word, "÷") == 0)
			breaks[count++] = points;
		else if (strcmp(word, "×") != 0) {
			uint32_t point = (uint32_t)strtoul(word, NULL, 16);
			if (point >= 0xD800 && point <= 0xDFFF)
				return 0;
			buf_add(text, bytes, utf8_encode(point, bytes));
			points++;
		}
	}
	return count;
}

static void clusters_are_unicodes(void **state)
{
	FILE *f = fopen(BREAK_TEST, "r");
	struct buf text = {0};
	size_t breaks[64], cases = 0;
	char line[1024];
	(void)state;

	if (!f) {
		print_message("no %s here\n", BREAK_TEST);
		skip();
	}
	while (fgets(line, sizeof(line), f)) {
		size_t count = line[0] == '#' ? 0 : read_case(line, &text, breaks);
		if (!count)
			continue;
		struct text *t = text_of(text.at, text.len);
		struct text_iter it = text_iter(t, 0);
		struct cluster c;
		for (size_t i = 1; i < count; i++) {
			assert_true(width_next(&it, 0, &c));
			if (it.pos != breaks[i])
				fail_msg("case %zu: a break at %zu, not at %zu", cases, it.pos,
					breaks[i]);
		}
		assert_false(width_next(&it, 0, &c));
		text_destroy(t);
		cases++;
	}
	fclose(f);
	buf_fini(&text);
	print_message("%zu cases\n", cases);
	assert_true(cases > 500);
}

/* Words are kept whole where that is possible, and something is always taken. */
static void lines_are_broken_at_blanks(void **state)
{
	(void)state;
	assert_int_equal(width_words("one two", 7), 7);
	assert_int_equal(width_words("one two", 6), 3);
	assert_int_equal(width_words("one two", 3), 3);
	assert_int_equal(width_words("one two", 2), 2);
	assert_int_equal(width_words("one", 0), 1);
	assert_int_equal(width_words("", 5), 0);
	assert_int_equal(width_words("\xE6\x97\xA5\xE6\x9C\xAC x", 4), 6);
	assert_int_equal(width_words("\xE6\x97\xA5\xE6\x9C\xAC x", 3), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_have_their_cells),
		cmocka_unit_test(tabs_reach_the_next_stop),
		cmocka_unit_test(strings_show_line_ends),
		cmocka_unit_test(a_heap_of_marks_is_bounded),
		cmocka_unit_test(clusters_are_unicodes),
		cmocka_unit_test(lines_are_broken_at_blanks),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests_name("width", tests, NULL, NULL);
}
