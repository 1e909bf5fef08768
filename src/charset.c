#include "src/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "ot/utf8.h"

#define STEP     ((size_t)64 << 10) /* bytes of output that are made room for at a time */
#define NUL_SIGN "\xe2\x90\x80"     /* U+2400 */

static const char *const names[] = {
	[CHARSET_UTF8] = "UTF-8",
	[CHARSET_LATIN1] = "ISO-8859-1",
	[CHARSET_WINDOWS] = "WINDOWS-1252",
	[CHARSET_UTF16LE] = "UTF-16LE",
	[CHARSET_UTF16BE] = "UTF-16BE",
	[CHARSET_BINARY] = "binary", /* iconv knows none of that name */
};

const char *charset_name(enum charset charset)
{
	return names[charset];
}

/* 0x80 to 0x9f are controls in ISO 8859-1, which nobody writes; five of them are nothing in Windows-1252. */
static enum charset guess_bytes(const char *at, size_t len)
{
	bool own = false;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)at[i];
		if (c == 0x81 || c == 0x8d || c == 0x8f || c == 0x90 || c == 0x9d)
			return CHARSET_LATIN1;
		own = own || (c >= 0x80 && c <= 0x9f);
	}
	return own ? CHARSET_WINDOWS : CHARSET_LATIN1;
}

enum charset charset_guess(const char *at, size_t len)
{
	size_t bad;

	if (len >= 2 && memcmp(at, "\xff\xfe", 2) == 0)
		return CHARSET_UTF16LE;
	if (len >= 2 && memcmp(at, "\xfe\xff", 2) == 0)
		return CHARSET_UTF16BE;
	if (!len || utf8_check(at, len, &bad))
		return CHARSET_UTF8;
	return memchr(at, '\0', len) ? CHARSET_BINARY : guess_bytes(at, len);
}

static bool convert(iconv_t how, const char *from, size_t len, struct buf *out, size_t *bad)
{
	char *at = (char *)(size_t)from; /* iconv reads it only */
	size_t left = len, failed = 0;

	while (left && failed != (size_t)-1) {
		size_t room = STEP;
		char *to = buf_room(out, STEP);
		failed = iconv(how, &at, &left, &to, &room);
		out->len += STEP - room;
		if (failed == (size_t)-1 && errno == E2BIG)
			failed = 0;
	}
	*bad = len - left;
	return left == 0;
}

static bool recode(
	const char *to, const char *from, const char *at, size_t len, struct buf *out, size_t *bad)
{
	iconv_t how = iconv_open(to, from);

	*bad = 0;
	if (how == (iconv_t)-1)
		return false;
	bool whole = convert(how, at, len, out, bad);
	iconv_close(how);
	return whole;
}

/* Up to the next NUL, or the end. */
static size_t run_bytes(const char *at, const char *end)
{
	const char *nul = memchr(at, '\0', (size_t)(end - at));

	return (size_t)((nul ? nul : end) - at);
}

static bool is_utf8_between(const char *at, const char *end)
{
	size_t bad;

	for (; at < end; at++) {
		size_t run = run_bytes(at, end);
		if (run && !utf8_check(at, run, &bad))
			return false;
		at += run;
	}
	return true;
}

static void show_nuls(const char *at, size_t len, struct buf *out)
{
	for (const char *end = at + len; at < end; at++) {
		size_t run = run_bytes(at, end);
		buf_add(out, at, run);
		at += run;
		if (at < end)
			buf_add(out, NUL_SIGN, sizeof(NUL_SIGN) - 1);
	}
}

static bool show_bytes(const char *at, size_t len, struct buf *out, size_t *bad)
{
	struct buf letters = {0};
	bool whole;

	*bad = 0;
	if (is_utf8_between(at, at + len)) {
		show_nuls(at, len, out);
		return true;
	}
	whole = recode(names[CHARSET_UTF8], names[guess_bytes(at, len)], at, len, &letters, bad);
	show_nuls(letters.at, letters.len, out);
	buf_fini(&letters);
	return whole;
}

bool charset_decode(enum charset charset, const char *at, size_t len, struct buf *out, size_t *bad)
{
	if (charset == CHARSET_BINARY)
		return show_bytes(at, len, out, bad);
	return recode(names[CHARSET_UTF8], names[charset], at, len, out, bad);
}

bool charset_encode(
	enum charset charset, const char *utf8, size_t len, struct buf *out, size_t *bad)
{
	return recode(names[charset], names[CHARSET_UTF8], utf8, len, out, bad);
}
