/*
 * Spans and dates against Unix seconds that date(1) gave.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "src/expiry.h"

#define NOW 1700000000 /* 2023-11-14 22:13:20 UTC */

static void good(const char *text, int64_t expected)
{
	int64_t when = 0;
	const char *why = expiry_parse(text, NOW, &when);

	if (why)
		fail_msg("%s: %s", text, why);
	assert_int_equal(when, expected);
}

static void bad(const char *text, const char *word)
{
	int64_t when = 7;
	const char *why = expiry_parse(text, NOW, &when);

	if (!why || !strstr(why, word))
		fail_msg("%s: %s", text, why ? why : "taken");
	assert_int_equal(when, 7);
}

static void spans(void **state)
{
	(void)state;
	good("1m", NOW + 60);
	good("30m", NOW + 1800);
	good("2h", NOW + 7200);
	good("7d", NOW + 604800);
	good("4w", NOW + 2419200);
	bad("0m", "minute");
	bad("9999999d", "ten years");
	bad("99999999h", "neither");
}

static void dates(void **state)
{
	char text[17];

	(void)state;
	good("2023-11-14", 1700006399);
	good("2024-02-29", 1709251199);
	good("2023-11-15T08:30", 1700037000);
	bad("2023-11-14T22:13", "over");
	bad("2023-11-13", "over");
	bad("2033-11-20", "ten years");
	expiry_text(1700037000, text);
	assert_string_equal(text, "2023-11-15 08:30");
}

static void anything_else(void **state)
{
	static const char *const texts[] = {"", "h", "2", "2H", "2 h", "-2h", "2h ", "2hh", "0x2h",
		"tomorrow", "2024-02-30", "2023-13-01", "2023-11-15T25:00", "2023-11-15T08:30Z",
		"2023-11-15 08:30"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		bad(texts[i], "neither");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans),
		cmocka_unit_test(dates),
		cmocka_unit_test(anything_else),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
