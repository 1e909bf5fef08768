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
#include "tui/width.h"

#define BREAK_TEST "/usr/share/unicode/auxiliary/GraphemeBreakTest.txt"

struct row {
	const char *text;
	size_t points;
	int cells;
	const char *draw;
};

static const struct row rows[] = {
	/* clang-format off */
	{"a", 1, 1, "a"},
	{"\xC3\xA9", 1, 1, "\xC3\xA9"},
	{"e\xCC\x81", 2, 1, "e\xCC\x81"},                                              /* a letter and its mark */
	{"e\xCC\x81\xCC\x82\xCC\x83\xCC\x84\xCC\x85", 6, 1, "e\xCC\x81\xCC\x82\xCC\x83\xCC\x84"}, /* four marks are drawn */
	{"\xE6\x97\xA5", 1, 2, "\xE6\x97\xA5"},                                        /* wide */
	{"\xF0\x9F\x98\x80", 1, 2, "\xF0\x9F\x98\x80"},
	{"\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA", 2, 2, "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA"}, /* a flag: two of one cell */
	{"\xE2\x9D\xA4\xEF\xB8\x8F", 2, 1, "\xE2\x9D\xA4"},                            /* the selector is not drawn */
	{"\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD", 2, 2, "\xF0\x9F\x91\x8D"},                /* nor is the skin tone */
	{"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9", 3, 4, "\xF0\x9F\x91\xA8\xF0\x9F\x91\xA9"}, /* nor the joiner */
	{"\xEA\xB0\x80", 1, 2, "\xEA\xB0\x80"},
	/* what cannot be seen */
	{"\x01", 1, 4, "<01>"},
	{"\x7F", 1, 4, "<7F>"},
	{"\xC2\x85", 1, 4, "<85>"},
	{"\xC2\xAD", 1, 4, "<AD>"},
	{"\xE2\x80\x8B", 1, 8, "<U+200B>"},
	{"\xE2\x80\xAE", 1, 8, "<U+202E>"},
	{"\xE2\x81\xA6", 1, 8, "<U+2066>"},
	{"\xEF\xBB\xBF", 1, 8, "<U+FEFF>"},
	{"\xCC\x81", 1, 8, "<U+0301>"},                                                /* a mark without a letter */
	{"\xF3\xA0\x84\x80", 1, 9, "<U+E0100>"},
	{"\xF4\x8F\xBF\xBF", 1, 10, "<U+10FFFF>"},
	/* clang-format on */
};

static struct text *text_of(const char *bytes, size_t len)
{
	struct text *t;

	assert_int_equal(text_load(&t, bytes, len), ERR_NONE);
	return t;
}

static void characters_have_their_cells(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text *t = text_of(rows[i].text, strlen(rows[i].text));
		struct text_iter it = text_iter(t, 0);
		struct cluster c;
		assert_true(width_next(&it, 0, &c));
		if (c.points != rows[i].points || c.cells != rows[i].cells ||
			c.bytes != strlen(rows[i].draw) ||
			memcmp(c.draw, rows[i].draw, c.bytes) != 0)
			fail_msg("row %zu: %zu points, %d cells, \"%.*s\"", i, c.points, c.cells,
				(int)c.bytes, c.draw);
		assert_int_equal(c.odd, rows[i].draw[0] == '<');
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_have_their_cells),
		cmocka_unit_test(tabs_reach_the_next_stop),
		cmocka_unit_test(strings_show_line_ends),
		cmocka_unit_test(a_heap_of_marks_is_bounded),
		cmocka_unit_test(clusters_are_unicodes),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests_name("width", tests, NULL, NULL);
}
