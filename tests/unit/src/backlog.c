/* How much may wait for one peer: what goes first, what does not count, and when they have to go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/server/backlog.h"

#define MOST 1000 /* may wait */

static const struct limits limits = {.queue_bytes = MOST, .queues_bytes = 10 * MOST};
static char bytes[100 * MOST];

static bool add(struct backlog *backlog, enum message_type type, size_t len)
{
	return backlog_add(backlog, type, &(struct buf){.at = bytes, .len = len}, &limits);
}

static bool send_all(struct backlog *backlog)
{
	size_t len;

	backlog_mark(backlog, 1);
	while (backlog_frame(backlog, CODEC_BIN, 1, &len))
		;
	return backlog_settle(backlog);
}

static void presence_goes_first_then_the_peer(void **state)
{
	struct backlog backlog;
	size_t all = 0;

	(void)state;
	backlog_init(&backlog, NULL, &all);
	assert_true(add(&backlog, MSG_SAID, MOST / 2 - 10));
	assert_true(add(&backlog, MSG_SELECTED, 10));
	assert_false(add(&backlog, MSG_SELECTED, 1));
	assert_false(add(&backlog, MSG_ACTIVE, 1));
	assert_false(add(&backlog, MSG_SEEN_BY, 1));
	assert_false(backlog.full);
	assert_true(add(&backlog, MSG_EDITED, MOST / 2));
	assert_false(backlog.full);
	assert_false(add(&backlog, MSG_EDITED, 1));
	assert_true(backlog.full);
	assert_false(add(&backlog, MSG_OPENED, 1)); /* nothing at all any more */
	assert_int_equal(backlog_bytes(&backlog), MOST);
	backlog_clear(&backlog);
	assert_false(backlog.full);
	assert_int_equal(all, 0);
}

/* What has left of it counts until all has: who never quite keeps up goes, too. */
static void it_counts_until_all_has_left(void **state)
{
	struct backlog backlog;
	size_t all = 0, len;

	(void)state;
	backlog_init(&backlog, NULL, &all);
	for (int i = 0; i < 3; i++) {
		assert_true(add(&backlog, MSG_EDITED, MOST - 100));
		assert_true(send_all(&backlog));
	}
	assert_true(add(&backlog, MSG_EDITED, MOST - 100));
	backlog_mark(&backlog, 1);
	assert_true(add(&backlog, MSG_EDITED, 50));
	backlog_mark(&backlog, 2);
	assert_non_null(backlog_frame(&backlog, CODEC_BIN, 1, &len));
	assert_int_equal(len, MOST - 100);
	assert_null(backlog_frame(&backlog, CODEC_BIN, 1, &len));
	assert_true(backlog_is_held(&backlog, 1));
	assert_false(backlog_is_held(&backlog, 2));
	assert_false(backlog_settle(&backlog));
	assert_true(add(&backlog, MSG_EDITED, 50));
	assert_false(add(&backlog, MSG_EDITED, 1));
	backlog_clear(&backlog);
}

static void snapshots_have_bounds_of_their_own(void **state)
{
	struct backlog backlog;
	size_t all = 0;

	(void)state;
	backlog_init(&backlog, NULL, &all);
	assert_true(add(&backlog, MSG_OPENED, 5 * MOST));
	assert_true(add(&backlog, MSG_CHUNK, 5 * MOST));
	assert_int_equal(all, 10 * MOST);
	assert_true(add(&backlog, MSG_EDITED, MOST));
	assert_true(add(&backlog, MSG_CHUNK, MOST)); /* begun is begun */
	assert_false(add(&backlog, MSG_OPENED, 1));  /* too much waits for all */
	assert_true(backlog.full);
	backlog_clear(&backlog);
	all = 10 * MOST; /* for others */
	assert_true(add(&backlog, MSG_OPENED, MOST));
	assert_int_equal(all, 11 * MOST);
	assert_true(send_all(&backlog));
	assert_int_equal(all, 10 * MOST);
}

/* As if so much waited. */
static bool is_refused_behind(size_t waiting, bool resumed, enum message_type type)
{
	struct backlog backlog;
	size_t all = 0;

	backlog_init(&backlog, NULL, &all);
	if (resumed)
		assert_true(add(&backlog, MSG_RESUMED, 10));
	size_t len = backlog.outbox.bytes.len;
	backlog.outbox.bytes.len = waiting;
	bool refused = !add(&backlog, type, 0);
	assert_int_equal(refused, backlog.full);
	backlog.outbox.bytes.len = len;
	backlog_clear(&backlog);
	return refused;
}

static void what_was_missed_has_another(void **state)
{
	struct backlog backlog;
	size_t all = 0;

	(void)state;
	backlog_init(&backlog, NULL, &all);
	assert_true(add(&backlog, MSG_RESUMED, 10));
	assert_true(add(&backlog, MSG_EDITED, 50 * MOST));
	assert_true(add(&backlog, MSG_SELECTED, MOST));
	assert_true(add(&backlog, MSG_ACK, MOST));
	assert_true(send_all(&backlog)); /* from here on they are like others */
	assert_false(add(&backlog, MSG_EDITED, MOST + 1));
	backlog_clear(&backlog);
	assert_true(is_refused_behind(BACKLOG_MISSED_BYTES + 1, true, MSG_EDITED));
	assert_true(is_refused_behind(BACKLOG_SNAPSHOT_BYTES + 1, false, MSG_OPENED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presence_goes_first_then_the_peer),
		cmocka_unit_test(it_counts_until_all_has_left),
		cmocka_unit_test(snapshots_have_bounds_of_their_own),
		cmocka_unit_test(what_was_missed_has_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
