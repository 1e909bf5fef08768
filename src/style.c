#include "src/style.h"

#include <stdlib.h>
#include <string.h>

#include <editorconfig/editorconfig.h>

static unsigned columns(const char *value)
{
	unsigned long number = strtoul(value, NULL, 10);

	return number <= STYLE_INDENT_MAX ? (unsigned)number : 0;
}

static void take(struct style *style, const char *name, const char *value)
{
	if (strcmp(name, "indent_style") == 0)
		style->indent.by = strcmp(value, "tab") == 0     ? EDITOR_INDENT_TABS
				   : strcmp(value, "space") == 0 ? EDITOR_INDENT_BLANKS
								 : EDITOR_INDENT_AS_SET;
	else if (strcmp(name, "indent_size") == 0)
		style->indent.indent = columns(value); /* "tab" is no number: a tab's */
	else if (strcmp(name, "tab_width") == 0)
		style->indent.tab_width = columns(value);
	else if (strcmp(name, "trim_trailing_whitespace") == 0)
		style->trim = strcmp(value, "true") == 0;
	else if (strcmp(name, "insert_final_newline") == 0)
		style->last_newline = strcmp(value, "true") == 0;
}

struct style style_of(const char *path)
{
	editorconfig_handle handle = editorconfig_handle_init();
	struct style style = {0};

	if (!handle)
		return style;
	if (editorconfig_parse(path, handle) == 0)
		for (int i = 0; i < editorconfig_handle_get_name_value_count(handle); i++) {
			const char *name, *value;
			editorconfig_handle_get_name_value(handle, i, &name, &value);
			take(&style, name, value);
		}
	editorconfig_handle_destroy(handle);
	return style;
}

/* ---- tidying ---- */

struct tidying {
	struct op op;
	size_t kept;   /* up to here the op goes */
	size_t blanks; /* at the end of what was read */
};

static void line_ends(struct tidying *tidying, size_t pos)
{
	if (tidying->blanks) {
		op_retain(&tidying->op, pos - tidying->blanks - tidying->kept);
		op_delete(&tidying->op, tidying->blanks);
		tidying->kept = pos;
	}
	tidying->blanks = 0;
}

static void trim(struct tidying *tidying, const struct text *text)
{
	struct text_iter it = text_iter(text, 0);
	uint32_t c;

	while (text_iter_next(&it, &c))
		if (c == '\n')
			line_ends(tidying, it.pos - 1);
		else
			tidying->blanks = c == ' ' || c == '\t' ? tidying->blanks + 1 : 0;
	line_ends(tidying, it.pos);
}

static bool ends_open(const struct text *text)
{
	struct text_iter it = text_iter(text, text_size(text).points);
	uint32_t c;

	return text_iter_prev(&it, &c) && c != '\n';
}

struct op style_tidy(const struct style *style, const struct text *text)
{
	struct tidying tidying = {.kept = 0};

	if (style->trim)
		trim(&tidying, text);
	if (style->last_newline && ends_open(text)) {
		op_retain(&tidying.op, text_size(text).points - tidying.kept);
		op_insert(&tidying.op, "\n", 1);
	}
	return tidying.op;
}
