/*
 * xterm.h: the 256 colours of xterm, by which colours are named here.
 *
 * Source: xterm's 256colres.h: 16 that users choose, a cube of 6 × 6 × 6, 24 greys.
 */
#ifndef TUI_XTERM_H
#define TUI_XTERM_H

int xterm_rgb(int color);                /* of 0 to 255: 0xRRGGBB */
int xterm_nearest(int color, int count); /* of the first `count` the one most like it */

#endif
