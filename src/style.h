/*
 * style.h: what the .editorconfig files above a file ask for.
 *
 *	struct style style = style_of("/home/ada/main.c");
 *	if (style.trim || style.last_newline) op = style_tidy(&style, text);	-- before each save
 *
 * Known: indent_style, indent_size, tab_width, trim_trailing_whitespace and insert_final_newline; the rest, and files that cannot be
 * read, mean nothing here. A line end is kept as the file has it.
 *
 * Uses:    libeditorconfig.
 */
#ifndef SRC_STYLE_H
#define SRC_STYLE_H

#include <stdbool.h>

#include "ot/op.h"
#include "ot/text.h"
#include "tui/editor.h"

#define STYLE_INDENT_MAX 16 /* columns of a level or a tab; more is not believed */

struct style {
	struct editor_style indent;
	bool trim;         /* no blanks at line ends */
	bool last_newline; /* a text that is not empty ends with a line end */
};

struct style style_of(const char *path); /* absolute */
/* What has to be done to the text; the identity when it is tidy. */
struct op style_tidy(const struct style *style, const struct text *text);

#endif
