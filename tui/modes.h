/*
 * modes.h: what a terminal is told and asked when an editor takes it, and told when it is given back.
 *
 *	struct modes modes = modes_of(getenv("TERM"));
 *	modes_enter(&modes, &out);	-- pastes in brackets, focus, mouse, a title of its own
 *	modes_ask(&modes, &out);	-- what it can do: nobody waits for the answers (key.h)
 *	modes_leave(&modes, &out);
 *
 * The last question is one that every terminal answers (DA1), so that with its answer all others are here.
 *
 * Source: xterm's ctlseqs; kitty's "Comprehensive keyboard handling in terminals"; ECMA-48 for DA.
 */
#ifndef TUI_MODES_H
#define TUI_MODES_H

#include <stdbool.h>

#include "ot/buf.h"

struct modes {
	bool speaks;       /* it knows more than to draw: others would print what they are told here */
	bool no_mouse;     /* its mouse is left to it */
	bool synchronizes; /* it can hold a frame back until it is whole */
	bool tells_keys;   /* it can tell keys apart that have always been one */
};

struct modes modes_of(const char *type);
void modes_enter(const struct modes *modes, struct buf *out);
void modes_ask(const struct modes *modes, struct buf *out);
void modes_keys(const struct modes *modes, struct buf *out); /* on the alternate screen, for it has its own */
void modes_mouse(struct modes *modes, bool on, struct buf *out);
void modes_leave(const struct modes *modes, struct buf *out);

/* Around a frame that is to be seen all at once. */
#define MODES_HOLD    "\033[?2026h"
#define MODES_RELEASE "\033[?2026l"

#endif
