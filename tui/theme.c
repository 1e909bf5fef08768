#include "tui/theme.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "tui/themes.h"

#define BLACK 16 /* not 0: palettes repaint that */
#define WHITE 231

struct look {
	struct term_style colored, plain; /* with 8 colours or more; without */
};

static const struct look looks[] = {
	[THEME_TEXT] = {{-1, -1, 0}, {-1, -1, 0}},
	[THEME_ODD] = {{-1, -1, TERM_REVERSE}, {-1, -1, TERM_REVERSE}},
	[THEME_SELECTED] = {{-1, -1, TERM_REVERSE}, {-1, -1, TERM_REVERSE}},
	[THEME_CARET] = {{-1, -1, TERM_REVERSE | TERM_UNDERLINE},
		{-1, -1, TERM_REVERSE | TERM_UNDERLINE}},
	[THEME_GUTTER] = {{-1, -1, TERM_DIM}, {-1, -1, 0}},
	[THEME_GUTTER_HERE] = {{-1, -1, TERM_BOLD}, {-1, -1, TERM_BOLD}},
	[THEME_BAR] = {{-1, -1, TERM_REVERSE}, {-1, -1, TERM_REVERSE}},
	[THEME_NOTICE] = {{-1, -1, TERM_REVERSE | TERM_BOLD}, {-1, -1, TERM_REVERSE | TERM_BOLD}},
	[THEME_ALARM] = {{15, 1, TERM_BOLD}, {-1, -1, TERM_REVERSE | TERM_BOLD}},
	[THEME_HINT] = {{-1, -1, 0}, {-1, -1, 0}},
	[THEME_HINT_KEY] = {{-1, -1, TERM_REVERSE}, {-1, -1, TERM_REVERSE}},
	[THEME_HEADING] = {{-1, -1, TERM_BOLD}, {-1, -1, TERM_BOLD}},
	[THEME_FAINT] = {{-1, -1, TERM_DIM}, {-1, -1, 0}},
	[THEME_PROMPT] = {{-1, -1, TERM_BOLD}, {-1, -1, TERM_BOLD}},
	[THEME_FOUND] = {{0, 3, 0}, {-1, -1, TERM_UNDERLINE | TERM_BOLD}},
	[THEME_COMMENT] = {{6, -1, 0}, {-1, -1, 0}},
	[THEME_STRING] = {{2, -1, 0}, {-1, -1, 0}},
	[THEME_NUMBER] = {{1, -1, 0}, {-1, -1, 0}},
	[THEME_KEYWORD] = {{5, -1, 0}, {-1, -1, TERM_BOLD}},
	[THEME_TYPE] = {{2, -1, TERM_BOLD}, {-1, -1, 0}},
	[THEME_PREPROCESSOR] = {{5, -1, TERM_BOLD}, {-1, -1, 0}},
	[THEME_CONSTANT] = {{1, -1, 0}, {-1, -1, 0}},
	[THEME_ESCAPE] = {{1, -1, TERM_BOLD}, {-1, -1, 0}},
	[THEME_OPERATOR] = {{-1, -1, 0}, {-1, -1, 0}},
	[THEME_FUNCTION] = {{-1, -1, TERM_BOLD}, {-1, -1, 0}},
	[THEME_BAD] = {{15, 1, TERM_BOLD}, {-1, -1, TERM_REVERSE}},
	[THEME_TITLE] = {{-1, -1, TERM_BOLD}, {-1, -1, TERM_BOLD}},
	[THEME_EMPHASIS] = {{-1, -1, TERM_ITALIC}, {-1, -1, TERM_UNDERLINE}},
	[THEME_ADDED] = {{2, -1, 0}, {-1, -1, TERM_BOLD}},
	[THEME_REMOVED] = {{1, -1, 0}, {-1, -1, TERM_UNDERLINE}},
	[THEME_LINK] = {{6, -1, TERM_UNDERLINE}, {-1, -1, TERM_UNDERLINE}},
};

static const char *const names[] = {
	[THEME_TEXT] = "text",
	[THEME_ODD] = "odd",
	[THEME_SELECTED] = "selected",
	[THEME_CARET] = "caret",
	[THEME_GUTTER] = "gutter",
	[THEME_GUTTER_HERE] = "gutter-here",
	[THEME_BAR] = "bar",
	[THEME_NOTICE] = "notice",
	[THEME_ALARM] = "alarm",
	[THEME_HINT] = "hint",
	[THEME_HINT_KEY] = "hint-key",
	[THEME_HEADING] = "panel-heading",
	[THEME_FAINT] = "faint",
	[THEME_PROMPT] = "prompt",
	[THEME_FOUND] = "found",
	[THEME_COMMENT] = "comment",
	[THEME_STRING] = "string",
	[THEME_NUMBER] = "number",
	[THEME_KEYWORD] = "keyword",
	[THEME_TYPE] = "type",
	[THEME_PREPROCESSOR] = "preprocessor",
	[THEME_CONSTANT] = "constant",
	[THEME_ESCAPE] = "escape",
	[THEME_OPERATOR] = "operator",
	[THEME_FUNCTION] = "function",
	[THEME_BAD] = "bad",
	[THEME_TITLE] = "heading",
	[THEME_EMPHASIS] = "emphasis",
	[THEME_ADDED] = "added",
	[THEME_REMOVED] = "removed",
	[THEME_LINK] = "link",
};

_Static_assert(sizeof(looks) / sizeof(looks[0]) == THEME_PARTS, "a look for each part");
_Static_assert(sizeof(names) / sizeof(names[0]) == THEME_PARTS, "a name for each part");

enum theme theme_named(const char *name, size_t bytes)
{
	size_t part = 0;

	while (part < THEME_PARTS &&
		(strlen(names[part]) != bytes || memcmp(names[part], name, bytes) != 0))
		part++;
	return (enum theme)part;
}

const char *theme_name_of(enum theme part)
{
	return names[part];
}

/* ---- the theme in use ---- */

static struct {
	struct term_style styles[THEME_PARTS];
	bool set, mono; /* not set: the terminal's */
} used;

bool theme_use(int index, struct buf *faults)
{
	struct buf nobody = {0};
	size_t bytes;

	if (!theme_at(index))
		return false;
	for (size_t i = 0; i < THEME_PARTS; i++)
		used.styles[i] = looks[i].colored;
	const char *text = themes_text(index, &bytes);
	themes_read(used.styles, theme_at(index), text, bytes, faults ? faults : &nobody);
	used.mono = strcmp(theme_at(index), "mono") == 0;
	used.set = true;
	buf_fini(&nobody);
	return true;
}

bool theme_paints(void)
{
	return used.set && !used.mono && used.styles[THEME_TEXT].bg >= 0;
}

/* What has no colour of its own has the text's. */
static struct term_style over_text(struct term_style style)
{
	struct term_style text = used.set ? used.styles[THEME_TEXT] : looks[THEME_TEXT].colored;

	style.fg = style.fg < 0 ? text.fg : style.fg;
	style.bg = style.bg < 0 ? text.bg : style.bg;
	return style;
}

struct term_style theme_style(int colors, enum theme part)
{
	if (!colors || used.mono)
		return looks[part].plain;
	return over_text(used.set ? used.styles[part] : looks[part].colored);
}

/* ---- colours of people ---- */

static const uint8_t twelve[] = {208, 39, 118, 201, 226, 51, 196, 141, 214, 48, 213, 33};

/* Steps of the 6 x 6 x 6 cube, as xterm has them. */
static int cube_step(int value)
{
	return value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40;
}

static int cube_value(int step)
{
	return step ? 55 + 40 * step : 0;
}

static uint8_t cube(int red, int green, int blue)
{
	return (uint8_t)(16 + 36 * cube_step(red) + 6 * cube_step(green) + cube_step(blue));
}

static bool parse_rgb(const char *color, int rgb[3])
{
	char digits[3] = "";

	if (!color || color[0] != '#' || strspn(color + 1, "0123456789abcdefABCDEF") != 6 ||
		color[7])
		return false;
	for (int i = 0; i < 3; i++) {
		memcpy(digits, color + 1 + 2 * i, 2);
		rgb[i] = (int)strtol(digits, NULL, 16);
	}
	return true;
}

uint8_t theme_person(const char *color, uint64_t user)
{
	int rgb[3];

	if (parse_rgb(color, rgb))
		return cube(rgb[0], rgb[1], rgb[2]);
	return twelve[user % sizeof(twelve)];
}

static void cube_rgb(uint8_t color, int rgb[3])
{
	int index = color < 16 || color > 231 ? 215 : color - 16;

	rgb[0] = cube_value(index / 36);
	rgb[1] = cube_value(index / 6 % 6);
	rgb[2] = cube_value(index % 6);
}

static int16_t readable_on(uint8_t color)
{
	int rgb[3];

	cube_rgb(color, rgb);
	return 299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] < 110000 ? WHITE : BLACK;
}

struct term_style theme_caret(int colors, uint8_t color)
{
	if (!colors)
		return (struct term_style){-1, -1, TERM_REVERSE | TERM_UNDERLINE};
	return (struct term_style){readable_on(color), color, colors < 256 ? TERM_UNDERLINE : 0};
}

struct term_style theme_name(int colors, uint8_t color)
{
	if (!colors)
		return (struct term_style){-1, -1, TERM_REVERSE};
	return (struct term_style){readable_on(color), color, 0};
}

struct term_style theme_selection(int colors, uint8_t color)
{
	int rgb[3];

	if (!colors)
		return (struct term_style){-1, -1, TERM_UNDERLINE};
	if (colors < 256)
		return over_text((struct term_style){color, -1, TERM_UNDERLINE});
	cube_rgb(color, rgb);
	return (struct term_style){WHITE, cube(rgb[0] * 2 / 5, rgb[1] * 2 / 5, rgb[2] * 2 / 5), 0};
}

struct term_style theme_mark(int colors, uint8_t color)
{
	if (!colors)
		return (struct term_style){-1, -1, TERM_BOLD};
	return over_text((struct term_style){color, -1, 0});
}

/* ---- colours of themes ---- */

static int distance(const int a[3], const int b[3])
{
	int sum = 0;

	for (int i = 0; i < 3; i++)
		sum += (a[i] - b[i]) * (a[i] - b[i]);
	return sum;
}

/* The cube's nearest, or of the 24 greys from 232 on, 8 to 238 by tens, whichever is nearer. */
static int nearest(const int rgb[3])
{
	int mean = (rgb[0] + rgb[1] + rgb[2]) / 3, step = mean < 8 ? 0 : (mean - 3) / 10;
	int grey = step > 23 ? 23 : step, cubic[3];
	uint8_t color = cube(rgb[0], rgb[1], rgb[2]);

	cube_rgb(color, cubic);
	int greys[3] = {8 + 10 * grey, 8 + 10 * grey, 8 + 10 * grey};
	return distance(rgb, greys) < distance(rgb, cubic) ? 232 + grey : color;
}

int theme_color(const char *word)
{
	int rgb[3];

	if (strcmp(word, "default") == 0)
		return -1;
	if (parse_rgb(word, rgb))
		return nearest(rgb);
	if (!*word || strlen(word) > 3 || strspn(word, "0123456789") != strlen(word))
		return -2;
	int number = atoi(word);
	return number < 256 ? number : -2;
}
