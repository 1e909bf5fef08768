/* The rhythm of the loop: hooks once a turn, timers, descriptors, signals, other threads, and an end with nothing left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/loop.h"

struct bench {
	struct loop *loop;
	struct timer *timer;
	struct watch *watch;
	struct wake *wake;
	int pipe[2];
	char trace[64]; /* a letter for everything that happened */
	int want;
};

static void note(struct bench *b, char letter)
{
	size_t len = strlen(b->trace);
	assert_true(len + 1 < sizeof(b->trace));
	b->trace[len] = letter;
	b->trace[len + 1] = '\0';
}

static void setup(struct bench *b)
{
	*b = (struct bench){.loop = loop_create()};
	assert_int_equal(pipe(b->pipe), 0);
}

static void teardown(struct bench *b)
{
	timer_destroy(b->timer);
	watch_destroy(b->watch);
	wake_destroy(b->wake);
	loop_destroy(b->loop);
	close(b->pipe[0]);
	close(b->pipe[1]);
}

static void stop(void *ctx)
{
	struct bench *b = ctx;
	note(b, 's');
	loop_stop(b->loop);
}

static void hook_one(void *ctx)
{
	note(ctx, '1');
}

static void hook_two(void *ctx)
{
	note(ctx, '2');
}

/* --- hooks ------------------------------------------------------------------------------------------------------- */

static void hooks_follow_handlers_in_order(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	b.timer = timer_make(b.loop, stop, &b);
	loop_on_turn(b.loop, hook_one, &b);
	loop_on_turn(b.loop, hook_two, &b);
	timer_set(b.timer, 0, 0);
	loop_run(b.loop);
	/* whatever turns came before: the handler's marks are seen by both, in order, before loop_run returns */
	size_t len = strlen(b.trace);
	assert_true(len >= 3);
	char *handler = strchr(b.trace, 's');
	assert_non_null(handler);
	assert_non_null(strstr(handler, "12"));
	assert_string_equal(b.trace + len - 2, "12");
	loop_off_turn(b.loop, hook_one, &b);
	b.trace[0] = '\0';
	timer_set(b.timer, 0, 0);
	loop_run(b.loop);
	assert_null(strchr(b.trace, '1'));
	assert_non_null(strchr(b.trace, '2'));
	teardown(&b);
}

static void the_last_hooks_come_last(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	b.timer = timer_make(b.loop, stop, &b);
	loop_on_last(b.loop, hook_two, &b);
	loop_on_turn(b.loop, hook_one, &b);
	timer_set(b.timer, 0, 0);
	loop_run(b.loop);
	assert_string_equal(b.trace + strlen(b.trace) - 2, "12");
	assert_null(strstr(b.trace, "22"));
	loop_off_turn(b.loop, hook_two, &b);
	b.trace[0] = '\0';
	timer_set(b.timer, 0, 0);
	loop_run(b.loop);
	assert_null(strchr(b.trace, '2'));
	teardown(&b);
}

static void hook_takes_itself_off(void *ctx)
{
	struct bench *b = ctx;
	note(b, 'x');
	loop_off_turn(b->loop, hook_takes_itself_off, b);
}

static void hooks_may_leave_from_inside(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	b.timer = timer_make(b.loop, stop, &b);
	loop_on_turn(b.loop, hook_takes_itself_off, &b);
	loop_on_turn(b.loop, hook_two, &b);
	timer_set(b.timer, 0, 0);
	loop_run(b.loop);
	assert_ptr_equal(strchr(b.trace, 'x'), strrchr(b.trace, 'x'));
	assert_non_null(strchr(strchr(b.trace, 'x'), '2'));
	teardown(&b);
}

static void hook_asks_again(void *ctx)
{
	struct bench *b = ctx;
	note(b, 'a');
	if (--b->want > 0)
		loop_again(b->loop);
	else
		loop_stop(b->loop);
}

/* With nothing else to wake it, a loop that slept would sleep for ever. */
static void again_keeps_it_awake(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	b.want = 5;
	loop_on_turn(b.loop, hook_asks_again, &b);
	loop_run(b.loop);
	assert_int_equal(strspn(b.trace, "a"), strlen(b.trace));
	assert_true(strlen(b.trace) >= 5);
	teardown(&b);
}

static void hook_sets_timer(void *ctx)
{
	struct bench *b = ctx;
	loop_off_turn(b->loop, hook_sets_timer, b);
	timer_set(b->timer, 0, 0);
}

static void a_timer_of_a_hook_is_seen(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	b.timer = timer_make(b.loop, stop, &b);
	loop_on_turn(b.loop, hook_sets_timer, &b);
	loop_run(b.loop);
	assert_string_equal(b.trace, "s");
	teardown(&b);
}

static void a_stop_outside_is_forgotten(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	b.timer = timer_make(b.loop, stop, &b);
	loop_stop(b.loop);
	timer_set(b.timer, 0, 0);
	loop_run(b.loop);
	assert_string_equal(b.trace, "s");
	teardown(&b);
}

/* --- timers ------------------------------------------------------------------------------------------------------ */

static void count_down(void *ctx)
{
	struct bench *b = ctx;
	note(b, 't');
	if (--b->want == 0)
		loop_stop(b->loop);
}

static void timers_repeat(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	b.want = 3;
	b.timer = timer_make(b.loop, count_down, &b);
	uint64_t before = loop_now_ms(b.loop);
	timer_set(b.timer, 2, 2);
	loop_run(b.loop);
	assert_string_equal(b.trace, "ttt");
	assert_true(loop_now_ms(b.loop) - before >= 6);
	teardown(&b);
}

static void timers_are_replaced_and_stopped(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	b.want = 1;
	b.timer = timer_make(b.loop, count_down, &b);
	struct timer *other = timer_make(b.loop, stop, &b);
	timer_set(b.timer, 1, 1);
	timer_stop(b.timer);
	timer_set(other, 3600000, 0);
	timer_set(other, 5, 0);
	loop_run(b.loop);
	assert_string_equal(b.trace, "s");
	timer_destroy(other);
	teardown(&b);
}

static void timer_ends_itself(void *ctx)
{
	struct bench *b = ctx;
	note(b, 'd');
	timer_destroy(b->timer);
	b->timer = NULL;
	loop_stop(b->loop);
}

static void a_timer_may_end_itself(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	b.timer = timer_make(b.loop, timer_ends_itself, &b);
	timer_set(b.timer, 0, 1);
	loop_run(b.loop);
	assert_string_equal(b.trace, "d");
	teardown(&b);
}

/* --- descriptors ------------------------------------------------------------------------------------------------- */

static void on_ready(void *ctx, bool readable, bool writable)
{
	struct bench *b = ctx;
	char byte;
	note(b, readable ? 'r' : '-');
	note(b, writable ? 'w' : '-');
	if (readable && read(b->pipe[0], &byte, 1) == 1)
		note(b, byte);
	watch_destroy(b->watch);
	b->watch = NULL;
	loop_stop(b->loop);
}

static void descriptors_wake_it(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	assert_int_equal(write(b.pipe[1], "x", 1), 1);
	b.watch = watch_create(b.loop, b.pipe[0], on_ready, &b);
	assert_non_null(b.watch);
	watch_set(b.watch, true, false);
	loop_run(b.loop);
	assert_string_equal(b.trace, "r-x");
	b.trace[0] = '\0';
	b.watch = watch_create(b.loop, b.pipe[1], on_ready, &b);
	watch_set(b.watch, false, true);
	loop_run(b.loop);
	assert_string_equal(b.trace, "-w");
	teardown(&b);
}

static void a_watch_set_to_nothing_is_silent(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	assert_int_equal(write(b.pipe[1], "x", 1), 1);
	b.watch = watch_create(b.loop, b.pipe[0], on_ready, &b);
	watch_set(b.watch, true, false);
	watch_set(b.watch, false, false);
	b.timer = timer_make(b.loop, stop, &b);
	timer_set(b.timer, 5, 0);
	loop_run(b.loop);
	assert_string_equal(b.trace, "s");
	teardown(&b);
}

static void a_file_cannot_be_watched(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	char path[] = "/tmp/loop-test-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_null(watch_create(b.loop, fd, on_ready, &b));
	close(fd);
	unlink(path);
	teardown(&b);
}

/* --- signals and threads ----------------------------------------------------------------------------------------- */

static void on_signal(void *ctx, int signum)
{
	struct bench *b = ctx;
	note(b, signum == SIGUSR1 ? 'U' : 'V');
	if (signum == SIGUSR2)
		loop_stop(b->loop);
	else
		raise(SIGUSR2);
}

static void signals_come_as_events(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	loop_on_signal(b.loop, SIGUSR1, on_signal, &b);
	loop_on_signal(b.loop, SIGUSR2, on_signal, &b);
	raise(SIGUSR1);
	loop_run(b.loop);
	assert_string_equal(b.trace, "UV");
	teardown(&b);
}

static void *send_wake(void *wake)
{
	wake_send(wake);
	return NULL;
}

static void other_threads_wake_it(void **state)
{
	(void)state;
	struct bench b;
	pthread_t thread;
	setup(&b);
	b.wake = wake_create(b.loop, stop, &b);
	assert_int_equal(pthread_create(&thread, NULL, send_wake, b.wake), 0);
	loop_run(b.loop);
	assert_string_equal(b.trace, "s");
	pthread_join(thread, NULL);
	teardown(&b);
}

struct job {
	struct bench *bench;
	pthread_t worker;
};

static void work(void *ctx)
{
	((struct job *)ctx)->worker = pthread_self();
}

static void work_done(void *ctx)
{
	struct job *job = ctx;
	assert_false(pthread_equal(job->worker, pthread_self()));
	note(job->bench, 'w');
	loop_stop(job->bench->loop);
}

static void work_is_done_elsewhere(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	struct job job = {.bench = &b, .worker = pthread_self()};
	loop_work(b.loop, work, work_done, &job);
	loop_run(b.loop);
	assert_string_equal(b.trace, "w");
	teardown(&b);
}

static void the_end_waits_for_work(void **state)
{
	(void)state;
	struct bench b;
	setup(&b);
	struct job job = {.bench = &b, .worker = pthread_self()};
	loop_work(b.loop, work, work_done, &job);
	teardown(&b);
	assert_string_equal(b.trace, "w");
}

#define MANY 300

struct many {
	struct loop *loop;
	struct wake *wakes[MANY];
	int calls[MANY];
	size_t called, first;
};

struct one_of_many {
	struct many *all;
	size_t index;
};

/* Whoever is called first takes off the two thirds it does not belong to: they were woken, too. */
static void count_wake(void *ctx)
{
	struct one_of_many *one = ctx;
	struct many *all = one->all;

	all->calls[one->index]++;
	if (!all->called++)
		all->first = one->index;
	for (size_t i = 0; all->called == 1 && i < MANY; i++)
		if (i % 3 != one->index % 3) {
			wake_destroy(all->wakes[i]);
			all->wakes[i] = NULL;
		}
	if (all->called == MANY / 3)
		loop_stop(all->loop);
}

static void *send_many(void *ctx)
{
	struct many *all = ctx;

	for (size_t i = 0; i < MANY; i++) {
		wake_send(all->wakes[i]);
		wake_send(all->wakes[i]);
	}
	return NULL;
}

static void many_wakes_share_a_loop(void **state)
{
	struct many all = {.loop = loop_create()};
	struct one_of_many ones[MANY];
	pthread_t thread;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		ones[i] = (struct one_of_many){&all, i};
		all.wakes[i] = wake_create(all.loop, count_wake, &ones[i]);
	}
	assert_int_equal(pthread_create(&thread, NULL, send_many, &all), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	loop_run(all.loop);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(all.calls[i], i % 3 == all.first % 3);
	for (size_t i = 0; i < MANY; i++)
		wake_destroy(all.wakes[i]);
	loop_destroy(all.loop);
}

static void a_wake_may_be_destroyed_before_it_is_heard(void **state)
{
	struct many all = {.loop = loop_create()};
	struct one_of_many one = {&all, 0};

	(void)state;
	all.wakes[0] = wake_create(all.loop, count_wake, &one);
	wake_send(all.wakes[0]);
	wake_destroy(all.wakes[0]);
	loop_destroy(all.loop);
	assert_int_equal(all.called, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hooks_follow_handlers_in_order),
		cmocka_unit_test(the_last_hooks_come_last),
		cmocka_unit_test(hooks_may_leave_from_inside),
		cmocka_unit_test(again_keeps_it_awake),
		cmocka_unit_test(a_timer_of_a_hook_is_seen),
		cmocka_unit_test(a_stop_outside_is_forgotten),
		cmocka_unit_test(timers_repeat),
		cmocka_unit_test(timers_are_replaced_and_stopped),
		cmocka_unit_test(a_timer_may_end_itself),
		cmocka_unit_test(descriptors_wake_it),
		cmocka_unit_test(a_watch_set_to_nothing_is_silent),
		cmocka_unit_test(a_file_cannot_be_watched),
		cmocka_unit_test(signals_come_as_events),
		cmocka_unit_test(other_threads_wake_it),
		cmocka_unit_test(many_wakes_share_a_loop),
		cmocka_unit_test(a_wake_may_be_destroyed_before_it_is_heard),
		cmocka_unit_test(work_is_done_elsewhere),
		cmocka_unit_test(the_end_waits_for_work),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
