/* Threads for what may block: in order, one at a time, nobody behind one that waits, news when they are due, and an end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "net/crew.h"

#define JOBS  40
#define HANDS 8

struct yard;

struct task {
	struct crew_job job;
	struct yard *yard;
	char letter;
	bool blocks, has_news;
	bool stands; /* in run(), until somebody lets it go */
	uint64_t again_us;
	int runs, inside;
};

/* What all the tasks of a test share. */
struct yard {
	struct crew *crew;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	char trace
		[256]; /* a capital letter for each run, a small one for each time it told something */
	struct task tasks[JOBS];
};

static void note(struct yard *yard, char letter)
{
	size_t len = strlen(yard->trace);
	assert_true(len + 1 < sizeof(yard->trace));
	yard->trace[len] = letter;
	yard->trace[len + 1] = '\0';
	pthread_cond_broadcast(&yard->changed);
}

static struct crew_next run(struct crew_job *job)
{
	struct task *task = (struct task *)job;
	struct yard *yard = task->yard;
	pthread_mutex_lock(&yard->lock);
	assert_int_equal(task->inside++, 0);
	task->runs++;
	note(yard, task->letter);
	while (task->stands)
		pthread_cond_wait(&yard->changed, &yard->lock);
	task->inside--;
	struct crew_next next = {
		.at_us = task->again_us ? task->again_us : CREW_NEVER, .news = task->has_news};
	task->again_us = 0;
	pthread_mutex_unlock(&yard->lock);
	return next;
}

static bool blocks(const struct crew_job *job)
{
	return ((const struct task *)job)->blocks;
}

static void tell(struct crew_job *job)
{
	struct task *task = (struct task *)job;
	pthread_mutex_lock(&task->yard->lock);
	note(task->yard, (char)(task->letter - 'A' + 'a'));
	pthread_mutex_unlock(&task->yard->lock);
}

static const struct crew_trade trade = {.run = run, .blocks = blocks, .tell = tell};

static void setup(struct yard *yard)
{
	*yard = (struct yard){.crew = crew_create(HANDS)};
	pthread_mutex_init(&yard->lock, NULL);
	pthread_cond_init(&yard->changed, NULL);
	for (int i = 0; i < JOBS; i++)
		yard->tasks[i] = (struct task){
			.job = {.trade = &trade}, .yard = yard, .letter = (char)('A' + i % 26)};
}

static void teardown(struct yard *yard)
{
	for (int i = 0; i < JOBS; i++)
		crew_dismiss(yard->crew, &yard->tasks[i].job);
	crew_destroy(yard->crew);
	pthread_cond_destroy(&yard->changed);
	pthread_mutex_destroy(&yard->lock);
}

static void post(struct yard *yard, int which, uint64_t due_us)
{
	crew_post(yard->crew, &yard->tasks[which].job, due_us);
}

static void have_patient_news(struct yard *yard, int which)
{
	yard->tasks[which].has_news = true;
	yard->tasks[which].job.patience_us = 3600000000U;
}

/* Until so many letters were noted. */
static void await(struct yard *yard, size_t letters)
{
	pthread_mutex_lock(&yard->lock);
	while (strlen(yard->trace) < letters)
		pthread_cond_wait(&yard->changed, &yard->lock);
	pthread_mutex_unlock(&yard->lock);
}

static void let_go(struct yard *yard, int which)
{
	pthread_mutex_lock(&yard->lock);
	yard->tasks[which].stands = false;
	pthread_cond_broadcast(&yard->changed);
	pthread_mutex_unlock(&yard->lock);
}

/* The only hand is at something that does not block, so all that is posted meanwhile is in the queue before the first of it runs. */
static void hold_with(struct yard *yard, int which)
{
	yard->tasks[which].stands = true;
	post(yard, which, 0);
	await(yard, 1);
}

/* --- order ------------------------------------------------------------------------------------------------------- */

static void what_is_due_first_runs_first(void **state)
{
	(void)state;
	struct yard yard;
	setup(&yard);
	hold_with(&yard, 25);
	post(&yard, 0, 30);
	post(&yard, 1, 10);
	post(&yard, 2, 20);
	post(&yard, 3, 10);
	let_go(&yard, 25);
	await(&yard, 5);
	assert_string_equal(yard.trace, "ZBDCA");
	teardown(&yard);
}

static void many_times_in_any_order(void **state)
{
	(void)state;
	struct yard yard;
	char want[32] = "Z";
	setup(&yard);
	hold_with(&yard, 25);
	for (int i = 0; i < 25; i++) /* 7 and 25 have no divisor in common: each once */
		post(&yard, i * 7 % 25, (uint64_t)(i * 7 % 25));
	for (int i = 0; i < 25; i++)
		want[i + 1] = (char)('A' + i);
	let_go(&yard, 25);
	await(&yard, 26);
	assert_string_equal(yard.trace, want);
	teardown(&yard);
}

static void an_earlier_time_counts_and_a_later_one_does_not(void **state)
{
	(void)state;
	struct yard yard;
	setup(&yard);
	hold_with(&yard, 25);
	post(&yard, 0, 20);
	post(&yard, 1, 10);
	post(&yard, 0, 5);
	post(&yard, 1, 30);
	let_go(&yard, 25);
	await(&yard, 3);
	assert_string_equal(yard.trace, "ZAB");
	teardown(&yard);
}

/* --- time -------------------------------------------------------------------------------------------------------- */

static void nothing_runs_before_it_is_due(void **state)
{
	(void)state;
	struct yard yard;
	uint64_t due_us = crew_now_us() + 20000;
	setup(&yard);
	post(&yard, 0, due_us);
	await(&yard, 1);
	assert_true(crew_now_us() >= due_us);
	teardown(&yard);
}

/* The hand sleeps until much later, and is woken. */
static void what_is_due_sooner_is_not_slept_through(void **state)
{
	(void)state;
	struct yard yard;
	setup(&yard);
	post(&yard, 0, crew_now_us() + 3600000000U);
	post(&yard, 1, crew_now_us());
	await(&yard, 1);
	assert_string_equal(yard.trace, "B");
	teardown(&yard);
}

static void posted_while_it_runs_it_runs_again(void **state)
{
	(void)state;
	struct yard yard;
	setup(&yard);
	hold_with(&yard, 0);
	post(&yard, 0, 0);
	post(&yard, 0, 0);
	let_go(&yard, 0);
	await(&yard, 2);
	assert_string_equal(yard.trace, "AA");
	teardown(&yard);
	assert_int_equal(yard.tasks[0].runs, 2);
}

static void a_job_says_when_it_comes_again(void **state)
{
	(void)state;
	struct yard yard;
	setup(&yard);
	yard.tasks[0].again_us = 1;
	post(&yard, 0, 0);
	await(&yard, 2);
	assert_string_equal(yard.trace, "AA");
	teardown(&yard);
}

/* --- blocking ---------------------------------------------------------------------------------------------------- */

static void nobody_waits_behind_one_that_blocks(void **state)
{
	(void)state;
	struct yard yard;
	setup(&yard);
	for (int i = 0; i < HANDS - 1; i++)
		yard.tasks[i].blocks = yard.tasks[i].stands = true;
	for (int i = 0; i < HANDS - 1; i++)
		post(&yard, i, 0);
	await(&yard, HANDS - 1);
	post(&yard, HANDS + 8, 0); /* when all of them stand */
	await(&yard, HANDS);
	assert_int_equal(yard.tasks[HANDS + 8].runs, 1);
	for (int i = 0; i < HANDS - 1; i++)
		let_go(&yard, i);
	teardown(&yard);
}

static void more_than_there_are_hands_wait_for_one(void **state)
{
	(void)state;
	struct yard yard;
	setup(&yard);
	for (int i = 0; i < JOBS; i++)
		yard.tasks[i].blocks = yard.tasks[i].stands = true;
	for (int i = 0; i < JOBS; i++)
		post(&yard, i, 0);
	await(&yard, HANDS - 1);
	for (int i = 0; i < JOBS; i++)
		let_go(&yard, i);
	await(&yard, JOBS);
	teardown(&yard);
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(yard.tasks[i].runs, 1);
}

static void the_last_hand_is_for_what_does_not_block(void **state)
{
	(void)state;
	struct yard yard;
	setup(&yard);
	for (int i = 0; i < JOBS - 1; i++)
		yard.tasks[i].blocks = yard.tasks[i].stands = true;
	for (int i = 0; i < JOBS; i++)
		post(&yard, i, (uint64_t)i);
	await(&yard, HANDS);
	assert_int_equal(yard.tasks[JOBS - 1].runs, 1);
	crew_dismiss(yard.crew, &yard.tasks[JOBS - 2].job); /* it waits for a hand */
	for (int i = 0; i < JOBS; i++)
		let_go(&yard, i);
	await(&yard, JOBS - 1);
	teardown(&yard);
	assert_int_equal(yard.tasks[JOBS - 2].runs, 0);
}

/* Another hand has the watch by then, and sleeps until much later. */
static void what_blocked_comes_again_when_it_says(void **state)
{
	(void)state;
	struct yard yard;
	setup(&yard);
	yard.tasks[0].blocks = yard.tasks[0].stands = true;
	yard.tasks[0].again_us = 1;
	post(&yard, 0, 0);
	await(&yard, 1);
	post(&yard, 1, crew_now_us() + 3600000000U);
	post(&yard, 2, 0);
	await(&yard, 2);
	let_go(&yard, 0);
	await(&yard, 3);
	assert_string_equal(yard.trace, "ACA");
	teardown(&yard);
}

/* --- news -------------------------------------------------------------------------------------------------------- */

static void the_patient_are_told_of_together(void **state)
{
	(void)state;
	struct yard yard;
	setup(&yard);
	for (int i = 0; i < 3; i++)
		have_patient_news(&yard, i);
	hold_with(&yard, 25);
	for (int i = 0; i < 3; i++)
		post(&yard, i, 0);
	let_go(&yard, 25);
	await(&yard, 7);
	assert_memory_equal(yard.trace, "ZABC", 4);
	for (const char *letter = "abc"; *letter; letter++)
		assert_non_null(strchr(yard.trace + 4, *letter));
	teardown(&yard);
}

static void others_are_told_of_at_once(void **state)
{
	(void)state;
	struct yard yard;
	setup(&yard);
	for (int i = 0; i < 3; i++)
		yard.tasks[i].has_news = true;
	hold_with(&yard, 25);
	for (int i = 0; i < 3; i++)
		post(&yard, i, 0);
	let_go(&yard, 25);
	await(&yard, 7);
	assert_string_equal(yard.trace, "ZAaBbCc");
	teardown(&yard);
}

static void news_does_not_wait_for_what_blocks(void **state)
{
	(void)state;
	struct yard yard;
	setup(&yard);
	have_patient_news(&yard, 0);
	yard.tasks[1].blocks = yard.tasks[1].stands = true;
	hold_with(&yard, 25);
	post(&yard, 0, 0);
	post(&yard, 1, 0);
	let_go(&yard, 25);
	await(&yard, 4);
	assert_string_equal(yard.trace, "ZAaB");
	let_go(&yard, 1);
	teardown(&yard);
}

/* --- the end ----------------------------------------------------------------------------------------------------- */

static void a_dismissed_job_does_not_run(void **state)
{
	(void)state;
	struct yard yard;
	setup(&yard);
	hold_with(&yard, 25);
	for (int i = 0; i < 10; i++)
		post(&yard, i, (uint64_t)i);
	for (int i = 0; i < 10; i += 2)
		crew_dismiss(yard.crew, &yard.tasks[i].job);
	let_go(&yard, 25);
	await(&yard, 6);
	assert_string_equal(yard.trace, "ZBDFHJ");
	teardown(&yard);
}

static void *let_go_of_last(void *arg)
{
	struct yard *yard = arg;
	let_go(yard, 25);
	return NULL;
}

static void dismissing_waits_while_it_runs_and_has_news(void **state)
{
	(void)state;
	struct yard yard;
	pthread_t other;
	setup(&yard);
	have_patient_news(&yard, 25);
	hold_with(&yard, 25);
	post(&yard, 0, 1);
	assert_int_equal(pthread_create(&other, NULL, let_go_of_last, &yard), 0);
	crew_dismiss(yard.crew, &yard.tasks[25].job);
	pthread_mutex_lock(&yard.lock);
	assert_int_equal(yard.tasks[25].inside, 0);
	assert_non_null(strchr(yard.trace, 'z'));
	pthread_mutex_unlock(&yard.lock);
	pthread_join(other, NULL);
	teardown(&yard);
}

/* Many threads post, some jobs block, and all are dismissed in the middle of it. */
static void *post_often(void *arg)
{
	struct yard *yard = arg;
	for (int i = 0; i < 2000; i++)
		crew_post(
			yard->crew, &yard->tasks[i % JOBS].job, crew_now_us() + (uint64_t)(i % 50));
	return NULL;
}

static struct crew_next count(struct crew_job *job)
{
	struct task *task = (struct task *)job;
	assert_int_equal(task->inside++, 0);
	task->runs++;
	task->inside--;
	return (struct crew_next){.at_us = CREW_NEVER, .news = task->runs % 3 == 0};
}

static void count_news(struct crew_job *job)
{
	assert_int_equal(((struct task *)job)->inside, 0);
}

static void a_crowd(void **state)
{
	(void)state;
	static const struct crew_trade counting = {
		.run = count, .blocks = blocks, .tell = count_news};
	struct yard yard;
	pthread_t posters[3];
	setup(&yard);
	for (int i = 0; i < JOBS; i++) {
		yard.tasks[i].job.trade = &counting;
		yard.tasks[i].job.patience_us = i % 2 ? 1000 : 0;
		yard.tasks[i].blocks = i % 5 == 0;
	}
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&posters[i], NULL, post_often, &yard), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(posters[i], NULL);
	teardown(&yard);
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(yard.tasks[i].inside, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_due_first_runs_first),
		cmocka_unit_test(many_times_in_any_order),
		cmocka_unit_test(an_earlier_time_counts_and_a_later_one_does_not),
		cmocka_unit_test(nothing_runs_before_it_is_due),
		cmocka_unit_test(what_is_due_sooner_is_not_slept_through),
		cmocka_unit_test(posted_while_it_runs_it_runs_again),
		cmocka_unit_test(a_job_says_when_it_comes_again),
		cmocka_unit_test(nobody_waits_behind_one_that_blocks),
		cmocka_unit_test(more_than_there_are_hands_wait_for_one),
		cmocka_unit_test(the_last_hand_is_for_what_does_not_block),
		cmocka_unit_test(what_blocked_comes_again_when_it_says),
		cmocka_unit_test(the_patient_are_told_of_together),
		cmocka_unit_test(others_are_told_of_at_once),
		cmocka_unit_test(news_does_not_wait_for_what_blocks),
		cmocka_unit_test(a_dismissed_job_does_not_run),
		cmocka_unit_test(dismissing_waits_while_it_runs_and_has_news),
		cmocka_unit_test(a_crowd),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
