/*
 * find.h: where a string is in a text.
 *
 *	if (find_next(text, pos, needle, bytes, &sel)) ...
 *
 * Literal. A needle without capitals finds them too; one with a capital means what it says.
 *
 * Cost:  what is searched, once.
 */
#ifndef TUI_FIND_H
#define TUI_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/anchor.h"
#include "ot/text.h"

/* The first one that begins at or after pos; *out runs from its start (anchor) to its end (head). */
bool find_next(const struct text *t, size_t pos, const char *needle, size_t bytes, struct sel *out);
/* The last one that begins before pos. */
bool find_previous(
	const struct text *t, size_t pos, const char *needle, size_t bytes, struct sel *out);

#endif
