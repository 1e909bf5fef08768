/*
 * crew.h: a few threads that do for very many what may block.
 *
 *	static const struct crew_trade trade = {.run = commit, .blocks = has_fsync, .tell = wake_listener};
 *	struct crew_job job = {.trade = &trade};
 *	crew_post(crew, &job, crew_now_us());	-- commit(&job) on one of its threads, soon
 *	crew_dismiss(crew, &job);		-- and never again
 *
 * Order:    what is due first runs first, and of what is due at one moment what was posted first. A job runs once at a time; posted while
 *           it runs, it runs again.
 * Blocking: what says of itself that it does not block runs on one thread, one after the other. Before something that may, another
 *           thread is called to go on with the rest: so who waits for a disk that does not answer is alone in that. All but one of
 *           the threads may wait so at a time; what many of them ask for the kernel does in one go. They are made when they are needed,
 *           and go when they are not: where nothing ever blocks for long there are one or two.
 * Telling:  what a job has to tell waits for others' of its kind, up to patience_us and while something is due: a hundred that come
 *           due at one moment wake their listener once. Of what may block it is told at once.
 *
 * Times are microseconds of CLOCK_MONOTONIC. Threads that wait for one processor let each other in between two jobs.
 *
 * Threads: crew_post() and crew_dismiss() may be called from any, but the latter not from run() or tell().
 * Memory:  a job is its owner's, and must not go away before it was dismissed. A crew is of a loop (loop_crew) and ends with it.
 */
#ifndef NET_CREW_H
#define NET_CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CREW_HANDS 256 /* of a loop's */
#define CREW_REST_MS 3000 /* without anything to do, and all threads but one go */
#define CREW_NEVER UINT64_MAX

struct crew;
struct crew_job;

struct crew_next {
	uint64_t at_us; /* when it is to run again, unless it is posted for an earlier time; CREW_NEVER: when it is posted */
	bool news;      /* tell() is to be called */
};

/* All of it on threads of the crew, and nothing of it twice at a time for one job. */
struct crew_trade {
	struct crew_next (*run)(struct crew_job *job);
	bool (*blocks)(const struct crew_job *job); /* may the run() that is next? */
	void (*tell)(struct crew_job *job);
};

struct crew_job {
	const struct crew_trade *trade;
	uint64_t patience_us;
	/* the crew's */
	uint64_t due_us, order, again_us, wants_us;
	size_t at; /* in the queue, from 1; 0: it is not */
	bool busy, leaving;
	struct crew_job *next; /* with news, or held back */
};

struct crew *crew_create(unsigned hands); /* threads at most, two or more */
void crew_destroy(struct crew *crew); /* every job was dismissed before */
void crew_post(struct crew *crew, struct crew_job *job, uint64_t due_us); /* to run then, or when it was to run anyway if that is sooner */
void crew_dismiss(struct crew *crew, struct crew_job *job); /* waits while it runs; fine for one that never was posted */
uint64_t crew_now_us(void);

#endif
