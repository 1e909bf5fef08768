/*
 * commenting.h: lines become comments, or what they were before: the command "comment".
 *
 * They are comments already if each line that is not blank begins as one (comment.h): then they come out. Otherwise all go in, at the
 * indentation of the one indented least, so that what is indented below stays so.
 */
#ifndef TUI_COMMENTING_H
#define TUI_COMMENTING_H

#include <stdint.h>

struct editor;

void commenting_toggle(struct editor *ed, uint64_t now_ms);

#endif
