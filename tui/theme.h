/*
 * theme.h: how the parts of the screen look, with the colours there are.
 *
 *	term_fill(term, row, 0, cols, theme_style(colors, THEME_BAR));
 *	style = theme_caret(colors, theme_person("#ff8700", 7));
 *
 * Of "terminal", which is in use without further words where the background is dark, text and background keep the terminal's own colours, and the others are of
 * its 16. themes.h has more. Where colours are missing (NO_COLOR, monochrome), reverse, underline and
 * bold tell the same things apart.
 *
 * Units:   `colors` is what term_colors() gives; colours are numbers of xterm's 256.
 * Source:  rule of luminance for text on colour: ITU-R BT.601 weights.
 */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "tui/term.h"

enum theme {
	THEME_TEXT,
	THEME_ODD,         /* a character shown as its number */
	THEME_SELECTED,    /* by oneself */
	THEME_CARET,       /* own ones besides the main one */
	THEME_GUTTER,      /* line numbers */
	THEME_GUTTER_HERE, /* the caret's */
	THEME_BAR,         /* top and status bar */
	THEME_NOTICE,      /* in the status bar */
	THEME_ALARM,       /* in the status bar: offline */
	THEME_HINT,        /* the line of keys */
	THEME_HINT_KEY,
	THEME_HEADING, /* of a panel */
	THEME_FAINT,   /* edges, roles */
	THEME_PROMPT,
	THEME_FOUND, /* what a search found */

	/* Classes of syntax, in the order of their names (theme_named). */
	THEME_COMMENT,
	THEME_STRING,
	THEME_NUMBER,
	THEME_KEYWORD,
	THEME_TYPE,
	THEME_PREPROCESSOR,
	THEME_CONSTANT,
	THEME_ESCAPE,
	THEME_OPERATOR,
	THEME_FUNCTION,
	THEME_BAD,
	THEME_TITLE, /* "heading": of a text */
	THEME_EMPHASIS,
	THEME_ADDED,
	THEME_REMOVED,
	THEME_LINK,
	THEME_PARTS
};

struct term_style theme_style(int colors, enum theme part);

/* The theme in use is the process's: it has one screen. Numbers count from 0: NULL, false: there is none such. */
const char *theme_at(int index);
/* In words what is wrong with its text goes to faults (may be NULL), a line each. */
bool theme_use(int index, struct buf *faults);
bool theme_paints(void); /* it has a background of its own: blank cells are THEME_TEXT too */
int theme_color(const char *word); /* "#rrggbb", "0" to "255"; -1 for "default", -2 for what is none */

/* "comment", "selected" and so on, as they are written in files; THEME_PARTS: no such part. */
enum theme theme_named(const char *name, size_t bytes);
const char *theme_name_of(enum theme part);

/* The colour of a person: the nearest of "#rrggbb", or, when that is no colour, one of twelve by user id. */
uint8_t theme_person(const char *color, uint64_t user);

struct term_style theme_caret(int colors, uint8_t color);     /* the cell another's caret is on */
struct term_style theme_name(int colors, uint8_t color);      /* the flag with a name */
struct term_style theme_selection(int colors, uint8_t color); /* text another selected */
struct term_style theme_mark(int colors, uint8_t color);      /* text in their colour */

#endif
