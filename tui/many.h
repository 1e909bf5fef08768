/*
 * many.h: the commands that add carets, and take them away.
 */
#ifndef TUI_MANY_H
#define TUI_MANY_H

#include <stddef.h>
#include <stdint.h>

#include "tui/editor.h"

void many_above(struct editor *ed, uint64_t now_ms); /* one more in the line above the topmost */
void many_below(struct editor *ed, uint64_t now_ms);
void many_next(struct editor *ed, uint64_t now_ms);  /* the word at the caret, then its next places */
void many_all(struct editor *ed, uint64_t now_ms);   /* all its places at once */
void many_lines(struct editor *ed, uint64_t now_ms); /* at the end of each selected line */
void many_drop(struct editor *ed, uint64_t now_ms);  /* the newest goes */
void many_point(struct editor *ed, size_t pos);      /* one more there, or one less */

#endif
