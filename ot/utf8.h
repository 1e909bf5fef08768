/*
 * utf8.h: bytes to code points and back.
 *
 * Everything past the door of the program is valid UTF-8 (Unicode 15, table 3-7: no surrogates, nothing overlong, nothing
 * above U+10FFFF) without U+0000; utf8_check() is that door, and the other functions trust it.
 *
 *	if (!utf8_check(at, len, &bad))		-- bytes [0, bad) are fine
 *		...
 *	utf8_count(at, len).points;		-- "héllo\n": 6
 *	utf8_offset(at, len, 2);		-- "héllo\n": 3, the first l
 *
 * Cost:   16 bytes at a time where the text is ASCII (check) or always (count, offset); else a shift a byte (check). Fewer than
 *         8 bytes are one word, whatever they are.
 * Source: The Unicode Standard 15.0, section 3.9, tables 3-6 and 3-7; Hoehrmann 2008 (an automaton for them).
 */
#ifndef OT_UTF8_H
#define OT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct utf8_count {
	size_t points; /* code points */
	size_t lines;  /* '\n' bytes */
};

/* Valid and free of U+0000? Unless bad is NULL, *bad is where the first character that is not begins (or len). */
bool utf8_check(const char *at, size_t len, size_t *bad);

/* Code points and newlines in len bytes; long texts count at memory speed. */
struct utf8_count utf8_count(const char *at, size_t len);

/* Both at once: cheaper than one after the other. *count is of no use where it returns false. */
bool utf8_check_count(const char *at, size_t len, struct utf8_count *count);

/* Byte offset of code point number `points`, which must be within or at the end of the text. */
size_t utf8_offset(const char *at, size_t len, size_t points);

/* The same where it is known how many code points there are in all: free at the ends and in ASCII, cheap near the end. */
size_t utf8_offset_near(const char *at, size_t len, size_t all, size_t points);
static inline size_t utf8_offset_known(const char *at, size_t len, size_t all, size_t points)
{
	return len == all ? points : utf8_offset_near(at, len, all, points);
}

/* Is this a byte inside of a character, not its first? */
static inline bool utf8_is_rest(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Bytes of the character that begins with this byte: 1 to 4. */
size_t utf8_width(char first);

/* The character at `at`; *width gets its bytes. */
uint32_t utf8_decode(const char *at, size_t *width);

/* Writes 1 to 4 bytes to out, returns how many. `point` must be a Unicode scalar value. */
size_t utf8_encode(uint32_t point, char out[4]);

#endif
