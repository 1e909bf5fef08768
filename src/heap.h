/*
 * heap.h: room for much that will be allocated in small pieces.
 *
 *	bool large = heap_room(bytes of a file);
 *	... its text is loaded ...
 *	if (large)
 *		heap_settle();
 *
 * What malloc() takes from the system piece by piece comes in pages of 4 kB, each given, cleared and mapped when it is first written to:
 * that takes longer than to read and check what is put there. Taken at once it comes in pages of 2 MB, where the system has them. Only a
 * hint: nothing depends on it, and elsewhere than in glibc nothing is done.
 */
#ifndef SRC_HEAP_H
#define SRC_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* For so many bytes, in the heap of the thread that runs main(). false: for so few, or here, nothing was done. */
bool heap_room(size_t bytes);
/* All is allocated: what is free behind it goes back to the system, now and whenever it is much. */
void heap_settle(void);

#endif
