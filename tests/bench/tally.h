/*
 * tally.h: how often a program asks for memory, counted while it runs.
 *
 *	CODECOLLAB_TALLY=FILE LD_PRELOAD=codecollab-tally.so program &
 *	tally = tally_read("FILE");
 *	tally->ours
 *
 * The program counts into the file, which both have mapped; FILE is there and has sizeof(struct tally) bytes. Each malloc, calloc and realloc
 * counts once.
 */
#ifndef TESTS_BENCH_TALLY_H
#define TESTS_BENCH_TALLY_H

#include <stdatomic.h>

struct tally {
	_Atomic unsigned long ours;      /* in the first thread, asked for by the program itself */
	_Atomic unsigned long libraries; /* in it too, by what the program calls */
	_Atomic unsigned long threads;   /* in all others */
};

struct tally *tally_read(const char *path); /* NULL: errno */

#endif
