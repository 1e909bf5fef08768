#include "src/server/form.h"

#include <string.h>

#include "ot/utf8.h"
#include "src/report.h"
#include "src/server/intake.h"

/* ---- reading ---- */

static bool starts_with(const struct buf *b, const char *bytes, size_t len)
{
	return b->len >= len && memcmp(b->at, bytes, len) == 0;
}

static char *check_text(const char *path, const struct buf *b)
{
	size_t bad;

	if (starts_with(b, "\xff\xfe", 2) || starts_with(b, "\xfe\xff", 2))
		return report_sentence("%s is UTF-16, not UTF-8. Convert it first, for example:"
				       " iconv -f utf-16 -t utf-8",
			path);
	if (!b->len || utf8_check(b->at, b->len, &bad))
		return NULL;
	if (!b->at[bad])
		return report_sentence("%s is not a text: byte 0x00 at offset %zu", path, bad);
	return report_sentence("%s is not UTF-8 text: byte 0x%02X at offset %zu."
			       " Convert it first, for example: iconv -f latin1 -t utf-8",
		path, (unsigned char)b->at[bad], bad);
}

/* Does every line end with CRLF, one at least, and is there no other '\r'? */
static bool all_crlf(const char *at, size_t len)
{
	const char *end = at + len;
	size_t lines = 0;

	for (; at < end; at++) {
		if (*at == '\n')
			return false;
		if (*at != '\r')
			continue;
		if (++at == end || *at != '\n')
			return false;
		lines++;
	}
	return lines > 0;
}

static size_t drop_cr(char *at, size_t len)
{
	char *out = at;

	for (size_t i = 0; i < len; i++)
		if (at[i] != '\r')
			*out++ = at[i];
	return (size_t)(out - at);
}

/* To UTF-8, if they are not. */
static char *convert(struct form *form, const char *path, enum form_takes takes, struct buf *b)
{
	struct buf utf8 = {0};
	size_t bad;

	form->charset = charset_guess(b->at, b->len);
	if (form->charset == CHARSET_BINARY && takes != FORM_ANY)
		form->charset = CHARSET_UTF8; /* which it is not, as is told then */
	if (form->charset == CHARSET_UTF8)
		return NULL;
	if (!charset_decode(form->charset, b->at, b->len, &utf8, &bad)) {
		buf_fini(&utf8);
		return report_sentence(
			"%s is not %s text at offset %zu", path, charset_name(form->charset), bad);
	}
	buf_fini(b);
	*b = utf8;
	return NULL;
}

static void take_form(struct form *form, struct buf *b)
{
	form->bom = starts_with(b, FORM_MARK, FORM_MARK_BYTES);
	if (form->bom)
		buf_drop(b, FORM_MARK_BYTES);
	form->crlf = all_crlf(b->at, b->len);
	if (form->crlf)
		b->len = drop_cr(b->at, b->len);
	form->mixed = !form->crlf && intake_any_crlf(b->at, b->len);
}

char *form_read(struct form *form, const char *path, enum form_takes takes, struct buf *bytes,
	struct text **text)
{
	char *why;

	*form = (struct form){0};
	why = takes == FORM_UTF8 ? NULL : convert(form, path, takes, bytes);
	if (!why)
		why = check_text(path, bytes);
	if (why)
		return why;
	take_form(form, bytes);
	if (text_load(text, bytes->at, bytes->len) == ERR_NONE)
		return NULL;
	return report_sentence(
		"%s is too large: a document may have %zu MiB", path, TEXT_MAX_BYTES >> 20);
}

/* ---- writing ---- */

void form_begin(const struct form *form, const struct text *text, struct buf *out)
{
	struct text_iter it = text_iter(text, 0);
	const char *at;
	size_t bytes;

	buf_room(out, FORM_MARK_BYTES + text_size(text).bytes);
	if (form->bom)
		buf_add(out, FORM_MARK, FORM_MARK_BYTES);
	while (text_iter_run(&it, &at, &bytes))
		buf_add(out, at, bytes);
}

static void add_cr(struct buf *out, const char *at, size_t len)
{
	const char *end = at + len;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t line = (size_t)((newline ? newline : end) - at);
		buf_add(out, at, line);
		if (newline)
			buf_add(out, "\r\n", 2);
		at += newline ? line + 1 : line;
	}
}

static void expand_lines(struct buf *b)
{
	struct buf out = {0};

	buf_room(&out, b->len + b->len / 16 + 1);
	add_cr(&out, b->at, b->len);
	buf_fini(b);
	*b = out;
}

static char *encode(const struct form *form, const char *path, struct buf *b)
{
	struct buf out = {0};
	size_t bad = 0;

	if (form->charset == CHARSET_UTF8 || !b->len)
		return NULL;
	if (!charset_encode(form->charset, b->at, b->len, &out, &bad)) {
		size_t width = utf8_width(b->at[bad]);
		buf_fini(&out);
		return report_sentence("cannot save %s: %.*s (line %zu) is no character of %s",
			path, (int)width, b->at + bad, utf8_count(b->at, bad).lines + 1,
			charset_name(form->charset));
	}
	buf_fini(b);
	*b = out;
	return NULL;
}

char *form_write(const struct form *form, const char *path, struct buf *bytes)
{
	if (form->crlf)
		expand_lines(bytes);
	return encode(form, path, bytes);
}
