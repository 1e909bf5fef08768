/*
 * bench.h: what the measurements share.
 *
 * A measurement does its work `rounds` times and tells the median; what it reads and checks is outside of the clock. It prints
 * one line, and returns 0, or 1 when the text that came out is not the right one.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_ROUNDS 99 /* at most */

int bench_replay(const char *path, size_t rounds);
int bench_session(const char *path, size_t rounds);
int bench_offline(const char *path, size_t rounds);
int bench_open(const char *path, size_t rounds);
int bench_syntax(const char *path, size_t rounds);
int bench_find(const char *megabytes, size_t rounds);
int bench_line(const char *megabytes, size_t rounds);
/* How the editors of these names (after commas; or "all") feel; one round is a rehearsal with small files: editors.c */
int bench_editors(const char *names, size_t rounds);
int bench_apart(
	const char *edits, size_t rounds); /* writes a trace for bench_offline: bench_apart.c */
/* All edits of a recorded session, in the room of that URL: write.c */
int bench_write(const char *url, const char *path);
int bench_load(int argc, char **argv); /* has options of its own: load.c */

double bench_now_ms(void);
size_t bench_memory(void);                      /* bytes allocated now */
double bench_median(double *ms, size_t rounds); /* sorts them: ms[0] is the least afterwards */

#endif
