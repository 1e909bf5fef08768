/*
 * search.h: a search under way in a text that people are changing: the next place, all places, and how many.
 *
 *	search_start(&search, what, bytes, flags, within, why, sizeof(why))
 *	search_seek(&search, text, caret, true);	the next place from the caret on, around the end
 *	while (search_idle(&search, text)) ...		a slice of work: about a millisecond
 *	search_changed(&search, text, &op)		after each edit, anybody's
 *	search_stop(&search)
 *
 * Seeking comes first; then all matches are listed from the start of the text. What an edit touches is looked at again at once when that is
 * little, else the list ends there and goes on in idle time. What is on the screen is found on the spot, listed or not.
 *
 * Units:   positions are code points.
 * Limits:  SEARCH_MAX matches are listed; search_count() then says that there may be more.
 * Memory:  8 bytes a match.
 */
#ifndef TUI_SEARCH_H
#define TUI_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/anchor.h"
#include "ot/op.h"
#include "tui/find.h"

#define SEARCH_MAX    1000000
#define SEARCH_REPAIR 100000 /* characters that are looked at again at once */

enum search_seek { SEARCH_IDLE, SEARCH_SEEKING, SEARCH_FOUND, SEARCH_NOWHERE };

struct search_place {
	uint32_t start, end;
};

/* Zeroed: nothing is looked for. */
struct search {
	enum search_seek seek;
	struct sel found; /* when SEARCH_FOUND */
	bool wrapped;     /* it was found around an end of the text */
	bool hard;        /* the expression takes too long somewhere: no more is found */
	bool full;        /* there may be more than are listed */
	bool done;        /* all are listed, as far as full says */
	size_t count;
	struct search_place *at; /* in order */

	/* private */
	struct find find;
	size_t cap, next; /* the list is complete up to next */
	bool within;
	size_t low, high; /* the part looked at, if within */
	bool forward;
	size_t from, pos; /* where seeking began, and is */
};

/* within NULL: all of the text. false: why says what is wrong with the pattern, and nothing is looked for. */
bool search_start(struct search *s, const char *what, size_t bytes, unsigned flags,
	const struct sel *within, char *why, size_t why_bytes);
void search_stop(struct search *s); /* and frees */
bool search_is_on(const struct search *s);

/* Forward: what begins at pos or behind; back: what begins before. Does a slice of it at once. */
void search_seek(struct search *s, const struct text *t, size_t pos, bool forward);
bool search_idle(struct search *s, const struct text *t); /* true: there is more to do */
void search_changed(struct search *s, const struct text *t, const struct op *op);

/* Which of the list it is, from 1; 0: none, or not listed yet. */
size_t search_rank(const struct search *s, struct sel match);

/* The matches that begin in [first, last], at most `max`; gives how many. Work in proportion to that stretch. */
size_t search_visible(struct search *s, const struct text *t, size_t first, size_t last,
	struct sel *out, size_t max);

/* What comes in place of matches: see pattern_replacement. */
struct search_with {
	const char *template; /* NULL: nothing */
	size_t bytes;
	char why[128]; /* a clause, of a call that gave false: a bad template, or what it says of itself */
};

/* Of the match, which must be one: adds to *out. */
bool search_replacement(struct search *s, const struct text *t, struct sel match, struct search_with *with,
	struct buf *out);
/* Of all listed matches at once. The op stands on t, and does not insert more than `max` bytes. */
bool search_replace_all(
	struct search *s, const struct text *t, struct search_with *with, size_t max, struct op *out);

#endif
