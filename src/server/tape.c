#include "src/server/tape.h"

#include <string.h>

#include "net/codec.h"

#define UINT_BYTES 10 /* of the longest LEB128 of 64 bits */

struct tape tape_writer(struct buf *out)
{
	return (struct tape){.out = out};
}

struct tape tape_reader(const char *at, size_t len)
{
	return (struct tape){.at = at, .left = len};
}

static void put_uint(struct buf *out, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		buf_add_byte(out, (unsigned char)(value | 0x80));
	buf_add_byte(out, (unsigned char)value);
}

static uint64_t get_uint(struct tape *t)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < UINT_BYTES && t->left; i++) {
		unsigned char byte = (unsigned char)*t->at++;
		t->left--;
		value |= (uint64_t)(byte & 0x7f) << 7 * i;
		if (byte < 0x80)
			return value;
	}
	t->bad = true;
	t->left = 0;
	return 0;
}

void tape_uint(struct tape *t, uint64_t *value)
{
	if (t->out)
		put_uint(t->out, *value);
	else
		*value = get_uint(t);
}

void tape_size(struct tape *t, size_t *value)
{
	uint64_t number = *value;

	tape_uint(t, &number);
	*value = (size_t)number;
}

void tape_bool(struct tape *t, bool *value)
{
	uint64_t number = *value;

	tape_uint(t, &number);
	*value = number != 0;
}

void tape_str(struct tape *t, struct str *value)
{
	size_t len = value->len;

	tape_size(t, &len);
	if (t->out) {
		if (len)
			buf_add(t->out, value->at, len);
		return;
	}
	if (len > t->left) {
		t->bad = true;
		t->left = len = 0;
	}
	*value = (struct str){t->at, len};
	t->at += len;
	t->left -= len;
}

void tape_word(struct tape *t, char *at, size_t size)
{
	struct str word = {at, t->out ? strlen(at) : 0};

	tape_str(t, &word);
	if (t->out)
		return;
	if (word.len >= size || memchr(word.at, '\0', word.len)) {
		t->bad = true;
		word.len = 0;
	}
	if (word.len)
		memcpy(at, word.at, word.len);
	at[word.len] = '\0';
}

static void get_op(struct tape *t, struct op *op)
{
	struct str bytes;

	tape_str(t, &bytes);
	*op = (struct op){0};
	if (!t->bad && codec_get_op(bytes.at, bytes.len, op) != ERR_NONE)
		t->bad = true;
}

void tape_op(struct tape *t, struct op *op)
{
	struct buf bytes = {0};

	if (!t->out) {
		get_op(t, op);
		return;
	}
	codec_put_op(&bytes, op);
	tape_str(t, &(struct str){bytes.at, bytes.len});
	buf_fini(&bytes);
}

size_t tape_count(struct tape *t, size_t count)
{
	tape_size(t, &count);
	if (t->out || count <= t->left)
		return count;
	t->bad = true;
	t->left = 0;
	return 0;
}
