/* report: nothing that others wrote moves the cursor, colours, or turns the line around. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/report.h"

static void what_is_printed_is_plain(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{"", ""},
		{"Ada's na\xc3\xafve \xf0\x9f\x99\x82 file",
			"Ada's na\xc3\xafve \xf0\x9f\x99\x82 file"},
		{"\x1b[2J\x1b]0;title\x07", "?[2J?]0;title?"}, {"a\r\nb\tc\x7f", "a??b?c?"},
		{"\xc2\x9b"
		 "31m",
			"?31m"}, /* CSI, as one character */
		{"x\xe2\x80\xae"
		 "cod.exe",
			"x?cod.exe"}, /* right-to-left override */
		{"a\xff\xfe"
		 "b",
			"a??b"},
		{"\xc3", "?"},           /* cut off */
		{"\xc0\xafz", "??z"},    /* overlong */
		{"\xed\xa0\x80", "???"}, /* a surrogate */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[64];

		memcpy(text, cases[i].from, strlen(cases[i].from) + 1);
		report_plain(text);
		assert_string_equal(text, cases[i].to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_is_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
