/* RFC 4648: the vectors of section 10 in the alphabet of section 5, and what a strict reader must refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/base64url.h"

static const struct {
	const char *bytes, *text;
} vectors[] = {
	{"", ""},
	{"f", "Zg"},
	{"fo", "Zm8"},
	{"foo", "Zm9v"},
	{"foob", "Zm9vYg"},
	{"fooba", "Zm9vYmE"},
	{"foobar", "Zm9vYmFy"},
	{"\xfb\xff\xbf", "-_-_"},
	{"\xff", "_w"},
};

static void reads_and_writes_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		struct buf text = {0}, bytes = {0};
		base64url_encode(vectors[i].bytes, strlen(vectors[i].bytes), &text);
		assert_int_equal(text.len, strlen(vectors[i].text));
		assert_memory_equal(text.at ? text.at : "", vectors[i].text, text.len);
		assert_true(base64url_decode(vectors[i].text, strlen(vectors[i].text), &bytes));
		assert_int_equal(bytes.len, strlen(vectors[i].bytes));
		assert_memory_equal(bytes.at ? bytes.at : "", vectors[i].bytes, bytes.len);
		buf_fini(&text);
		buf_fini(&bytes);
	}
}

static void refuses_other_texts(void **state)
{
	static const char *const texts[] = {"Z", "A", "Zm9vY", "AAAAA", "Zg==", "Zm8=", "Zh", "Zm9",
		"+/+/", "Zg\n", " Zg", "Z g", "Zm9v.", "\xc3\xa9\xc3\xa9", "Zm9v=", "===="};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct buf out = {0};
		buf_add(&out, "kept", 4);
		assert_false(base64url_decode(texts[i], strlen(texts[i]), &out));
		assert_int_equal(out.len, 4);
		assert_memory_equal(out.at, "kept", 4);
		buf_fini(&out);
	}
	struct buf out = {0};
	assert_false(base64url_decode("Z\0", 2, &out));
	buf_fini(&out);
}

/* Value of a digit by the table of RFC 4648, section 5, or -1. */
static int value_of(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* All pairs of bytes: two digits carry 8 bits, and the 4 behind them must be zero. */
static void reads_every_pair_as_the_standard_says(void **state)
{
	(void)state;
	for (int a = 0; a < 256; a++)
		for (int b = 0; b < 256; b++) {
			char text[2] = {(char)a, (char)b};
			struct buf out = {0};
			bool good = value_of(a) >= 0 && value_of(b) >= 0 && value_of(b) % 16 == 0;
			assert_int_equal(base64url_decode(text, 2, &out), good);
			if (good) {
				assert_int_equal(out.len, 1);
				assert_int_equal(
					(uint8_t)out.at[0], value_of(a) * 4 + value_of(b) / 16);
			}
			buf_fini(&out);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_the_vectors),
		cmocka_unit_test(refuses_other_texts),
		cmocka_unit_test(reads_every_pair_as_the_standard_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
