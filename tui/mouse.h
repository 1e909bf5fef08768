/*
 * mouse.h: clicks, drags and the wheel. A second click selects words, a third lines, and dragging goes on by what the first selected.
 */
#ifndef TUI_MOUSE_H
#define TUI_MOUSE_H

#include <stdint.h>

#include "tui/editor.h"
#include "tui/key.h"

void mouse_key(struct editor *ed, const struct key *key, uint64_t now_ms);

#endif
