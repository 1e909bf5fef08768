/*
 * syntax_machine.h: a lexer as tables: what each state does with each byte.
 *
 *	number = syntax_machine_run(machine, memory, number, at, bytes, classes);	-- classes: one a byte
 *	number = syntax_machine_run(machine, memory, number, at, bytes, NULL);		-- only what the next line begins with
 *
 * The model is that of joe's syntax files (syntax_file.h, which makes machines). A state colours the characters it eats; a byte
 * leads to a next state, and may do more: give the byte to the next state (noeat), look up the word behind us, colour characters
 * before this one anew, remember a string, enter or leave a subroutine. Words and marks are forgotten at a line's end.
 *
 * A row of 256 entries a state says what to do: an entry below `state_count` is the next state and nothing else, and most bytes of
 * most texts find such an entry, mostly their own state's; the others are actions. Running without colours has its own tables.
 *
 * Invariant: every number in the tables is in range (syntax_file.c makes sure); a chain of noeat ends after SYNTAX_CHAIN.
 */
#ifndef TUI_SYNTAX_MACHINE_H
#define TUI_SYNTAX_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/syntax_memory.h"
#include "tui/syntax_words.h"

#define SYNTAX_CHAIN 32 /* states that give one byte on */

enum syntax_flag {
	SYNTAX_NOEAT = 1 << 0,
	SYNTAX_BUFFER = 1 << 1, /* a word begins here */
	SYNTAX_HOLD = 1 << 2,   /* and ends here */
	SYNTAX_SAVE_C = 1 << 3,
	SYNTAX_SAVE_S = 1 << 4,
	SYNTAX_MARK = 1 << 5,
	SYNTAX_MARKEND = 1 << 6,
	SYNTAX_RECOLORMARK = 1 << 7,
	SYNTAX_RETURN = 1 << 8,
	SYNTAX_RESET = 1 << 9, /* out of all subroutines */
	SYNTAX_REMEMBERS = SYNTAX_BUFFER | SYNTAX_HOLD | SYNTAX_SAVE_C | SYNTAX_SAVE_S |
		SYNTAX_MARK | SYNTAX_MARKEND,
};

struct syntax_action {
	uint16_t next;    /* a state */
	uint16_t call;    /* the first state of a subroutine, which returns to next; or SYNTAX_NONE */
	uint16_t words;   /* words to look up, or SYNTAX_NONE */
	uint16_t flags;   /* of enum syntax_flag */
	uint16_t recolor; /* characters, this one included */
};

struct syntax_state {
	uint8_t class;
	uint16_t same, mirror; /* actions for the character remembered, and for the bracket that closes it; or SYNTAX_NONE */
};

struct syntax_machine {
	struct syntax_state *states; /* the first is where a text begins */
	struct syntax_action *actions;
	struct syntax_words *words;
	uint16_t (*rows)[256];  /* of actions, by state and byte */
	uint16_t (*paint)[256]; /* the same as entries */
	struct syntax_track *track; /* the same without colours (syntax_track.h); NULL: not needed yet */
	size_t state_count, action_count, words_count;
	size_t state_cap, action_cap, words_cap, rows_cap;
};

void syntax_machine_destroy(struct syntax_machine *machine);

/*
 * Lexes [at, at + bytes) from the place of this number on, and gives the number of the place it leads to. at[bytes] must be there
 * and be '\n' (it is not lexed). classes is NULL or has room for `bytes`. The first run without classes makes the tables for that.
 */
uint16_t syntax_machine_run(struct syntax_machine *machine, struct syntax_memory *memory,
	uint16_t number, const char *at, size_t bytes, uint8_t *classes);

#endif
