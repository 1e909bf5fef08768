#include "ot/buf.h"

#include <stdarg.h>
#include <stdio.h> /* vsnprintf only: no I/O here */
#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

#define PRINTED 32 /* bytes, mostly fewer */

void buf_fini(struct buf *b)
{
	if (!b)
		return;
	free(b->at);
	*b = (struct buf){0};
}

void buf_add_str(struct buf *b, const char *str)
{
	buf_add(b, str, strlen(str));
}

void buf_drop(struct buf *b, size_t len)
{
	b->len -= len;
	if (b->len)
		memmove(b->at, b->at + len, b->len);
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;

	buf_room(b, PRINTED);
	size_t room = b->cap - b->len;
	va_start(args, format);
	int len = vsnprintf(b->at + b->len, room, format, args);
	va_end(args);
	if (len < 0)
		return;
	if ((size_t)len >= room) {
		buf_room(b, (size_t)len + 1);
		va_start(args, format);
		vsnprintf(b->at + b->len, (size_t)len + 1, format, args);
		va_end(args);
	}
	b->len += (size_t)len;
}

char *buf_take(struct buf *b)
{
	buf_room(b, 1);
	b->at[b->len] = '\0';
	char *at = b->at;
	*b = (struct buf){0};
	return at;
}
