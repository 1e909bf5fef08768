/* What is called plain is what width.h says of the letters one by one, and of any two beside each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/buf.h"
#include "ot/utf8.h"
#include "tui/plain.h"
#include "tui/width.h"

static size_t clusters(const uint32_t *points, size_t count, int *cells)
{
	char bytes[16];
	const char *at = bytes;
	size_t len = 0, n = 0;

	for (size_t i = 0; i < count; i++)
		len += utf8_encode(points[i], bytes + len);
	*cells = 0;
	for (struct cluster c; width_next_in(&at, &len, &c); n++) {
		assert_false(c.odd);
		*cells += c.cells;
	}
	return n;
}

/* Every letter beside one of each kind: Latin, Cyrillic, Han, two forms of Hangul, of right to left, a picture. */
static void any_two_are_two_clusters(void **state)
{
	static const uint32_t kinds[] = {'a', 0x416, 0x65E5, 0xAC00, 0xAC01, 0x5D0, 0x1F468};
	size_t letters = 0;
	int cells;

	(void)state;
	for (uint32_t c = ' '; c < 0x32000; c++) {
		if (!plain_cells(c))
			continue;
		letters++;
		assert_int_equal(clusters(&c, 1, &cells), 1);
		assert_int_equal(cells, plain_cells(c));
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			uint32_t after[] = {kinds[i], c}, before[] = {c, kinds[i]};
			assert_int_equal(clusters(after, 2, &cells), 2);
			assert_int_equal(clusters(before, 2, &cells), 2);
			assert_int_equal(cells, plain_cells(c) + plain_cells(kinds[i]));
		}
	}
	assert_true(letters > 100000);
}

static void what_joins_is_not_plain(void **state)
{
	static const uint32_t others[] = {'\t', '\n', 0, 0x7F, 0x85, 0xAD, 0x301, 0x93F, 0x94D,
		0x1112, 0x1161, 0x11AB, 0x200D, 0x202E, 0xD800, 0xFE0F, 0x1F1E6, 0x1F3FB, 0xE0020,
		0x10FFFF};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(plain_cells(others[i]), 0);
}

static struct plain ahead(const char *string, size_t points, size_t cells)
{
	struct text *t;
	assert_int_equal(text_load(&t, string, strlen(string)), ERR_NONE);
	struct text_iter it = text_iter(t, 0);
	struct plain plain = plain_ahead(&it, points, cells);

	text_destroy(t);
	return plain;
}

static void assert_plain(struct plain is, size_t points, size_t cells, size_t bytes)
{
	assert_int_equal(is.points, points);
	assert_int_equal(is.cells, cells);
	assert_int_equal(is.bytes, bytes);
}

static void stretches_end_before_what_may_join(void **state)
{
	(void)state;
	assert_plain(ahead("abc\td", 100, 100), 3, 3, 3); /* nothing joins before a tab */
	assert_plain(ahead("a\n", 100, 100), 1, 1, 1);
	assert_plain(ahead("\xE6\x97\xA5\t", 100, 100), 1, 2, 3);
	assert_plain(ahead("ab\xC2\xAD", 100, 100), 1, 1, 1);
	assert_plain(ahead("abcde\xCC\x81", 100, 100), 4, 4, 4); /* the e has an accent */
	assert_plain(ahead("\xE6\x97\xA5\xE6\x9C\xAC"
			   "a",
			     100, 100),
		2, 4, 6);
	assert_plain(ahead("\xE6\x97\xA5\xE6\x9C\xAC"
			   "abc",
			     100, 3),
		1, 2, 3);
	assert_plain(ahead("abcdef", 3, 100), 3, 3, 3);
	assert_plain(ahead("abcdef", 100, 3), 3, 3, 3);
	/* Two pictures, of which the second is joined to a third. */
	assert_plain(
		ahead("\xF0\x9F\x91\xA8\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9", 100, 100), 1,
		2, 4);
	/* More than are looked at side by side, and what may join somewhere among them. */
	for (size_t n = 1; n < 100; n++) {
		char string[128] = "";
		memset(string, 'a', n);
		strcpy(string + n, "\xCC\x81 and on");
		assert_plain(ahead(string, 100, 100), n - 1, n - 1, n - 1);
		strcpy(string + n, "\xC3\xA9 and on");
		assert_plain(ahead(string, n + 1, 100), n + 1, n + 1, n + 2);
		assert_plain(ahead(string, 100, n), n, n, n);
	}
	assert_plain(ahead("a", 100, 100), 0, 0, 0);
	assert_plain(ahead("\t", 100, 100), 0, 0, 0);
	assert_plain(ahead("", 100, 100), 0, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_two_are_two_clusters),
		cmocka_unit_test(what_joins_is_not_plain),
		cmocka_unit_test(stretches_end_before_what_may_join),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
