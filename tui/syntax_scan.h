/*
 * syntax_scan.h: one line of a syntax file, read from left to right.
 *
 *	struct syntax_scan scan = {line, line_end};
 *	if (syntax_scan_quote(&scan, &set)) ...		-- "a-z_\n": which bytes
 *	word = syntax_scan_word(&scan);			-- noeat
 *
 * Blanks separate; '#' begins a comment. Characters above U+007F are sets of bytes here: all bytes above 0x7f stand for all of them.
 * Escapes in quotes: \n \t \r \f \v \a \b \e \\ \" \- \NNN \xNN \u{N}, and the classes \d \s \w \i \c (digits, blanks, letters of words,
 * those that names begin with, those that they go on with) and \p{...}.
 */
#ifndef TUI_SYNTAX_SCAN_H
#define TUI_SYNTAX_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct syntax_scan {
	const char *at, *end;
};

struct syntax_piece {
	const char *at;
	size_t bytes;
};

bool syntax_scan_end(struct syntax_scan *scan); /* nothing but blanks and a comment is left */
char syntax_scan_peek(struct syntax_scan *scan); /* the next character that is no blank; NUL at the end */
struct syntax_piece syntax_scan_word(struct syntax_scan *scan); /* up to a blank or comment; none at the end */
bool syntax_piece_is(struct syntax_piece piece, const char *word);

/* In quotes: a set of bytes with ranges, or a string of at most `cap` bytes. false: no quote, or not ended, or too long. */
bool syntax_scan_set(struct syntax_scan *scan, bool set[256]);
bool syntax_scan_string(struct syntax_scan *scan, char *out, size_t cap, size_t *bytes);

#endif
