/*
 * blame.h: who wrote what, shown: line numbers in the colour of the newest author of their line, their letter before it, and in the
 * status bar who wrote the character at the caret, and when.
 *
 *	blame_toggle(ed)		on: the owner of the editor is asked for the authors (editor_wants_authors)
 *	blame_changed(ed, op, user)	in step with the text, once they are known
 *
 * Limits:  BLAME_RUNS runs of a line are looked at; BLAME_NAMES people who left are known by name.
 */
#ifndef TUI_BLAME_H
#define TUI_BLAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/authors.h"
#include "ot/buf.h"
#include "tui/people.h"

#define BLAME_COLS 2 /* of the letter, before the line's number */
#define BLAME_RUNS 256
#define BLAME_NAMES 1000

struct editor;

struct blame_name { /* of somebody who may have left */
	uint64_t user;
	char *name;
};

struct blame {
	bool on;
	struct authors *authors; /* NULL: not known yet */
	struct blame_name *names;
	size_t count, cap;
	uint64_t clock_ms, unix_ms; /* one moment, by both clocks */
};

void blame_fini(struct blame *blame);
void blame_toggle(struct editor *ed);
void blame_forget(struct blame *blame); /* another text */
void blame_changed(struct editor *ed, const struct op *op, uint64_t user);

/* Whose line [start, end) is; false: nobody's who is known. name borrows until the next change. */
struct blame_author {
	const char *name;
	uint8_t color;
};
bool blame_line(const struct blame *blame, const struct people *people, size_t start, size_t end,
	struct blame_author *out);

/* "Ada wrote this, 12:01"; adds nothing when it is off. */
void blame_text(const struct editor *ed, struct buf *out);

#endif
