/*
 * utf8_part.h: many bytes at once, for the files that utf8.h is made of: utf8.c counts, utf8_check.c validates.
 *
 * Sixteen bytes are a step: gcc and clang have vectors of them on every processor. Eight are a word, and fewer than that are read as
 * one, padded with zeros: so a few bytes cost as much as any other few, and no branch depends on what they are.
 */
#ifndef OT_UTF8_PART_H
#define OT_UTF8_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ot/utf8.h"

/* A comparison gives 0 or -1 a byte, so subtracting it counts. */
#define STEP 16
typedef int8_t step_bytes __attribute__((vector_size(STEP)));

#define STEPS_MAX 255   /* what a byte can count */
#define LAST_REST (-65) /* 0xbf as a signed byte: all above it begin a character */

#define WORD      8
#define LOW_BITS  UINT64_C(0x0101010101010101)
#define HIGH_BITS (LOW_BITS << 7)
#define PAIR_BITS UINT64_C(0x00ff00ff00ff00ff)
#define PAIR_ONES UINT64_C(0x0001000100010001)

static inline step_bytes step_load(const char *at)
{
	step_bytes v;

	memcpy(&v, at, STEP);
	return v;
}

/* All 16 counts, by halves: pairs into 16 bits each, and a multiplication adds the four. */
static inline size_t step_sum(step_bytes v)
{
	uint64_t half[2], pairs = 0;

	memcpy(half, &v, STEP);
	for (int i = 0; i < 2; i++)
		pairs += (half[i] & PAIR_BITS) + (half[i] >> 8 & PAIR_BITS);
	return (size_t)(pairs * PAIR_ONES >> 48);
}

static inline uint64_t word_byte(const char *at, size_t i)
{
	return (uint64_t)(unsigned char)at[i] << 8 * i;
}

static inline uint64_t word_half(const char *at)
{
	return word_byte(at, 0) | word_byte(at, 1) | word_byte(at, 2) | word_byte(at, 3);
}

/* The first byte is the lowest. Compilers know that this is one load where the processor has it so. */
static inline uint64_t word_load(const char *at)
{
	return word_half(at) | word_half(at + WORD / 2) << 32;
}

/* Fewer than eight bytes; what is read twice is the same twice. */
static inline uint64_t word_few(const char *at, size_t len)
{
	if (len >= WORD / 2)
		return word_half(at) | word_half(at + len - WORD / 2) << 8 * (len - WORD / 2);
	return len ? word_byte(at, 0) | word_byte(at, len / 2) | word_byte(at, len - 1) : 0;
}

/* How many bytes of a word are set in their highest bit, and in no other. */
static inline size_t word_sum(uint64_t high)
{
	return (size_t)((high >> 7) * LOW_BITS >> 56);
}

/* The highest bits of bytes in which a character begins: their two high bits are not 10. */
static inline uint64_t word_begins(uint64_t word)
{
	return (~word | word << 1) & HIGH_BITS;
}

static inline size_t word_points(uint64_t word)
{
	return word_sum(word_begins(word));
}

/* Where character number n of those that begin in it does; 8 if there are just n. (A multiplication counts up to each byte.) */
static inline size_t word_select(uint64_t word, size_t n)
{
	uint64_t up_to = (word_begins(word) >> 7) * LOW_BITS;

	return word_sum(((n * LOW_BITS | HIGH_BITS) - up_to) & HIGH_BITS);
}

static inline size_t word_lines(uint64_t word)
{
	uint64_t other = word ^ LOW_BITS * '\n';

	return word_sum(~(((other & ~HIGH_BITS) + ~HIGH_BITS) | other) & HIGH_BITS);
}

/* Nothing but bytes 1 … 0x7f? */
static inline bool word_is_ascii(uint64_t word)
{
	return !((word | (word - LOW_BITS)) & HIGH_BITS);
}

#endif
