/*
 * choice.h: what a law leaves open, decided by a seed or by a fuzzer's bytes.
 *
 *	struct choice c = choice_of_seed(7);
 *	if (pick(&c, 3) == 0) ...		-- one time in three
 *	LAW(&c, text_equal(a, b));		-- or: where, with which seed, and abort
 *
 * A law's main() is laws_run(): seeds 1 to `rounds`, or what the environment names: SEED=7, or
 * SEEDS=1000-2000 for a long run.
 */
#ifndef TESTS_LAWS_CHOICE_H
#define TESTS_LAWS_CHOICE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct choice {
	uint64_t seed, state;
	const uint8_t *bytes; /* NULL: the state decides */
	size_t left;
};

#define LAW(c, what)                                                                               \
	do {                                                                                       \
		if (!(what))                                                                       \
			law_broken((c), #what, __FILE__, __LINE__);                                \
	} while (0)

static inline struct choice choice_of_seed(uint64_t seed)
{
	return (struct choice){.seed = seed, .state = seed};
}

static inline struct choice choice_of_bytes(const uint8_t *bytes, size_t size)
{
	return (struct choice){.bytes = bytes, .left = size};
}

/* SplitMix64 (Steele, Lea & Flood 2014). */
static inline uint64_t choice_next(struct choice *c)
{
	uint64_t z = c->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* One of 0 to n - 1. Bytes that have run out choose 0. */
static inline size_t pick(struct choice *c, size_t n)
{
	if (!c->bytes)
		return (size_t)(choice_next(c) % n);
	if (!c->left)
		return 0;
	c->left--;
	return *c->bytes++ % n;
}

static inline _Noreturn void law_broken(
	const struct choice *c, const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: SEED=%llu: not so: %s\n", file, line, (unsigned long long)c->seed,
		what);
	abort();
}

struct seeds {
	unsigned long long first, last;
};

static inline struct seeds seeds_wanted(uint64_t rounds)
{
	const char *one = getenv("SEED"), *many = getenv("SEEDS");
	struct seeds seeds = {1, rounds};

	if (one)
		seeds.first = seeds.last = strtoull(one, NULL, 10);
	else if (many && sscanf(many, "%llu-%llu", &seeds.first, &seeds.last) != 2)
		seeds.last = 0; /* none: so that a wrong range is no silent default */
	return seeds;
}

static inline int laws_run(uint64_t rounds, void (*law)(struct choice *c))
{
	struct seeds seeds = seeds_wanted(rounds);

	for (uint64_t seed = seeds.first; seed <= seeds.last; seed++) {
		struct choice c = choice_of_seed(seed);
		law(&c);
	}
	printf("seeds %llu to %llu hold\n", seeds.first, seeds.last);
	return 0;
}

#endif
