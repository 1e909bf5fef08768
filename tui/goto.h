/*
 * goto.h: a place as people write it: "12", "12:5", "-1" from the end, "50%".
 */
#ifndef TUI_GOTO_H
#define TUI_GOTO_H

#include <stdbool.h>
#include <stddef.h>

/* lines: how many there are. *line and *col count from 0; a column may lie behind the line's end. false: that is no place. */
bool goto_parse(const char *typed, size_t lines, size_t *line, size_t *col);

#endif
