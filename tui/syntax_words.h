/*
 * syntax_words.h: a description's words by what they lead to, as its rules look them up.
 *
 *	syntax_words_add(&words, "while", 5, action);
 *	action = syntax_words_find(&words, at, bytes);		-- SYNTAX_NONE: not among them
 *
 * Most that is looked up in a program is none of its language's words; that mostly shows by the length and the first letter alone.
 *
 * Memory:  syntax_words_fini() gives back the words.
 */
#ifndef TUI_SYNTAX_WORDS_H
#define TUI_SYNTAX_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYNTAX_NONE 0xffff

struct syntax_word {
	char *text; /* NULL: a free slot */
	uint8_t bytes;
	uint16_t action;
};

struct syntax_words {
	bool any_case;
	uint64_t lengths; /* a bit for each that is among them */
	uint32_t firsts[8]; /* and for each first byte, in lower case */
	uint16_t saved; /* action when the word is the string remembered; or SYNTAX_NONE */
	size_t count, slot_count;
	struct syntax_word *slots; /* by hash */
};

void syntax_words_fini(struct syntax_words *words);

/* The action of this word; SYNTAX_NONE when it is not among them. */
uint16_t syntax_words_find(const struct syntax_words *words, const char *at, size_t bytes);
void syntax_words_add(struct syntax_words *words, const char *at, size_t bytes, uint16_t action); /* at most SYNTAX_WORD bytes */

#endif
