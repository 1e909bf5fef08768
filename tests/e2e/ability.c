#include "tests/e2e/ability.h"

#include <stdio.h>
#include <string.h>

static int count(const char *at, size_t len, const char *what)
{
	const char *end = at + len;
	int found = 0;

	for (; (at = memmem(at, (size_t)(end - at), what, strlen(what))); at++)
		found++;
	return found;
}

size_t ability_hear(struct ability *ability, const char *at, size_t len, char *out)
{
	size_t bytes = 0;

	if (ability->keys) {
		int taken = count(at, len, "\033[>5u");
		ability->taken += taken;
		ability->pushed += taken - count(at, len, "\033[<u");
		if (count(at, len, "\033[?u"))
			bytes += (size_t)sprintf(out, "\033[?%du", ability->pushed > 0 ? 5 : 0);
	}
	if (ability->background && count(at, len, "\033]11;?\033\\"))
		bytes += (size_t)snprintf(out + bytes, ABILITY_ANSWER_BYTES - bytes,
			"\033]11;%s\033\\", ability->background);
	return bytes;
}

size_t ability_key(const struct ability *ability, uint32_t key, unsigned mods, char *out)
{
	if (ability->pushed <= 0 || (key >= ' ' && !(mods & 6)))
		return 0;
	return (size_t)sprintf(out, mods ? "\033[%u;%uu" : "\033[%uu", (unsigned)key, mods + 1);
}
