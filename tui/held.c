#include "tui/held.h"

#include <stdlib.h>

#include "ot/mem.h"

bool held_add(struct held *held, const struct key *key)
{
	struct key copy = *key;

	if (held->count - held->first == HELD_KEYS || held->bytes + key->bytes > HELD_BYTES)
		return false;
	copy.text = key->code == KEY_PASTE ? mem_dup(key->text, key->bytes) : NULL;
	held->bytes += copy.bytes;
	held->at = mem_grow(held->at, &held->cap, held->count + 1, sizeof(*held->at));
	held->at[held->count++] = copy;
	return true;
}

bool held_any(const struct held *held)
{
	return held->first < held->count;
}

bool held_next(struct held *held, struct key *out)
{
	if (held->first == held->count) {
		held->first = held->count = held->bytes = 0;
		return false;
	}
	*out = held->at[held->first++];
	return true;
}

void held_fini(struct held *held)
{
	for (struct key key; held_next(held, &key);)
		free((void *)key.text);
	free(held->at);
	*held = (struct held){0};
}
