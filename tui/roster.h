/*
 * roster.h: the panel of people under the keys: choosing somebody, and what can be done about them.
 *
 *	F4		roster_toggle(ed)	the panel has the keys; once more: it goes
 *	Up, Down, ...	choose
 *	Enter		to where they are
 *	f		follow them (follow.h)
 *	r k b l u	for owners: role, send away, ban, lock, unlock (owner.h)
 *	Esc		back to the text
 *
 * Letters that mean nothing here do nothing; any other key goes back to the text and does there what it does.
 */
#ifndef TUI_ROSTER_H
#define TUI_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "tui/key.h"
#include "tui/people.h"

struct editor;

struct roster {
	bool on;         /* it has the keys */
	uint64_t chosen; /* a user; who is gone has left it to the first */
	size_t top;      /* the first person shown */
};

struct roster_hint {
	const char *key, *word;
	bool owner; /* for owners */
};
extern const struct roster_hint roster_hints[]; /* for the line of keys; ended by a NULL key */

void roster_toggle(struct editor *ed);
bool roster_key(struct editor *ed, const struct key *key, uint64_t now_ms); /* true: it was for the panel */
/* A click on the nth line of those shown. */
void roster_click(struct editor *ed, size_t line, uint64_t now_ms);
void roster_wheel(struct editor *ed, ptrdiff_t lines);
void roster_scroll(struct editor *ed, size_t rows); /* so that the chosen one shows in so many */
const struct person *roster_chosen(const struct editor *ed); /* NULL: nobody is here */

/* To where they are; and to stay with them. NULL, and oneself: nothing. */
void roster_go(struct editor *ed, const struct person *person, uint64_t now_ms);
void roster_follow(struct editor *ed, const struct person *person, uint64_t now_ms);

/* "Linus · editor · typing · main.c:5 · 12 ms · follows Ada" */
void roster_about(const struct editor *ed, const struct person *person, struct buf *out);
/* "main.c:5", or with less room ":5"; NUL-terminated, empty when it is nowhere in this text. */
void roster_place(
	const struct editor *ed, const struct person *person, size_t room, struct buf *out);

#endif
