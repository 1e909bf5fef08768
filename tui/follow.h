/*
 * follow.h: looking over somebody's shoulder: the window goes where they go, until one moves oneself.
 *
 *	follow_begin(ed, user, now)
 *	follow_show(ed)				-- before each drawing
 *	was = follow_note(ed);  ...a key...  follow_check(ed, was)
 *
 * One's own caret stays where it is. A motion goes on from the place that is being looked at; typing, clicking, scrolling and Esc
 * end it too, and so does the leaving of whom one follows.
 */
#ifndef TUI_FOLLOW_H
#define TUI_FOLLOW_H

#include <stdint.h>

#include "ot/anchor.h"
#include "ot/buf.h"
#include "tui/editor.h"

struct follow_note { /* by which a key shows to have moved something */
	struct sel sel;
	size_t top;
	uint64_t changes;
};

void follow_begin(struct editor *ed, uint64_t user, uint64_t now_ms);
void follow_end(struct editor *ed); /* fine when nobody is followed */
void follow_show(struct editor *ed);
void follow_wish(struct editor *ed); /* to the file that they are in */
void follow_take_over(struct editor *ed); /* the own caret to theirs, for a motion to go on from */

struct follow_note follow_note(const struct editor *ed);
void follow_check(struct editor *ed, struct follow_note was);

/* "Following Ada (Esc ends it)"; adds nothing when nobody is followed. */
void follow_text(const struct editor *ed, struct buf *out);

#endif
