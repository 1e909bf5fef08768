#include "tui/background.h"

#include <stdlib.h>
#include <string.h>

#define MOST   1000 /* of a part of a colour, as it is counted here */
#define DIGITS 4

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = memchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c, 16);

	return at ? (int)(at - digits) : -1;
}

/* One to four hexadecimal digits, a fraction of as many F. false: they are not. */
static bool take_part(const char **at, const char *end, size_t most, unsigned *part)
{
	unsigned value = 0, whole = 0;
	size_t count = 0;

	for (; *at < end && count < most && digit(**at) >= 0; ++*at, count++) {
		value = value * 16 + (unsigned)digit(**at);
		whole = whole * 16 + 15;
	}
	*part = whole ? value * MOST / whole : 0;
	return count > 0;
}

/* "rgb:R/G/B", "rgba:R/G/B/A"; or "#RRGGBB" and its like, all parts as long. */
static bool take_color(const char *at, size_t len, unsigned rgb[3])
{
	const char *end = at + len, *colon = memchr(at, ':', len);
	bool slashes = colon && len > 3 && memcmp(at, "rgb", 3) == 0;
	size_t digits = slashes ? DIGITS : (len - 1) / 3;

	if (!slashes && (len < 4 || at[0] != '#' || digits > DIGITS || (len - 1) % 3 != 0))
		return false;
	at = slashes ? colon + 1 : at + 1;
	for (int i = 0; i < 3; i++) {
		if (slashes && i && (at == end || *at++ != '/'))
			return false;
		if (!take_part(&at, end, digits, &rgb[i]))
			return false;
	}
	return true;
}

bool background_answer(const char *at, size_t len, bool *light)
{
	unsigned rgb[3];

	if (len < 3 || memcmp(at, "11;", 3) != 0 || !take_color(at + 3, len - 3, rgb))
		return false;
	*light = 299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] > 1000 * MOST / 2;
	return true;
}

/* "15;0", "0;default;15": the last is the background, one of sixteen colours. */
bool background_variable(const char *value, bool *light)
{
	const char *last = value ? strrchr(value, ';') : NULL;
	char *end;
	unsigned long color = last ? strtoul(last + 1, &end, 10) : 0;

	if (!last || end == last + 1 || *end || color > 15)
		return false;
	*light = color == 7 || color > 8;
	return true;
}
