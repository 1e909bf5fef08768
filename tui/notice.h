/*
 * notice.h: what the person is told for some seconds (editor_notice): at the right of the status bar, where there is room; else in rows of its
 * own from there on upwards, until the next key, which makes room for the text again.
 */
#ifndef TUI_NOTICE_H
#define TUI_NOTICE_H

#include "tui/editor.h"

bool notice_is_tall(const struct editor *ed); /* it does not stand in the status bar, but over it */
void notice_draw(const struct editor *ed, struct term *term);
void notice_key(struct editor *ed); /* from now on one row of it is enough */
void notice_end(struct editor *ed);

#endif
