/*
 * seek.h: looking for what the prompt asks for: from the caret on, around the ends of the text.
 */
#ifndef TUI_SEEK_H
#define TUI_SEEK_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/editor.h"

/* The next (or previous) place of the needle from the selection on. */
void seek_again(struct editor *ed, bool forward, uint64_t now_ms);
/* The prompt's text changed: with each letter the search begins again from where it was called for. */
void seek_typed(struct editor *ed);

#endif
