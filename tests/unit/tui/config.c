/* Configuration files: what they set, and what is said of lines that make no sense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/mem.h"
#include "tui/config.h"

struct desk {
	struct settings settings;
	struct keymap *keymap;
	char *faults;
	size_t count;
};

static struct desk read_text(const char *text, size_t bytes)
{
	struct desk desk = {.keymap = keymap_create()};
	struct buf faults = {0};

	desk.count = config_read(&desk.settings, desk.keymap, "c.conf", text, bytes, &faults);
	desk.faults = buf_take(&faults);
	return desk;
}

static struct desk read_config(const char *text)
{
	return read_text(text, strlen(text));
}

static void desk_drop(struct desk *desk)
{
	keymap_destroy(desk->keymap);
	free(desk->faults);
}

static const char *at_key(const struct desk *desk, const char *key)
{
	struct key k;
	bool shifted;

	assert_true(keymap_parse(key, &k, NULL));
	const struct command *command = keymap_find(desk->keymap, &k, &shifted);
	return command ? command->name : "none";
}

static void a_file_sets_what_it_says(void **state)
{
	struct desk desk =
		read_config("# mine\n\ntab-width 4\n  expand-tabs\ton # blanks\r\n"
			    "line-numbers relative\ntheme dark\nmouse off\nkeymap nano\n"
			    "bind ^K cut-line\nbind Alt-# help\nunbind F4\nbind M-Left home");
	(void)state;

	assert_string_equal(desk.faults, "");
	assert_int_equal(desk.settings.tab_width, 4);
	assert_int_equal(desk.settings.expand_tabs, 1);
	assert_int_equal(desk.settings.line_numbers, NUMBERS_RELATIVE);
	assert_int_equal(desk.settings.mouse, 0);
	assert_int_equal(desk.settings.hints, 1);
	assert_string_equal(at_key(&desk, "Ctrl-K"), "cut-line");
	assert_string_equal(at_key(&desk, "Alt-#"), "help");
	assert_string_equal(at_key(&desk, "F4"), "none");
	assert_string_equal(at_key(&desk, "Alt-Left"), "home");
	assert_string_equal(at_key(&desk, "Ctrl-X"), "quit");
	desk_drop(&desk);
}

/* By hand comes before a map, wherever in the file it stands. */
static void the_order_of_lines_does_not_matter(void **state)
{
	struct desk desk = read_config("bind Ctrl-X save\nunbind Ctrl-W\nkeymap nano\n");
	(void)state;

	assert_string_equal(at_key(&desk, "Ctrl-X"), "save");
	assert_string_equal(at_key(&desk, "Ctrl-W"), "none");
	assert_string_equal(at_key(&desk, "Ctrl-O"), "save");
	desk_drop(&desk);
}

static void every_setting_takes_all_its_values(void **state)
{
	(void)state;
	for (const struct setting *s = setting_table; s->name; s++) {
		const char *value;
		char room[16];
		int v = s->least;
		for (; (value = setting_value(s, v, room)); v++) {
			struct buf line = {0};
			buf_printf(&line, "%s %s\n", s->name, value);
			char *text = buf_take(&line);
			struct desk desk = read_config(text);
			assert_string_equal(desk.faults, "");
			assert_int_equal(settings_get(&desk.settings, s), v);
			desk_drop(&desk);
			free(text);
		}
		assert_true(v > s->standard && s->standard >= s->least);
	}
}

static void faults_are_told_by_line(void **state)
{
	static const char *const rows[][2] = {
		{"tabs 4", "c.conf:1: there is no option tabs\n"},
		{"\ntab-width 0", "c.conf:2: tab-width is 1 to 16\n"},
		{"tab-width 4x", "c.conf:1: tab-width is 1 to 16\n"},
		{"mouse maybe", "c.conf:1: mouse is one of: off, on\n"},
		{"tab-width", "c.conf:1: tab-width: something is missing\n"},
		{"tab-width 4 4", "c.conf:1: tab-width: too many words\n"},
		{"bind Ctrl-K", "c.conf:1: bind: something is missing\n"},
		{"bind Foo save", "c.conf:1: Foo is no key\n"},
		{"bind Ctrl-K fly", "c.conf:1: there is no command fly\n"},
		{"bind x save", "c.conf:1: x cannot be bound: without Ctrl or Alt it is text\n"},
		{"unbind Foo", "c.conf:1: Foo is no key\n"},
		{"theme pink",
			"c.conf:1: theme is one of: auto, terminal, dark, light, high-contrast, color-blind, mono\n"},
		{"bind a b c d e f g", "c.conf:1: bind: too many words\n"},
		{"%s%n 1", "c.conf:1: there is no option %s%n\n"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct desk desk = read_config(rows[i][0]);
		assert_string_equal(desk.faults, rows[i][1]);
		assert_int_equal(desk.count, 1);
		desk_drop(&desk);
	}
	struct desk desk = read_config("a b\nhints off\nc d\n"); /* the others count */
	assert_int_equal(desk.count, 2);
	assert_int_equal(desk.settings.hints, 0);
	desk_drop(&desk);
}

static void no_file_is_too_odd(void **state)
{
	char *large = mem_alloc(CONFIG_MAX + 1);
	char line[1000];
	struct desk desk;
	(void)state;

	desk = read_text("wrap on\nhints \xFF\nhints off\n", 26);
	assert_string_equal(desk.faults, "c.conf:2: this line is no text in UTF-8\n");
	assert_int_equal(desk.settings.wrap, 1);
	assert_int_equal(desk.settings.hints, 0);
	desk_drop(&desk);
	memset(large, '\n', CONFIG_MAX + 1);
	desk = read_text(large, CONFIG_MAX + 1);
	assert_string_equal(desk.faults, "c.conf:0: this is too long\n");
	desk_drop(&desk);
	desk = read_text(large, CONFIG_MAX);
	assert_string_equal(desk.faults, "");
	desk_drop(&desk);
	memset(line, 'x', sizeof(line));
	desk = read_text(line, sizeof(line));
	assert_string_equal(desk.faults, "c.conf:1: this line is too long\n");
	desk_drop(&desk);
	desk = read_text("", 0);
	assert_int_equal(desk.settings.tab_width, 8);
	desk_drop(&desk);
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_sets_what_it_says),
		cmocka_unit_test(the_order_of_lines_does_not_matter),
		cmocka_unit_test(every_setting_takes_all_its_values),
		cmocka_unit_test(faults_are_told_by_line),
		cmocka_unit_test(no_file_is_too_odd),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
