/*
 * themes.h: themes by name, our own and those of files.
 *
 *	themes_add("mine", text, bytes, "mine.theme", &faults)
 *
 * A theme is text, a line a part:
 *
 *	text #d0d0d0 on #1c1c1c
 *	comment 245 italic			# colours as xterm numbers them, or #rrggbb
 *	found default on 3 bold
 *
 * What a theme does not name is as the terminal's own theme has it; "default" is the text's own colour. Where there are fewer colours, the
 * nearest is taken; where there are none, all themes look like "mono".
 *
 * Source:  the colour-blind theme uses the palette of Okabe & Ito 2008, made lighter where text needs it.
 */
#ifndef TUI_THEMES_H
#define TUI_THEMES_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/buf.h"
#include "tui/theme.h"

#define THEMES_MAX   64 /* with our own */
#define THEMES_BYTES ((size_t)64 << 10)

/* Reads a theme over `out`; appends "NAME:LINE: what is wrong\n" to faults for each line that makes no sense, and gives how many. */
size_t themes_read(struct term_style out[THEME_PARTS], const char *name, const char *text, size_t bytes,
	struct buf *faults);

/* Puts it on the list, or in the place of the one that has its name. false: the list is full. */
bool themes_add(const char *name, const char *text, size_t bytes);
void themes_forget(void); /* all that were added */

int themes_behind(int index, bool light); /* of "auto" what it means on such a background; else the same */
const char *themes_text(int index, size_t *bytes); /* of theme_at(index) */

#endif
