/*
 * pty.h: a program in a terminal of its own, timed.
 *
 *	struct pty *p = pty_start(argv, NULL);
 *	if (pty_shows(p, "hello", 1000, &at_ms)) ...	-- when the read that made it show returned
 *	pty_send(p, "x", 1);
 *	bytes = pty_settle(p, 120);			-- what it wrote until it was silent for so long
 *
 * 24 rows of 80, TERM=xterm-256color. libvterm draws what the program writes and answers its questions; that it does not know how
 * to repeat a character (REP) is mended on the way. Times are of bench_now_ms(). Nothing here fails a test: what does not show by
 * its deadline is told as false.
 *
 * Memory: pty_start returns owned; pty_end kills the program.
 */
#ifndef TESTS_BENCH_PTY_H
#define TESTS_BENCH_PTY_H

#include <stdbool.h>
#include <stddef.h>

#define PTY_ROWS 24
#define PTY_COLS 80

struct pty;

struct pty *pty_start(const char *const argv[], const char *home); /* $HOME; argv ends with NULL */
void pty_end(struct pty *p);
double pty_started_ms(const struct pty *p); /* before fork() */

/* Writes all of it, drawing meanwhile. False: the program took nothing for `deadline_ms`. */
bool pty_send(struct pty *p, const char *at, size_t len, double deadline_ms);
/* Whether a row shows the text, at most deadline_ms later, and when that was. */
bool pty_shows(struct pty *p, const char *text, double deadline_ms, double *at_ms);
bool pty_shows_now(struct pty *p, const char *text);
/* Draws until it was silent for so long: the bytes since the last pty_send, or last pty_settle. */
size_t pty_settle(struct pty *p, double silence_ms);
double pty_last_ms(const struct pty *p); /* when the last bytes came */
bool pty_brackets(const struct pty *p);  /* it asked for pastes in brackets */
double pty_memory_mb(const struct pty *p); /* resident */

#endif
