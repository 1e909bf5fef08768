/* How light is what a terminal says of its background: colours as XParseColor(3) has them, and rxvt's variable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/background.h"

enum told { NOTHING, DARK, LIGHT };

static enum told told(bool says, bool light)
{
	return !says ? NOTHING : light ? LIGHT : DARK;
}

static void answers(void **state)
{
	static const struct {
		const char *answer;
		enum told told;
	} rows[] = {
		{"11;rgb:ffff/ffff/ffff", LIGHT},
		{"11;rgb:0000/0000/0000", DARK},
		{"11;rgb:ff/ff/ff", LIGHT},
		{"11;rgb:f/f/f", LIGHT},
		{"11;rgb:fdf6/e3/d", LIGHT},
		{"11;rgba:1e1e/1e1e/1e1e/8000", DARK},
		{"11;#FFFFEE", LIGHT},
		{"11;#fff", LIGHT},
		{"11;#2b2b2b", DARK},
		{"11;#0000ffff0000", LIGHT},     /* green is lighter than */
		{"11;#ffff00000000", DARK},      /* red */
		{"11;rgb:0000/0000/ffff", DARK}, /* and that than blue */
		{"11;rgb:ffff/ffff", NOTHING},
		{"11;rgb:fffff/0/0", NOTHING},
		{"11;rgb:/f/f", NOTHING},
		{"11;rgb:", NOTHING},
		{"11;rgb", NOTHING},
		{"11;#ffff", NOTHING},
		{"11;#", NOTHING},
		{"11;", NOTHING},
		{"11", NOTHING},
		{"", NOTHING},
		{"11;?", NOTHING},
		{"11;white", NOTHING},
		{"10;rgb:ffff/ffff/ffff", NOTHING},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool light = false,
		     says = background_answer(rows[i].answer, strlen(rows[i].answer), &light);
		if (told(says, light) != rows[i].told)
			fail_msg("%s: %d", rows[i].answer, told(says, light));
	}
}

static void variables(void **state)
{
	static const struct {
		const char *value;
		enum told told;
	} rows[] = {{"15;0", DARK}, {"0;15", LIGHT}, {"0;default;15", LIGHT}, {"12;7", LIGHT},
		{"12;8", DARK}, {"0;9", LIGHT}, {"0;6", DARK}, {"15;default", NOTHING},
		{"15", NOTHING}, {"0;16", NOTHING}, {"0;", NOTHING}, {"0;15x", NOTHING},
		{"", NOTHING}};
	bool light = false;
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool says = background_variable(rows[i].value, &light);
		if (told(says, light) != rows[i].told)
			fail_msg("%s: %d", rows[i].value, told(says, light));
	}
	assert_false(background_variable(NULL, &light));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(variables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
