/*
 * charset.h: texts that are not UTF-8: read as what they are, and written back as they were.
 *
 *	enum charset c = charset_guess(at, len);
 *	if (!charset_decode(c, at, len, &utf8, &bad)) ...
 *
 * UTF-16 is known by its byte order mark. What is neither that nor valid UTF-8 is taken for one byte a character: Windows-1252 if
 * bytes of its own are there, ISO 8859-1 otherwise. Both name every byte that they are guessed for, so a text that was only looked
 * at comes back byte for byte.
 *
 * What holds a NUL byte is no text in any of them. To be looked at, its NULs become U+2400, the sign for one, and the rest is taken for UTF-8
 * if it is, else for one byte a character; nothing is encoded as that.
 *
 * Uses:    iconv of the C library.
 */
#ifndef SRC_CHARSET_H
#define SRC_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/buf.h"

enum charset {
	CHARSET_UTF8,
	CHARSET_LATIN1,
	CHARSET_WINDOWS,
	CHARSET_UTF16LE,
	CHARSET_UTF16BE,
	CHARSET_BINARY, /* no text: NUL bytes are in it. It is shown, and never written back */
};

const char *charset_name(enum charset charset); /* as people and iconv know it */
enum charset charset_guess(const char *at, size_t len);

/*
 * Appends to out. A byte order mark is a character like others (U+FEFF). false: what begins at byte *bad is no character of
 * the charset; out holds what came before.
 */
bool charset_decode(
	enum charset charset, const char *at, size_t len, struct buf *out, size_t *bad);
bool charset_encode(
	enum charset charset, const char *utf8, size_t len, struct buf *out, size_t *bad);

#endif
