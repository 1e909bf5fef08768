/*
 * key.h: bytes from a terminal to keys, without a terminal.
 *
 *	struct keys *keys = keys_create();
 *	keys_feed(keys, bytes, len);
 *	while (keys_next(keys, &key)) ...
 *	if (keys_waiting(keys)) -- 25 ms later, with nothing new: keys_flush(keys), for a lone Esc
 *
 * Understands UTF-8, CSI and SS3 with modifiers, Alt as ESC prefix, CSI u (kitty), modifyOtherKeys, SGR mouse, focus,
 * bracketed paste (given whole, as one key), and drops the replies and sequences that it does not know. An answer that comes in
 * pieces is not cut by keys_flush once it can be told from a key: after "ESC [ ?", or within a string; while keys_expect says
 * that there are some to come, after ESC.
 */
#ifndef TUI_KEY_H
#define TUI_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEY_PASTE_MAX ((size_t)16 << 20) /* bytes of one paste; more is cut, and the key says so */

enum key_mod { KEY_SHIFT = 1, KEY_ALT = 2, KEY_CTRL = 4 };

enum key_code { /* above Unicode: what is not a character */
	KEY_UP = 0x110000,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_HOME,
	KEY_END,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_INSERT,
	KEY_DELETE,
	KEY_BACKSPACE,
	KEY_TAB,
	KEY_ENTER,
	KEY_ESC,
	KEY_F1,
	KEY_F2,
	KEY_F3,
	KEY_F4,
	KEY_F5,
	KEY_F6,
	KEY_F7,
	KEY_F8,
	KEY_F9,
	KEY_F10,
	KEY_F11,
	KEY_F12,
	KEY_MOUSE,
	KEY_PASTE,
	KEY_FOCUS_IN,
	KEY_FOCUS_OUT,

	/* No keys, but what the terminal answers (modes.h): */
	KEY_SYNCHRONIZES, /* it can hold a frame back until it is whole (mode 2026) */
	KEY_TELLS_KEYS,   /* it can tell keys apart that have always been one (kitty's protocol) */
	KEY_LIGHT,        /* its background is light; or dark */
	KEY_DARK,
	KEY_ANSWERED, /* that is all it has to say */
	KEY_CODES
};

enum key_mouse {
	KEY_MOUSE_DOWN,
	KEY_MOUSE_UP,
	KEY_MOUSE_DRAG,
	KEY_MOUSE_WHEEL_UP,
	KEY_MOUSE_WHEEL_DOWN
};

struct key {
	uint32_t code; /* a Unicode character (Ctrl-A is 'a' with KEY_CTRL), or an enum key_code */
	unsigned mods;
	/* KEY_MOUSE */
	enum key_mouse mouse;
	int button, row, col; /* button 0 is the left one; cells from 0 */
	/* KEY_PASTE: valid UTF-8 with '\n' line ends; borrows until the next keys_ call */
	const char *text;
	size_t bytes;
	bool cut;
};

struct keys;

struct keys *keys_create(void);
void keys_destroy(struct keys *keys);
void keys_feed(struct keys *keys, const char *at, size_t len);
bool keys_next(struct keys *keys, struct key *out);
bool keys_waiting(const struct keys *keys);
void keys_flush(struct keys *keys);
bool keys_lone_esc(const struct keys *keys); /* is it an Esc alone that waits? */
/* Answers are on their way (or are not any more): an Esc that is flushed meanwhile may turn out to have been the first byte of one. */
void keys_expect(struct keys *keys, bool answers);

#endif
