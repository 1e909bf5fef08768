#include "src/style.h"

#include <stdlib.h>
#include <string.h>

#include "src/server/workspace.h"

/* What is no number is 0. */
static unsigned columns(const char *value, unsigned most)
{
	unsigned long number = strtoul(value, NULL, 10);

	return number <= most ? (unsigned)number : 0;
}

static void take_charset(struct style *style, const char *value)
{
	static const struct {
		const char *name;
		enum charset charset;
		bool bom;
	} charsets[] = {{"utf-8", CHARSET_UTF8, false}, {"utf-8-bom", CHARSET_UTF8, true},
		{"utf-16le", CHARSET_UTF16LE, true}, {"utf-16be", CHARSET_UTF16BE, true},
		{"latin1", CHARSET_LATIN1, false}};

	for (size_t i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++)
		if (strcmp(value, charsets[i].name) == 0) {
			style->has_charset = true;
			style->charset = charsets[i].charset;
			style->bom = charsets[i].bom;
		}
}

static void take(struct style *style, const char *name, const char *value)
{
	if (strcmp(name, "indent_style") == 0)
		style->by = strcmp(value, "tab") == 0     ? STYLE_BY_TABS
			    : strcmp(value, "space") == 0 ? STYLE_BY_BLANKS
							  : STYLE_BY_AS_SET;
	else if (strcmp(name, "indent_size") == 0)
		style->indent = columns(value, STYLE_INDENT_MAX); /* "tab" is no number: a tab's */
	else if (strcmp(name, "tab_width") == 0)
		style->tab_width = columns(value, STYLE_INDENT_MAX);
	else if (strcmp(name, "max_line_length") == 0)
		style->line_max = columns(value, STYLE_LINE_MAX);
	else if (strcmp(name, "end_of_line") == 0)
		style->ends = strcmp(value, "lf") == 0     ? STYLE_LF
			      : strcmp(value, "crlf") == 0 ? STYLE_CRLF
							   : STYLE_ENDS_AS_THEY_ARE;
	else if (strcmp(name, "charset") == 0)
		take_charset(style, value);
	else if (strcmp(name, "trim_trailing_whitespace") == 0)
		style->trim = strcmp(value, "true") == 0;
	else if (strcmp(name, "insert_final_newline") == 0)
		style->last_newline = strcmp(value, "true") == 0;
}

struct style style_from(const struct asks *asks)
{
	struct style style = {0};

	for (size_t i = 0; i < asks->count; i++)
		take(&style, asks->at[i].name, asks->at[i].value);
	return style;
}

struct style style_of(const char *path)
{
	struct asks asks = asks_of(path);

	return style_from(&asks);
}

void style_form(const struct style *style, struct workspace_file *file)
{
	if (style->ends) {
		file->form.crlf = style->ends == STYLE_CRLF;
		file->form.mixed = false;
	}
	if (style->has_charset && (style->charset != CHARSET_LATIN1 || !file->exists)) {
		file->form.charset = style->charset;
		file->form.bom = style->bom;
	}
}

/* ---- tidying ---- */

struct tidying {
	struct op op;
	size_t kept;   /* up to here the op goes */
	size_t blanks; /* at the end of what was read */
	const size_t *spared;
	size_t count;
};

static bool is_spared(struct tidying *tidying, size_t pos)
{
	while (tidying->count && *tidying->spared <= pos - tidying->blanks) {
		tidying->spared++;
		tidying->count--;
	}
	return tidying->count && *tidying->spared <= pos;
}

static void line_ends(struct tidying *tidying, size_t pos)
{
	if (tidying->blanks && !is_spared(tidying, pos)) {
		op_retain(&tidying->op, pos - tidying->blanks - tidying->kept);
		op_delete(&tidying->op, tidying->blanks);
		tidying->kept = pos;
	}
	tidying->blanks = 0;
}

/* Of mixed line ends '\r' is a character of the text. */
static bool goes(const struct style *style, uint32_t c)
{
	return (style->trim && (c == ' ' || c == '\t')) || (style->ends && c == '\r');
}

static void trim(struct tidying *tidying, const struct style *style, const struct text *text)
{
	struct text_iter it = text_iter(text, 0);
	uint32_t c;

	while (text_iter_next(&it, &c))
		if (c == '\n')
			line_ends(tidying, it.pos - 1);
		else
			tidying->blanks = goes(style, c) ? tidying->blanks + 1 : 0;
	line_ends(tidying, it.pos);
}

static bool ends_open(const struct text *text)
{
	struct text_iter it = text_iter(text, text_size(text).points);
	uint32_t c;

	return text_iter_prev(&it, &c) && c != '\n';
}

struct op style_tidy(
	const struct style *style, const struct text *text, const size_t *spared, size_t count)
{
	struct tidying tidying = {.spared = spared, .count = count};

	if (style->trim || style->ends)
		trim(&tidying, style, text);
	bool about_to_type = count && spared[count - 1] >= text_size(text).points;
	if (style->last_newline && !about_to_type && ends_open(text)) {
		op_retain(&tidying.op, text_size(text).points - tidying.kept);
		op_insert(&tidying.op, "\n", 1);
	}
	return tidying.op;
}
