#include "tui/modes.h"

#include <string.h>

/* The usual characters in their usual look, bracketed paste, focus, mouse buttons with drags, in SGR form; the window's title is kept on the terminal's stack. */
#define ENTER     "\033(B\033[m\033[22;2t\033[?2004h\033[?1004h"
#define LEAVE     "\033[?1004l\033[?2004l\033[23;2t"
#define MOUSE_ON  "\033[?1002h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1002l"
/* Keys told apart, and what each is with Shift and on the keyboard that shortcuts are made for. */
#define KEYS_ON  "\033[>5u"
#define KEYS_OFF "\033[<u"
/* Mode 2026, the keyboard protocol, the background; and what everybody answers. */
#define ASK "\033[?2026$p\033[?u\033]11;?\033\\\033[c"
/* Ends a string or sequence that was cut in the middle, and what a frame leaves on. */
#define RESET "\033\\\033[0m\033[r\033[?25h"

struct modes modes_of(const char *type)
{
	static const char *const mute[] = {"linux", "vt", "ansi", "cons", "sun", "wy"};
	struct modes modes = {.speaks = true};

	for (size_t i = 0; type && i < sizeof(mute) / sizeof(mute[0]); i++)
		if (strncmp(type, mute[i], strlen(mute[i])) == 0 && strncmp(type, "vte", 3) != 0)
			modes.speaks = false;
	return modes;
}

void modes_enter(const struct modes *modes, struct buf *out)
{
	if (modes->speaks)
		buf_add_str(out, modes->no_mouse ? ENTER : ENTER MOUSE_ON);
}

void modes_ask(const struct modes *modes, struct buf *out)
{
	if (modes->speaks)
		buf_add_str(out, ASK);
}

void modes_keys(const struct modes *modes, struct buf *out)
{
	if (modes->tells_keys)
		buf_add_str(out, KEYS_ON);
}

void modes_mouse(struct modes *modes, bool on, struct buf *out)
{
	if (modes->speaks && modes->no_mouse == on)
		buf_add_str(out, on ? MOUSE_ON : MOUSE_OFF);
	modes->no_mouse = !on;
}

void modes_leave(const struct modes *modes, struct buf *out)
{
	buf_add_str(out, RESET);
	if (modes->tells_keys)
		buf_add_str(out, KEYS_OFF);
	if (modes->speaks)
		buf_add_str(out, MODES_RELEASE MOUSE_OFF LEAVE);
}
