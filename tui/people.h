/*
 * people.h: who is here, and where they are in the text.
 *
 * A list in the order of coming, oneself included. Selections are positions of the text here and are shifted by every edit. A person
 * whose caret moved is flagged with their name until PEOPLE_FLAG_MS later.
 *
 * Memory:  owns copies of all strings and selections.
 * Limits:  PEOPLE_MAX people, PEOPLE_SELS selections each; more are not shown.
 */
#ifndef TUI_PEOPLE_H
#define TUI_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/anchor.h"
#include "ot/buf.h"
#include "ot/op.h"

#define PEOPLE_MAX     1000
#define PEOPLE_SELS    64
#define PEOPLE_FLAG_MS 2000

struct person {
	uint64_t user;
	char *name;
	char role[16], state[16];
	uint8_t color; /* of xterm's 256 */
	bool me;
	char *path;       /* of the file they are in; NULL: unknown, or there is only one */
	uint64_t line;    /* in it, from 1; 0: unknown */
	struct sel *sels; /* in the text here; the first is the main one */
	size_t count;
	bool moved;       /* since the last people_tick */
	uint64_t flag_ms; /* the name shows until then */
	uint64_t rtt_ms;  /* 0: unknown */
	uint64_t follows; /* whose place they look at; 0: nobody's */
	uint64_t seen;    /* the newest chat message that they read */
};

struct people {
	struct person *at;
	size_t count, cap;
};

struct person *people_find(struct people *people, uint64_t user); /* NULL: not here */
/* The person, added if new; NULL when the room is fuller than PEOPLE_MAX. name must be valid UTF-8. */
struct person *people_put(
	struct people *people, uint64_t user, const char *name, const char *color);
void people_remove(struct people *people, uint64_t user);
void people_clear(struct people *people);

void person_state(struct person *person, const char *state);
void person_role(struct person *person, const char *role);
void person_sels(struct person *person, const struct sel *sels, size_t count);
void person_place(struct person *person, const char *path, uint64_t line); /* path "": unknown */
bool person_elsewhere(const struct person *person, const char *here); /* in another file; here: may be NULL */
bool person_is(const struct person *person, const char *state);

void people_shift(struct people *people, const struct op *op,
	uint64_t author);                   /* everybody's but one's own */
size_t *people_heads(const struct people *people, size_t *count); /* the carets of the others, in rising order; owned */
void people_nowhere(struct people *people); /* another document is shown */

/* Turns new moves into flags. */
void people_tick(struct people *people, uint64_t now_ms);
/* ms until the next flag goes; 0: none is up. */
uint64_t people_next(const struct people *people, uint64_t now_ms);
bool person_flagged(const struct person *person, uint64_t now_ms);

/* "Linus is typing…", of others; adds nothing when nobody is. */
void people_typing(const struct people *people, struct buf *out);

#endif
