#include "net/crew.h"

#include <errno.h>
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
	pthread_cond_t left;     /* for who waits until a job, or all hands, are done */
	struct crew_job **queue; /* a heap: queue[0] is not used, queue[1] is due first */
	size_t count, cap;
	uint64_t posted;
	unsigned hand_most, hand_count, resting, blocking;
	struct crew_job *held; /* due, and to block when another has done so; they are busy */
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

/* --- the hands --------------------------------------------------------------------------------------------------- */

/* What the hand on watch has not told yet. */
struct news {
	struct crew_job *first;
	uint64_t until_us;
};

static void *hand_main(void *arg);

static void start_hand(struct crew *crew)
{
	pthread_t hand;
	sigset_t all, before;
	sigfillset(&all); /* signals are the loop's business */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&hand, NULL, hand_main, crew) == 0) {
		pthread_detach(hand);
		crew->hand_count++;
	} else if (!crew->hand_count) {
		abort();
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Nobody looks at the queue. If all hands are where they may block, the first that comes back will. */
static void call_another(struct crew *crew)
{
	if (crew->called)
		return;
	crew->called = crew->resting || crew->hand_count < crew->hand_most;
	if (crew->resting)
		pthread_cond_signal(&crew->relief);
	else if (crew->called)
		start_hand(crew);
}

/* Whoever is on watch, if that is not soon enough when it wakes by itself. */
static void rouse(struct crew *crew, uint64_t due_us)
{
	if (due_us < crew->sleeps_until)
		pthread_cond_signal(&crew->due);
}

static void finish(struct crew *crew, struct crew_job *job)
{
	job->busy = false;
	if (job->leaving) {
		pthread_cond_broadcast(&crew->left);
	} else if (job->again_us != CREW_NEVER) {
		enqueue(crew, job, job->again_us);
		rouse(crew, job->again_us);
	}
}

static void tell_all(struct crew *crew, struct news *news)
{
	struct crew_job *list = news->first, *next;
	*news = (struct news){0};
	pthread_mutex_unlock(&crew->lock);
	for (struct crew_job *job = list; job; job = job->next)
		job->trade->tell(job);
	pthread_mutex_lock(&crew->lock);
	for (; list; list = next) {
		next = list->next;
		finish(crew, list);
	}
}

static void add_news(struct news *news, struct crew_job *job)
{
	uint64_t until_us = crew_now_us() + job->patience_us;
	if (!news->first || until_us < news->until_us)
		news->until_us = until_us;
	job->next = news->first;
	news->first = job;
}

/* Takes a job that is not in the queue; the lock is not held meanwhile. Are there news? */
static bool run(struct crew *crew, struct crew_job *job, bool tells)
{
	job->busy = true;
	job->again_us = CREW_NEVER;
	pthread_mutex_unlock(&crew->lock);
	struct crew_next next = job->trade->run(job);
	if (next.news && tells)
		job->trade->tell(job);
	else
		sched_yield(); /* who waits for this processor may have waited for long */
	pthread_mutex_lock(&crew->lock);
	if (next.at_us < job->again_us)
		job->again_us = next.at_us;
	return next.news;
}

static void run_short(struct crew *crew, struct crew_job *job, struct news *news)
{
	if (run(crew, job, false))
		add_news(news, job);
	else
		finish(crew, job);
}

/* And those that were held back because too many did. */
static void run_blocking(struct crew *crew, struct crew_job *job)
{
	crew->blocking++;
	while (job) {
		run(crew, job, true);
		finish(crew, job);
		job = crew->held;
		if (job)
			crew->held = job->next;
		if (job && !crew->watched && crew->count)
			call_another(crew);
	}
	crew->blocking--;
}

static void hold_back(struct crew *crew, struct crew_job *job)
{
	struct crew_job **at = &crew->held;
	while (*at)
		at = &(*at)->next;
	job->busy = true;
	job->next = NULL;
	*at = job;
}

/* false: it may have blocked, and another is on watch. */
static bool run_first(struct crew *crew, struct news *news)
{
	struct crew_job *job = crew->queue[1];
	dequeue(crew, job);
	if (!job->trade->blocks(job)) {
		run_short(crew, job, news);
		return true;
	}
	if (crew->blocking == crew->hand_most - 1) {
		hold_back(crew, job);
		return true;
	}
	crew->watched = false;
	if (crew->count)
		call_another(crew);
	run_blocking(crew, job);
	return false;
}

static int wait_until(struct crew *crew, pthread_cond_t *what, uint64_t until_us)
{
	struct timespec at = {.tv_sec = (time_t)(until_us / 1000000),
		.tv_nsec = (long)(until_us % 1000000 * 1000)};
	if (until_us == CREW_NEVER)
		return pthread_cond_wait(what, &crew->lock);
	return pthread_cond_timedwait(what, &crew->lock, &at);
}

static void sleep_until(struct crew *crew, uint64_t until_us)
{
	crew->sleeps_until = until_us;
	wait_until(crew, &crew->due, until_us);
	crew->sleeps_until = 0;
}

/* The next thing to do. false: the watch was given up for it. */
static bool go_on(struct crew *crew, struct news *news)
{
	uint64_t now_us = crew_now_us();
	bool due = crew->count && crew->queue[1]->due_us <= now_us;
	if (news->first && (!due || crew->dismissing || now_us >= news->until_us ||
				   crew->queue[1]->trade->blocks(crew->queue[1])))
		tell_all(crew, news);
	else if (due)
		return run_first(crew, news);
	else
		sleep_until(crew, crew->count ? crew->queue[1]->due_us : CREW_NEVER);
	return true;
}

/* Until the watch is to be taken. false: it was not for so long that one hand less will do. */
static bool rest(struct crew *crew)
{
	uint64_t until_us = crew_now_us() + CREW_REST_MS * 1000;
	crew->resting++;
	while (crew->watched && !crew->ending &&
		wait_until(crew, &crew->relief, until_us) != ETIMEDOUT)
		;
	crew->resting--;
	return !crew->watched && !crew->ending;
}

static void *hand_main(void *arg)
{
	struct crew *crew = arg;
	struct news news = {0}; /* there are none but while it is on watch */
	pthread_setname_np(pthread_self(), "crew");
	pthread_mutex_lock(&crew->lock);
	while (rest(crew)) {
		crew->called = false;
		crew->watched = true;
		while (!crew->ending && go_on(crew, &news))
			;
	}
	if (!--crew->hand_count)
		pthread_cond_broadcast(&crew->left);
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

/* --- for those who have something to do -------------------------------------------------------------------------- */

static void wake_watch(struct crew *crew, uint64_t due_us)
{
	if (!crew->watched)
		call_another(crew);
	rouse(crew, due_us);
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

/* From those held back, if it is one of them. */
static void take_back(struct crew *crew, struct crew_job *job)
{
	struct crew_job **at = &crew->held;
	while (*at && *at != job)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = job->next;
	job->busy = false;
}

void crew_dismiss(struct crew *crew, struct crew_job *job)
{
	pthread_mutex_lock(&crew->lock);
	job->leaving = true;
	crew->dismissing++;
	if (job->at)
		dequeue(crew, job);
	else
		take_back(crew, job);
	while (job->busy)
		pthread_cond_wait(&crew->left, &crew->lock);
	crew->dismissing--;
	pthread_mutex_unlock(&crew->lock);
}

struct crew *crew_create(unsigned hands)
{
	struct crew *crew = mem_alloc(sizeof(*crew));
	pthread_condattr_t attr;
	crew->hand_most = hands;
	pthread_mutex_init(&crew->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&crew->due, &attr);
	pthread_cond_init(&crew->relief, &attr);
	pthread_condattr_destroy(&attr);
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
	while (crew->hand_count)
		pthread_cond_wait(&crew->left, &crew->lock);
	pthread_mutex_unlock(&crew->lock);
	pthread_cond_destroy(&crew->due);
	pthread_cond_destroy(&crew->relief);
	pthread_cond_destroy(&crew->left);
	pthread_mutex_destroy(&crew->lock);
	free(crew->queue);
	free(crew);
}
