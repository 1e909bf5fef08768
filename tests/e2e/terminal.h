/*
 * terminal.h: a program in a terminal of its own, for tests: keys in, and a screen to look at.
 *
 *	struct terminal *ada = terminal_start(argv, 24, 80);
 *	terminal_see(ada, "hello");		-- waits until it is on the screen
 *	terminal_press(ada, "End C-s");
 *	terminal_type(ada, " world");
 *	assert_int_equal(terminal_exit(ada), 0);
 *
 * The program runs in a pseudo-terminal with TERM=screen-256color (libvterm 0.1.4 lacks REP, which ncurses uses where the entry has
 * it); libvterm draws what it writes, encodes the keys as a terminal in its modes would, and answers its questions. Standard error
 * is a pipe beside it, so that messages are told from drawing. While a test waits for one terminal all of them are served.
 *
 * Every wait is for a condition. One that does not come true by the deadline ($E2E_DEADLINE_MS, 60 s) fails the cmocka test, with
 * the screens of all terminals on standard error.
 *
 * Units: rows and columns are cells from 0.
 * Memory: terminal_start returns owned; terminal_end_all() in a teardown ends and frees whatever a failed test left.
 */
#ifndef E2E_TERMINAL_H
#define E2E_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vterm.h>

#include "tests/e2e/ability.h"

struct terminal;

struct terminal *terminal_start(const char *const argv[], int rows, int cols); /* argv ends with NULL */
void terminal_end(struct terminal *t);                 /* kills; NULL is fine */
void terminal_end_all(void);
struct ability *terminal_ability(struct terminal *t); /* ability.h: to be set */

/* ---- the person's hands ---- */

void terminal_type(struct terminal *t, const char *utf8);
/* Names with blanks between: "C-s", "M-x", "S-Left", "Enter", "F2", "PageDown", "a" ... */
void terminal_press(struct terminal *t, const char *keys);
void terminal_paste(struct terminal *t,
	const char *utf8); /* as terminals do: bracketed if the program asked for it */
void terminal_signal(struct terminal *t, int signal); /* to the program */
void terminal_resize(struct terminal *t, int rows, int cols);
bool terminal_delivered(const struct terminal *t); /* all keys and answers have arrived */
void terminal_hang_up(struct terminal *t); /* its window is closed: nothing is seen of it any more */
void terminal_size(struct terminal *t, int *rows, int *cols);

/* ---- the person's eyes ---- */

struct terminal_place {
	int row, col;
};

bool terminal_find(struct terminal *t, const char *utf8, struct terminal_place *out); /* out may be NULL */
char *terminal_row(struct terminal *t, int row); /* without blanks at its end; owned */
struct terminal_place terminal_cursor(struct terminal *t);
VTermScreenCell terminal_cell(struct terminal *t, int row, int col);
bool terminal_alternate(const struct terminal *t); /* is the alternate screen shown? */
bool terminal_mode(
	const struct terminal *t, unsigned mode);     /* a private mode (CSI ? mode h) that is on */
const char *terminal_words(const struct terminal *t); /* its standard error so far */

/* ---- waiting ---- */

typedef bool terminal_condition(struct terminal *t, const void *arg);
void terminal_until(
	struct terminal *t, terminal_condition *holds, const void *arg, const char *what);
void terminal_see(struct terminal *t, const char *utf8);
void terminal_see_none(struct terminal *t, const char *utf8);
void terminal_see_cursor(struct terminal *t, int row, int col);
/* Serves all terminals until the condition of the caller holds: of a file, a server. It is looked at every 10 ms at least. */
void terminal_until_true(bool (*holds)(const void *arg), const void *arg, const char *what);
int terminal_exit(struct terminal *t); /* waits for its end: the exit status, or 128 + the signal */
/* The modes of the line are as they were before the program, and its screen is left: cursor shown, no alternate screen,
 * no mouse, paste or focus reports. NULL, or what is not as it was. */
const char *terminal_left_behind(struct terminal *t);

#endif
