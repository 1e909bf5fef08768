/*
 * held.h: keys that wait, while the file they are meant for is on its way.
 *
 *	held_add(&held, &key)		false: no more fit
 *	while (held_next(&held, &key)) ... free((void *)key.text)
 *
 * Memory:  copies what was pasted.
 * Limits:  HELD_KEYS keys, HELD_BYTES of pastes.
 */
#ifndef TUI_HELD_H
#define TUI_HELD_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/key.h"

#define HELD_KEYS  4096
#define HELD_BYTES KEY_PASTE_MAX

struct held {
	struct key *at;
	size_t count, cap, first, bytes;
};

bool held_add(struct held *held, const struct key *key);
bool held_any(const struct held *held);
bool held_next(struct held *held, struct key *out); /* the oldest; its text is the caller's to free */
void held_fini(struct held *held);

#endif
