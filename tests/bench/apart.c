/*
 * Makes a trace of two who edit one text apart. The text is cut into blocks, and each of the two edits only inside of blocks of
 * its own; so what both make of it is plain to see, block by block, whatever merges them.
 */
#include "tests/bench/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/buf.h"

#define BLOCKS      1600
#define BLOCK_BYTES 64 /* of which the first and the last stay */
#define MOST_EDITS  1000000
#define FNV_START   UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME   UINT64_C(0x100000001b3)

static const char *const words[] = {"the ", "of ", "and ", "about ", "been ", "it ", "into ",
	"their ", "no ", "when ", "people ", "over ", "so ", "one ", "these ", "would "};

struct author {
	uint64_t random;
	size_t block, at;   /* the caret */
	size_t run;         /* edits to come before it goes elsewhere */
	const char *typing; /* what is left of the word */
};

struct apart {
	struct buf blocks[BLOCKS];
	struct buf out;
	struct author authors[2];
};

/* SplitMix64 (Steele, Lea & Flood 2014). */
static size_t pick(uint64_t *random, size_t n)
{
	uint64_t z = *random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (size_t)((z ^ z >> 31) % n);
}

static const char *pick_word(uint64_t *random)
{
	return words[pick(random, sizeof(words) / sizeof(words[0]))];
}

static void make_text(struct apart *a, uint64_t random)
{
	buf_printf(&a->out, "c 0 0 1 0\n0 0 %d ", BLOCKS * BLOCK_BYTES);
	for (size_t i = 0; i < BLOCKS; i++) {
		struct buf *block = &a->blocks[i];
		while (block->len < BLOCK_BYTES)
			buf_add_str(block, pick_word(&random));
		block->len = BLOCK_BYTES;
		block->at[BLOCK_BYTES - 1] = '\n';
		buf_add(&a->out, block->at, BLOCK_BYTES);
	}
	buf_add_byte(&a->out, '\n');
}

/* Where the block begins for one who has not seen what the other did. */
static size_t block_start(const struct apart *a, size_t who, size_t block)
{
	size_t start = 0;

	for (size_t i = 0; i < block; i++)
		start += i % 2 == who ? a->blocks[i].len : BLOCK_BYTES;
	return start;
}

static void move(struct apart *a, size_t who)
{
	struct author *one = &a->authors[who];

	one->block = pick(&one->random, BLOCKS / 2) * 2 + who;
	one->at = 1 + pick(&one->random, a->blocks[one->block].len - 1);
	one->run = 1 + pick(&one->random, 24);
	one->typing = "";
}

static void put_letter(struct apart *a, struct author *one, size_t start)
{
	struct buf *block = &a->blocks[one->block];

	if (!*one->typing)
		one->typing = pick_word(&one->random);
	buf_add_byte(block, 0);
	memmove(block->at + one->at + 1, block->at + one->at, block->len - 1 - one->at);
	block->at[one->at] = *one->typing;
	buf_printf(&a->out, "%zu 0 1 %c\n", start + one->at, *one->typing++);
	one->at++;
}

static void take_letter(struct apart *a, struct author *one, size_t start)
{
	struct buf *block = &a->blocks[one->block];

	one->at--;
	block->len--;
	memmove(block->at + one->at, block->at + one->at + 1, block->len - one->at);
	buf_printf(&a->out, "%zu 1 0\n", start + one->at);
}

static void edit(struct apart *a, size_t who, size_t parent)
{
	struct author *one = &a->authors[who];

	if (!one->run--)
		move(a, who);
	size_t start = block_start(a, who, one->block);
	buf_printf(&a->out, "c %zu 1 1 1 %zu\n", who, parent);
	if (one->at > 1 && pick(&one->random, 6) == 0)
		take_letter(a, one, start);
	else
		put_letter(a, one, start);
}

static void print(const struct apart *a, size_t txns)
{
	uint64_t fnv = FNV_START;
	size_t bytes = 0;

	for (size_t i = 0; i < BLOCKS; i++) {
		bytes += a->blocks[i].len;
		for (size_t k = 0; k < a->blocks[i].len; k++)
			fnv = (fnv ^ (unsigned char)a->blocks[i].at[k]) * FNV_PRIME;
	}
	printf("cctrace 1 conc %zu %zu %zu %zu %016" PRIx64 " 2 0\n", txns, txns, bytes, bytes,
		fnv);
	fwrite(a->out.at, 1, a->out.len, stdout);
}

int bench_apart(const char *argument, size_t rounds)
{
	static struct apart a;
	size_t edits = strtoul(argument, NULL, 10);

	(void)rounds;
	if (edits > MOST_EDITS)
		return 2;
	make_text(&a, 1);
	for (size_t who = 0; who < 2; who++) {
		a.authors[who].random = 7 + who;
		for (size_t i = 0; i < edits; i++)
			edit(&a, who, i ? who * edits + i : 0);
	}
	print(&a, 1 + 2 * edits);
	for (size_t i = 0; i < BLOCKS; i++)
		buf_fini(&a.blocks[i]);
	buf_fini(&a.out);
	return ferror(stdout) ? 1 : 0;
}
