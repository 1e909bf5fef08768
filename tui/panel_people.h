/*
 * panel_people.h: the list of who is here, at the right of the text.
 */
#ifndef TUI_PANEL_PEOPLE_H
#define TUI_PANEL_PEOPLE_H

#include "tui/editor.h"
#include "tui/term.h"

void panel_people_draw(const struct editor *ed, struct term *term);

#endif
