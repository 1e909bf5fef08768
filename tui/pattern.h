/*
 * pattern.h: what is looked for, words as they stand or a regular expression, and where it is in some bytes.
 *
 *	struct pattern *p = pattern_make("teh", 3, 0, why, sizeof(why));
 *	if (pattern_next(p, &window, from, until, &match) == PATTERN_FOUND) ...
 *	pattern_free(p);
 *
 * Without PATTERN_CASE a pattern that has no capitals finds them too; one with a capital means what it says. Words fold case by ASCII where
 * they are ASCII, else as Unicode folds single characters.
 *
 * Regular expressions are PCRE2's, with UTF and Unicode properties; ^ and $ are the edges of lines.
 *
 * Units:   bytes of valid UTF-8.
 * Reach:   what pattern_next finds depends on the pattern_behind() bytes before where it begins and the pattern_ahead() bytes from there
 *          on; a longer match of a regular expression is cut there or not found.
 * Limits:  PATTERN_MAX bytes of pattern; PCRE2's own counters, so no expression runs on for long: PATTERN_HARD then.
 * Cost:    words 3 to 20 GB/s, as their rarest letter is rare, most expressions 0.3 GB/s; one call never takes more than some 10 ms.
 */
#ifndef TUI_PATTERN_H
#define TUI_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/buf.h"

#define PATTERN_MAX    1024
#define PATTERN_SPAN   ((size_t)16 << 10) /* bytes that a regular expression looks at from where it begins */
#define PATTERN_BEHIND 256                /* and before */
#define PATTERN_RESULT ((size_t)64 << 10) /* bytes of one replacement */

enum pattern_flag {
	PATTERN_CASE = 1,  /* capitals always count */
	PATTERN_WORD = 2,  /* whole words only */
	PATTERN_REGEX = 4, /* a regular expression */
};

enum pattern_answer { PATTERN_NONE, PATTERN_FOUND, PATTERN_HARD };

struct pattern;

/* Some of a text; first and last: it begins with the text's start, ends with its end. */
struct pattern_window {
	const char *at;
	size_t bytes;
	bool first, last;
};

struct pattern_match {
	size_t start, end; /* equal where a regular expression matches nothing */
};

/* NULL: why says what is wrong with it, for people. Nothing is found by an empty pattern. */
struct pattern *pattern_make(
	const char *what, size_t bytes, unsigned flags, char *why, size_t why_bytes);
void pattern_free(struct pattern *p);

size_t pattern_behind(const struct pattern *p);
size_t pattern_ahead(const struct pattern *p);
bool pattern_is_slow(const struct pattern *p); /* it is PCRE2's */

/* Of one that is not, in bytes that may begin and end within characters: where its words are first, whole or part of longer ones; len: nowhere. */
size_t pattern_words(const struct pattern *p, const char *at, size_t len);
size_t pattern_bytes(const struct pattern *p); /* how long they are */

/* The first match that begins in [from, until); both are starts of characters. */
enum pattern_answer pattern_next(struct pattern *p, const struct pattern_window *window,
	size_t from, size_t until, struct pattern_match *out);

/*
 * What replaces the match that pattern_next gave last in this very window. For words it is the template itself; for a regular expression $1,
 * ${name}, \1, \n, \t and \U...\E mean something. Appends to out. false: why says what is wrong with the template.
 */
bool pattern_replacement(struct pattern *p, const struct pattern_window *window, const char *template,
	size_t bytes, struct buf *out, char *why, size_t why_bytes);

#endif
