/*
 * mem.h: memory that is there, or the program ends.
 *
 * Lengths from outside meet a named limit before anything is asked for, so running out is a bug or a dead machine;
 * these abort then, and callers need no error path. Give back with free().
 */
#ifndef OT_MEM_H
#define OT_MEM_H

#include <stddef.h>
#include <string.h>

void *mem_alloc(size_t bytes);                              /* zeroed */
void *mem_realloc(void *at, size_t count, size_t item_bytes); /* aborts when count * item_bytes overflows */
char *mem_dup(const char *at, size_t bytes);                /* owned copy, with a NUL behind it */

/* Room for `need` items in an array that holds *cap of them: doubles, so appending is amortised O(1). */
void *mem_grow_on(void *at, size_t *cap, size_t need, size_t item_bytes);

/* Nearly always there is room. */
static inline void *mem_grow(void *at, size_t *cap, size_t need, size_t item_bytes)
{
	return need <= *cap ? at : mem_grow_on(at, cap, need, item_bytes);
}

/* memcpy(), without a call where it is few bytes: a letter, a word. */
static inline void mem_copy(char *to, const char *from, size_t bytes)
{
	if (bytes > 16) {
		memcpy(to, from, bytes);
	} else if (bytes >= 8) {
		memcpy(to, from, 8);
		memcpy(to + bytes - 8, from + bytes - 8, 8);
	} else if (bytes >= 4) {
		memcpy(to, from, 4);
		memcpy(to + bytes - 4, from + bytes - 4, 4);
	} else if (bytes) {
		to[0] = from[0];
		to[bytes / 2] = from[bytes / 2];
		to[bytes - 1] = from[bytes - 1];
	}
}

#endif
