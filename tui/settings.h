/*
 * settings.h: what a person can set, in one table.
 *
 *	struct settings settings;
 *	settings_default(&settings);
 *	settings_set(&settings, setting_named("tab-width", 9), "4", 1, &why)
 *
 * A value is a number: itself, or its place among the names. The configuration file, the palette and the manual page are made from the table.
 */
#ifndef TUI_SETTINGS_H
#define TUI_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

enum settings_numbers { NUMBERS_OFF, NUMBERS_ABSOLUTE, NUMBERS_RELATIVE };

struct settings {
	int tab_width;
	int expand_tabs;
	int show_blanks;
	int wrap;
	int line_numbers; /* enum settings_numbers */
	int theme;        /* theme_at() */
	int mouse;
	int hints;
	int people; /* enum screen_panel */
	int keymap; /* of keymap_names() */
};

struct setting {
	const char *name;
	const char *help; /* a line of the palette */
	const char *const *values; /* ended by NULL; NULL: a number from least to most, or one of the themes */
	int least, most;
	int standard;
	size_t at; /* of struct settings */
};

extern const struct setting setting_table[]; /* ended by a NULL name */

const struct setting *setting_named(const char *name, size_t bytes); /* NULL: there is none */
/* The name of a value: NULL when there is none such. Numbers are written to `room`. */
const char *setting_value(const struct setting *setting, int value, char room[16]);

void settings_default(struct settings *settings);
int settings_get(const struct settings *settings, const struct setting *setting);
void settings_put(struct settings *settings, const struct setting *setting, int value);
/* false: there is no such value. */
bool settings_set(struct settings *settings, const struct setting *setting, const char *value, size_t bytes);

#endif
