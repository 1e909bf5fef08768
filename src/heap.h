/*
 * heap.h: room for much that will be allocated in small pieces.
 *
 *	heap_room(bytes of a large file);
 *	... its text is loaded ...
 *
 * What malloc() takes from the system piece by piece comes in pages of 4 kB, each given, cleared and mapped when it is first written to:
 * that takes longer than to read and check what is put there. Taken at once it comes in pages of 2 MB, where the system has them. Only a
 * hint: nothing depends on it, and elsewhere than in glibc nothing is done.
 */
#ifndef SRC_HEAP_H
#define SRC_HEAP_H

#include <stddef.h>

/* For so many bytes; few are no matter. From the thread that runs main(), whose heap it is. */
void heap_room(size_t bytes);

#endif
