/*
 * show.h: the commands that change how the text is shown, and those that tell about it; they change nothing in it.
 */
#ifndef TUI_SHOW_H
#define TUI_SHOW_H

#include <stdint.h>

#include "tui/editor.h"

void show_key(struct editor *ed, uint64_t now_ms); /* the next one */
bool show_takes(struct editor *ed, const struct key *key, uint64_t now_ms); /* true: it was that one */
void show_wrap(struct editor *ed, uint64_t now_ms);
void show_blanks(struct editor *ed, uint64_t now_ms);
void show_numbers(struct editor *ed, uint64_t now_ms); /* absolute, from the caret's line, none */
void show_count(struct editor *ed, uint64_t now_ms);   /* of the selection, or of the whole text */

#endif
