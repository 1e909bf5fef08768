/*
 * comment.h: how a language writes a comment of one line, by the file's name.
 */
#ifndef TUI_COMMENT_H
#define TUI_COMMENT_H

#include <stdbool.h>

struct comment {
	const char *open;  /* "//", "#", "<!--" */
	const char *close; /* "" where the line's end is enough */
};

bool comment_of(const char *path, struct comment *out); /* false: not known */

#endif
