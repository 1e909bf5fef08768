/*
 * desk.h: the files that somebody edits alone (edit.h), of which one is on the screen.
 *
 *	desk = desk_open(loop, paths, count, &why)
 *	while (desk_run(desk)) ...		-- a file is to be shared: desk_shown(desk)
 *	desk_close(desk)
 *
 * The others wait as they were left, with what is unsaved in them. Leaving goes through those, one by one, and asks.
 */
#ifndef SRC_DESK_H
#define SRC_DESK_H

#include <stdbool.h>
#include <stddef.h>

#include "src/edit.h"

struct desk;

/* None: an empty text without a name. NULL: *why (owned) is a sentence. The first of them is shown; the terminal is taken. */
struct desk *desk_open(struct loop *loop, char *const *paths, size_t count, char **why);
/* Until all is over (false), or one file is to be shared and nothing is unsaved in the others, which are closed then. */
bool desk_run(struct desk *desk);
struct edit *desk_shown(struct desk *desk);
void desk_close(struct desk *desk);

#endif
