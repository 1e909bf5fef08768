/*
 * rescue.h: the terminal is given back as it was, whatever happens: at the end, when told to end, in a crash.
 *
 *	rescue_note(fd);		-- as it is now
 *	rescue_prepare("\033[0m", 4);	-- what is written to leave it
 *	before = rescue_arm();		-- from here on there is something to put back
 *	rescue_now();
 *
 * SIGTERM, SIGHUP, SIGSEGV and the like do the last, where nobody else handles them, and then what they always do.
 *
 * Limits: one terminal a process; RESCUE_BYTES to write.
 */
#ifndef TUI_RESCUE_H
#define TUI_RESCUE_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#define RESCUE_BYTES 256

bool rescue_note(int fd); /* false: it is no terminal */
void rescue_prepare(const char *reset, size_t bytes); /* may be called again, when that is more */
const struct termios *rescue_arm(void); /* as it was noted */
bool rescue_is_armed(void);
void rescue_now(void); /* async-signal-safe; once */

#endif
