/*
 * panel.h: the side panel: its edge, and what stands in it, one below the other.
 */
#ifndef TUI_PANEL_H
#define TUI_PANEL_H

#include "tui/editor.h"
#include "tui/key.h"
#include "tui/term.h"

void panel_draw(struct editor *ed, struct term *term);
void panel_mouse(struct editor *ed, const struct key *key, uint64_t now_ms); /* of a key within it */

#endif
