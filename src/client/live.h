/*
 * live.h: a page on the terminal that is renewed every second, until somebody presses q.
 *
 *	live_run(&(struct live){.ask = ask, .draw = draw, .ctx = &all}, &why)
 *
 * ask() runs on a worker thread, draw() in the caller's, never both at once: what they share needs no lock.
 */
#ifndef CLIENT_LIVE_H
#define CLIENT_LIVE_H

#include <stdbool.h>

#include "tui/term.h"

#define LIVE_MS 1000

struct live {
	void (*ask)(void *ctx);
	void (*draw)(void *ctx, struct term *term, int cols, int rows);
	void *ctx;
};

/* Until q, ^C, ^D, a signal, or the terminal is gone. false: it cannot be; *why is a sentence in static memory. */
bool live_run(const struct live *live, const char **why);

#endif
