/*
 * prompt.h: one line to type into, in place of the status bar.
 *
 *	prompt_open(&prompt, PROMPT_FIND, "Find", "");
 *	switch (prompt_key(&prompt, &key)) { case PROMPT_CHANGED: ... }
 *
 * A question (PROMPT_ASK) takes y or n alone; PROMPT_CHOICE and PROMPT_DECIDE take one of the letters of `choices`, or Esc. PROMPT_EACH is answered by its
 * owner, letter by letter. Keys that mean nothing here come back as PROMPT_OTHER.
 *
 * Limits:  PROMPT_MAX bytes.
 */
#ifndef TUI_PROMPT_H
#define TUI_PROMPT_H

#include <stdbool.h>

#include "ot/buf.h"
#include "tui/key.h"
#include "tui/screen.h"
#include "tui/term.h"

#define PROMPT_MAX  1024
#define PROMPT_ROOM 8 /* cells to type into, at least, where there are rows for the label above */

enum prompt_kind {
	PROMPT_NONE,
	PROMPT_FIND,
	PROMPT_WITH, /* to replace it with */
	PROMPT_EACH, /* this one? */
	PROMPT_GO,
	PROMPT_SAY, /* to everybody */
	PROMPT_PALETTE,
	PROMPT_OPEN, /* another file */
	PROMPT_PATH, /* of editor_ask_path */
	PROMPT_ASK,
	PROMPT_CHOICE,
	PROMPT_WHO,   /* of owner.h: somebody's name */
	PROMPT_DECIDE /* of owner.h: a choice */
};

struct prompt {
	enum prompt_kind kind;
	char *label;
	struct buf text; /* UTF-8 */
	size_t at;       /* caret, in bytes */
	bool fresh;      /* the text was given, not typed: typing replaces it */
	const char *choices; /* static; small letters */
	char chosen;         /* one of them, 0 before that */
};

enum prompt_answer { PROMPT_OTHER, PROMPT_TAKEN, PROMPT_CHANGED, PROMPT_ENTER, PROMPT_ESCAPE };

void prompt_open(struct prompt *prompt, enum prompt_kind kind, const char *label, const char *text);
void prompt_close(struct prompt *prompt); /* keeps nothing; fine when none is open */

/* PROMPT_ENTER: it is answered (yes, of a question); PROMPT_ESCAPE: left without an answer (no). It stays open. */
enum prompt_answer prompt_key(struct prompt *prompt, const struct key *key);

bool prompt_is_line(const struct prompt *prompt); /* is it open, and typed into? */
/* What a command of the text does to the line, by its name: "word-left", "delete-word-left", "select-all" ... PROMPT_OTHER: it is none of
 * these. */
enum prompt_answer prompt_edit(struct prompt *prompt, const char *command);
/* In place of what is from there to the caret. */
enum prompt_answer prompt_insert(struct prompt *prompt, size_t from, const char *text);

/* How many rows it would like: more than one where its label leaves no room for an answer. */
int prompt_rows(const struct prompt *prompt, int cols);
/* Draws it, the cursor too, into one row or so many, with `note` at the right. */
void prompt_draw(
	const struct prompt *prompt, struct term *term, struct rect rect, const char *note);

#endif
