/*
 * sequence.h: what a terminal sends for a key that is no character: a control sequence, "ESC [ 1 ; 5 C" for Ctrl-Right.
 *
 *	bytes = sequence_bytes("1;5C...", len, &broken)		-- 4: behind "ESC ["
 *	s = sequence_parse("1;5C", 4)
 *	if (sequence_key(&s, &key) == SEQUENCE_KEY) ...
 *
 * Understood: what xterm, rxvt, the Linux console and tmux send, modifyOtherKeys, the keyboard protocol of kitty, mouse reports (SGR), and
 * the start of a paste. Pure: no state is kept between calls; that is key.h's.
 */
#ifndef TUI_SEQUENCE_H
#define TUI_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/key.h"

#define SEQUENCE_PARAMS 8

struct sequence {
	char first; /* '<', '?' or another mark before the numbers, or 0 */
	int params[SEQUENCE_PARAMS];
	int second[SEQUENCE_PARAMS]; /* after ':' */
	int third;                   /* after the first one's second ':' */
	int count;
	char final;
};

enum sequence_meaning { SEQUENCE_NOTHING, SEQUENCE_KEY, SEQUENCE_PASTE };

/* Bytes from the one after "ESC [" through the final one; 0 while it has not come. *broken: here is what cannot be in it. */
size_t sequence_bytes(const char *at, size_t len, bool *broken);
/* Numbers between ';', with their parts after ':' that matter. */
struct sequence sequence_parse(const char *at, size_t len);
/*
 * A key of the keyboard protocol comes with what it is with Shift, and with what it is on the keyboard that shortcuts were made for:
 * so Ctrl with a letter of another script is what is printed beside it, and Ctrl-Shift-7 is Ctrl-/ where that is so.
 */
enum sequence_meaning sequence_key(const struct sequence *s, struct key *out);
/* A character with modifiers as the protocols spell it: case belongs to the character, never to Ctrl. */
struct key sequence_character(uint32_t c, unsigned mods);

#endif
