/*
 * overlay.h: what lies over the text for a while: the help (help.h), the links to share, and what is wrong in the configuration.
 */
#ifndef TUI_OVERLAY_H
#define TUI_OVERLAY_H

#include <stdint.h>

#include "tui/editor.h"
#include "tui/key.h"
#include "tui/term.h"

void overlay_draw(struct editor *ed, struct term *term);
/* Scrolls, copies a link, or closes it. */
void overlay_key(struct editor *ed, const struct key *key, uint64_t now_ms);

#endif
