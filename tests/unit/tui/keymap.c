#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <string.h>

#include <cmocka.h>

#include "tui/keymap.h"
#include "tui/width.h"

/* Of all keys in the table: each parses to its end, none is two commands', and none is one that terminals cannot tell apart. */
static void the_table_is_sound(void **state)
{
	static struct key seen[256];
	size_t count = 0;
	(void)state;

	for (const struct command *c = command_table; c->name; c++) {
		size_t bytes, before = count;
		assert_non_null(c->run);
		assert_true(strlen(c->help) > 0);
		for (const char *at = c->keys; *at; at += bytes, at += strspn(at, " ")) {
			if (!keymap_parse(at, &seen[count], &bytes))
				fail_msg("%s: %s is no key", c->name, at);
			for (size_t i = 0; i < count; i++)
				if (seen[i].code == seen[count].code &&
					seen[i].mods == seen[count].mods)
					fail_msg("%s: %s is another's too", c->name, at);
			bool letter = seen[count].code < 0x110000;
			if (letter && seen[count].mods & KEY_SHIFT)
				fail_msg("%s: %s is not to be told from the key without Shift",
					c->name, at);
			if (letter && seen[count].mods == KEY_CTRL &&
				strchr("hijm[", (int)seen[count].code))
				fail_msg("%s: %s is Backspace, Tab, Enter or Esc", c->name, at);
			assert_true(!letter || seen[count].mods & (KEY_CTRL | KEY_ALT));
			count++;
		}
		assert_true(count > before);
	}
	assert_true(count > 40);
}

static const char *name_of(uint32_t code, unsigned mods, bool *shifted)
{
	struct key key = {.code = code, .mods = mods};
	const struct command *c = keymap_find(&key, shifted);

	return c ? c->name : "none";
}

static void keys_find_their_commands(void **state)
{
	bool shifted;
	(void)state;

	assert_string_equal(name_of('s', KEY_CTRL, &shifted), "save");
	assert_string_equal(name_of('z', KEY_ALT, &shifted), "suspend");
	assert_string_equal(name_of(KEY_F1, 0, &shifted), "help");
	assert_string_equal(name_of('s', 0, &shifted), "none");
	assert_string_equal(name_of('S', 0, &shifted), "none");
	assert_string_equal(name_of('z', KEY_CTRL | KEY_SHIFT, &shifted), "none");
	assert_string_equal(name_of(KEY_LEFT, 0, &shifted), "left");
	assert_false(shifted);
	assert_string_equal(name_of(KEY_LEFT, KEY_SHIFT, &shifted), "left");
	assert_true(shifted);
	assert_string_equal(name_of(KEY_HOME, KEY_CTRL | KEY_SHIFT, &shifted), "top");
	assert_true(shifted);
	assert_string_equal(name_of(KEY_F3, KEY_SHIFT, &shifted), "find-previous");
	assert_false(shifted);
	assert_string_equal(name_of(KEY_BACKSPACE, KEY_SHIFT, &shifted), "backspace");
	assert_string_equal(name_of(KEY_DELETE, KEY_SHIFT, &shifted), "cut");
	assert_string_equal(name_of(KEY_F12, 0, &shifted), "none");
}

static void keys_are_written_short(void **state)
{
	char name[32];
	(void)state;

	for (const struct command *c = command_table; c->name; c++) {
		keymap_short(c, name, sizeof(name));
		if (strcmp(c->name, "save") == 0)
			assert_string_equal(name, "^S");
		if (strcmp(c->name, "help") == 0)
			assert_string_equal(name, "F1");
		if (strcmp(c->name, "word-left") == 0)
			assert_string_equal(name, "Ctrl-Left");
	}
}

/* The help fits the narrowest screen that shows its columns whole: 80. */
static void help_fits_a_screen(void **state)
{
	(void)state;
	for (const struct command *c = command_table; c->name; c++) {
		assert_true(width_string(c->keys) <= 28);
		assert_true(width_string(c->help) <= 50);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(keys_find_their_commands),
		cmocka_unit_test(keys_are_written_short),
		cmocka_unit_test(help_fits_a_screen),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests_name("keymap", tests, NULL, NULL);
}
