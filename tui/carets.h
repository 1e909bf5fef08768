/*
 * carets.h: a set of selections: those that a person has besides the main one.
 *
 *	struct carets more = {0};
 *	carets_add(&more, (struct sel){4, 7});
 *	carets_tidy(&more, main);	-- in order, none over another or over the main one
 *
 * Limits:  CARETS_MAX: what may be told of one person's carets.
 * Memory:  owns its list. A zeroed struct is an empty set.
 */
#ifndef TUI_CARETS_H
#define TUI_CARETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/anchor.h"
#include "ot/op.h"

#define CARETS_MAX 1000

struct carets {
	struct sel *at;
	size_t count, cap;
};

void carets_fini(struct carets *carets);
bool carets_add(struct carets *carets, struct sel sel); /* at the end; false: there are too many */
void carets_copy(struct carets *to, const struct carets *from);
bool carets_equal(const struct carets *a, const struct carets *b); /* in the same order */
void carets_shift(struct carets *carets, const struct op *op, uint64_t author, uint64_t owner);
/* By their starts; who begins within another, or where another does, goes, and whoever meets `main`. */
void carets_tidy(struct carets *carets, struct sel main);

#endif
