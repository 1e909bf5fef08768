/*
 * lines.h: the commands that work on whole lines: those in which there is a caret, or part of a selection (blocks.h).
 */
#ifndef TUI_LINES_H
#define TUI_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "tui/editor.h"

bool lines_several(const struct editor *ed); /* does a selection reach over a line's end? */
bool lines_blank(const struct text *t, size_t line); /* nothing but blanks */
bool lines_by_tabs(const struct editor *ed);
size_t lines_level(const struct editor *ed); /* columns of one level */
void lines_indent_unit(const struct editor *ed, struct buf *out);

void lines_indent(struct editor *ed, uint64_t now_ms);
void lines_dedent(struct editor *ed, uint64_t now_ms);
void lines_duplicate(struct editor *ed, uint64_t now_ms);
void lines_delete(struct editor *ed, uint64_t now_ms);
void lines_join(struct editor *ed, uint64_t now_ms); /* with the next one, by a blank */
void lines_move_up(struct editor *ed, uint64_t now_ms);
void lines_move_down(struct editor *ed, uint64_t now_ms);

#endif
