/*
 * answer.h: what becomes of the keys while a prompt is open, and of what was typed into it.
 */
#ifndef TUI_ANSWER_H
#define TUI_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/editor.h"
#include "tui/key.h"

/* true: the key was for the prompt. */
bool answer_takes(struct editor *ed, const struct key *key, uint64_t now_ms);

#endif
