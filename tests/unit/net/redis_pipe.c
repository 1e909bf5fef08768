/* Commands and replies as bytes: written as RESP2 says, answered in order, and what answers nothing is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/redis_pipe.h"

struct heard {
	char words[200]; /* of all replies, each with a blank behind it */
};

static void on_reply(void *ctx, const redisReply *reply)
{
	struct heard *heard = ctx;
	size_t len = strlen(heard->words);

	snprintf(heard->words + len, sizeof(heard->words) - len, "%s ",
		!reply                           ? "gone"
		: reply->type == REDIS_REPLY_NIL ? "nil"
						 : reply->str);
}

static void put(struct redis_pipe *pipe, struct heard *heard, const char *word)
{
	redis_pipe_put(pipe, heard ? on_reply : NULL, heard, 1, &word, NULL);
}

static void feed(struct redis_pipe *pipe, const char *bytes)
{
	redis_pipe_feed(pipe, bytes, strlen(bytes));
	while (redis_pipe_answer(pipe))
		;
}

static void commands_are_arrays_of_strings(void **state)
{
	struct redis_pipe pipe = {0};
	const char *argv[] = {"SET", "k", "", "a\0b"};
	const size_t lens[] = {3, 1, 0, 3};
	static const char expected[] =
		"*1\r\n$4\r\nPING\r\n*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n"
		"$3\r\na\0b\r\n";

	(void)state;
	redis_pipe_open(&pipe);
	put(&pipe, NULL, "PING");
	redis_pipe_put(&pipe, NULL, NULL, 4, argv, lens);
	assert_int_equal(pipe.out.len, sizeof(expected) - 1);
	assert_memory_equal(pipe.out.at, expected, sizeof(expected) - 1);
	redis_pipe_fini(&pipe);
}

static void replies_come_in_order_however_they_are_cut(void **state)
{
	struct redis_pipe pipe = {0};
	struct heard heard = {""};

	(void)state;
	redis_pipe_open(&pipe);
	for (int i = 0; i < 4; i++)
		put(&pipe, i == 1 ? NULL : &heard, "GET");
	feed(&pipe, "+one\r\n$3\r\nt");
	assert_string_equal(heard.words, "one ");
	feed(&pipe, "wo\r\n-three\r\n$-1\r");
	assert_string_equal(heard.words, "one three ");
	put(&pipe, &heard, "GET");
	feed(&pipe, "\n+five\r\n");
	assert_string_equal(heard.words, "one three nil five ");
	assert_false(redis_pipe_is_bad(&pipe));
	redis_pipe_fini(&pipe);
}

/* Thousands of times round what waits: nothing of it is lost or grows. */
static void what_waits_goes_round(void **state)
{
	struct redis_pipe pipe = {0};

	(void)state;
	redis_pipe_open(&pipe);
	for (int i = 0; i < 5; i++)
		put(&pipe, NULL, "GET");
	size_t cap = pipe.cap;
	for (int i = 0; i < 5000; i++) {
		struct heard heard = {""};
		feed(&pipe, "+x\r\n");
		put(&pipe, &heard, "GET");
		feed(&pipe, "+a\r\n+b\r\n+c\r\n+d\r\n");
		assert_string_equal(heard.words, "");
		feed(&pipe, "+mine\r\n");
		assert_string_equal(heard.words, "mine ");
		for (int more = 0; more < 5; more++)
			put(&pipe, NULL, "GET");
		assert_false(redis_pipe_is_bad(&pipe));
	}
	assert_true(pipe.cap <= 2 * cap + 2);
	redis_pipe_fini(&pipe);
}

static void who_waits_in_vain_is_told(void **state)
{
	struct redis_pipe pipe = {0};
	struct heard heard = {""};

	(void)state;
	redis_pipe_open(&pipe);
	put(&pipe, &heard, "GET");
	put(&pipe, NULL, "GET");
	put(&pipe, &heard, "GET");
	feed(&pipe, "+one\r\n$9\r\nhal");
	redis_pipe_close(&pipe);
	assert_string_equal(heard.words, "one gone ");
	assert_int_equal(pipe.out.len, 0);
	redis_pipe_open(&pipe);
	put(&pipe, &heard, "GET");
	feed(&pipe, "+again\r\n");
	assert_string_equal(heard.words, "one gone again ");
	redis_pipe_fini(&pipe);
}

static void what_is_no_reply_is_noticed(void **state)
{
	static const char *const bytes[] = {
		"+one\r\n+unasked\r\n", "+one\r\n?\r\n", "HTTP/1.1 400\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		struct redis_pipe pipe = {0};
		redis_pipe_open(&pipe);
		put(&pipe, NULL, "GET");
		feed(&pipe, bytes[i]);
		assert_true(redis_pipe_is_bad(&pipe));
		redis_pipe_close(&pipe);
		redis_pipe_open(&pipe);
		assert_false(redis_pipe_is_bad(&pipe));
		redis_pipe_fini(&pipe);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_arrays_of_strings),
		cmocka_unit_test(replies_come_in_order_however_they_are_cut),
		cmocka_unit_test(what_waits_goes_round),
		cmocka_unit_test(who_waits_in_vain_is_told),
		cmocka_unit_test(what_is_no_reply_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
