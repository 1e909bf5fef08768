/*
 * panel_chat.h: what was said, the newest at the bottom; in the side panel, or over the text's last rows while one talks.
 *
 *	12:01 Linus see main.c:5
 *	12:02 Ada   yes, that
 *	 read by Linus, Grace
 *
 * Names are in their people's colours; what is said to oneself, and the places named, stand out. Long messages are cut at words into
 * rows of their own. Under the newest of one's own messages is who has read it.
 */
#ifndef TUI_PANEL_CHAT_H
#define TUI_PANEL_CHAT_H

#include "tui/chat.h"
#include "tui/editor.h"
#include "tui/screen.h"
#include "tui/term.h"

void panel_chat_draw(const struct editor *ed, struct term *term, struct rect rect);
/* The message drawn in that row; NULL: none. */
const struct chat_line *panel_chat_at(const struct editor *ed, struct rect rect, int row);

#endif
