#include "src/server/writer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "src/report.h"
#include "src/server/pack.h"

#define RETRY_SECONDS 1
#define CLOSE_TRIES   3                 /* of a commit that fails, once the writer is to end */
#define KEPT_BYTES    ((size_t)1 << 20) /* of a batch's memory, for the next one */

struct writer {
	/* of the loop's thread */
	struct store_handler handler;
	void *ctx;
	struct wake *wake;
	struct buf gathering; /* this turn's: see writer_add */
	uint64_t turn;        /* the newest batch handed over */
	uint64_t told;        /* the newest batch the handler knows of */

	/* between the two, under the lock */
	pthread_mutex_t lock;
	pthread_cond_t news;
	struct buf handed; /* batches up to handed_turn that the thread has not taken */
	uint64_t handed_turn;
	uint64_t committed;
	size_t batch_bytes; /* of what the thread has taken and not committed */
	char *trouble;      /* of a failure the handler was not told of yet */
	bool in_trouble;
	bool idle; /* the thread waits for news */
	bool closing;

	/* of the thread */
	pthread_t thread;
	sqlite3 *db;
	char *path;
	struct writer_pace pace;
	const struct sql *sql;
	sqlite3_stmt **statements;
	size_t count;
	struct buf batch;  /* being committed */
	struct buf packed; /* the value in it that is being written */
	uint64_t batch_turn;
	bool failing;
	bool unsynced;           /* something was committed that is not on the disk for sure */
	struct timespec sync_at; /* when it should be */
	struct timespec rest_until;
};

/* ---- the thread ---- */

static bool exec(struct writer *w, const char *sql)
{
	return sqlite3_exec(w->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool run(struct writer *w, unsigned what, const union sql_value *values)
{
	sqlite3_stmt *stmt = w->statements[what];
	int e = sql_bind(stmt, w->sql[what].shape, values) ? SQLITE_ROW : SQLITE_ERROR;

	while (e == SQLITE_ROW)
		e = sqlite3_step(stmt);
	sqlite3_reset(stmt);
	return e == SQLITE_DONE;
}

static uint64_t take_number(const char **at)
{
	uint64_t number;

	memcpy(&number, *at, sizeof(number));
	*at += sizeof(number);
	return number;
}

static struct str packed(struct writer *w, struct str bytes)
{
	buf_clear(&w->packed);
	pack(bytes, &w->packed);
	return (struct str){w->packed.at, w->packed.len};
}

/* One write of a batch, as add() put it there; moves behind it. */
static bool run_next(struct writer *w, const char **at)
{
	unsigned what = (unsigned char)*(*at)++;
	union sql_value values[SQL_MOST_VALUES];

	for (size_t i = 0; w->sql[what].shape[i]; i++) {
		uint64_t number = take_number(at);
		if (w->sql[what].shape[i] == 'i') {
			values[i].number = number;
			continue;
		}
		values[i].bytes = (struct str){*at, (size_t)number};
		*at += number;
		if (w->sql[what].shape[i] == 'z')
			values[i].bytes = packed(w, values[i].bytes);
	}
	return run(w, what, values);
}

static bool run_batch(struct writer *w)
{
	const char *at = w->batch.at, *end = at + w->batch.len;

	if (!exec(w, "BEGIN IMMEDIATE"))
		return false;
	while (at < end)
		if (!run_next(w, &at))
			return false;
	return exec(w, "COMMIT");
}

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

static struct timespec in_ms(long ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += ms % 1000 * 1000000;
	at.tv_sec += at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	return at;
}

static bool is_past(const struct timespec *at)
{
	struct timespec now = in_ms(0);

	return now.tv_sec > at->tv_sec || (now.tv_sec == at->tv_sec && now.tv_nsec >= at->tv_nsec);
}

static void note_unsynced(struct writer *w)
{
	if (!w->pace.sync_ms || w->unsynced)
		return;
	w->unsynced = true;
	w->sync_at = in_ms((long)w->pace.sync_ms);
}

/* NULL when it is committed, else a sentence. */
static char *commit_batch(struct writer *w)
{
	char *why = NULL;

	if (!w->batch.len)
		return NULL;
	if (!run_batch(w)) {
		why = trouble_of(w);
		if (!sqlite3_get_autocommit(w->db))
			exec(w, "ROLLBACK");
	}
	forget_bytes(&w->packed);
	if (why)
		return why;
	forget_bytes(&w->batch);
	note_unsynced(w);
	w->rest_until = in_ms((long)w->pace.rest_ms);
	return NULL;
}

/* SQLite leaves the log to the kernel until it is copied into the file; this does not. */
static bool sync_log(struct writer *w)
{
	sqlite3_file *log = NULL;

	if (sqlite3_file_control(w->db, NULL, SQLITE_FCNTL_JOURNAL_POINTER, &log))
		return false;
	return !log || !log->pMethods || log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) == SQLITE_OK;
}

/* NULL when all is on the disk that should be by now, else a sentence. */
static char *sync_when_due(struct writer *w, bool closing)
{
	if (!w->unsynced || (!closing && !is_past(&w->sync_at)))
		return NULL;
	if (!sync_log(w))
		return report_sentence(
			"cannot bring %s to the disk; tried again every second", w->path);
	w->unsynced = false;
	return NULL;
}

static void wait_before_retry(struct writer *w)
{
	bool was_closing = w->closing;
	struct timespec until = in_ms(RETRY_SECONDS * 1000);

	while (w->closing == was_closing &&
		pthread_cond_timedwait(&w->news, &w->lock, &until) != ETIMEDOUT)
		;
}

static void take_handed(struct writer *w)
{
	struct buf empty = w->batch;

	if (w->batch.len) {
		buf_add(&w->batch, w->handed.at, w->handed.len);
		forget_bytes(&w->handed);
	} else {
		w->batch = w->handed;
		w->handed = empty;
	}
	w->batch_turn = w->handed_turn;
	w->batch_bytes = w->batch.len;
}

/* Until something is handed over, the writer is to end, or the log is due. */
static void wait_for_news(struct writer *w)
{
	w->idle = true;
	while (!w->batch.len && !w->handed.len && !w->closing)
		if (!w->unsynced)
			pthread_cond_wait(&w->news, &w->lock);
		else if (pthread_cond_timedwait(&w->news, &w->lock, &w->sync_at) == ETIMEDOUT)
			break;
	w->idle = false;
}

/* Not woken by what is handed over meanwhile: a turn of the loop would cost two changes of thread. */
static void rest(struct writer *w)
{
	while (!w->closing && !is_past(&w->rest_until))
		pthread_cond_timedwait(&w->news, &w->lock, &w->rest_until);
}

/* Waits for something to do, and takes all that came meanwhile. false: closing, nothing left. */
static bool gather(struct writer *w, bool *closing)
{
	pthread_mutex_lock(&w->lock);
	if (w->failing)
		wait_before_retry(w);
	wait_for_news(w);
	if (w->pace.rest_ms)
		rest(w);
	take_handed(w);
	*closing = w->closing;
	pthread_mutex_unlock(&w->lock);
	return w->batch.len || w->unsynced;
}

/* Takes why. Notes what is committed, and the first failure of a run. Is there something new for the loop? */
static bool tell(struct writer *w, char *why)
{
	bool first = why && !w->failing, news = first || (w->failing && !why);

	pthread_mutex_lock(&w->lock);
	w->batch_bytes = w->batch.len;
	w->in_trouble = why != NULL;
	if (!w->batch.len && w->committed != w->batch_turn) {
		w->committed = w->batch_turn;
		news = true;
	}
	if (first && !w->trouble) {
		w->trouble = why;
		why = NULL;
	}
	pthread_mutex_unlock(&w->lock);
	free(why);
	return news;
}

static void *writer_main(void *arg)
{
	struct writer *w = arg;
	unsigned tries = 0;
	bool closing;

	while (tries < CLOSE_TRIES && gather(w, &closing)) {
		char *why = commit_batch(w);
		if (!why)
			why = sync_when_due(w, closing);
		bool failed = why != NULL;
		if (tell(w, why))
			wake_send(w->wake);
		w->failing = failed;
		tries = failed && closing ? tries + 1 : 0;
	}
	return NULL;
}

static bool writer_start(struct writer *w)
{
	sigset_t all, before;
	pthread_condattr_t attr;

	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->news, &attr);
	pthread_condattr_destroy(&attr);
	sigfillset(&all); /* signals are the loop's business */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int e = pthread_create(&w->thread, NULL, writer_main, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return !e;
}

/* In the loop's thread, some time after tell(). */
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

static void add_number(struct writer *w, uint64_t number)
{
	buf_add(&w->gathering, &number, sizeof(number));
}

/* A write is the statement's number, then its values; bytes stand behind their length. */
void writer_add(struct writer *w, unsigned what, const union sql_value *values)
{
	const char *shape = w->sql[what].shape;

	buf_add_byte(&w->gathering, (unsigned char)what);
	for (size_t i = 0; shape[i]; i++) {
		if (shape[i] == 'i') {
			add_number(w, values[i].number);
			continue;
		}
		add_number(w, values[i].bytes.len);
		buf_add(&w->gathering, values[i].bytes.at, values[i].bytes.len);
	}
}

/* Both are byte strings: what the writer has not taken yet simply grows. */
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
	hand_over(w);
	w->handed_turn = ++w->turn;
	if (w->idle)
		pthread_cond_signal(&w->news);
	pthread_mutex_unlock(&w->lock);
	return w->turn;
}

/* ---- beginning and end ---- */

static bool prepare(struct writer *w)
{
	w->statements = mem_alloc(w->count * sizeof(sqlite3_stmt *));
	for (size_t i = 0; i < w->count; i++)
		if (sqlite3_prepare_v3(w->db, w->sql[i].text, -1, SQLITE_PREPARE_PERSISTENT,
			    &w->statements[i], NULL) != SQLITE_OK)
			return false;
	return true;
}

static void writer_free(struct writer *w)
{
	for (size_t i = 0; i < w->count; i++)
		sqlite3_finalize(w->statements[i]);
	buf_fini(&w->gathering);
	buf_fini(&w->handed);
	buf_fini(&w->batch);
	buf_fini(&w->packed);
	free(w->statements);
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
	w->sql = sql;
	w->count = count;
	if (!prepare(w)) {
		writer_free(w);
		return NULL;
	}
	w->wake = wake_create(loop, on_wake, w);
	if (!writer_start(w))
		abort();
	return w;
}

bool writer_finish(struct writer *w)
{
	writer_turn(w);
	pthread_mutex_lock(&w->lock);
	w->closing = true;
	pthread_cond_signal(&w->news);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	return w->committed == w->turn && !w->unsynced;
}

sqlite3 *writer_db(struct writer *w)
{
	return w->db;
}

void writer_destroy(struct writer *w)
{
	sqlite3 *db = w->db;

	wake_destroy(w->wake);
	pthread_cond_destroy(&w->news);
	pthread_mutex_destroy(&w->lock);
	writer_free(w);
	sqlite3_close(db);
}

/* ---- how far it is ---- */

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
