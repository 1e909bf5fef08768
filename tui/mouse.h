/*
 * mouse.h: clicks, drags and the wheel. A second click selects words, a third lines, and dragging goes on by what the first selected. The
 * middle button pastes what was copied here. What is clicked in the line of keys is done.
 */
#ifndef TUI_MOUSE_H
#define TUI_MOUSE_H

#include <stdint.h>

#include "tui/editor.h"
#include "tui/key.h"

void mouse_key(struct editor *ed, const struct key *key, uint64_t now_ms);

#endif
