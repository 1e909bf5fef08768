#include "tui/fuzzy.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define MATCH 16   /* a letter that is there */
#define START 24   /* it begins a word */
#define FIRST 8    /* and that the first */
#define NEXT  28   /* it follows the one before */
#define BASE  1000 /* so that long names still mean something */

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : (unsigned char)c;
}

static bool starts_word(const char *name, size_t at)
{
	return at == 0 || strchr(" -_:/", name[at - 1]);
}

/*
 * best[i] is the most that the letters so far are worth when the last of them is name[i]; 0: they cannot be. A row a letter, each from
 * the one before.
 */
static void next_row(const char *name, size_t length, char letter, bool first, int best[FUZZY_NAME])
{
	int left = first ? 1 : 0, follows = 0;

	for (size_t i = 0; i < length; i++) {
		int before = best[i], here = 0;
		if (lower(name[i]) == lower(letter)) {
			here = left ? left + MATCH + (starts_word(name, i) ? START : 0) +
					       (i ? 0 : FIRST)
				    : 0;
			if (follows && follows + MATCH + NEXT > here)
				here = follows + MATCH + NEXT;
		}
		best[i] = here;
		if (!first) {
			left = before > left ? before : left;
			follows = before;
		}
	}
}

static int part_score(const char *part, size_t bytes, const char *name, size_t length)
{
	int best[FUZZY_NAME] = {0}, most = 0;

	for (size_t i = 0; i < bytes; i++)
		next_row(name, length, part[i], i == 0, best);
	for (size_t i = 0; i < length; i++)
		most = best[i] > most ? best[i] : most;
	return most;
}

/* Does a word of the name begin with it, from `from` on? */
static bool begins_word(
	const char *part, size_t bytes, const char *name, size_t from, size_t length)
{
	for (size_t i = from; i + bytes <= length; i++)
		if (starts_word(name, i) && strncasecmp(name + i, part, bytes) == 0)
			return true;
	return false;
}

/* Letters scattered over a sentence mean nothing: of the words behind the colon one must begin so. */
static int described_score(const char *part, size_t bytes, const char *name, size_t length)
{
	const char *colon = memmem(name, length, ": ", 2);
	size_t called = colon ? (size_t)(colon - name) : length;
	int score = part_score(part, bytes, name, called);

	if (!score && begins_word(part, bytes, name, called, length))
		score = START + (int)bytes * MATCH;
	return score;
}

typedef int score_fn(const char *part, size_t bytes, const char *name, size_t length);

static int score_parts(const char *pattern, size_t bytes, const char *name, score_fn *score_part)
{
	size_t length = strnlen(name, FUZZY_NAME), part;
	int sum = BASE - (int)length;

	for (size_t at = 0; at < bytes; at += part) {
		part = 0;
		while (at + part < bytes && pattern[at + part] != ' ')
			part++;
		int score = part ? score_part(pattern + at, part, name, length) : 1;
		if (!score)
			return 0;
		sum += score * 4; /* a letter well placed is worth more than a short name */
		part += at + part < bytes;
	}
	return sum;
}

int fuzzy_score(const char *pattern, size_t bytes, const char *name)
{
	return score_parts(pattern, bytes, name, part_score);
}

int fuzzy_described(const char *pattern, size_t bytes, const char *name)
{
	return score_parts(pattern, bytes, name, described_score);
}
