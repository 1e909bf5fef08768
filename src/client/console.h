/*
 * console.h: a person at a terminal: keys in, frames out, and the editor between them, on a loop.
 *
 *	console = console_create(loop, on_gone, ctx)
 *	if (!console_open(console, &why)) ...		-- takes the terminal; until then the screen is left alone
 *	console_draw(console, 0)			-- once a turn
 *	console_close(console)				-- gives it back
 *
 * The console owns its editor from console_create to console_destroy, so the text may change hands (a file, a room) under it.
 */
#ifndef CLIENT_CONSOLE_H
#define CLIENT_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"
#include "src/style.h"
#include "tui/editor.h"

struct console;

/* The terminal is gone (hung up): nobody can be asked any more. */
typedef void console_gone_fn(void *ctx);

struct console *console_create(struct loop *loop, console_gone_fn *gone, void *ctx);
void console_destroy(struct console *console); /* not from inside gone() */
void console_serve(struct console *console, console_gone_fn *gone, void *ctx); /* another owner */

struct editor *console_editor(struct console *console);
/* false: *why is one sentence, static. True also when it is open already. */
bool console_open(struct console *console, const char **why);
bool console_is_open(const struct console *console);
void console_close(struct console *console);
void console_suspend(struct console *console);
void console_style(struct console *console, const struct style *style); /* what the file that is shown asks for */
void console_hold(struct console *console, bool on); /* keys wait, until it is off again and something is drawn */
void console_configure(struct console *console); /* EDITOR_WANT_CONFIG */

/* Makes a frame of what changed, and wakes the loop when something will change by itself, at the latest in `latest_ms` (0: never). */
void console_draw(struct console *console, uint64_t latest_ms);

#endif
