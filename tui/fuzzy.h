/*
 * fuzzy.h: how well a few letters mean a name.
 *
 *	fuzzy_score("gtl", "go-to-line") > fuzzy_score("gtl", "toggle")
 *
 * The letters must come in this order, with anything between them. Better are those at starts of words, those that follow each other, and
 * shorter names. Blanks in the pattern part it: all parts must be there, in any order. Capitals do not matter.
 *
 * Cost:  letters x name x name; names are short.
 */
#ifndef TUI_FUZZY_H
#define TUI_FUZZY_H

#include <stddef.h>

#define FUZZY_NAME 256 /* bytes of a name that count */

/* 0: it does not mean that; else more is better. An empty pattern means everything, a little. */
int fuzzy_score(const char *pattern, size_t bytes, const char *name);
/* The same of "name: what it does": each part is meant by the name, or begins a word of the rest. */
int fuzzy_described(const char *pattern, size_t bytes, const char *name);

#endif
