/*
 * write.h: the commands that write and delete at every caret.
 */
#ifndef TUI_WRITE_H
#define TUI_WRITE_H

#include <stdint.h>

#include "tui/editor.h"

void write_newline(struct editor *ed, uint64_t now_ms); /* indented like the line it ends, and once more behind an open bracket */
void write_tab(struct editor *ed, uint64_t now_ms);     /* to the next stop; several selected lines are indented */
void write_backspace(struct editor *ed, uint64_t now_ms);
void write_delete(struct editor *ed, uint64_t now_ms);
void write_delete_word_left(struct editor *ed, uint64_t now_ms);
void write_delete_word_right(struct editor *ed, uint64_t now_ms);
void write_undo(struct editor *ed, uint64_t now_ms);
void write_redo(struct editor *ed, uint64_t now_ms);

#endif
