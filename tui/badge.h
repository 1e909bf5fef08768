/*
 * badge.h: a person in one cell: their colour, or, where there are no colours, the first letter of their name.
 */
#ifndef TUI_BADGE_H
#define TUI_BADGE_H

#include "tui/people.h"
#include "tui/term.h"

/* A bar in their colour; without colours the letter in reverse. */
void badge_draw(struct term *term, int row, int col, const struct person *person);
/* The letter, blank where it is no single cell, in a style of the caller's. */
void badge_letter(struct term *term, int row, int col, const char *name, struct term_style style);

#endif
