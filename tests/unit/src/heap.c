/* Room is there at once, and goes back when what was in it has gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <malloc.h>
#include <stdlib.h>
#include <cmocka.h>

#include "src/heap.h"

#define ROOM  ((size_t)64 << 20)
#define PIECE 2000

/* Taken from the system for the heap; none with a malloc that is not glibc's, as sanitizers bring. */
static size_t heap_bytes(void)
{
	return mallinfo2().arena;
}

static void room_comes_and_goes(void **state)
{
	static void *pieces[ROOM / PIECE];
	size_t count = sizeof(pieces) / sizeof(*pieces), before = heap_bytes();

	(void)state;
	if (!before)
		skip();
	assert_true(heap_room(ROOM + ROOM / 16));
	size_t all = heap_bytes();
	assert_true(all - before >= ROOM);
	for (size_t i = 0; i < count; i++)
		assert_non_null(pieces[i] = malloc(PIECE));
	assert_true(heap_bytes() <= all);
	heap_settle();
	assert_true(heap_bytes() >= ROOM);
	for (size_t i = count; i--;)
		free(pieces[i]);
	free(malloc((size_t)1 << 17)); /* small pieces alone are not looked after */
	assert_true(heap_bytes() < ROOM / 4);
}

static void little_is_no_matter(void **state)
{
	size_t before = heap_bytes();

	(void)state;
	assert_false(heap_room(100000));
	assert_int_equal(heap_bytes(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(little_is_no_matter),
		cmocka_unit_test(room_comes_and_goes),
	};

	free(malloc(1)); /* so that there is a heap */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
