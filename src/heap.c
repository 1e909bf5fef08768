#include "src/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define LARGE ((size_t)2 << 20) /* page */
#define LEAST (4 * LARGE)       /* that is worth it */
#define MOST  ((size_t)1 << 30) /* mallopt() takes an int */
#define GROWS ((size_t)1 << 18) /* more than is left in the heap before */
#define PAD   (1 << 17)         /* glibc's own */

/* What is larger is no part of the heap. glibc adapts the limit to what is freed, but only until one is set. */
#define MAPPED (1 << 22)

#ifdef __GLIBC__

/* From behind `at` to the end of the heap, if that is where it is. */
static void in_large_pages(const void *at, size_t most)
{
	uintptr_t first = ((uintptr_t)at + LARGE - 1) / LARGE * LARGE;
	uintptr_t end = (uintptr_t)sbrk(0) / LARGE * LARGE;

	if (end > first && end - first <= most)
		madvise((void *)first, end - first, MADV_HUGEPAGE);
}

bool heap_room(size_t bytes)
{
	if (bytes < LEAST || bytes > MOST)
		return false;
	mallopt(M_MMAP_THRESHOLD, MAPPED);
	mallopt(M_TRIM_THRESHOLD, (int)bytes + MAPPED); /* it is not given back before it is used */
	mallopt(M_TOP_PAD, (int)bytes);
	void *grown = malloc(GROWS);
	in_large_pages(grown, bytes + GROWS + LARGE);
	free(grown);
	mallopt(M_TOP_PAD, PAD);
	return true;
}

void heap_settle(void)
{
	mallopt(M_TRIM_THRESHOLD, 2 * MAPPED);
	malloc_trim(PAD);
}

#else

bool heap_room(size_t bytes)
{
	(void)bytes;
	return false;
}

void heap_settle(void)
{
}

#endif
