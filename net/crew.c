#include "net/crew.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "ot/mem.h"

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t due;      /* for the hand on watch */
	pthread_cond_t relief;   /* for those that rest */
	pthread_cond_t left;     /* for who dismisses a job */
	struct crew_job **queue; /* a heap: queue[0] is not used, queue[1] is due first */
	size_t count, cap;
	uint64_t posted;
	pthread_t hands[CREW_HANDS];
	unsigned hand_count, resting;
	bool watched; /* a hand looks at the queue: now, when it is done with something short, or at sleeps_until */
	bool called;           /* one that is to is on its way */
	uint64_t sleeps_until; /* 0: it does not sleep */
	unsigned dismissing;
	bool ending;
};

uint64_t crew_now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* --- the queue --------------------------------------------------------------------------------------------------- */

static bool is_before(const struct crew_job *a, const struct crew_job *b)
{
	return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void put(struct crew *crew, size_t at, struct crew_job *job)
{
	crew->queue[at] = job;
	job->at = at;
}

static void rise(struct crew *crew, struct crew_job *job)
{
	size_t at = job->at;
	for (; at > 1 && is_before(job, crew->queue[at / 2]); at /= 2)
		put(crew, at, crew->queue[at / 2]);
	put(crew, at, job);
}

static void sink(struct crew *crew, struct crew_job *job)
{
	size_t at = job->at, below;
	while ((below = 2 * at) <= crew->count) {
		if (below < crew->count && is_before(crew->queue[below + 1], crew->queue[below]))
			below++;
		if (!is_before(crew->queue[below], job))
			break;
		put(crew, at, crew->queue[below]);
		at = below;
	}
	put(crew, at, job);
}

static void enqueue(struct crew *crew, struct crew_job *job, uint64_t due_us)
{
	job->due_us = due_us;
	job->order = crew->posted++;
	crew->queue = mem_grow(crew->queue, &crew->cap, crew->count + 2, sizeof(struct crew_job *));
	put(crew, ++crew->count, job);
	rise(crew, job);
}

static void dequeue(struct crew *crew, struct crew_job *job)
{
	struct crew_job *last = crew->queue[crew->count--];
	size_t at = job->at;
	job->at = 0;
	if (last == job)
		return;
	put(crew, at, last);
	rise(crew, last);
	sink(crew, last);
}

static bool is_due(const struct crew *crew)
{
	return crew->count && crew->queue[1]->due_us <= crew_now_us();
}

/* --- the hands --------------------------------------------------------------------------------------------------- */

static void *hand_main(void *arg);

static void start_hand(struct crew *crew)
{
	sigset_t all, before;
	sigfillset(&all); /* signals are the loop's business */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&crew->hands[crew->hand_count], NULL, hand_main, crew) == 0)
		crew->hand_count++;
	else if (!crew->hand_count)
		abort();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Nobody looks at the queue. If all hands are where they may block, the first that comes back will. */
static void call_another(struct crew *crew)
{
	if (crew->called)
		return;
	crew->called = crew->resting || crew->hand_count < CREW_HANDS;
	if (crew->resting)
		pthread_cond_signal(&crew->relief);
	else if (crew->called)
		start_hand(crew);
}

static void finish(struct crew *crew, struct crew_job *job)
{
	job->busy = false;
	if (job->leaving)
		pthread_cond_broadcast(&crew->left);
	else if (job->again_us != CREW_NEVER)
		enqueue(crew, job, job->again_us);
}

static void tell_all(struct crew *crew, struct crew_job **news)
{
	struct crew_job *list = *news, *next;
	*news = NULL;
	pthread_mutex_unlock(&crew->lock);
	for (struct crew_job *job = list; job; job = job->next_news)
		job->trade->tell(job);
	pthread_mutex_lock(&crew->lock);
	for (; list; list = next) {
		next = list->next_news;
		finish(crew, list);
	}
}

/* Without the lock, and then others' turn on this processor. true: it has something to tell later. */
static bool run(struct crew_job *job, bool at_once)
{
	struct crew_next next = job->trade->run(job);
	bool later = next.news && job->patient && !at_once;
	if (next.news && !later)
		job->trade->tell(job);
	job->wants_us = next.at_us;
	sched_yield();
	return later;
}

/* false: it may have blocked, and another is on watch. */
static bool run_first(struct crew *crew, struct crew_job **news)
{
	struct crew_job *job = crew->queue[1];
	bool blocks = job->trade->blocks(job);
	dequeue(crew, job);
	job->busy = true;
	job->again_us = CREW_NEVER;
	crew->watched = !blocks;
	if (blocks && crew->count)
		call_another(crew);
	pthread_mutex_unlock(&crew->lock);
	bool later = run(job, blocks);
	pthread_mutex_lock(&crew->lock);
	if (job->wants_us < job->again_us)
		job->again_us = job->wants_us;
	if (later) {
		job->next_news = *news;
		*news = job;
	} else {
		finish(crew, job);
	}
	return !blocks;
}

static void sleep_until(struct crew *crew, uint64_t until_us)
{
	struct timespec at = {.tv_sec = (time_t)(until_us / 1000000),
		.tv_nsec = (long)(until_us % 1000000 * 1000)};
	crew->sleeps_until = until_us;
	if (until_us == CREW_NEVER)
		pthread_cond_wait(&crew->due, &crew->lock);
	else
		pthread_cond_timedwait(&crew->due, &crew->lock, &at);
	crew->sleeps_until = 0;
}

/* The next thing to do. false: the watch was given up for it. */
static bool go_on(struct crew *crew, struct crew_job **news)
{
	bool due = is_due(crew);
	if (*news && (!due || crew->dismissing || crew->queue[1]->trade->blocks(crew->queue[1])))
		tell_all(crew, news);
	else if (due)
		return run_first(crew, news);
	else
		sleep_until(crew, crew->count ? crew->queue[1]->due_us : CREW_NEVER);
	return true;
}

static void rest(struct crew *crew)
{
	crew->resting++;
	while (crew->watched && !crew->ending)
		pthread_cond_wait(&crew->relief, &crew->lock);
	crew->resting--;
}

static void *hand_main(void *arg)
{
	struct crew *crew = arg;
	struct crew_job *news = NULL; /* there is none but while it is on watch */
	pthread_setname_np(pthread_self(), "crew");
	pthread_mutex_lock(&crew->lock);
	while (!crew->ending) {
		rest(crew);
		crew->called = false;
		crew->watched = true;
		while (!crew->ending && go_on(crew, &news))
			;
	}
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

/* --- for those who have something to do -------------------------------------------------------------------------- */

static void wake_watch(struct crew *crew, uint64_t due_us)
{
	if (!crew->watched)
		call_another(crew);
	else if (due_us < crew->sleeps_until)
		pthread_cond_signal(&crew->due);
}

void crew_post(struct crew *crew, struct crew_job *job, uint64_t due_us)
{
	pthread_mutex_lock(&crew->lock);
	if (job->busy) {
		if (due_us < job->again_us)
			job->again_us = due_us;
	} else if (!job->at || due_us < job->due_us) {
		if (job->at)
			dequeue(crew, job);
		enqueue(crew, job, due_us);
		wake_watch(crew, due_us);
	}
	pthread_mutex_unlock(&crew->lock);
}

void crew_dismiss(struct crew *crew, struct crew_job *job)
{
	pthread_mutex_lock(&crew->lock);
	job->leaving = true;
	crew->dismissing++;
	if (job->at)
		dequeue(crew, job);
	while (job->busy)
		pthread_cond_wait(&crew->left, &crew->lock);
	crew->dismissing--;
	pthread_mutex_unlock(&crew->lock);
}

struct crew *crew_create(void)
{
	struct crew *crew = mem_alloc(sizeof(*crew));
	pthread_condattr_t attr;
	pthread_mutex_init(&crew->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&crew->due, &attr);
	pthread_condattr_destroy(&attr);
	pthread_cond_init(&crew->relief, NULL);
	pthread_cond_init(&crew->left, NULL);
	return crew;
}

void crew_destroy(struct crew *crew)
{
	if (!crew)
		return;
	pthread_mutex_lock(&crew->lock);
	crew->ending = true;
	pthread_cond_signal(&crew->due);
	pthread_cond_broadcast(&crew->relief);
	pthread_mutex_unlock(&crew->lock);
	for (unsigned i = 0; i < crew->hand_count; i++)
		pthread_join(crew->hands[i], NULL);
	pthread_cond_destroy(&crew->due);
	pthread_cond_destroy(&crew->relief);
	pthread_cond_destroy(&crew->left);
	pthread_mutex_destroy(&crew->lock);
	free(crew->queue);
	free(crew);
}
