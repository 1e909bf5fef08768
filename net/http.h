/*
 * http.h: the head of one HTTP/1.1 request, read strictly, and the answers to it (RFC 9110, 9112).
 *
 *	size_t used = http_head_end(at, len);		-- 0 while the empty line has not come
 *	if (used && http_parse(&head, at, used))
 *		http_field_has(&head, "Connection", "upgrade");
 *
 * A server of WebSockets needs no more: no bodies, no chunks, no second request. Everything is borrowed from the bytes
 * read. What RFC 9112 lets a server forgive (bare LF, folded lines, space before a colon) is refused, since two readers that
 * forgive differently are how requests get smuggled.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "net/message.h"
#include "ot/buf.h"

#define HTTP_HEAD_MAX_BYTES ((size_t)8192) /* a head that has not ended by then is answered with 431 */

struct http_head {
	struct str method; /* "GET" */
	struct str path;   /* "/quiet-otter", without query */
	struct str fields; /* the lines behind the first, each ended by CRLF */
};

/* Bytes of the head with its empty line; 0 when that is not among the len bytes. */
size_t http_head_end(const char *at, size_t len);

/* at[0..len) is a head as http_head_end() found it. false: not a request of HTTP/1.1 in origin form with exactly one Host. */
bool http_parse(struct http_head *out, const char *at, size_t len);

/*
 * The next value of a field, first to last, without space around it; *from is 0 at first and belongs to the walk. Names
 * compare without case. false: no more.
 */
bool http_field(const struct http_head *head, const char *name, size_t *from, struct str *value);

/* The one value of a field; false when it is absent or given twice. */
bool http_field_one(const struct http_head *head, const char *name, struct str *value);

/* The next item of all comma-separated lists of that name. *from and *rest are 0 at first and belong to the walk. */
bool http_item(const struct http_head *head, const char *name, size_t *from, struct str *rest, struct str *item);

/* Is the word, in any case, in one of the lists of that name? */
bool http_field_has(const struct http_head *head, const char *name, const char *word);

/*
 * Append a whole answer of text/plain that ends the connection. An empty body becomes the reason phrase and a newline. That of 401
 * and 403 is a line without quotes, which WWW-Authenticate tells too.
 */
void http_answer(struct buf *out, int status, const char *body, size_t len);

const char *http_reason(int status); /* "Not Found"; "" when unknown */

#endif
