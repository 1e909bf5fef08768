/*
 * statusbar.h: the bars: file and room at the top; place, state and news at the bottom; the line of keys.
 *
 * Parts that do not fit are left out, the least telling first.
 */
#ifndef TUI_STATUSBAR_H
#define TUI_STATUSBAR_H

#include <stdint.h>

#include "tui/command.h"
#include "tui/editor.h"
#include "tui/term.h"

void statusbar_top(const struct editor *ed, struct term *term);
void statusbar_status(struct editor *ed, struct term *term);
void statusbar_hints(struct editor *ed, struct term *term);
/* The command whose key and word stand at this column of the line of keys; NULL: none. */
const struct command *statusbar_hint_at(const struct editor *ed, int col);

#endif
