#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ot/utf8.h"
#include "tests/flat.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The Unicode Standard 15.0, table 3-7: well-formed UTF-8 byte sequences, less U+0000. */
static const struct {
	unsigned char first[2], second[2], third[2], fourth[2];
	size_t width;
} table[] = {
	{{0x01, 0x7f}, {0}, {0}, {0}, 1},
	{{0xc2, 0xdf}, {0x80, 0xbf}, {0}, {0}, 2},
	{{0xe0, 0xe0}, {0xa0, 0xbf}, {0x80, 0xbf}, {0}, 3},
	{{0xe1, 0xec}, {0x80, 0xbf}, {0x80, 0xbf}, {0}, 3},
	{{0xed, 0xed}, {0x80, 0x9f}, {0x80, 0xbf}, {0}, 3},
	{{0xee, 0xef}, {0x80, 0xbf}, {0x80, 0xbf}, {0}, 3},
	{{0xf0, 0xf0}, {0x90, 0xbf}, {0x80, 0xbf}, {0x80, 0xbf}, 4},
	{{0xf1, 0xf3}, {0x80, 0xbf}, {0x80, 0xbf}, {0x80, 0xbf}, 4},
	{{0xf4, 0xf4}, {0x80, 0x8f}, {0x80, 0xbf}, {0x80, 0xbf}, 4},
};

static bool within(unsigned char byte, const unsigned char range[2])
{
	return byte >= range[0] && byte <= range[1];
}

/* Width of the first character by the table, or 0. */
static size_t by_table(const unsigned char at[4], size_t len)
{
	for (size_t i = 0; i < COUNT(table); i++) {
		size_t width = table[i].width;
		if (width <= len && within(at[0], table[i].first) &&
			(width < 2 || within(at[1], table[i].second)) &&
			(width < 3 || within(at[2], table[i].third)) &&
			(width < 4 || within(at[3], table[i].fourth)))
			return width;
	}
	return 0;
}

static void check_agrees(const unsigned char at[4], size_t len)
{
	size_t good = 0, bad;

	for (size_t width; good < len && (width = by_table(at + good, len - good)); good += width)
		;
	bool valid = utf8_check((const char *)at, len, &bad);
	if (valid != (good == len) || bad != good)
		fail_msg("%02x %02x %02x %02x (%zu): bad at %zu, not %zu", at[0], at[1], at[2],
			at[3], len, bad, good);
}

static void check_knows_table_3_7(void **state)
{
	static const unsigned char edges[] = {
		0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xff};

	(void)state;
	for (unsigned first = 0; first < 0x10000; first++) {
		for (size_t i = 0; i < COUNT(edges) * COUNT(edges); i++) {
			unsigned char at[4] = {(unsigned char)(first >> 8), (unsigned char)first,
				edges[i / COUNT(edges)], edges[i % COUNT(edges)]};
			check_agrees(at, 4);
		}
		unsigned char at[4] = {
			(unsigned char)(first >> 8), (unsigned char)first, 0x80, 0x80};
		for (size_t len = 1; len < 4; len++)
			check_agrees(at, len);
	}
}

static const struct {
	const char *bytes;
	size_t len;
} wrong[] = {
	{"\0", 1},
	{"\x80", 1},
	{"\xc0\x80", 2},
	{"\xc3", 1},
	{"\xed\xa0\x80", 3},
	{"\xe2\x82", 2},
	{"\xf0\x9f\x98", 3},
	{"\xf4\x90\x80\x80", 4},
	{"\xff", 1},
};

/* What is wrong is found wherever it stands among blocks of ASCII. */
static void check_finds_the_place(void **state)
{
	char text[160];
	size_t bad;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		for (size_t at = 0; at + wrong[i].len <= sizeof(text); at++) {
			memset(text, 'a', sizeof(text));
			memcpy(text + at, wrong[i].bytes, wrong[i].len);
			assert_false(utf8_check(text, sizeof(text), &bad));
			assert_int_equal(bad, at);
			assert_false(utf8_check(text, sizeof(text), NULL));
			assert_true(utf8_check(text, at, &bad));
			assert_int_equal(bad, at);
		}
	}
	assert_true(utf8_check(NULL, 0, &bad));
	assert_int_equal(bad, 0);
}

static void every_point_goes_there_and_back(void **state)
{
	static const uint32_t first_of_width[] = {0, 0x80, 0x800, 0x10000, 0x110000};
	size_t width = 1;

	(void)state;
	for (uint32_t point = 1; point < 0x110000; point++) {
		char out[4];
		size_t read;
		if (point == 0xd800)
			point = 0xe000;
		width += point == first_of_width[width];
		assert_int_equal(utf8_encode(point, out), width);
		assert_int_equal(flat_valid(out, width), width);
		assert_true(utf8_check(out, width, NULL));
		assert_int_equal(utf8_width(out[0]), width);
		assert_int_equal(utf8_decode(out, &read), point);
		assert_int_equal(read, width);
	}
}

static void encodes_as_the_standard_says(void **state)
{
	char out[4]; /* the rows of table 3-5 */

	(void)state;
	assert_int_equal(utf8_encode(0x4d, out), 1);
	assert_memory_equal(out, "\x4d", 1);
	assert_int_equal(utf8_encode(0x430, out), 2);
	assert_memory_equal(out, "\xd0\xb0", 2);
	assert_int_equal(utf8_encode(0x4e8c, out), 3);
	assert_memory_equal(out, "\xe4\xba\x8c", 3);
	assert_int_equal(utf8_encode(0x10302, out), 4);
	assert_memory_equal(out, "\xf0\x90\x8c\x82", 4);
}

static void only_the_rest_is_rest(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++)
		assert_int_equal(utf8_is_rest((char)byte), byte >= 0x80 && byte < 0xc0);
}

/* Characters of all widths, so mixed that each block differs. */
static size_t mixed(char *out, size_t room, uint32_t seed)
{
	static const char *const part[] = {
		"a", "\n", "é", "€", "😀", "zyxw", "0123456789abcdef0123456789", "日本"};
	size_t len = 0;

	for (;;) {
		seed = seed * 1664525 + 1013904223;
		const char *add = part[seed >> 29];
		if (len + strlen(add) > room)
			return len;
		memcpy(out + len, add, strlen(add));
		len += strlen(add);
	}
}

static void counts_and_offsets_agree_with_the_model(void **state)
{
	static char text[9000];

	(void)state;
	for (uint32_t room = 0; room < sizeof(text); room += room < 200 ? 1 : 977) {
		struct flat f = {.at = text, .bytes = mixed(text, room, room)};
		flat_count(f.at, f.bytes, &f.points, &f.lines);
		struct utf8_count count = utf8_count(f.at, f.bytes);
		assert_int_equal(count.points, f.points);
		assert_int_equal(count.lines, f.lines);
		assert_true(utf8_check(f.at, f.bytes, NULL));
		for (size_t pos = 0; pos <= f.points; pos += f.points < 200 ? 1 : 13)
			assert_int_equal(utf8_offset(f.at, f.bytes, pos), flat_byte(&f, pos));
		assert_int_equal(utf8_offset(f.at, f.bytes, f.points), f.bytes);
	}
}

static void counts_what_a_byte_cannot(void **state)
{
	static char text[100000];

	(void)state;
	memset(text, '\n', sizeof(text));
	struct utf8_count count = utf8_count(text, sizeof(text));
	assert_int_equal(count.points, sizeof(text));
	assert_int_equal(count.lines, sizeof(text));
	assert_int_equal(utf8_offset(text, sizeof(text), 99999), 99999);
}

/* And among characters of every width, whose bytes lie across the edges of every block; what is right is counted. */
static void check_finds_the_place_among_others(void **state)
{
	static const char mixed[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n\xe2\x82\xac";
	static const size_t begins[] = {0, 1, 3, 6, 10, 11};
	const size_t period = sizeof(mixed) - 1;
	char text[160];
	size_t bad;

	(void)state;
	for (size_t n = 0; n < COUNT(begins) * (sizeof(text) / period); n++) {
		size_t at = n / COUNT(begins) * period + begins[n % COUNT(begins)];
		for (size_t i = 0; i < at; i++)
			text[i] = mixed[i % period];
		struct utf8_count count;
		assert_true(utf8_check_count(text, at, &count));
		assert_int_equal(count.points, n);
		assert_int_equal(count.lines, (n + 1) / COUNT(begins));
		for (size_t i = 0; i < COUNT(wrong) && at + wrong[i].len <= sizeof(text); i++) {
			memcpy(text + at, wrong[i].bytes, wrong[i].len);
			memset(text + at + wrong[i].len, 'a', sizeof(text) - at - wrong[i].len);
			assert_false(utf8_check(text, sizeof(text), &bad));
			assert_int_equal(bad, at);
			assert_false(utf8_check(text, at + wrong[i].len, &bad));
			assert_int_equal(bad, at);
			assert_false(utf8_check_count(text, at + wrong[i].len, &count));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_knows_table_3_7),
		cmocka_unit_test(check_finds_the_place),
		cmocka_unit_test(check_finds_the_place_among_others),
		cmocka_unit_test(every_point_goes_there_and_back),
		cmocka_unit_test(encodes_as_the_standard_says),
		cmocka_unit_test(only_the_rest_is_rest),
		cmocka_unit_test(counts_and_offsets_agree_with_the_model),
		cmocka_unit_test(counts_what_a_byte_cannot),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
