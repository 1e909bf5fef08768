/*
 * Bytes are a program of calls of ot/text.h; the flat model follows it, and must agree after each.
 *
 * An instruction is a byte for the call and two for its place (modulo the length of the text); what else it takes, it
 * takes from the bytes that follow. A program that ends early goes on with zeros.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ot/text.h"
#include "tests/flat.h"

#define MOST_BYTES 40000 /* the text is kept below this, or the model gets slow */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct program {
	const uint8_t *at, *end;
	struct text *text;
	struct flat flat;
};

static unsigned take(struct program *p)
{
	return p->at < p->end ? *p->at++ : 0;
}

static size_t take_below(struct program *p, size_t n)
{
	size_t high = take(p);

	return (high << 8 | take(p)) % n;
}

/* The bytes as they are, which may not be text at all. */
static void do_insert(struct program *p, size_t pos)
{
	size_t len = take(p) % 64;
	const char *utf8 = (const char *)p->at;

	if (len > (size_t)(p->end - p->at))
		len = (size_t)(p->end - p->at);
	p->at += len;
	bool valid = flat_valid(utf8, len) == len;
	FLAT_MUST(text_insert(p->text, pos, utf8, len) == (valid ? ERR_NONE : ERR_UTF8));
	if (valid)
		flat_insert(&p->flat, pos, utf8, len);
}

/* Many of one character. */
static void do_repeat(struct program *p, size_t pos)
{
	static const char *const part[] = {"a", "\n", "é", "€", "😀", "ab\nc", "é€", "😀\n"};
	const char *add = part[take(p) % 8];
	size_t count = take_below(p, 2000), len = strlen(add);
	char *utf8 = malloc(count * len + 1);

	for (size_t i = 0; i < count; i++)
		memcpy(utf8 + i * len, add, len);
	FLAT_MUST(text_insert(p->text, pos, utf8, count * len) == ERR_NONE);
	flat_insert(&p->flat, pos, utf8, count * len);
	free(utf8);
}

static void do_delete(struct program *p, size_t pos)
{
	size_t points = take_below(p, p->flat.points - pos + 2);
	bool fits = points <= p->flat.points - pos;

	FLAT_MUST(text_delete(p->text, pos, points) == (fits ? ERR_NONE : ERR_RANGE));
	if (fits)
		flat_delete(&p->flat, pos, points);
}

static void do_delete_one(struct program *p, size_t pos)
{
	if (pos == p->flat.points)
		return;
	FLAT_MUST(text_delete(p->text, pos, 1) == ERR_NONE);
	flat_delete(&p->flat, pos, 1);
}

static void do_splice(struct program *p, size_t pos)
{
	size_t drop = take_below(p, p->flat.points - pos + 2), len = take(p) % 16;
	struct splice s = {.pos = pos, .drop = drop, .text = (const char *)p->at}, back;

	s.bytes = len < (size_t)(p->end - p->at) ? len : (size_t)(p->end - p->at);
	p->at += s.bytes;
	bool fits = drop <= p->flat.points - pos;
	bool valid = flat_valid(s.text, s.bytes) == s.bytes;
	enum err e = text_splice(p->text, &s, &back);
	FLAT_MUST((e == ERR_NONE) == (fits && valid));
	if (e)
		return;
	size_t from = flat_byte(&p->flat, pos), to = flat_byte(&p->flat, pos + drop);
	FLAT_MUST(back.pos == pos && back.drop == s.points && back.points == drop);
	FLAT_MUST(back.bytes == to - from);
	FLAT_MUST(to == from || memcmp(back.text, p->flat.at + from, to - from) == 0);
	flat_delete(&p->flat, pos, drop);
	flat_insert(&p->flat, pos, s.text, s.bytes);
}

static void do_ask(struct program *p, size_t pos)
{
	flat_match_place(&p->flat, p->text, pos);
}

static void do_walk(struct program *p, size_t pos)
{
	bool back = take(p) & 1;

	flat_match_walk(&p->flat, p->text, pos, take(p), back);
}

static void do_slice(struct program *p, size_t pos)
{
	size_t bytes, points = take_below(p, p->flat.points + 2), rest = p->flat.points - pos;
	size_t from = flat_byte(&p->flat, pos),
	       to = flat_byte(&p->flat, pos + (points < rest ? points : rest));
	char *slice = text_slice(p->text, pos, points, &bytes);

	FLAT_MUST(bytes == to - from && (!bytes || memcmp(slice, p->flat.at + from, bytes) == 0));
	free(slice);
}

static void do_runs(struct program *p, size_t pos)
{
	flat_match_runs(&p->flat, p->text, pos);
}

static void do_hash(struct program *p, size_t pos)
{
	(void)pos;
	uint64_t hash = text_hash(p->text);
	if (p->flat.bytes < 1000)
		FLAT_MUST(hash == flat_hash(&p->flat));
}

static void do_copy(struct program *p, size_t pos)
{
	struct text *copy = text_copy(p->text);

	(void)pos;
	FLAT_MUST(text_equal(copy, p->text) && text_hash(copy) == text_hash(p->text));
	text_destroy(p->text);
	p->text = copy;
}

static void do_reload(struct program *p, size_t pos)
{
	struct text *fresh;

	(void)pos;
	FLAT_MUST(text_load(&fresh, p->flat.at, p->flat.bytes) == ERR_NONE);
	FLAT_MUST(text_equal(fresh, p->text) && text_hash(fresh) == text_hash(p->text));
	text_destroy(p->text);
	p->text = fresh;
}

/* A whole text of bytes as they are. */
static void do_load(struct program *p, size_t pos)
{
	struct text *t = NULL;
	size_t len = pos < (size_t)(p->end - p->at) ? pos : (size_t)(p->end - p->at);
	bool valid = flat_valid((const char *)p->at, len) == len;

	FLAT_MUST(text_load(&t, (const char *)p->at, len) == (valid ? ERR_NONE : ERR_UTF8));
	FLAT_MUST(valid == (t != NULL));
	text_destroy(t);
}

static void (*const calls[])(struct program *p, size_t pos) = {
	do_insert,
	do_repeat,
	do_delete,
	do_delete_one,
	do_ask,
	do_walk,
	do_slice,
	do_runs,
	do_hash,
	do_copy,
	do_load,
	do_reload,
	do_splice,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program p = {.at = data, .end = data + size, .text = text_create()};

	while (p.at < p.end && p.flat.bytes < MOST_BYTES) {
		unsigned call = take(&p) % (sizeof(calls) / sizeof(calls[0]));
		calls[call](&p, take_below(&p, p.flat.points + 1));
		flat_match(&p.flat, p.text);
	}
	text_destroy(p.text);
	free(p.flat.at);
	return 0;
}
