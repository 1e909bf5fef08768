/*
 * syntax_memory.h: what a lexer knows between two lines, as a number of two bytes.
 *
 * That is the state it is in, the subroutines it will return from, and a string it remembers to recognise again (the EOF of a
 * here-document). Each that is met in a text gets a number when it is first met; a text of a million lines holds a few dozen.
 *
 *	place = syntax_memory_place(memory, number);
 *	number = syntax_memory_number(memory, place);
 *
 * Number 0 is where every text begins: the first state, no subroutine, nothing remembered.
 *
 * Limits:  beyond SYNTAX_PLACES a place is numbered without its subroutines and string; beyond SYNTAX_DEPTH a subroutine takes its
 *          caller's place. Colours may then be wrong, nothing else is.
 */
#ifndef TUI_SYNTAX_MEMORY_H
#define TUI_SYNTAX_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYNTAX_PLACES 65535
#define SYNTAX_FRAMES 16384
#define SYNTAX_DEPTH  64
#define SYNTAX_SAVED  1024 /* different strings remembered in one text */
#define SYNTAX_WORD   63   /* bytes of a string remembered, and of a word looked up */

struct syntax_memory;

struct syntax_place {
	uint16_t state;
	uint16_t frame; /* of the subroutines it is in; 0: none */
	uint16_t saved; /* 0: the empty string */
};

struct syntax_memory *syntax_memory_create(void);
void syntax_memory_destroy(struct syntax_memory *memory);

struct syntax_place syntax_memory_place(const struct syntax_memory *memory, uint16_t number);
uint16_t syntax_memory_number(struct syntax_memory *memory, struct syntax_place place);

/* Into a subroutine that will return to state `back`, and out of it: false when there is none to return from. */
uint16_t syntax_memory_push(struct syntax_memory *memory, uint16_t frame, uint16_t back);
bool syntax_memory_pop(const struct syntax_memory *memory, uint16_t *frame, uint16_t *back);

uint16_t syntax_memory_save(struct syntax_memory *memory, const char *at, size_t bytes);
const char *syntax_memory_saved(const struct syntax_memory *memory, uint16_t saved, size_t *bytes);

#endif
