/*
 * form.h: how a text stands in a file: its charset, a byte order mark, its line ends. Inside, all texts are UTF-8 with '\n', and a file that
 * is written again is as it was.
 *
 *	why = form_read(&form, "notes.txt", FORM_TEXT, &bytes, &text)	-- NULL, or a sentence (owned)
 *	form_begin(&form, text, &bytes)					-- in the thread that changes the text
 *	why = form_write(&form, "notes.txt", &bytes)			-- in any: what it costs, is here
 *
 * A file whose every line ended with CRLF, or that began with a mark, gets them back. Mixed line ends are kept as they are ('\r' is then a
 * character of the text), and so is a last line without an end.
 *
 * No I/O: files are workspace.h's; intake.h reads most of those of UTF-8 without having all their bytes at once.
 */
#ifndef SERVER_FORM_H
#define SERVER_FORM_H

#include <stdbool.h>

#include "ot/buf.h"
#include "ot/text.h"
#include "src/charset.h"

#define FORM_MARK       "\xef\xbb\xbf" /* the byte order mark, U+FEFF */
#define FORM_MARK_BYTES (sizeof(FORM_MARK) - 1)

struct form {
	enum charset charset;
	bool bom;   /* begins with a mark, which is not in the text */
	bool crlf;  /* every line ends with CRLF, of which LF is in the text */
	bool mixed; /* some lines end with CRLF, but not all */
};

/* What may be read. */
enum form_takes {
	FORM_UTF8,
	FORM_TEXT, /* of any charset that charset_guess() knows */
	FORM_ANY,  /* and what is no text, to be looked at */
};

/* Changes the bytes. NULL: *text is owned; else why not, about the file of that path (owned). */
char *form_read(struct form *form, const char *path, enum form_takes takes, struct buf *bytes, struct text **text);
/* The text as it is now: bytes that form_write() makes those of the file. Out is empty before. */
void form_begin(const struct form *form, const struct text *text, struct buf *out);
/* NULL, or which character is none of the charset (owned): the bytes are of no use then. */
char *form_write(const struct form *form, const char *path, struct buf *bytes);

#endif
