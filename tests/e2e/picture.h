/*
 * picture.h: what a terminal shows, as an SVG: characters, colours, cursor. The same screen is always the same bytes, so a picture in
 * the repository is a screen that a test expects, and a person can look at it.
 *
 *	char *svg = picture_of(ada);
 *	if (strcmp(svg, expected) ...
 *
 * What no two runs have alike is drawn as if they had: clock times are 12:01, a round trip is 1 ms, the wait for the next try 1 s.
 */
#ifndef E2E_PICTURE_H
#define E2E_PICTURE_H

#include "tests/e2e/terminal.h"

char *picture_of(struct terminal *t); /* owned */

#endif
