/*
 * syntax_track.h: the tables that a machine runs on, from the rules it was described by.
 *
 * `paint` says what the rules say. `track` gives the same places at the ends of lines, but not the colours on the way, and so
 * can leave out most of the work: a word is not looked up where all that could be found leads on to one state, a word that is never
 * looked up is not begun, and a chain of states that give a byte on is one step.
 */
#ifndef TUI_SYNTAX_TRACK_H
#define TUI_SYNTAX_TRACK_H

#include "tui/syntax_machine.h"

/* Rows, states, actions and words are there; makes paint, which the first drawing needs. */
void syntax_track_paint(struct syntax_machine *machine);
/* Makes track: more work, of which a text that is shown from its start needs nothing. */
void syntax_track(struct syntax_machine *machine);

#endif
