/*
 * answers.h: what the terminal answers when term_open has asked what it can do.
 *
 *	answers_begin(&answers, term, now_ms);
 *	if (!answers_take(&answers, &key)) ...			-- it is a key
 *	timer_set(esc, answers_esc_ms(&answers, lone, now_ms), 0)	-- bytes wait: may they be all of it?
 *	answers_await(&answers, keys);				-- before the terminal is given back
 *
 * Nobody waits for answers but who leaves before they have come: they would be the shell's else, as if they were typed. Some terminals
 * never answer, so that is not for long.
 */
#ifndef CLIENT_ANSWERS_H
#define CLIENT_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/key.h"
#include "tui/term.h"

struct answers {
	struct term *term;
	uint64_t asked_ms;
	bool some, all; /* are here */
	bool keys; /* it tells keys apart: then Esc comes as a sequence, too */
	bool light; /* it has a light background, and the colours to paint on it */
};

void answers_begin(struct answers *answers, struct term *term, uint64_t now_ms); /* borrows term */
/* An answer: the terminal is used accordingly from now on. */
bool answers_take(struct answers *answers, const struct key *key);
bool answers_expected(const struct answers *answers, uint64_t now_ms);
unsigned answers_esc_ms(const struct answers *answers, bool lone, uint64_t now_ms); /* lone: it is an Esc alone */
void answers_await(struct answers *answers, struct keys *keys); /* drops what is typed meanwhile */

#endif
