/*
 * background.h: is what is behind the letters light? As terminals say it.
 *
 *	background_answer("11;rgb:ffff/ffff/dddd", 21, &light)	-- true: it is an answer, and light is true
 *	background_variable(getenv("COLORFGBG"), &light)
 *
 * false: it says nothing of that, and light is as it was.
 *
 * Source: xterm's ctlseqs (OSC 11) with XParseColor(3) for colours; rxvt(1) for COLORFGBG; ITU-R BT.601 for how light a colour is.
 */
#ifndef TUI_BACKGROUND_H
#define TUI_BACKGROUND_H

#include <stdbool.h>
#include <stddef.h>

/* What is between "ESC ]" and the end of the string. */
bool background_answer(const char *at, size_t len, bool *light);
bool background_variable(const char *value, bool *light); /* NULL is fine */

#endif
