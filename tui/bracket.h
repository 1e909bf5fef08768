/*
 * bracket.h: the partner of a bracket: of ( ) [ ] { }, counted by kind; strings and comments are text like other.
 *
 * Cost: what lies between, at most `limit` characters.
 */
#ifndef TUI_BRACKET_H
#define TUI_BRACKET_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/text.h"

#define BRACKET_SHOW ((size_t)32 << 10) /* looked at for each frame */
#define BRACKET_JUMP ((size_t)16 << 20) /* for a key */

struct bracket {
	size_t at, partner;
};

/* Of the bracket behind the caret at pos, or else before it. false: there is none there, or it has no partner that near. */
bool bracket_at(const struct text *t, size_t pos, size_t limit, struct bracket *out);

#endif
