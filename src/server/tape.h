/*
 * tape.h: what servers tell each other, as bytes: one description of a shape both writes and reads it.
 *
 *	static void tape_place(struct tape *t, struct place *p)
 *	{
 *		tape_uint(t, &p->line);
 *		tape_str(t, &p->path);
 *	}
 *	struct tape out = tape_writer(&buf);		tape_place(&out, &mine);
 *	struct tape in = tape_reader(at, len);		tape_place(&in, &theirs);	if (in.bad) ...
 *
 * So what is written and what is read cannot part. A reader that meets what no writer made is `bad` from then on, and gives
 * zeros and empty strings; a count is believed only as far as bytes follow it.
 *
 * Shape:  numbers are LEB128, strings a number of bytes and these, ops as in codec.h.
 * Memory: what is read as struct str borrows the bytes; ops are the caller's.
 */
#ifndef SERVER_TAPE_H
#define SERVER_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/message.h"
#include "ot/buf.h"

struct tape {
	struct buf *out; /* NULL: it reads */
	const char *at;
	size_t left;
	bool bad;
};

struct tape tape_writer(struct buf *out);
struct tape tape_reader(const char *at, size_t len);

void tape_uint(struct tape *t, uint64_t *value);
void tape_size(struct tape *t, size_t *value);
void tape_bool(struct tape *t, bool *value);
void tape_str(struct tape *t, struct str *value);
void tape_word(struct tape *t, char *at, size_t size); /* a C string in an array of that size; one that is longer is bad */
void tape_op(struct tape *t, struct op *op);
/* How many items of at least one byte each follow. */
size_t tape_count(struct tape *t, size_t count);

#endif
