/* Names and looks of the parts of the screen, and that text can be read in every theme (WCAG 2.1, contrast ratio). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/theme.h"
#include "tui/themes.h"

static void each_part_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (enum theme part = 0; part < THEME_PARTS; part++) {
		const char *name = theme_name_of(part);
		assert_int_equal(theme_named(name, strlen(name)), part);
	}
	assert_int_equal(theme_named("comment", 7), THEME_COMMENT);
	assert_int_equal(theme_named("comment", 6), THEME_PARTS);
	assert_int_equal(theme_named("", 0), THEME_PARTS);
}

static void use(const char *name)
{
	for (int i = 0; theme_at(i); i++)
		if (strcmp(theme_at(i), name) == 0) {
			struct buf faults = {0};
			assert_true(theme_use(i, &faults));
			assert_int_equal(faults.len, 0);
			buf_fini(&faults);
			return;
		}
	fail_msg("no theme %s", name);
}

/* ---- contrast ---- */

/* xterm's colours from 16 on: a cube of six steps, and greys. */
static double channel(int color, int which)
{
	static const int steps[] = {0, 95, 135, 175, 215, 255};
	static const int parts[] = {36, 6, 1};
	int value = color >= 232 ? 8 + 10 * (color - 232) : steps[(color - 16) / parts[which] % 6];

	return value / 255.0;
}

/* The curve of sRGB by its nearest power: two digits are enough here. */
static double linear(double c)
{
	double root = 1;

	if (c <= 0.04045)
		return c / 12.92;
	c = (c + 0.055) / 1.055;
	for (int i = 0; i < 40; i++) /* c^0.4, as the root of x^5 = c^2 */
		root = (4 * root + c * c / (root * root * root * root)) / 5;
	return c * c * root;
}

static double luminance(int color)
{
	return 0.2126 * linear(channel(color, 0)) + 0.7152 * linear(channel(color, 1)) +
	       0.0722 * linear(channel(color, 2));
}

static double contrast(int a, int b)
{
	double x = luminance(a) + 0.05, y = luminance(b) + 0.05;

	return x > y ? x / y : y / x;
}

static void assert_readable(const char *theme, double least)
{
	use(theme);
	for (enum theme part = 0; part < THEME_PARTS; part++) {
		struct term_style style = theme_style(256, part);
		assert_in_range(
			style.fg, 16, 255); /* not of those that terminals paint as they like */
		assert_in_range(style.bg, 16, 255);
		if (contrast(style.fg, style.bg) < least)
			fail_msg("%s: %s has a contrast of %d %%", theme, theme_name_of(part),
				(int)(100 * contrast(style.fg, style.bg)));
	}
	use("terminal");
}

static void text_can_be_read_in_every_theme(void **state)
{
	(void)state;
	assert_true(contrast(16, 231) > 20.9 && contrast(16, 231) < 21.1); /* by definition 21 */
	assert_readable("dark", 4.5);
	assert_readable("light", 4.5);
	assert_readable("color-blind", 4.5);
	assert_readable("high-contrast", 7);
}

/* ---- which colours ---- */

static void the_terminals_own_colours_come_first(void **state)
{
	(void)state;
	for (enum theme part = 0; part < THEME_PARTS; part++) {
		struct term_style style = theme_style(256, part);
		assert_in_range(style.fg + 1, 0, 16);
		assert_in_range(style.bg + 1, 0, 16);
	}
	assert_int_equal(theme_style(256, THEME_TEXT).bg, -1);
	assert_false(theme_paints());
	use("dark");
	assert_true(theme_paints());
	use("terminal");
	assert_false(theme_paints());
}

/* Whatever the theme: no colour where there is none, and what must be told apart is. */
static void without_colours_all_are_one(void **state)
{
	(void)state;
	for (int i = 0; theme_at(i); i++) {
		assert_true(theme_use(i, NULL));
		for (enum theme part = 0; part < THEME_PARTS; part++) {
			struct term_style style = theme_style(0, part);
			assert_int_equal(style.fg, -1);
			assert_int_equal(style.bg, -1);
		}
		assert_true(theme_style(0, THEME_SELECTED).attr);
		assert_true(theme_style(0, THEME_FOUND).attr);
		assert_int_not_equal(
			theme_style(0, THEME_FOUND).attr, theme_style(0, THEME_SELECTED).attr);
	}
	use("mono");
	assert_int_equal(theme_style(256, THEME_KEYWORD).fg, -1);
	use("terminal");
	assert_false(theme_use(1000, NULL));
	assert_false(theme_use(-1, NULL));
}

static void colours_are_the_nearest_there_are(void **state)
{
	(void)state;
	assert_int_equal(theme_color("default"), -1);
	assert_int_equal(theme_color("0"), 0);
	assert_int_equal(theme_color("255"), 255);
	assert_int_equal(theme_color("#000000"), 16);
	assert_int_equal(theme_color("#ffffff"), 231);
	assert_int_equal(theme_color("#ff8700"), 208);
	assert_int_equal(theme_color("#080808"), 232);
	assert_int_equal(theme_color("#8a8a8a"), 245);
	assert_int_equal(theme_color("#fd0302"), 196);
	static const char *const none[] = {
		"256", "-1", "#fff", "#gggggg", "red", "", "1x", "#1234567"};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(theme_color(none[i]), -2);
}

/* ---- themes of files ---- */

static void a_file_makes_a_theme(void **state)
{
	static const char text[] =
		"# mine\ntext #ffffff on 18\nfound default on #ff0000 bold underline\n"
		"comment 245 italic # grey\n\n";
	(void)state;

	assert_true(themes_add("mine", text, strlen(text)));
	use("mine");
	assert_int_equal(theme_style(256, THEME_TEXT).bg, 18);
	assert_int_equal(theme_style(256, THEME_FOUND).fg, 231);
	assert_int_equal(theme_style(256, THEME_FOUND).bg, 196);
	assert_int_equal(theme_style(256, THEME_FOUND).attr, TERM_BOLD | TERM_UNDERLINE);
	assert_int_equal(theme_style(256, THEME_COMMENT).fg, 245);
	assert_int_equal(theme_style(256, THEME_COMMENT).bg, 18);
	assert_int_equal(theme_style(256, THEME_COMMENT).attr, TERM_ITALIC);
	assert_true(themes_add("mine", "", 0)); /* again: in its place */
	use("mine");
	assert_int_equal(theme_style(256, THEME_TEXT).bg, -1);
	for (int i = 0; i < THEMES_MAX; i++) {
		char name[16];
		snprintf(name, sizeof(name), "t%d", i);
		themes_add(name, "", 0);
	}
	assert_false(themes_add("one more", "", 0));
	assert_non_null(theme_at(THEMES_MAX - 1));
	assert_null(theme_at(THEMES_MAX));
	themes_forget();
	assert_null(theme_at(20));
	use("terminal");
}

static void faults_are_told_by_line(void **state)
{
	static const char *const rows[][2] = {
		{"txt 1", "t:1: txt is no part of the screen\n"},
		{"\ntext", "t:2: text has no colour\n"},
		{"text red", "t:1: red is no colour\n"},
		{"text 1 on pink", "t:1: pink is no colour\n"},
		{"text 1 blink",
			"t:1: blink is neither bold, dim, reverse, underline nor italic\n"},
		{"text 1 on", "t:1: on is neither bold, dim, reverse, underline nor italic\n"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct term_style styles[THEME_PARTS] = {{0}};
		struct buf faults = {0};
		assert_int_equal(
			themes_read(styles, "t", rows[i][0], strlen(rows[i][0]), &faults), 1);
		char *told = buf_take(&faults);
		assert_string_equal(told, rows[i][1]);
		free(told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_has_a_name_of_its_own),
		cmocka_unit_test(the_terminals_own_colours_come_first),
		cmocka_unit_test(text_can_be_read_in_every_theme),
		cmocka_unit_test(without_colours_all_are_one),
		cmocka_unit_test(colours_are_the_nearest_there_are),
		cmocka_unit_test(a_file_makes_a_theme),
		cmocka_unit_test(faults_are_told_by_line),
	};

	return cmocka_run_group_tests_name("theme", tests, NULL, NULL);
}
