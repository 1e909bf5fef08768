/*
 * style.h: what the .editorconfig files above a file ask for.
 *
 *	struct style style = style_of("/home/ada/main.c");
 *	if (style.trim || style.last_newline) op = style_tidy(&style, text);	-- before each save
 *
 * Known: indent_style, indent_size, tab_width, max_line_length, end_of_line (lf, crlf), charset, trim_trailing_whitespace and
 * insert_final_newline; the rest, and files that cannot be read, mean nothing here: then it stays as the file has it.
 *
 * Uses:    libeditorconfig.
 */
#ifndef SRC_STYLE_H
#define SRC_STYLE_H

#include <stdbool.h>

#include "ot/op.h"
#include "ot/text.h"
#include "src/server/workspace.h"
#include "tui/editor.h"

#define STYLE_INDENT_MAX 16   /* columns of a level or a tab; more is not believed */
#define STYLE_LINE_MAX	 1000 /* columns of max_line_length, likewise */

struct style {
	struct editor_style indent;
	enum style_ends { STYLE_ENDS_AS_THEY_ARE, STYLE_LF, STYLE_CRLF } ends;
	bool has_charset;
	enum charset charset;
	bool bom; /* with it */
	bool trim;         /* no blanks at line ends */
	bool last_newline; /* a text that is not empty ends with a line end */
};

/* How the file is to be written: its form as it is, but for what is asked for. Latin-1 is for new files alone: others may hold more. */
void style_form(const struct style *style, struct workspace_file *file);
struct style style_of(const char *path); /* absolute */
/* What has to be done to the text; the identity when it is tidy. */
struct op style_tidy(const struct style *style, const struct text *text);

#endif
