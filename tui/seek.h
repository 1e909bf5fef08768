/*
 * seek.h: finding and replacing, as a person does it: the prompts, what they say, and where the caret goes.
 *
 *	seek_open(ed, false)		the prompt; seek_typed() with each letter
 *	seek_again(ed, true, now)	the next place, with the prompt or without
 *	seek_idle(ed, now)		a long text is searched in slices
 *	seek_close(ed)			no more marks on the screen
 *
 * What is looked for begins at where the caret was when the prompt was opened; an edit of anybody's moves that with the text.
 * Replacing asks for each place; all at once are one edit and one step to undo.
 */
#ifndef TUI_SEEK_H
#define TUI_SEEK_H

#include <stdbool.h>
#include <stdint.h>

#include "ot/buf.h"
#include "tui/editor.h"
#include "tui/search.h"

#define SEEK_SEED 256 /* characters of a selection that become what is looked for */

struct seek {
	struct search search;
	struct buf needle, with; /* what was looked for last, and what took its place */
	unsigned flags;          /* enum pattern_flag */
	bool only_selected;
	bool replacing; /* the prompt will ask what with */
	bool typed;     /* nothing found: back to where it began */
	bool waiting;   /* for a place */
	bool all;       /* for all places, to replace them */
	struct sel from; /* the selection when the prompt was opened */
	bool begun;      /* replacing one by one: the first place is known */
	size_t first;    /* where that is */
	bool around;     /* and whether the end was passed since */
	char why[128];   /* what is wrong with the pattern */
};

/* What Alt and a letter toggles while the prompt is open. */
struct seek_toggle {
	char key;
	const char *hint;  /* in the line of hints */
	const char *label; /* in the prompt, while on */
	unsigned flag;     /* 0: only what is selected */
};
extern const struct seek_toggle seek_toggles[]; /* ended by key 0 */

void seek_fini(struct seek *seek);
void seek_open(struct editor *ed, bool replacing);
void seek_close(struct editor *ed); /* also when the text goes away */
void seek_shift(struct editor *ed, const struct op *op, uint64_t author);

void seek_typed(struct editor *ed, uint64_t now_ms);
void seek_again(struct editor *ed, bool forward, uint64_t now_ms);
void seek_toggle(struct editor *ed, const struct seek_toggle *toggle, uint64_t now_ms);
bool seek_is_on(const struct editor *ed, const struct seek_toggle *toggle);

/* The prompts of replacing: what with; this one? (y, n, a) */
void seek_ask_with(struct editor *ed);
void seek_ask_each(struct editor *ed);
void seek_answer(struct editor *ed, char answer, uint64_t now_ms);

bool seek_idle(struct editor *ed, uint64_t now_ms); /* true: there is more to do, or to draw */

/* Beside the prompt: "3 of 17, from the top". Appends, with a NUL behind. */
void seek_note(const struct editor *ed, struct buf *out);

#endif
