/*
 * move.h: the motions of the command table, each done by every caret.
 */
#ifndef TUI_MOVE_H
#define TUI_MOVE_H

#include <stdint.h>

#include "tui/editor.h"

void move_left(struct editor *ed, uint64_t now_ms);
void move_right(struct editor *ed, uint64_t now_ms);
void move_up(struct editor *ed, uint64_t now_ms);
void move_down(struct editor *ed, uint64_t now_ms);
void move_word_left(struct editor *ed, uint64_t now_ms);
void move_word_right(struct editor *ed, uint64_t now_ms);
void move_home(struct editor *ed, uint64_t now_ms); /* first behind the indent, then to the very start */
void move_end(struct editor *ed, uint64_t now_ms);
void move_page_up(struct editor *ed, uint64_t now_ms);
void move_page_down(struct editor *ed, uint64_t now_ms);
void move_top(struct editor *ed, uint64_t now_ms);
void move_bottom(struct editor *ed, uint64_t now_ms);
void move_mark(struct editor *ed, uint64_t now_ms); /* motions select from here on, or no more */
void move_bracket(struct editor *ed, uint64_t now_ms); /* to the partner of the bracket at the caret */

/* The view alone. */
void move_scroll_up(struct editor *ed, uint64_t now_ms);
void move_scroll_down(struct editor *ed, uint64_t now_ms);

#endif
