/*
 * motion.h: where a caret goes: by character, by word, to the edges of a line.
 *
 *	pos = motion_word_right(text, pos);
 *
 * Pure functions of a text and a position. Characters are grapheme clusters (width.h). Words are runs of letters, digits and '_';
 * runs of other signs count as words of their own; blanks and line ends lie between.
 *
 * Units:  positions are code points.
 * Cost:   what is walked over, plus at most MOTION_BACK characters to find where a cluster began.
 * Limits: a step by words, and the blanks that a line begins with, are about MOTION_FAR characters at most: a file of one word of
 *         megabytes is left by several.
 */
#ifndef TUI_MOTION_H
#define TUI_MOTION_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/anchor.h"
#include "ot/text.h"

#define MOTION_BACK 256 /* how far back the start of a run of joined characters is looked for */
#define MOTION_FAR  ((size_t)64 * 1024)

size_t motion_left(const struct text *t, size_t pos);
size_t motion_right(const struct text *t, size_t pos);
size_t motion_word_left(const struct text *t, size_t pos);
size_t motion_word_right(const struct text *t, size_t pos);
/* The cluster boundary at or before pos. */
size_t motion_snap(const struct text *t, size_t pos);

size_t motion_line_start(const struct text *t, size_t pos);
/* Behind the blanks that pos's line begins with. */
size_t motion_indent_end(const struct text *t, size_t pos);
/* The word, the run of signs or the run of blanks around pos. */
struct sel motion_word_at(const struct text *t, size_t pos);
/* pos's line with its line end. */
struct sel motion_line_at(const struct text *t, size_t pos);

#endif
