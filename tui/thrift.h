/*
 * thrift.h: the bytes of a frame as curses makes them, made fewer: what they say that the terminal knows already is left out.
 *
 *	thrift_frame(at, bytes, rows, &out);
 *
 * Curses sets and takes back what nobody sees (how a blank looks that is neither reversed, underlined nor on a colour), says
 * in several sequences what fits one, and goes to the next row by its number. Here the look that is wanted and the one that the terminal
 * has are kept apart, and the shortest way from one to the other is said before a character that shows it.
 *
 * A frame begins and ends with a plain look. What is not known here goes through as it is.
 *
 * Source: ECMA-48 8.3.117 (SGR), 8.3.158 (VPA); xterm's ctlseqs for the scrolling region. For terminals that speak like it.
 */
#ifndef TUI_THRIFT_H
#define TUI_THRIFT_H

#include <stddef.h>

#include "ot/buf.h"

/* rows: of the screen. Adds to out. */
void thrift_frame(const char *at, size_t bytes, int rows, struct buf *out);

#endif
