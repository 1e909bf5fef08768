/*
 * scratch.h: a folder for a test to write in, files made and read at once, and a seeded choice.
 */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ot/buf.h"
#include "src/report.h"

static inline char *scratch_make(void)
{
	const char *base = getenv("TMPDIR");
	char *dir = report_sentence("%s/codecollab-test-XXXXXX", base && *base ? base : "/tmp");
	char *real;

	assert_non_null(mkdtemp(dir));
	real = realpath(dir, NULL);
	assert_non_null(real);
	free(dir);
	return real;
}

static inline int scratch_remove_one(
	const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline void scratch_remove(char *dir)
{
	nftw(dir, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(dir);
}

static inline void scratch_write(const char *path, const void *at, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, at, len), (ssize_t)len);
	close(fd);
}

static inline struct buf scratch_read(const char *path)
{
	struct buf out = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	while ((n = read(fd, buf_room(&out, 4096), 4096)) > 0)
		out.len += (size_t)n;
	assert_int_equal(n, 0);
	close(fd);
	return out;
}

static inline unsigned scratch_mode(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

/* SEED=… in the environment repeats a run. */
static inline uint64_t scratch_seed(void)
{
	const char *given = getenv("SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10)
			      : (uint64_t)time(NULL) * 1000003 + (uint64_t)getpid();

	print_message("SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

/* splitmix64: below `below`. */
static inline size_t scratch_choose(uint64_t *seed, size_t below)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (size_t)((z ^ z >> 31) % below);
}

#endif
