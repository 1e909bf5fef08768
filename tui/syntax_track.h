/*
 * syntax_track.h: running without colours, which can leave out most of the work.
 *
 *	track = syntax_track_create(machine);
 *	syntax_track_run(track, &run, end);		-- run.place is what painting up to `end` leads to
 *
 * A word is not looked up where all that could be found leads on to one state, a word that is never looked up is not begun, and a
 * chain of states that give a byte on is one step. What is left are mostly steps that go to a state and do nothing else: a table has
 * them by state and kind of byte (bytes that no rule tells apart are of one kind: a program has about fifty). The others are leaps:
 * what is known beforehand of a chain of rules, and the first rule of it that depends on more than state and byte, after which the
 * table is asked again.
 *
 * Invariant: a byte that a chain of SYNTAX_CHAIN states gives on ends where painting ends.
 */
#ifndef TUI_SYNTAX_TRACK_H
#define TUI_SYNTAX_TRACK_H

#include "tui/syntax_run.h"

struct syntax_track;

/* Rows, states, actions and words are there; makes paint, which the first drawing needs. */
void syntax_track_paint(struct syntax_machine *machine);

/* More work, of which a text that is shown from its start needs nothing. */
struct syntax_track *syntax_track_create(const struct syntax_machine *machine);
void syntax_track_destroy(struct syntax_track *track);

void syntax_track_run(const struct syntax_track *track, struct syntax_run *r, const char *end);

#endif
