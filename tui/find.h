/*
 * find.h: where a pattern is in a text, a slice of work at a time.
 *
 *	struct find find = {0};
 *	find_use(&find, pattern);			-- takes it
 *	size_t pos = from;
 *	while ((answer = find_forward(&find, text, &pos, limit, &match)) == FIND_MORE) ...
 *	find_changed(&find);				-- the text is another one now
 *	find_fini(&find);
 *
 * The text is copied out a window at a time, so a pattern sees contiguous bytes wherever leaves end, and matches close to each other share
 * one window. Where words are nowhere near, skip.h goes on without.
 *
 * Units:   positions are code points.
 * Cost:    a call looks at about FIND_SLICE or FIND_SLOW bytes at most, and takes a millisecond or less.
 */
#ifndef TUI_FIND_H
#define TUI_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/anchor.h"
#include "ot/buf.h"
#include "ot/text.h"
#include "tui/pattern.h"

#define FIND_SLICE ((size_t)1 << 20)
#define FIND_SLOW  ((size_t)64 << 10) /* for patterns that take more than words */

enum find_answer {
	FIND_NONE, /* there is none */
	FIND_FOUND,
	FIND_MORE, /* not up to *pos; go on from there */
	FIND_HARD, /* the expression takes too long */
};

struct find {
	struct pattern *pattern;
	/* private: the window, and a place in it of which both numbers are known */
	char *at;
	size_t cap, bytes;
	size_t start, end; /* positions */
	size_t mark_byte, mark_pos;
	size_t limit_byte, limit_pos;
	bool filled, first, last;
};

void find_use(struct find *find, struct pattern *takes); /* NULL: nothing is found */
void find_fini(struct find *find);
void find_changed(struct find *find);

/* The first match that begins in [*pos, limit]; *out runs from its start (anchor) to its end (head). */
enum find_answer find_forward(
	struct find *find, const struct text *t, size_t *pos, size_t limit, struct sel *out);
/* The last one that begins in [limit, *pos), of those that follow each other without overlap from some place on. */
enum find_answer find_back(
	struct find *find, const struct text *t, size_t *pos, size_t limit, struct sel *out);

/* Where to look for the match after this one. */
size_t find_behind(struct sel match);

/* What replaces the match that find_forward gave last: see pattern_replacement. */
bool find_replacement(struct find *find, const char *template, size_t bytes, struct buf *out, char *why,
	size_t why_bytes);

/* How far before and behind of a change of the text other matches may come of it, in characters. */
size_t find_reach_before(const struct find *find);
size_t find_reach_behind(const struct find *find);

#endif
