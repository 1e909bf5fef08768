/*
 * ability.h: what a test's terminal can do that libvterm cannot: tell keys apart (kitty's keyboard protocol), say what its background is;
 * and to be at the other end of a slow line.
 *
 *	struct terminal *ada = terminal_start(...);
 *	*terminal_ability(ada) = (struct ability){.keys = true, .background = "rgb:ffff/ffff/ffff"};
 *
 * To be said before the first wait, for until then nothing of what the program asks was read. All zero: none of it.
 */
#ifndef E2E_ABILITY_H
#define E2E_ABILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ABILITY_ANSWER_BYTES 256

struct ability {
	bool keys;
	const char *background; /* its answer to OSC 11; NULL: none */
	int64_t byte_ms;        /* so long each byte is on its way to the program, one behind the other */
	int taken, pushed; /* how often the program took the keyboard, and did not give it back */
};

/* What the program wrote; the answers to what it asks in it go to out, which holds ABILITY_ANSWER_BYTES: how many bytes. */
size_t ability_hear(struct ability *ability, const char *at, size_t len, char *out);
/* How it sends a key while the program has taken the keyboard; 0: as ever. mods: 1 Shift, 2 Alt, 4 Ctrl. */
size_t ability_key(const struct ability *ability, uint32_t key, unsigned mods, char *out);

#endif
