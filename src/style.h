/*
 * style.h: what is asked of a file (asks.h), as it is obeyed here.
 *
 *	struct style style = style_of("/home/ada/main.c");
 *	op = style_tidy(&style, text, NULL, 0);	-- before each save
 *
 * What has no meaning here means nothing: then it stays as the file has it.
 */
#ifndef SRC_STYLE_H
#define SRC_STYLE_H

#include <stdbool.h>

#include "ot/op.h"
#include "ot/text.h"
#include "src/asks.h"
#include "src/charset.h"

#define STYLE_INDENT_MAX 16   /* columns of a level or a tab; more is not believed */
#define STYLE_LINE_MAX	 1000 /* columns of max_line_length, likewise */

struct workspace_file;

struct style {
	enum style_by { STYLE_BY_AS_SET, STYLE_BY_TABS, STYLE_BY_BLANKS } by;
	unsigned indent, tab_width, line_max; /* columns; 0: as set */
	enum style_ends { STYLE_ENDS_AS_THEY_ARE, STYLE_LF, STYLE_CRLF } ends;
	bool has_charset;
	enum charset charset;
	bool bom; /* with it */
	bool trim;         /* no blanks at line ends */
	bool last_newline; /* a text that is not empty ends with a line end */
};

struct style style_from(const struct asks *asks);
struct style style_of(const char *path); /* style_from(asks_of(path)) */

/* How the file is to be written: its form as it is, but for what is asked for. Latin-1 is for new files alone: others may hold more. */
void style_form(const struct style *style, struct workspace_file *file);
/*
 * What has to be done to the text; the identity when it is tidy. Where one of these places is (`count`, in rising order)
 * behind blanks of its line, or at the end of the text, that is left as it is: somebody is about to type there.
 */
struct op style_tidy(const struct style *style, const struct text *text, const size_t *spared, size_t count);

#endif
