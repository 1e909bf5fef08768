/*
 * Configuration and theme files of any bytes: what is wrong is told by line, what is set is one of the values there are, and each key that is
 * bound is one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/flat.h"
#include "tui/config.h"
#include "tui/themes.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t bytes);

static size_t lines_of(const struct buf *text)
{
	size_t lines = 0;

	for (size_t i = 0; i < text->len; i++)
		lines += text->at[i] == '\n';
	return lines;
}

static void read_settings(const char *text, size_t bytes)
{
	struct settings settings;
	struct keymap *keymap = keymap_create();
	struct buf faults = {0};
	char room[16];
	size_t count = config_read(&settings, keymap, "f", text, bytes, &faults);

	FLAT_MUST(count == lines_of(&faults));
	for (const struct setting *s = setting_table; s->name; s++)
		FLAT_MUST(setting_value(s, settings_get(&settings, s), room));
	for (const struct command *c = command_table; c->name; c++) {
		struct buf keys = {0};
		struct key key;
		size_t length;
		keymap_keys(keymap, c, &keys);
		for (const char *p = keys.at; *p; p += length, p += strspn(p, " "))
			FLAT_MUST(keymap_parse(p, &key, &length));
		buf_fini(&keys);
	}
	keymap_destroy(keymap);
	buf_fini(&faults);
}

static void read_theme(const char *text, size_t bytes)
{
	struct term_style styles[THEME_PARTS] = {{0}};
	struct buf faults = {0};
	size_t count = themes_read(styles, "f", text, bytes, &faults);

	FLAT_MUST(count <= lines_of(&faults)); /* a word may hold anything, but no line end */
	for (size_t i = 0; i < THEME_PARTS; i++)
		FLAT_MUST(styles[i].fg >= -1 && styles[i].fg <= 255 && styles[i].bg >= -1 &&
			  styles[i].bg <= 255);
	buf_fini(&faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t bytes)
{
	const char *text = bytes ? (const char *)at : "";

	read_settings(text, bytes);
	read_theme(text, bytes);
	return 0;
}
