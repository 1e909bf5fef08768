#include "tui/themes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "tui/rules.h"

/* ---- our own ---- */

#define DARK                                                                                       \
	"text #d0d0d0 on #1c1c1c\nodd default reverse\nselected #ffffff on #005f87\n"              \
	"gutter #8a8a8a\ngutter-here #ffffff bold\nbar #e4e4e4 on #3a3a3a\n"                       \
	"notice #ffffff on #3a3a3a bold\nalarm #ffffff on #af0000 bold\nhint #b2b2b2\n"            \
	"hint-key #e4e4e4 on #3a3a3a\npanel-heading #ffffff bold\nfaint #949494\n"                 \
	"prompt #ffffff bold\nfound #000000 on #d7af5f\ncomment #8a8a8a italic\nstring #afaf5f\n"  \
	"number #d7875f\nkeyword #87afd7\ntype #5fafaf\npreprocessor #af87d7\n"                    \
	"constant #d7875f\nescape #d7af5f\noperator #d0d0d0\nfunction #ffffaf\n"                   \
	"bad #ffffff on #af0000 bold\nheading #ffffff bold\nemphasis #ffffff italic\n"             \
	"added #87af5f\nremoved #ff8787\nlink #87afd7 underline\n"

#define LIGHT                                                                                      \
	"text #1c1c1c on #ffffff\nodd default reverse\nselected #000000 on #afd7ff\n"              \
	"gutter #6c6c6c\ngutter-here #000000 bold\nbar #1c1c1c on #dadada\n"                       \
	"notice #000000 on #dadada bold\nalarm #ffffff on #af0000 bold\nhint #4e4e4e\n"            \
	"hint-key #1c1c1c on #dadada\npanel-heading #000000 bold\nfaint #626262\n"                 \
	"prompt #000000 bold\nfound #000000 on #ffd75f\ncomment #626262 italic\nstring #005f00\n"  \
	"number #af0000\nkeyword #0000af\ntype #005f5f\npreprocessor #5f00af\n"                    \
	"constant #af0000\nescape #875f00\noperator #1c1c1c\nfunction #00005f\n"                   \
	"bad #ffffff on #af0000 bold\nheading #000000 bold\nemphasis #000000 italic\n"             \
	"added #005f00\nremoved #af0000\nlink #0000af underline\n"

#define HIGH_CONTRAST                                                                               \
	"text #ffffff on #000000\nodd #000000 on #ffffff\nselected #000000 on #ffff00\n"            \
	"gutter #dadada\ngutter-here #ffff00 bold\nbar #000000 on #ffffff bold\n"                   \
	"notice #000000 on #ffffff bold\nalarm #ffffff on #870000 bold\nhint #ffffff\n"             \
	"hint-key #000000 on #ffffff bold\npanel-heading #ffff00 bold\nfaint #dadada\n"             \
	"prompt #ffff00 bold\nfound #000000 on #00ffff bold\ncomment #afffff\nstring #afffaf\n"     \
	"number #ffd7ff\nkeyword #ffff00 bold\ntype #00ffff\npreprocessor #ffd7ff bold\n"           \
	"constant #ffd7ff\nescape #ffffaf bold\noperator #ffffff\nfunction #ffffff bold\n"          \
	"bad #ffffff on #870000 bold underline\nheading #ffff00 bold\nemphasis #ffffff underline\n" \
	"added #afffaf bold\nremoved #ffafaf underline\nlink #00ffff underline\n"

#define COLOR_BLIND                                                                                \
	"text #dadada on #1c1c1c\nodd default reverse\nselected #ffffff on #005f87\n"              \
	"gutter #8a8a8a\ngutter-here #ffffff bold\nbar #e4e4e4 on #3a3a3a\n"                       \
	"notice #ffffff on #3a3a3a bold\nalarm #000000 on #ff8700 bold\nhint #b2b2b2\n"            \
	"hint-key #e4e4e4 on #3a3a3a\npanel-heading #ffffff bold\nfaint #949494\n"                 \
	"prompt #ffffff bold\nfound #000000 on #ffff5f\ncomment #8a8a8a italic\nstring #ffaf00\n"  \
	"number #d787af\nkeyword #5fafff bold\ntype #5fafff\npreprocessor #d787af bold\n"          \
	"constant #d787af\nescape #ffff5f\noperator #dadada\nfunction #ffff5f\n"                   \
	"bad #000000 on #ff8700 bold\nheading #ffffff bold\nemphasis #ffffff italic\n"             \
	"added #5fafff\nremoved #ff8700 underline\nlink #5fafff underline\n"

struct named {
	char *name, *text;
};

enum { AUTO, TERMINAL, DARK_ONE, LIGHT_ONE };

static const struct named own[] = {
	[AUTO] = {"auto", ""},
	[TERMINAL] = {"terminal", ""},
	[DARK_ONE] = {"dark", DARK},
	[LIGHT_ONE] = {"light", LIGHT},
	{"high-contrast", HIGH_CONTRAST},
	{"color-blind", COLOR_BLIND},
	{"mono", ""},
};

#define OWN ((int)(sizeof(own) / sizeof(own[0])))

static struct named added[THEMES_MAX - sizeof(own) / sizeof(own[0])];
static int added_count;

const char *theme_at(int index)
{
	if (index < 0 || index >= OWN + added_count)
		return NULL;
	return index < OWN ? own[index].name : added[index - OWN].name;
}

int themes_behind(int index, bool light)
{
	return index != AUTO ? index : light ? LIGHT_ONE : TERMINAL;
}

const char *themes_text(int index, size_t *bytes)
{
	const char *text = index < OWN ? own[index].text : added[index - OWN].text;

	*bytes = strlen(text);
	return text;
}

void themes_forget(void)
{
	for (; added_count; added_count--) {
		free(added[added_count - 1].name);
		free(added[added_count - 1].text);
	}
}

bool themes_add(const char *name, const char *text, size_t bytes)
{
	int at = 0;

	while (at < added_count && strcmp(added[at].name, name) != 0)
		at++;
	if (OWN + at == THEMES_MAX)
		return false;
	if (at == added_count)
		added[added_count++] = (struct named){mem_dup(name, strlen(name)), NULL};
	free(added[at].text);
	added[at].text = mem_dup(text, bytes);
	return true;
}

/* ---- reading ---- */

static bool take_color(struct rules *rules, const char *word, int16_t *out)
{
	int color = theme_color(word);

	if (color < -1)
		rules_fault(rules, "%s is no colour", word);
	else
		*out = (int16_t)color;
	return color >= -1;
}

static const struct {
	const char *name;
	enum term_attr attr;
} attrs[] = {
	{"bold", TERM_BOLD},
	{"dim", TERM_DIM},
	{"reverse", TERM_REVERSE},
	{"underline", TERM_UNDERLINE},
	{"italic", TERM_ITALIC},
};

static bool take_attr(struct rules *rules, const char *word, uint8_t *out)
{
	for (size_t i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++)
		if (strcmp(attrs[i].name, word) == 0) {
			*out |= (uint8_t)attrs[i].attr;
			return true;
		}
	rules_fault(rules, "%s is neither bold, dim, reverse, underline nor italic", word);
	return false;
}

/* PART COLOUR [on COLOUR] [ATTRIBUTE ...] */
static void take_words(struct rules *rules, char **words, size_t count)
{
	enum theme part = theme_named(words[0], strlen(words[0]));
	struct term_style style = {-1, -1, 0};
	bool on = count > 3 && strcmp(words[2], "on") == 0;
	size_t next = on ? 4 : 2;

	if (part == THEME_PARTS) {
		rules_fault(rules, "%s is no part of the screen", words[0]);
		return;
	}
	if (count < 2) {
		rules_fault(rules, "%s has no colour", words[0]);
		return;
	}
	if (!take_color(rules, words[1], &style.fg) ||
		(on && !take_color(rules, words[3], &style.bg)))
		return;
	while (next < count)
		if (!take_attr(rules, words[next++], &style.attr))
			return;
	((struct term_style *)rules->ctx)[part] = style;
}

static bool is_color(const char *word)
{
	return theme_color(word) >= 0;
}

size_t themes_read(struct term_style out[THEME_PARTS], const char *name, const char *text,
	size_t bytes, struct buf *faults)
{
	struct rules rules = {.name = name,
		.faults = faults,
		.take = take_words,
		.is_word = is_color,
		.ctx = out};

	return rules_read(&rules, text, bytes);
}
