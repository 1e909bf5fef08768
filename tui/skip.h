/*
 * skip.h: over the parts of a text where some words are not, at the speed of memory: the leaves are looked at where they are.
 *
 *	pos = skip_to(pattern, text, pos, limit, &budget);	-- the words may begin there, or behind; not before
 *
 * For patterns that are words (pattern_is_slow says no). What lies over the end of a leaf is put together, a word's length of it.
 *
 * Units: positions are code points, the budget bytes: what is looked at goes off it, until none is left.
 */
#ifndef TUI_SKIP_H
#define TUI_SKIP_H

#include <stddef.h>

#include "ot/text.h"
#include "tui/pattern.h"

/* Gives a position behind limit, if it comes to that. */
size_t skip_to(const struct pattern *p, const struct text *t, size_t pos, size_t limit, size_t *budget);

#endif
