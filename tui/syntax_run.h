/*
 * syntax_run.h: a lexer at work, and what it does with one byte by the rules.
 *
 *	syntax_run_step(&r, 0);		-- r.at is one byte on, r.place what that leads to
 *
 * Whoever knows more of the rules takes shorter ways where there are any (syntax_machine.c, syntax_track.h), and steps where not.
 */
#ifndef TUI_SYNTAX_RUN_H
#define TUI_SYNTAX_RUN_H

#include "tui/syntax_machine.h"

struct syntax_run {
	const struct syntax_machine *m;
	struct syntax_memory *memory;
	struct syntax_place place;
	const char *at, *line;       /* now; where this line, or what we see of it, begins */
	const char *word, *word_end; /* NULL: no word; it goes on */
	const char *mark, *mark_end;
	const char *start;
	uint8_t *classes; /* of the bytes from start on; or NULL */
};

/* Through the states that give this byte on, until one eats it. `links` have done so already. */
void syntax_run_step(struct syntax_run *r, int links);

/* The action of this byte when it is the one remembered, or closes it, and the state asks for that; or SYNTAX_NONE. */
uint16_t syntax_run_delimiter(const struct syntax_run *r);
/* What this action becomes when it looks up a word and finds it; or itself. */
const struct syntax_action *syntax_run_found(
	const struct syntax_run *r, const struct syntax_action *a);
/* All that an action does, but for colours. */
void syntax_run_do(struct syntax_run *r, const struct syntax_action *a);

/* Colours [from, to), if colours are wanted, like what the state eats. */
void syntax_run_color(struct syntax_run *r, const char *from, const char *to);

#endif
