/*
 * syntax_way.h: where a byte leads by rules that depend on nothing but the state and the byte.
 *
 *	way = syntax_way(machine, state, byte);
 *	if (way.simple) ...	-- way.next eats the next byte, whatever else the lexer knows
 *
 * Colours are left out. A word that is looked up does not matter where all that could be found leads on to one state.
 */
#ifndef TUI_SYNTAX_WAY_H
#define TUI_SYNTAX_WAY_H

#include "tui/syntax_machine.h"

/* What a rule may do and still be nothing but a step to a state, as far as the ends of lines are concerned. */
#define SYNTAX_WAY_FLAGS                                                                           \
	(SYNTAX_NOEAT | SYNTAX_BUFFER | SYNTAX_HOLD | SYNTAX_MARK | SYNTAX_MARKEND |               \
		SYNTAX_RECOLORMARK)

struct syntax_way {
	bool simple; /* to a state, and nothing happens that matters later */
	bool begins; /* a word began last on the way */
	bool holds;  /* or ended */
	bool listed; /* words were looked up on it: once is as far as we look ahead */
	uint8_t links; /* the most rules it may be */
	uint16_t next;
};

struct syntax_way syntax_way(const struct syntax_machine *m, uint16_t state, unsigned char byte);

/* What an action does to the word behind it, added to what was done on the way: a word that begins here does not end here. */
void syntax_way_word(const struct syntax_action *a, bool *begins, bool *holds);

/* Does this state ask of each byte whether it is the one remembered? */
static inline bool syntax_way_delimited(const struct syntax_machine *m, uint16_t state)
{
	return m->states[state].same != SYNTAX_NONE || m->states[state].mirror != SYNTAX_NONE;
}

static inline const struct syntax_action *syntax_way_action(
	const struct syntax_machine *m, uint16_t state, unsigned char byte)
{
	return &m->actions[m->rows[state][byte]];
}

#endif
