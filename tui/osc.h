/*
 * osc.h: what a terminal is told in strings: its window's title (OSC 2), the system's clipboard (OSC 52).
 *
 * Source: xterm's ctlseqs, "Operating System Commands"; RFC 4648 for base64.
 */
#ifndef TUI_OSC_H
#define TUI_OSC_H

#include <stddef.h>

#include "ot/buf.h"

void osc_title(struct buf *out, const char *title); /* without control characters, and not too long */
void osc_copy(struct buf *out, const char *text, size_t bytes);

#endif
