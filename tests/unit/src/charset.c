/* Expected bytes are from the charsets' own tables (ISO 8859-1, Windows-1252, Unicode 15 section 3.9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/charset.h"

static const struct sample {
	const char *bytes;
	size_t len;
	enum charset charset;
	const char *utf8; /* NULL: it is no text of that charset */
} samples[] = {
#define BYTES(s) s, sizeof(s) - 1
	{BYTES(""), CHARSET_UTF8, ""}, {BYTES("plain\n"), CHARSET_UTF8, "plain\n"},
	{BYTES("caf\xc3\xa9"), CHARSET_UTF8, "caf\xc3\xa9"},
	{BYTES("caf\xe9"), CHARSET_LATIN1, "caf\xc3\xa9"},
	{BYTES("\xa4\xff"), CHARSET_LATIN1, "\xc2\xa4\xc3\xbf"},
	{BYTES("\x80\xe9"), CHARSET_WINDOWS, "\xe2\x82\xac\xc3\xa9"},
	{BYTES("\x93x\x94"), CHARSET_WINDOWS, "\xe2\x80\x9cx\xe2\x80\x9d"},
	{BYTES("\x80\x81"), CHARSET_LATIN1,
		"\xc2\x80\xc2\x81"}, /* 0x81 is nothing in Windows-1252 */
	{BYTES("\xff\xfe\x41\x00"), CHARSET_UTF16LE, "\xef\xbb\xbf\x41"},
	{BYTES("\xfe\xff\xd8\x3d\xde\x00"), CHARSET_UTF16BE, "\xef\xbb\xbf\xf0\x9f\x98\x80"},
	{BYTES("\xff\xfe\x00\xd8\x41\x00"), CHARSET_UTF16LE, NULL}, /* a surrogate alone */
	{BYTES("\xff\xfe\x41"), CHARSET_UTF16LE, NULL},             /* half a character */
#undef BYTES
};

/* They are shown, and nothing is written back. */
static const struct sample no_texts[] = {
#define BYTES(s) s, sizeof(s) - 1
	{BYTES("\0"), CHARSET_BINARY, "\u2400"},
	{BYTES("\x7f"
	       "ELF\0\0"),
		CHARSET_BINARY,
		"\x7f"
		"ELF\u2400\u2400"},
	{BYTES("\xe9\0x"), CHARSET_BINARY, "\u00e9\u2400x"},
	{BYTES("\xc3\xa9\0x"), CHARSET_BINARY, "\u00e9\u2400x"},
	{BYTES("\xc3\0\xa9"), CHARSET_BINARY, "\u00c3\u2400\u00a9"},
#undef BYTES
};

static void charsets_are_guessed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		assert_int_equal(
			charset_guess(samples[i].bytes, samples[i].len), samples[i].charset);
}

static void texts_come_back_byte_for_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const struct sample *s = &samples[i];
		struct buf utf8 = {0}, back = {0};
		size_t bad;
		bool good = charset_decode(s->charset, s->bytes, s->len, &utf8, &bad);
		if (s->charset != CHARSET_UTF8) {
			assert_int_equal(good, s->utf8 != NULL);
			assert_true(good || bad < s->len);
		}
		if (good && s->utf8) {
			assert_int_equal(utf8.len, strlen(s->utf8));
			assert_true(!utf8.len || memcmp(utf8.at, s->utf8, utf8.len) == 0);
			assert_true(charset_encode(s->charset, utf8.at, utf8.len, &back, &bad));
			assert_int_equal(back.len, s->len);
			assert_true(!back.len || memcmp(back.at, s->bytes, back.len) == 0);
		}
		buf_fini(&utf8);
		buf_fini(&back);
	}
}

static void what_is_no_text_is_shown_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(no_texts) / sizeof(no_texts[0]); i++) {
		const struct sample *s = &no_texts[i];
		struct buf utf8 = {0}, back = {0};
		size_t bad;
		assert_int_equal(charset_guess(s->bytes, s->len), CHARSET_BINARY);
		assert_true(charset_decode(CHARSET_BINARY, s->bytes, s->len, &utf8, &bad));
		assert_int_equal(utf8.len, strlen(s->utf8));
		assert_memory_equal(utf8.at, s->utf8, utf8.len);
		assert_false(charset_encode(CHARSET_BINARY, utf8.at, utf8.len, &back, &bad));
		assert_int_equal(back.len, 0);
		buf_fini(&utf8);
		buf_fini(&back);
	}
}

/* More than one step of output, with a character over each border. */
static void long_texts_are_whole(void **state)
{
	struct buf bytes = {0}, utf8 = {0}, back = {0};
	size_t bad;

	(void)state;
	for (int i = 0; i < 300000; i++)
		buf_add_byte(&bytes, i % 3 ? 0xe9 : 'a');
	assert_true(charset_decode(CHARSET_LATIN1, bytes.at, bytes.len, &utf8, &bad));
	assert_int_equal(utf8.len, 500000);
	assert_true(charset_encode(CHARSET_LATIN1, utf8.at, utf8.len, &back, &bad));
	assert_int_equal(back.len, bytes.len);
	assert_memory_equal(back.at, bytes.at, bytes.len);
	buf_fini(&bytes);
	buf_fini(&utf8);
	buf_fini(&back);
}

static void what_does_not_fit_is_told(void **state)
{
	struct buf out = {0};
	size_t bad = 0;

	(void)state;
	assert_false(charset_encode(CHARSET_LATIN1, "ab\xe2\x82\xac", 5, &out, &bad));
	assert_int_equal(bad, 2);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(charsets_are_guessed),
		cmocka_unit_test(texts_come_back_byte_for_byte),
		cmocka_unit_test(what_is_no_text_is_shown_only),
		cmocka_unit_test(long_texts_are_whole),
		cmocka_unit_test(what_does_not_fit_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
