/*
 * syntax_source.h: the files that a description is made of: looked for in folders, read once, checked.
 *
 *	struct syntax_sources sources = {.folders = folders};
 *	n = syntax_source_find(&sources, "python");
 *	... sources.at[n].text ...
 *	syntax_sources_fini(&sources);
 *
 * Names are letters, digits, '_', '-' and '+', so none leads out of its folder. Texts are valid UTF-8 without U+0000.
 */
#ifndef TUI_SYNTAX_SOURCE_H
#define TUI_SYNTAX_SOURCE_H

#include <stddef.h>

#include "ot/buf.h"
#include "tui/syntax_file.h"

struct syntax_source {
	char *name, *path;
	struct buf text;
};

struct syntax_sources {
	const char *const *folders; /* ends with NULL */
	struct syntax_source at[SYNTAX_FILE_FILES];
	size_t count;
	char *why; /* a file is there and is no text; owned, the caller's to take */
};

/* Its number; SYNTAX_FILE_FILES when there is none, or why says what is wrong with it, or there are too many. */
size_t syntax_source_find(struct syntax_sources *sources, const char *name);
void syntax_sources_fini(struct syntax_sources *sources);

#endif
