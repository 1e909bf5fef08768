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
		size_t bytes;
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
	}
	assert_true(count > 40);
}

static struct keymap *map;

static const char *name_of(uint32_t code, unsigned mods, bool *shifted)
{
	struct key key = {.code = code, .mods = mods};
	const struct command *c = keymap_find(map, &key, shifted);

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
	char name[KEYMAP_NAME];
	(void)state;

	for (const struct command *c = command_table; c->name; c++) {
		keymap_short(map, c, name);
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

static void keys_are_written_as_they_are_read(void **state)
{
	static const char *const names[][2] = {{"Ctrl-K", "Ctrl-K"}, {"^k", "Ctrl-K"},
		{"M-X", "Alt-X"}, {"ctrl-alt-pageup", "Ctrl-Alt-PageUp"},
		{"Shift-F12", "Shift-F12"}, {"^^", "Ctrl-^"}, {"^Space", "Ctrl-Space"},
		{"Alt-\xC3\xA9", "Alt-\xC3\xA9"}, {"Alt--", "Alt--"}, {"M-^", "Alt-^"}};
	static const char *const none[] = {"", "Ctrl-", "F13", "F0", "Hyper-K", "Ctrl-Foo", "F1x"};
	struct key key;
	size_t bytes;
	char name[KEYMAP_NAME];
	(void)state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!keymap_parse(names[i][0], &key, &bytes))
			fail_msg("%s is no key", names[i][0]);
		assert_int_equal(bytes, strlen(names[i][0]));
		keymap_write(&key, name);
		assert_string_equal(name, names[i][1]);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (keymap_parse(none[i], &key, NULL))
			fail_msg("%s is a key", none[i]);
}

static const struct command *named(const char *name)
{
	const struct command *command = command_named(name, strlen(name));

	if (!command)
		fail_msg("no command %s", name);
	return command;
}

static void assert_keys(const char *command, const char *keys)
{
	struct buf out = {0};

	keymap_keys(map, named(command), &out);
	assert_string_equal(out.at, keys);
	buf_fini(&out);
}

static void keys_are_bound_anew(void **state)
{
	struct key key = {.code = 'k', .mods = KEY_CTRL};
	bool shifted;
	char name[KEYMAP_NAME];
	(void)state;

	keymap_bind(map, &key, named("save"));
	assert_string_equal(name_of('k', KEY_CTRL, &shifted), "save");
	assert_keys("save", "Ctrl-K Ctrl-S");
	assert_keys("cut-line", "");
	keymap_short(map, named("cut-line"), name);
	assert_string_equal(name, "");
	keymap_unbind(map, &key);
	assert_string_equal(name_of('k', KEY_CTRL, &shifted), "none");
	assert_true(keymap_use(map, "default")); /* what is done by hand stays */
	assert_string_equal(name_of('k', KEY_CTRL, &shifted), "none");
	keymap_reset(map);
	assert_string_equal(name_of('k', KEY_CTRL, &shifted), "cut-line");
	assert_null(keymap_refusal(&key));
	assert_non_null(keymap_refusal(&(struct key){.code = 'k'}));
	assert_null(keymap_refusal(&(struct key){.code = 'i', .mods = KEY_CTRL}));
	assert_null(keymap_refusal(&(struct key){.code = KEY_F1}));
}

/* Each key of the map is one command's, and it is there: keymap_use() would have bound NULL. */
static void nano_has_its_habits(void **state)
{
	bool shifted;
	(void)state;

	assert_false(keymap_use(map, "emacs"));
	for (const char *const *name = keymap_names(); *name; name++)
		assert_true(keymap_use(map, *name));
	assert_true(keymap_use(map, "nano"));
	assert_string_equal(name_of('x', KEY_CTRL, &shifted), "quit");
	assert_string_equal(name_of('w', KEY_CTRL, &shifted), "find");
	assert_string_equal(name_of('k', KEY_CTRL, &shifted), "cut-line");
	assert_string_equal(name_of('u', KEY_CTRL, &shifted), "paste");
	assert_string_equal(name_of('^', KEY_CTRL, &shifted), "mark");
	assert_string_equal(name_of('a', KEY_ALT, &shifted), "mark");
	assert_string_equal(name_of('3', KEY_ALT, &shifted), "comment");
	assert_string_equal(name_of(']', KEY_ALT, &shifted), "bracket");
	assert_string_equal(name_of('r', KEY_CTRL, &shifted), "open");
	assert_string_equal(name_of('s', KEY_CTRL, &shifted), "save");
	assert_string_equal(name_of('_', KEY_CTRL, &shifted), "go-to-line");
	assert_keys("quit", "Ctrl-X");
	assert_keys("find", "Ctrl-W");
	for (uint32_t c = ' '; c < 0x7f; c++)
		for (unsigned with = KEY_ALT; with <= KEY_CTRL; with += KEY_CTRL - KEY_ALT)
			name_of(c, with, &shifted);
}

static int make_map(void **state)
{
	(void)state;
	map = keymap_create();
	return 0;
}

/* What xterm's ctlseqs have for Ctrl with these; a key that is bound is its own. */
static void keys_are_what_they_have_always_been(void **state)
{
	static const struct {
		uint32_t code, plain;
		unsigned mods, plain_mods;
	} rows[] = {
		{'i', KEY_TAB, KEY_CTRL, 0},
		{'m', KEY_ENTER, KEY_CTRL, 0},
		{'j', KEY_ENTER, KEY_CTRL, 0},
		{'h', KEY_BACKSPACE, KEY_CTRL, 0},
		{'[', KEY_ESC, KEY_CTRL, 0},
		{'/', '_', KEY_CTRL, KEY_CTRL},
		{KEY_ENTER, KEY_ENTER, KEY_CTRL, 0},
		{'i', 'i', KEY_CTRL | KEY_ALT, KEY_CTRL | KEY_ALT},
		{'i', 'i', 0, 0},
		{'s', 's', KEY_CTRL, KEY_CTRL},
		{KEY_BACKSPACE, KEY_BACKSPACE, KEY_CTRL, KEY_CTRL},
		{KEY_LEFT, KEY_LEFT, KEY_CTRL, KEY_CTRL},
	};
	struct key ours = {.code = 'i', .mods = KEY_CTRL};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct key key = {.code = rows[i].code, .mods = rows[i].mods},
			   plain = keymap_plain(map, &key);
		assert_int_equal(plain.code, rows[i].plain);
		assert_int_equal(plain.mods, rows[i].plain_mods);
	}
	keymap_bind(map, &ours, named("save"));
	assert_int_equal(keymap_plain(map, &ours).code, 'i');
	keymap_unbind(map, &ours);
	assert_int_equal(keymap_plain(map, &ours).code, 'i');
}

static int drop_map(void **state)
{
	(void)state;
	keymap_destroy(map);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test_setup_teardown(keys_find_their_commands, make_map, drop_map),
		cmocka_unit_test_setup_teardown(keys_are_written_short, make_map, drop_map),
		cmocka_unit_test(help_fits_a_screen),
		cmocka_unit_test(keys_are_written_as_they_are_read),
		cmocka_unit_test_setup_teardown(keys_are_bound_anew, make_map, drop_map),
		cmocka_unit_test_setup_teardown(
			keys_are_what_they_have_always_been, make_map, drop_map),
		cmocka_unit_test_setup_teardown(nano_has_its_habits, make_map, drop_map),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests_name("keymap", tests, NULL, NULL);
}
