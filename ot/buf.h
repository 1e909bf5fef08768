/*
 * buf.h: bytes that grow at the end.
 *
 *	struct buf b = {0};
 *	buf_add(&b, "hello", 5);
 *	buf_printf(&b, " %d", 42);
 *	write(1, b.at, b.len);
 *	buf_fini(&b);
 *
 * A zeroed struct is an empty buffer. Memory is owned; buf_clear keeps it for the next use.
 */
#ifndef OT_BUF_H
#define OT_BUF_H

#include <stddef.h>
#include <string.h>

#include "ot/mem.h"

struct buf {
	char *at;   /* NULL while nothing was ever added */
	size_t len; /* bytes in use */
	size_t cap;
};

void buf_fini(struct buf *b);
void buf_add_str(struct buf *b, const char *str);
void buf_drop(struct buf *b, size_t len);             /* forget the first len bytes; O(what stays) */
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *buf_take(struct buf *b);                        /* returns owned, NUL-terminated; b is empty afterwards */

static inline void buf_clear(struct buf *b)
{
	b->len = 0;
}

/* At least len writable bytes behind the end; then grow b->len. */
static inline char *buf_room(struct buf *b, size_t len)
{
	b->at = mem_grow(b->at, &b->cap, b->len + len, 1);
	return b->at + b->len;
}

static inline void buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (!len)
		return;
	memcpy(buf_room(b, len), bytes, len);
	b->len += len;
}

static inline void buf_add_byte(struct buf *b, unsigned char byte)
{
	*buf_room(b, 1) = (char)byte;
	b->len++;
}

#endif
