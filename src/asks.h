/*
 * asks.h: what the .editorconfig files above a file ask of whoever edits it, word for word: names and values.
 *
 *	struct asks asks = asks_of("/home/ada/main.c");
 *	asks.at[0].name, asks.at[0].value	-- "indent_style", "tab"
 *
 * What they mean is style.h's; here are the words, which a server reads and sends on. Known are indent_style, indent_size, tab_width,
 * max_line_length, end_of_line, charset, trim_trailing_whitespace and insert_final_newline; others, and values longer than any that
 * means something, are left out. Files that cannot be read ask for nothing.
 *
 * Memory: plain values, to be copied.
 * Uses:   libeditorconfig. Source: editorconfig.org, version 0.15 of its specification.
 */
#ifndef SRC_ASKS_H
#define SRC_ASKS_H

#include <stdbool.h>
#include <stddef.h>

#include "net/message.h"

#define ASKS_MOST       8  /* as many as are known */
#define ASK_VALUE_BYTES 16 /* with its NUL */

struct asks {
	size_t count;
	struct ask {
		const char *name; /* static */
		char value[ASK_VALUE_BYTES];
	} at[ASKS_MOST];
};

struct asks asks_of(const char *path); /* absolute; the file need not be there */
/* One more, as somebody else read it; nothing when it is not known. Of two with one name the later counts. */
void asks_add(struct asks *asks, struct str name, struct str value);
bool asks_same(const struct asks *a, const struct asks *b);

#endif
