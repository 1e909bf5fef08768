/* What may leave when, and in which frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/client/backoff.h"
#include "src/server/outbox.h"

static void assert_frame(
	struct outbox *box, enum codec codec, uint64_t stored, const char *expected)
{
	size_t len = 0;
	const char *frame = outbox_frame(box, codec, stored, &len);

	if (!expected) {
		assert_null(frame);
		return;
	}
	assert_non_null(frame);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(frame, expected, len);
}

static void nothing_leaves_before_it_is_stored(void **state)
{
	struct outbox box = {0};

	(void)state;
	outbox_add(&box, "a", 1);
	assert_frame(&box, CODEC_BIN, 99, NULL); /* the turn is not over */
	outbox_mark(&box, 1);
	outbox_add(&box, "b", 1);
	outbox_mark(&box, 2);
	assert_frame(&box, CODEC_BIN, 0, NULL);
	assert_frame(&box, CODEC_BIN, 1, "a");
	assert_frame(&box, CODEC_BIN, 1, NULL);
	assert_frame(&box, CODEC_BIN, 2, "b");
	assert_int_equal(outbox_bytes(&box), 0);
	outbox_fini(&box);
}

static void binary_goes_together_json_alone(void **state)
{
	struct outbox box = {0};

	(void)state;
	for (int i = 0; i < 3; i++)
		outbox_add(&box, "xy", 2);
	outbox_mark(&box, 1);
	assert_frame(&box, CODEC_BIN, 1, "xyxyxy");
	for (int i = 0; i < 2; i++)
		outbox_add(&box, "xy", 2);
	outbox_mark(&box, 1);
	assert_frame(&box, CODEC_JSON, 1, "xy");
	assert_frame(&box, CODEC_JSON, 1, "xy");
	assert_frame(&box, CODEC_JSON, 1, NULL);
	outbox_fini(&box);
}

/* A connection with always one more message waiting: all comes out in order, and memory stays small. */
static void what_was_sent_is_forgotten(void **state)
{
	struct outbox box = {0};
	char message[1000];
	unsigned next = 0;

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		size_t len;
		memset(message, (int)(i % 251), sizeof(message));
		outbox_add(&box, message, sizeof(message));
		outbox_mark(&box, i);
		const char *frame = i ? outbox_frame(&box, CODEC_JSON, i, &len) : NULL;
		if (frame) {
			assert_int_equal(len, sizeof(message));
			assert_int_equal((unsigned char)frame[999], next++ % 251);
		}
	}
	assert_int_equal(next, 4999);
	assert_in_range(box.bytes.cap, 1, 8 * OUTBOX_FRAME_BYTES);
	outbox_fini(&box);
}

static void waits_double_up_to_a_bound(void **state)
{
	struct backoff backoff = {0};
	uint64_t bound = BACKOFF_FIRST_MS;

	(void)state;
	for (int i = 0; i < 12; i++) {
		struct backoff again = backoff;
		assert_int_equal(backoff_next(&again, UINT32_MAX), bound);
		assert_int_equal(backoff_next(&backoff, 0), BACKOFF_FIRST_MS);
		bound = bound * 2 < BACKOFF_MOST_MS ? bound * 2 : BACKOFF_MOST_MS;
	}
	backoff_reset(&backoff);
	assert_int_equal(backoff_next(&backoff, UINT32_MAX), BACKOFF_FIRST_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_leaves_before_it_is_stored),
		cmocka_unit_test(binary_goes_together_json_alone),
		cmocka_unit_test(what_was_sent_is_forgotten),
		cmocka_unit_test(waits_double_up_to_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
