/*
 * flat.h: the plain model of ot/text.h: one array, every answer counted from its start, nothing shared with ot.
 *
 *	struct flat f = {0};
 *	flat_insert(&f, 0, "héllo\n", 7);
 *	flat_match(&f, text);			-- aborts where the text answers differently
 *	free(f.at);
 *
 * Units and rules are those of text.h. Arguments must be within the text; what comes from outside goes to flat_valid first.
 */
#ifndef TESTS_FLAT_H
#define TESTS_FLAT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/text.h"

struct flat {
	char *at;
	size_t bytes, points, lines;
};

#define FLAT_MUST(holds)                                                                           \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #holds);        \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Begins a character: any byte but 10xxxxxx. */
static inline bool flat_begins(char byte)
{
	return (byte & 0xc0) != 0x80;
}

/* By what UTF-8 is for: put the bits together, and see whether they are a character in its shortest form. 0: not valid. */
static inline size_t flat_character(const char *at, size_t len)
{
	static const struct {
		unsigned mask, mark, width;
		uint32_t least;
	} form[] = {
		{0x80, 0x00, 1, 1      },
		{0xe0, 0xc0, 2, 0x80   },
		{0xf0, 0xe0, 3, 0x800  },
		{0xf8, 0xf0, 4, 0x10000},
	};
	for (size_t i = 0; i < 4; i++) {
		uint32_t point = (unsigned char)at[0] & ~form[i].mask & 0xff;
		if (((unsigned char)at[0] & form[i].mask) != form[i].mark)
			continue;
		for (size_t k = 1; k < form[i].width; k++) {
			if (k >= len || flat_begins(at[k]))
				return 0;
			point = point * 64 + ((unsigned char)at[k] & 0x3f);
		}
		bool surrogate = point >= 0xd800 && point <= 0xdfff;
		return point < form[i].least || point > 0x10ffff || surrogate ? 0 : form[i].width;
	}
	return 0;
}

/* How many of the bytes are valid, from the start. */
static inline size_t flat_valid(const char *at, size_t len)
{
	size_t done = 0;

	for (size_t width; done < len; done += width) {
		width = flat_character(at + done, len - done);
		if (!width)
			break;
	}
	return done;
}

static inline void flat_count(const char *at, size_t bytes, size_t *points, size_t *lines)
{
	*points = *lines = 0;
	for (size_t i = 0; i < bytes; i++) {
		*points += flat_begins(at[i]);
		*lines += at[i] == '\n';
	}
}

static inline size_t flat_byte(const struct flat *f, size_t pos)
{
	size_t i = 0;

	for (; i < f->bytes; i++) {
		if (flat_begins(f->at[i]) && !pos--)
			break;
	}
	return i;
}

static inline size_t flat_pos(const struct flat *f, size_t byte)
{
	size_t points, lines;

	while (byte < f->bytes && !flat_begins(f->at[byte]))
		byte--;
	flat_count(f->at, byte, &points, &lines);
	return points;
}

static inline size_t flat_line_at(const struct flat *f, size_t pos)
{
	size_t points, lines;

	flat_count(f->at, flat_byte(f, pos), &points, &lines);
	return lines;
}

static inline size_t flat_line_end(const struct flat *f, size_t line)
{
	size_t pos = 0;

	for (size_t i = 0; i < f->bytes; i++) {
		if (f->at[i] == '\n' && !line--)
			break;
		pos += flat_begins(f->at[i]);
	}
	return pos;
}

static inline size_t flat_line_start(const struct flat *f, size_t line)
{
	size_t end = line ? flat_line_end(f, line - 1) : 0;

	return line && end < f->points ? end + 1 : end;
}

static inline uint64_t flat_hash(const struct flat *f)
{
	const uint64_t prime = (UINT64_C(1) << 61) - 1;
	uint64_t h = 0;

	for (size_t i = 0; i < f->bytes; i++) {
		uint64_t product = 0;
		/* h * 1000000007, by doubling: no wide numbers in the model */
		for (int bit = 29; bit >= 0; bit--) {
			product = product * 2 % prime;
			if (1000000007u >> bit & 1)
				product = (product + h) % prime;
		}
		h = (product + (unsigned char)f->at[i] + 1) % prime;
	}
	return h;
}

static inline void flat_insert(struct flat *f, size_t pos, const char *utf8, size_t bytes)
{
	size_t byte = flat_byte(f, pos);
	char *grown = realloc(f->at, f->bytes + bytes + 1);

	FLAT_MUST(grown);
	f->at = grown;
	memmove(f->at + byte + bytes, f->at + byte, f->bytes - byte);
	if (bytes)
		memcpy(f->at + byte, utf8, bytes);
	f->bytes += bytes;
	flat_count(f->at, f->bytes, &f->points, &f->lines);
}

static inline void flat_delete(struct flat *f, size_t pos, size_t points)
{
	size_t from = flat_byte(f, pos), to = flat_byte(f, pos + points);

	if (from == to)
		return;
	memmove(f->at + from, f->at + to, f->bytes - to);
	f->bytes -= to - from;
	flat_count(f->at, f->bytes, &f->points, &f->lines);
}

/* One place of the text, asked in every way. */
static inline void flat_match_place(const struct flat *f, const struct text *t, size_t pos)
{
	size_t byte = flat_byte(f, pos), line = flat_line_at(f, pos);

	FLAT_MUST(text_byte_at(t, pos) == byte);
	FLAT_MUST(text_pos_at(t, byte) == pos);
	if (byte)
		FLAT_MUST(text_pos_at(t, byte - 1) == flat_pos(f, byte - 1));
	FLAT_MUST(text_line_at(t, pos) == line);
	FLAT_MUST(text_line_start(t, line) == flat_line_start(f, line));
	FLAT_MUST(text_line_end(t, line) == flat_line_end(f, line));
}

/* From a place, `points` characters on, or back. */
static inline void flat_match_walk(
	const struct flat *f, const struct text *t, size_t pos, size_t points, bool back)
{
	struct text_iter it = text_iter(t, pos);
	size_t byte = flat_byte(f, pos);

	for (uint32_t c, want; points; points--) {
		if (back ? !byte : byte == f->bytes) {
			FLAT_MUST(!(back ? text_iter_prev(&it, &c) : text_iter_next(&it, &c)));
			break;
		}
		while (back && !flat_begins(f->at[--byte]))
			;
		size_t width = flat_character(f->at + byte, f->bytes - byte);
		want = (unsigned char)f->at[byte] & (width == 1 ? 0x7f : 0xff >> (width + 1));
		for (size_t i = 1; i < width; i++)
			want = want * 64 + ((unsigned char)f->at[byte + i] & 0x3f);
		FLAT_MUST(back ? text_iter_prev(&it, &c) : text_iter_next(&it, &c));
		FLAT_MUST(c == want);
		byte += back ? 0 : width;
		pos += back ? (size_t)-1 : 1;
		FLAT_MUST(it.pos == pos);
	}
}

/* The bytes from a place on, by runs. */
static inline void flat_match_runs(const struct flat *f, const struct text *t, size_t pos)
{
	struct text_iter it = text_iter(t, pos);
	size_t byte = flat_byte(f, pos), run, points, lines;

	for (const char *at; text_iter_run(&it, &at, &run); byte += run) {
		FLAT_MUST(run && run <= f->bytes - byte && memcmp(at, f->at + byte, run) == 0);
		flat_count(at, run, &points, &lines);
		pos += points;
		FLAT_MUST(it.pos == pos);
	}
	FLAT_MUST(byte == f->bytes);
}

/* All of the text: its bytes and counts, and the tree they are kept in. */
static inline void flat_match(const struct flat *f, const struct text *t)
{
	struct text_size size = text_size(t);
	size_t bytes;
	char *all = text_slice(t, 0, size.points, &bytes);

	text_verify(t);
	FLAT_MUST(size.bytes == f->bytes && size.points == f->points && size.lines == f->lines);
	FLAT_MUST(bytes == f->bytes && (!bytes || memcmp(all, f->at, bytes) == 0) &&
		  all[bytes] == '\0');
	free(all);
}

#endif
