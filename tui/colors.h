/*
 * colors.h: the editor's text in the colours of its language: found when a text is opened, worked out when there is time.
 *
 * Keys and others' edits come first: what is on the screen is lexed as it is drawn, the rest in turns that have nothing else to do.
 */
#ifndef TUI_COLORS_H
#define TUI_COLORS_H

#include <stdbool.h>
#include <stdint.h>

struct editor;

/* A text was opened; again: the same file as before. */
void colors_open(struct editor *ed, bool again);
void colors_fini(struct editor *ed);

/* The language's description could not be read: says why, once. */
void colors_tell(struct editor *ed, uint64_t now_ms);

bool colors_waiting(const struct editor *ed); /* is there more to work out? */
void colors_settle(struct editor *ed);        /* does some of it; the screen is dirty when it shows */

#endif
