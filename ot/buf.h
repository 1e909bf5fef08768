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

struct buf {
	char *at;   /* NULL while nothing was ever added */
	size_t len; /* bytes in use */
	size_t cap;
};

void buf_fini(struct buf *b);
void buf_clear(struct buf *b);
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_add_str(struct buf *b, const char *str);
void buf_add_byte(struct buf *b, unsigned char byte);
char *buf_room(struct buf *b, size_t len);            /* at least len writable bytes behind the end; then grow b->len */
void buf_drop(struct buf *b, size_t len);             /* forget the first len bytes; O(what stays) */
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *buf_take(struct buf *b);                        /* returns owned, NUL-terminated; b is empty afterwards */

#endif
