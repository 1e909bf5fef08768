/*
 * child.h: a program that runs beside this one, on its loop.
 *
 *	child = child_start(loop, argv, true, &handler, ctx, &why)
 *	... child_fd(child) ...		-- a socket: its standard input and output
 *	child_destroy(child)		-- ends it
 *
 * What it says on standard error is told, and kept off the terminal. With the terminal it may ask there for itself, as ssh
 * does; without, it has none, and what is typed for this program can never reach it.
 *
 * ended() comes once, when the program has ended; what it wrote before is still to be read then.
 */
#ifndef SRC_CHILD_H
#define SRC_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include "net/loop.h"

#define CHILD_PATIENCE_MS 500 /* for one that is told to end, before it is made to */

struct child;

struct child_handler {
	void (*said)(void *ctx, const char *at, size_t len);
	void (*ended)(void *ctx, int status); /* its exit status, or 128 + the signal that ended it */
};

/* argv ends with NULL; argv[0] is looked for in PATH. NULL: *why (owned) is a sentence. */
struct child *child_start(struct loop *loop, const char *const argv[], bool has_terminal, const struct child_handler *handler,
	void *ctx, char **why);
int child_fd(const struct child *child); /* does not block; the child's */
void child_destroy(struct child *child); /* without ended(); not from inside said() */

#endif
