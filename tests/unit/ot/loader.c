/* A text of parts is the text of the whole, wherever they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "ot/loader.h"
#include "tests/flat.h"

#define BYTES_MAX 20000

/* Characters of each width, and lines. */
static size_t write_words(char *out, size_t room)
{
	static const char *const words[] = {
		"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\xa6\xa6", "plain words\n"};
	size_t len = 0;

	for (size_t i = 0; len + strlen(words[i * i % 5]) <= room; i++) {
		memcpy(out + len, words[i * i % 5], strlen(words[i * i % 5]));
		len += strlen(words[i * i % 5]);
	}
	return len;
}

static enum err load(const char *at, size_t len, size_t part, struct text **out)
{
	struct loader loader = {0};

	for (size_t done = 0; done < len; done += part)
		loader_add(&loader, at + done, len - done < part ? len - done : part);
	return loader_finish(&loader, out);
}

static void parts_make_the_whole(void **state)
{
	static const size_t parts[] = {1, 2, 3, 5, 1000, 1928, 4096, BYTES_MAX};
	static char bytes[BYTES_MAX];

	(void)state;
	for (size_t room = 0; room < sizeof(bytes); room += room < 40 ? 1 : room / 7)
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
			struct flat f = {.at = bytes, .bytes = write_words(bytes, room)};
			struct text *t;
			flat_count(f.at, f.bytes, &f.points, &f.lines);
			assert_int_equal(load(f.at, f.bytes, parts[i], &t), ERR_NONE);
			text_verify(t);
			flat_match(&f, t);
			text_destroy(t);
		}
}

/* Cut off inside of a character, and a byte that begins none, at every place. */
static void what_is_not_valid_is_refused(void **state)
{
	char bytes[90];
	size_t len = write_words(bytes, sizeof(bytes));

	(void)state;
	for (size_t at = 0; at < len; at++)
		for (size_t part = 1; part <= len; part += 7) {
			struct text *untouched = NULL;
			char was = bytes[at];
			if (!flat_begins(was))
				assert_int_equal(load(bytes, at, part, &untouched), ERR_UTF8);
			bytes[at] = '\xff';
			assert_int_equal(load(bytes, len, part, &untouched), ERR_UTF8);
			bytes[at] = '\0';
			assert_int_equal(load(bytes, len, part, &untouched), ERR_UTF8);
			bytes[at] = was;
			assert_null(untouched);
		}
}

static void too_much_is_refused(void **state)
{
	struct loader loader = {0};
	struct text *untouched = NULL;

	(void)state;
	assert_int_equal(loader_add(&loader, "some", 4), ERR_NONE);
	assert_int_equal(loader_add(&loader, "x", TEXT_MAX_BYTES - 3), ERR_LIMIT);
	assert_int_equal(loader_add(&loader, "x", 1), ERR_LIMIT);
	assert_int_equal(loader_finish(&loader, &untouched), ERR_LIMIT);
	assert_null(untouched);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_make_the_whole),
		cmocka_unit_test(what_is_not_valid_is_refused),
		cmocka_unit_test(too_much_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
