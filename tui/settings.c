#include "tui/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/keymap.h"
#include "tui/theme.h"

static const char *const off_on[] = {"off", "on", NULL};
static const char *const numbers[] = {"off", "absolute", "relative", NULL};
static const char *const panel[] = {"auto", "on", "off", NULL};
static const char *const keymaps[] = {"default", "nano", NULL};

#define AT(member) offsetof(struct settings, member)

const struct setting setting_table[] = {
	/* clang-format off: a table is read by its columns */
	{"tab-width", "Columns from one tab stop to the next", NULL, 1, 16, 8, AT(tab_width)},
	{"expand-tabs", "The Tab key inserts blanks", off_on, 0, 1, 0, AT(expand_tabs)},
	{"line-numbers", "Numbers beside the lines", numbers, 0, 2, NUMBERS_ABSOLUTE,
		AT(line_numbers)},
	{"show-blanks", "Tabs and blanks are drawn as signs", off_on, 0, 1, 0, AT(show_blanks)},
	{"wrap", "Long lines continue on further rows", off_on, 0, 1, 0, AT(wrap)},
	{"theme", "The colours", NULL, 0, 0, 0, AT(theme)},
	{"mouse", "The mouse points; off leaves it to the terminal", off_on, 0, 1, 1, AT(mouse)},
	{"hints", "The line of keys at the bottom", off_on, 0, 1, 1, AT(hints)},
	{"people", "The list of people; auto shows it on wide screens", panel, 0, 2, 0, AT(people)},
	{"keymap", "What the keys do", keymaps, 0, 1, 0, AT(keymap)},
	{NULL, NULL, NULL, 0, 0, 0, 0},
	/* clang-format on */
};

const struct setting *setting_named(const char *name, size_t bytes)
{
	const struct setting *s = setting_table;

	while (s->name && (strlen(s->name) != bytes || memcmp(s->name, name, bytes) != 0))
		s++;
	return s->name ? s : NULL;
}

static int *member(struct settings *settings, const struct setting *setting)
{
	return (int *)((char *)settings + setting->at);
}

int settings_get(const struct settings *settings, const struct setting *setting)
{
	return *(const int *)((const char *)settings + setting->at);
}

void settings_put(struct settings *settings, const struct setting *setting, int value)
{
	*member(settings, setting) = value;
}

void settings_default(struct settings *settings)
{
	for (const struct setting *s = setting_table; s->name; s++)
		settings_put(settings, s, s->standard);
}

const char *setting_value(const struct setting *setting, int value, char room[16])
{
	if (setting->at == AT(theme))
		return theme_at(value);
	if (value < setting->least || value > setting->most)
		return NULL;
	if (setting->values)
		return setting->values[value];
	snprintf(room, 16, "%d", value);
	return room;
}

bool settings_set(
	struct settings *settings, const struct setting *setting, const char *value, size_t bytes)
{
	char room[16];
	const char *name;

	for (int v = setting->least; (name = setting_value(setting, v, room)); v++)
		if (strlen(name) == bytes && memcmp(name, value, bytes) == 0) {
			settings_put(settings, setting, v);
			return true;
		}
	return false;
}
