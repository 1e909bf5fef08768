/*
 * syntax_flags.h: sets of names, as a description's parts are called with: call=string(double raw).
 *
 * A set is a string, a blank before each name: " double raw". The names are in the order of the alphabet, so one set is always
 * written one way. The empty string is the empty set.
 */
#ifndef TUI_SYNTAX_FLAGS_H
#define TUI_SYNTAX_FLAGS_H

#include <stdbool.h>

#include "tui/syntax_scan.h"

bool syntax_flags_has(const char *flags, struct syntax_piece flag);
char *syntax_flags_with(const char *flags, struct syntax_piece flag);    /* returns owned; flag is not among them yet */
char *syntax_flags_without(const char *flags, struct syntax_piece flag); /* returns owned */

#endif
