/*
 * panel_people.h: the list of who is here: a person a line, with what they do and where, under the keys of roster.h.
 */
#ifndef TUI_PANEL_PEOPLE_H
#define TUI_PANEL_PEOPLE_H

#include "tui/editor.h"
#include "tui/screen.h"
#include "tui/term.h"

void panel_people_draw(struct editor *ed, struct term *term, struct rect rect);

#endif
