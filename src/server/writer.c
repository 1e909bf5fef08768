#include "src/server/writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/crew.h"
#include "ot/buf.h"
#include "ot/mem.h"
#include "src/report.h"
#include "src/server/script.h"

#define RETRY_SECONDS 1
#define LOCKED_MS     5000 /* so long another program may have the file for itself */
#define LOCKED_TRY_MS 20
#define PATIENT_US    10000 /* so long the loop need not know of a commit that nobody waits for */
#define HASTY_US      200   /* and of one that somebody does */
#define LOG_PAGES                                                                                  \
	1000          /* that are copied into the file, so that what follows can take their place */
#define CLOSE_TRIES 3 /* of a commit that fails, once the writer is to end */
#define KEPT_BYTES  ((size_t)1 << 20) /* of a batch's memory, for the next one */

struct writer {
	struct crew_job job; /* first: it is what the crew knows */

	/* of the loop's thread */
	struct crew *crew;
	struct store_handler handler;
	void *ctx;
	struct wake *wake;
	struct buf gathering; /* this turn's, a script */
	uint64_t turn;        /* the newest batch handed over */
	uint64_t told;        /* the newest batch the handler knows of */

	/* between the two, under the lock */
	pthread_mutex_t lock;
	struct buf handed; /* batches up to handed_turn that the job has not taken */
	uint64_t handed_turn;
	uint64_t committed;
	size_t batch_bytes; /* of what the job has taken and not committed */
	char *trouble;      /* of a failure the handler was not told of yet */
	bool in_trouble;
	bool expected; /* the job will look at what is handed over, now or later */

	/* of the job, whatever thread does it */
	sqlite3 *db;
	char *path;
	struct writer_pace pace;
	struct script script; /* its table: the loop's thread reads that, too */
	struct buf batch;     /* being committed */
	uint64_t batch_turn;
	bool failing;
	uint64_t locked_us;  /* since when another program has the file; 0: none has */
	bool unsynced;       /* something was committed that is not on the disk for sure */
	uint64_t sync_at_us; /* when it should be */
	int log_pages;
	bool begins_log; /* the next commit does, or may: SQLite brings a log's head to the disk at once */
};

/* ---- the job ---- */

static char *trouble_of(struct writer *w)
{
	return report_sentence("cannot write to %s: %s; nothing is lost, it is held in memory and"
			       " tried again every second",
		w->path, sqlite3_errmsg(w->db));
}

static void forget_bytes(struct buf *bytes)
{
	if (bytes->cap > KEPT_BYTES)
		buf_fini(bytes);
	buf_clear(bytes);
}

/* The beat before that time: what many writers have to do then, one thread does in one go. */
static uint64_t on_beat(const struct writer *w, uint64_t at_us)
{
	uint64_t beat_us = (uint64_t)w->pace.beat_ms * 1000;

	return beat_us ? at_us - at_us % beat_us : at_us;
}

static void note_unsynced(struct writer *w)
{
	if (!w->pace.sync_ms || w->unsynced)
		return;
	w->unsynced = true;
	w->sync_at_us = on_beat(w, crew_now_us() + (uint64_t)w->pace.sync_ms * 1000);
}

/* After a failure: does another program have the file, and not for long yet? */
static bool is_locked(struct writer *w)
{
	uint64_t now = crew_now_us();

	if (sqlite3_errcode(w->db) != SQLITE_BUSY)
		w->locked_us = 0;
	else if (!w->locked_us)
		w->locked_us = now;
	return w->locked_us && !w->failing && now - w->locked_us < LOCKED_MS * 1000;
}

/* NULL when it is committed, or cannot be for now (then it is there still); else a sentence. */
static char *commit_batch(struct writer *w)
{
	char *why = NULL;

	if (!w->batch.len)
		return NULL;
	if (script_run(&w->script, w->batch.at, w->batch.len)) {
		w->locked_us = 0;
		w->begins_log = false;
		forget_bytes(&w->batch);
		note_unsynced(w);
	} else {
		why = is_locked(w) ? NULL : trouble_of(w);
		script_undo(&w->script);
	}
	return why;
}

static int on_logged(void *ctx, sqlite3 *db, const char *name, int pages)
{
	struct writer *w = ctx;

	(void)db;
	(void)name;
	w->log_pages = pages;
	return SQLITE_OK;
}

/* Where it cannot be done now, the log grows until it can. */
static void copy_log(struct writer *w)
{
	w->log_pages = 0;
	w->begins_log = true;
	sqlite3_wal_checkpoint_v2(w->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/* SQLite leaves the log to the kernel until it is copied into the file; this does not. */
static bool sync_log(struct writer *w)
{
	sqlite3_file *log = NULL;

	if (sqlite3_file_control(w->db, NULL, SQLITE_FCNTL_JOURNAL_POINTER, &log))
		return false;
	return !log || !log->pMethods || log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) == SQLITE_OK;
}

static bool is_sync_due(const struct writer *w)
{
	return w->unsynced && crew_now_us() >= w->sync_at_us;
}

/* NULL when what was committed is on the disk, else a sentence. */
static char *sync_now(struct writer *w)
{
	if (!sync_log(w))
		return report_sentence(
			"cannot bring %s to the disk; tried again every second", w->path);
	w->unsynced = false;
	return NULL;
}

static void take_handed(struct writer *w)
{
	struct buf empty = w->batch;

	pthread_mutex_lock(&w->lock);
	if (w->batch.len) {
		buf_add(&w->batch, w->handed.at, w->handed.len);
		forget_bytes(&w->handed);
	} else {
		w->batch = w->handed;
		w->handed = empty;
	}
	w->batch_turn = w->handed_turn;
	w->batch_bytes = w->batch.len;
	pthread_mutex_unlock(&w->lock);
}

/* Under the lock. Who failed comes again by itself, and not sooner because more was handed over. */
static uint64_t next_run(struct writer *w, bool failed)
{
	w->expected = failed || w->batch.len || w->handed.len;
	if (failed)
		return crew_now_us() + RETRY_SECONDS * 1000000;
	if (w->batch.len)
		return crew_now_us() + LOCKED_TRY_MS * 1000;
	if (w->handed.len || w->log_pages >= LOG_PAGES)
		return crew_now_us();
	return w->unsynced ? w->sync_at_us : CREW_NEVER;
}

/* Takes why. Notes what is committed, and the first failure of a run. */
static struct crew_next note(struct writer *w, char *why)
{
	bool failed = why != NULL, first = failed && !w->failing;
	struct crew_next next = {.news = first || (w->failing && !failed)};

	pthread_mutex_lock(&w->lock);
	w->batch_bytes = w->batch.len;
	w->in_trouble = failed;
	if (!w->batch.len && w->committed != w->batch_turn) {
		w->committed = w->batch_turn;
		next.news = true;
	}
	if (first && !w->trouble) {
		w->trouble = why;
		why = NULL;
	}
	next.at_us = next_run(w, failed);
	pthread_mutex_unlock(&w->lock);
	w->failing = failed;
	free(why);
	return next;
}

/* What was committed needs something of the disk now. */
static bool is_care_due(const struct writer *w)
{
	return is_sync_due(w) || w->log_pages >= LOG_PAGES;
}

static char *take_care(struct writer *w)
{
	if (is_sync_due(w))
		return sync_now(w);
	copy_log(w);
	return NULL;
}

/*
 * Who waits for a commit does not wait for the care that it makes necessary: that is a run of its own, before any other, for there may
 * always be something more to commit. But when the disk fails, all is one try: of two one might work.
 */
static struct crew_next work(struct crew_job *job)
{
	struct writer *w = (struct writer *)job;
	char *why;

	if (!w->failing && is_care_due(w))
		return note(w, take_care(w));
	take_handed(w);
	why = commit_batch(w);
	if (!why && w->failing && is_sync_due(w))
		why = sync_now(w);
	return note(w, why);
}

static bool may_block(const struct crew_job *job)
{
	struct writer *w = (struct writer *)job;

	pthread_mutex_lock(&w->lock);
	bool is_large = w->handed.len + w->batch_bytes > KEPT_BYTES;
	pthread_mutex_unlock(&w->lock);
	return is_large || !w->pace.sync_ms || w->failing || w->begins_log || is_care_due(w);
}

static void wake_loop(struct crew_job *job)
{
	wake_send(((struct writer *)job)->wake);
}

static const struct crew_trade trade = {.run = work, .blocks = may_block, .tell = wake_loop};

/* In the loop's thread, some time after note(). */
static void on_wake(void *ctx)
{
	struct writer *w = ctx;

	pthread_mutex_lock(&w->lock);
	char *trouble = w->trouble;
	uint64_t committed = w->committed;
	w->trouble = NULL;
	pthread_mutex_unlock(&w->lock);
	bool news = committed > w->told;
	w->told = committed;
	if (trouble)
		w->handler.failed(w->ctx, trouble);
	free(trouble);
	if (news)
		w->handler.committed(w->ctx, committed);
}

void writer_add(struct writer *w, unsigned what, const union sql_value *values)
{
	script_add(&w->gathering, w->script.sql, what, values);
}

/* Scripts are joined: what the writer has not taken yet simply grows. */
static void hand_over(struct writer *w)
{
	struct buf empty = w->handed;

	if (w->handed.len) {
		buf_add(&w->handed, w->gathering.at, w->gathering.len);
		forget_bytes(&w->gathering);
		return;
	}
	w->handed = w->gathering;
	w->gathering = empty;
}

uint64_t writer_turn(struct writer *w)
{
	if (!w->gathering.len)
		return w->turn;
	pthread_mutex_lock(&w->lock);
	bool posts = !w->expected;
	hand_over(w);
	w->handed_turn = ++w->turn;
	w->expected = true;
	pthread_mutex_unlock(&w->lock);
	if (posts)
		crew_post(w->crew, &w->job, crew_now_us());
	return w->turn;
}

/* ---- beginning and end ---- */

static void writer_free(struct writer *w)
{
	script_fini(&w->script);
	buf_fini(&w->gathering);
	buf_fini(&w->handed);
	buf_fini(&w->batch);
	free(w->trouble);
	free(w->path);
	free(w);
}

struct writer *writer_create(struct loop *loop, sqlite3 *db, const char *path,
	const struct sql *sql, size_t count, const struct writer_pace *pace,
	const struct store_handler *handler, void *ctx)
{
	struct writer *w = mem_alloc(sizeof(*w));

	w->handler = *handler;
	w->ctx = ctx;
	w->db = db;
	w->path = mem_dup(path, strlen(path));
	w->pace = *pace;
	w->begins_log = true;
	if (!script_init(&w->script, db, sql, count)) {
		writer_free(w);
		return NULL;
	}
	sqlite3_busy_timeout(db, 0); /* a thread that waits there does nothing else */
	sqlite3_wal_hook(db, on_logged, w);
	w->wake = wake_create(loop, on_wake, w);
	w->crew = loop_crew(loop);
	w->job = (struct crew_job){
		.trade = &trade, .patience_us = pace->awaited ? HASTY_US : PATIENT_US};
	pthread_mutex_init(&w->lock, NULL);
	return w;
}

/* As much as can be done at once. false: it failed. */
static bool finish_once(struct writer *w)
{
	char *why;

	take_handed(w);
	why = commit_batch(w);
	if (!why && w->unsynced)
		why = sync_now(w);
	note(w, why);
	return !w->failing && !w->batch.len;
}

bool writer_finish(struct writer *w)
{
	int tries = CLOSE_TRIES;

	writer_turn(w);
	crew_dismiss(w->crew, &w->job);
	sqlite3_busy_timeout(w->db, LOCKED_MS);
	while (!finish_once(w) && --tries)
		sleep(RETRY_SECONDS);
	return tries > 0;
}

sqlite3 *writer_db(struct writer *w)
{
	return w->db;
}

void writer_close(struct writer *w)
{
	script_fini(&w->script);
	sqlite3_close(w->db);
	w->db = NULL;
}

void writer_destroy(struct writer *w)
{
	writer_close(w);
	wake_destroy(w->wake);
	pthread_mutex_destroy(&w->lock);
	writer_free(w);
}

/* ---- how far it is ---- */

bool writer_gathers(const struct writer *w)
{
	return w->gathering.len > 0;
}

uint64_t writer_newest(const struct writer *w)
{
	return w->turn;
}

uint64_t writer_committed(const struct writer *w)
{
	return w->told;
}

bool writer_failing(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	bool failing = w->in_trouble;
	pthread_mutex_unlock(&w->lock);
	return failing;
}

size_t writer_bytes(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	size_t bytes = w->gathering.len + w->handed.len + w->batch_bytes;
	pthread_mutex_unlock(&w->lock);
	return bytes;
}
