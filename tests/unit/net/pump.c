/* Bytes both ways: all of them, in order, held back by who does not read, and each side's end told once. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/pump.h"

#define MUCH ((size_t)3 << 20)

struct world {
	struct loop *loop;
	struct pump *pump;
	int a[2], b[2]; /* [0]: ours, [1]: the pump's */
	int done[2];
	bool ends_itself;
};

static void on_done(void *ctx, enum pump_side side)
{
	struct world *w = ctx;

	w->done[side]++;
	if (w->ends_itself) {
		pump_destroy(w->pump);
		w->pump = NULL;
	}
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->loop = loop_create();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, w->a), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, w->b), 0);
	w->pump = pump_create(w->loop, &(struct pump_end){w->a[1], w->a[1]},
		&(struct pump_end){w->b[1], w->b[1]}, on_done, w);
	assert_non_null(w->pump);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	pump_destroy(w->pump);
	loop_destroy(w->loop);
	for (int i = 0; i < 2; i++) {
		if (w->a[i] >= 0)
			close(w->a[i]);
		if (w->b[i] >= 0)
			close(w->b[i]);
	}
	free(w);
	return 0;
}

static bool always(void *ctx)
{
	(void)ctx;
	return true;
}

/* Some turns of the loop. */
static void run(struct world *w)
{
	loop_drain(w->loop, always, NULL, 2);
}

/* The i-th byte of a stream that does not repeat where buffers do. */
static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 2654435761U >> 13);
}

static size_t feed(int fd, size_t from)
{
	unsigned char bytes[8192];
	size_t n = MUCH - from < sizeof(bytes) ? MUCH - from : sizeof(bytes);

	for (size_t i = 0; i < n; i++)
		bytes[i] = byte_at(from + i);
	ssize_t sent = n ? send(fd, bytes, n, MSG_NOSIGNAL) : 0;
	return sent > 0 ? (size_t)sent : 0;
}

static size_t taste(int fd, size_t from)
{
	unsigned char bytes[8192];
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

	for (ssize_t i = 0; i < n; i++)
		assert_int_equal(bytes[i], byte_at(from + (size_t)i));
	return n > 0 ? (size_t)n : 0;
}

static void all_bytes_both_ways(void **state)
{
	struct world *w = *state;
	size_t sent[2] = {0}, got[2] = {0};

	while (got[0] < MUCH || got[1] < MUCH) {
		sent[0] += feed(w->a[0], sent[0]);
		sent[1] += feed(w->b[0], sent[1]);
		got[0] += taste(w->b[0], got[0]);
		got[1] += taste(w->a[0], got[1]);
		run(w);
	}
	assert_int_equal(w->done[PUMP_A] + w->done[PUMP_B], 0);
}

/* Nobody reads: the pump stops reading too, far below all that there is to say. */
static void who_does_not_read_holds_back(void **state)
{
	struct world *w = *state;
	size_t sent = 0, more;

	do {
		for (size_t n = more = 0; (n = feed(w->a[0], sent)) > 0; more += n)
			sent += n;
		run(w);
	} while (more && sent < MUCH);
	assert_true(sent < MUCH);
}

static void the_last_words_arrive_before_the_end(void **state)
{
	struct world *w = *state;
	char got[16] = "";

	assert_int_equal(send(w->a[0], "bye", 3, 0), 3);
	shutdown(w->a[0], SHUT_WR);
	while (!w->done[PUMP_A])
		run(w);
	assert_int_equal(recv(w->b[0], got, sizeof(got), 0), 3);
	assert_string_equal(got, "bye");
	assert_int_equal(recv(w->b[0], got, sizeof(got), 0), 0);
	assert_int_equal(w->done[PUMP_B], 0);

	/* The other way is still open. */
	assert_int_equal(send(w->b[0], "yes", 3, 0), 3);
	shutdown(w->b[0], SHUT_WR);
	while (!w->done[PUMP_B])
		run(w);
	assert_int_equal(recv(w->a[0], got, sizeof(got), 0), 3);
	assert_int_equal(recv(w->a[0], got, sizeof(got), 0), 0);
	assert_int_equal(w->done[PUMP_A], 1);
	assert_int_equal(w->done[PUMP_B], 1);
}

static void a_broken_end_ends_both(void **state)
{
	struct world *w = *state;

	close(w->b[0]);
	w->b[0] = -1;
	send(w->a[0], "x", 1, MSG_NOSIGNAL);
	while (!w->done[PUMP_A] || !w->done[PUMP_B])
		run(w);
	assert_int_equal(w->done[PUMP_A], 1);
	assert_int_equal(w->done[PUMP_B], 1);
}

static void it_may_end_when_told(void **state)
{
	struct world *w = *state;

	w->ends_itself = true;
	close(w->a[0]);
	w->a[0] = -1;
	while (w->pump)
		run(w);
	assert_int_equal(w->done[PUMP_A] + w->done[PUMP_B], 1);
}

/* Standard input and output are two pipes. */
static void pipes_are_an_end_too(void **state)
{
	struct world *w = *state;
	int in[2], out[2];
	char got[8] = "";

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	pump_destroy(w->pump);
	w->pump = pump_create(w->loop, &(struct pump_end){in[0], out[1]},
		&(struct pump_end){w->b[1], w->b[1]}, on_done, w);
	assert_int_equal(write(in[1], "to", 2), 2);
	assert_int_equal(send(w->b[0], "fro", 3, 0), 3);
	close(in[1]);
	shutdown(w->b[0], SHUT_WR);
	while (!w->done[PUMP_A] || !w->done[PUMP_B])
		run(w);
	assert_int_equal(read(out[0], got, sizeof(got)), 3);
	assert_string_equal(got, "fro");
	assert_int_equal(recv(w->b[0], got, sizeof(got), 0), 2);
	pump_destroy(w->pump);
	w->pump = NULL;
	close(in[0]);
	close(out[0]);
	close(out[1]);
}

static void a_plain_file_is_refused(void **state)
{
	struct world *w = *state;
	int file = fileno(tmpfile());

	assert_null(pump_create(w->loop, &(struct pump_end){file, file},
		&(struct pump_end){w->b[0], w->b[0]}, on_done, w));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(all_bytes_both_ways),
		TEST(who_does_not_read_holds_back),
		TEST(the_last_words_arrive_before_the_end),
		TEST(a_broken_end_ends_both),
		TEST(it_may_end_when_told),
		TEST(pipes_are_an_end_too),
		TEST(a_plain_file_is_refused),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
