/*
 * safe.h: where a server puts what it keeps, as another program sees it: SQLite's file, or a real Redis.
 *
 *	safe_open(&safe, &safe_sqlite);		-- or &safe_redis
 *	safe_serve(&safe, loop, &service)	-- a server may use it
 *	safe.kind->count(&safe, "<A17>")	-- read past the server: is that word kept?
 *	safe.kind->refuse(&safe)			-- from now on it takes nothing more
 *	safe_close(&safe)
 *
 * One room, ROOM. A Redis that does not come up ends the test.
 */
#ifndef TESTS_SAFE_H
#define TESTS_SAFE_H

#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <sqlite3.h>

#include "src/server/backplane.h"
#include "src/server/chamber.h"
#include "tests/unit/src/scratch.h"

#define ROOM "quiet-otter"

/* Also in a child, where there is nobody to tell but the parent. */
#define must(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

struct safe;

struct safe_kind {
	const char *name;
	void (*start)(struct safe *safe);
	void (*stop)(struct safe *safe);
	size_t (*count)(
		struct safe *safe, const char *word); /* in how many places; 0: it is not kept */
	bool (*snapped)(struct safe *safe);           /* is there a snapshot beside the first? */
	void (*refuse)(struct safe *safe);
	void (*heal)(struct safe *safe);
	void (*age)(struct safe *safe);    /* a later version has written it last */
	char *(*image)(struct safe *safe); /* what tells its content from another, owned */
};

struct safe {
	const struct safe_kind *kind;
	char *dir;
	sqlite3 *db; /* only reads, but for age() */
	redisContext *redis;
	struct redis_options options;
	pid_t server; /* 0: none */
	unsigned port;
};

/* ---- SQLite ---- */

static inline sqlite3 *safe_db(struct safe *safe)
{
	char *path = report_sentence("%s/state/rooms/" ROOM "/room.db", safe->dir);

	if (!safe->db) {
		must(sqlite3_open_v2(path, &safe->db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
		must(sqlite3_busy_timeout(safe->db, 10000) == SQLITE_OK);
	}
	free(path);
	return safe->db;
}

static inline char *safe_ask(struct safe *safe, const char *question, const char *word)
{
	sqlite3_stmt *row;
	char *answer;

	must(sqlite3_prepare_v2(safe_db(safe), question, -1, &row, NULL) == SQLITE_OK);
	if (word)
		must(sqlite3_bind_blob(row, 1, word, (int)strlen(word), SQLITE_STATIC) ==
			SQLITE_OK);
	must(sqlite3_step(row) == SQLITE_ROW);
	answer = report_sentence("%s", (const char *)sqlite3_column_text(row, 0));
	must(sqlite3_finalize(row) == SQLITE_OK);
	return answer;
}

static inline void safe_nothing(struct safe *safe)
{
	(void)safe;
}

/* A file has no reader who would wait: it is asked anew each time. */
static inline void sqlite_stop(struct safe *safe)
{
	must(sqlite3_close(safe->db) == SQLITE_OK);
	safe->db = NULL;
}

static inline size_t sqlite_count(struct safe *safe, const char *word)
{
	char *count = safe_ask(
		safe, "SELECT count(*) FROM edit WHERE instr(op, ?1) OR instr(before, ?1)", word);
	size_t found = strtoull(count, NULL, 10);

	free(count);
	return found;
}

static inline bool sqlite_snapped(struct safe *safe)
{
	char *rev = safe_ask(safe, "SELECT max(rev) FROM snapshot", NULL);
	bool snapped = strcmp(rev, "0") != 0;

	free(rev);
	return snapped;
}

static inline void safe_limit_files(bool full)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	must(getrlimit(RLIMIT_FSIZE, &limit) == 0);
	limit.rlim_cur = full ? 1 : limit.rlim_max;
	must(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

static inline void sqlite_refuse(struct safe *safe)
{
	(void)safe;
	safe_limit_files(true);
}

static inline void sqlite_heal(struct safe *safe)
{
	(void)safe;
	safe_limit_files(false);
}

static inline void sqlite_age(struct safe *safe)
{
	must(sqlite3_exec(safe_db(safe), "PRAGMA user_version = 1000", NULL, NULL, NULL) ==
		SQLITE_OK);
}

static inline char *sqlite_image(struct safe *safe)
{
	return safe_ask(safe,
		"SELECT (SELECT group_concat(hex(op)) FROM edit) || ' ' || (SELECT count(*) FROM "
		"session) || ' ' || (SELECT group_concat(text) FROM chat) || ' ' || "
		"(SELECT user_version FROM pragma_user_version)",
		NULL);
}

static const struct safe_kind safe_sqlite = {
	.name = "SQLite",
	.start = safe_nothing,
	.stop = sqlite_stop,
	.count = sqlite_count,
	.snapped = sqlite_snapped,
	.refuse = sqlite_refuse,
	.heal = sqlite_heal,
	.age = sqlite_age,
	.image = sqlite_image,
};

/* ---- Redis ---- */

#define SAFE_LOG   "codecollab:{" ROOM "}:log"
#define SAFE_STATE "codecollab:{" ROOM "}:state"

static inline unsigned safe_free_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(bind(fd, (struct sockaddr *)&at, len) == 0);
	must(getsockname(fd, (struct sockaddr *)&at, &len) == 0);
	close(fd);
	return ntohs(at.sin_port);
}

static inline void safe_run_redis(const struct safe *safe, unsigned port)
{
	char number[12];

	snprintf(number, sizeof(number), "%u", port);
	must(freopen("/dev/null", "w", stdout) != NULL);
	execlp("redis-server", "redis-server", "--port", number, "--bind", "127.0.0.1", "--dir",
		safe->dir, "--appendonly", "yes", "--save", "", (char *)NULL);
	_exit(127);
}

/* The port may be taken by somebody else meanwhile: then redis-server is gone, and another is tried. */
static inline bool safe_reach(struct safe *safe)
{
	for (int tries = 0; tries < 1000; tries++) {
		safe->redis = redisConnect("127.0.0.1", (int)safe->port);
		if (safe->redis && !safe->redis->err)
			return true;
		redisFree(safe->redis);
		safe->redis = NULL;
		if (waitpid(safe->server, NULL, WNOHANG) == safe->server)
			return false;
		nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	}
	return false;
}

static inline void redis_start(struct safe *safe)
{
	char *url;

	do {
		safe->port = safe_free_port();
		safe->server = fork();
		if (!safe->server)
			safe_run_redis(safe, safe->port);
	} while (!safe_reach(safe));
	url = report_sentence("redis://127.0.0.1:%u", safe->port);
	must(!redis_url(url, &safe->options));
	free(url);
	/* as one that servers have used before: they need not wait whether somebody knows more than it does */
	redisReply *info = redisCommand(safe->redis, "INFO server");
	must(info && info->type == REDIS_REPLY_STRING && strstr(info->str, "run_id:"));
	freeReplyObject(redisCommand(safe->redis, "SET codecollab:run %b",
		strstr(info->str, "run_id:") + 7, (size_t)40));
	freeReplyObject(info);
}

static inline void redis_stop(struct safe *safe)
{
	redisFree(safe->redis);
	safe->redis = NULL;
	must(kill(safe->server, SIGKILL) == 0);
	must(waitpid(safe->server, NULL, 0) == safe->server);
}

static inline redisReply *safe_command(struct safe *safe, const char *words, ...)
{
	redisReply *reply;
	va_list args;

	va_start(args, words);
	reply = redisvCommand(safe->redis, words, args);
	va_end(args);
	must(reply && reply->type != REDIS_REPLY_ERROR);
	return reply;
}

static inline void safe_do(struct safe *safe, const char *word, const char *name, const char *value)
{
	freeReplyObject(safe_command(safe, "CONFIG %s %s %s", word, name, value));
}

/* The newest are where a word that was just said is; the snapshot is where the rest went. */
static inline size_t redis_count(struct safe *safe, const char *word)
{
	redisReply *entries = safe_command(safe, "XREVRANGE %s + - COUNT 500", SAFE_LOG);
	redisReply *state = safe_command(safe, "HGET %s bytes", SAFE_STATE);
	size_t found = state->type == REDIS_REPLY_STRING &&
		       memmem(state->str, state->len, word, strlen(word));

	for (size_t i = 0; i < entries->elements; i++) {
		const redisReply *value = entries->element[i]->element[1]->element[1];
		found += memmem(value->str, value->len, word, strlen(word)) != NULL;
	}
	freeReplyObject(entries);
	freeReplyObject(state);
	return found;
}

static inline bool redis_snapped(struct safe *safe)
{
	redisReply *position = safe_command(safe, "HGET %s position", SAFE_STATE);
	bool snapped = position->type == REDIS_REPLY_STRING && strcmp(position->str, "0") != 0;

	freeReplyObject(position);
	return snapped;
}

static inline void redis_refuse(struct safe *safe)
{
	safe_do(safe, "SET", "maxmemory", "1");
}

static inline void redis_heal(struct safe *safe)
{
	safe_do(safe, "SET", "maxmemory", "0");
}

/* The first byte of a snapshot is its shape. */
static inline void redis_age(struct safe *safe)
{
	redisReply *state = safe_command(safe, "HGET %s bytes", SAFE_STATE);

	must(state->type == REDIS_REPLY_STRING && state->len > 1);
	state->str[0] = 100;
	freeReplyObject(
		safe_command(safe, "HSET %s bytes %b", SAFE_STATE, state->str, (size_t)state->len));
	freeReplyObject(state);
}

static inline char *redis_image(struct safe *safe)
{
	redisReply *top = safe_command(safe, "XREVRANGE %s + - COUNT 1", SAFE_LOG);
	redisReply *count = safe_command(safe, "XLEN %s", SAFE_LOG);
	redisReply *state = safe_command(safe, "EVAL %s 1 %s",
		"return redis.sha1hex(redis.call('HGET', KEYS[1], 'bytes'))", SAFE_STATE);
	char *image = report_sentence("%lld entries, the newest %s, %s", count->integer,
		top->element[0]->element[0]->str, state->str);

	freeReplyObject(top);
	freeReplyObject(count);
	freeReplyObject(state);
	return image;
}

static const struct safe_kind safe_redis = {
	.name = "Redis",
	.start = redis_start,
	.stop = redis_stop,
	.count = redis_count,
	.snapped = redis_snapped,
	.refuse = redis_refuse,
	.heal = redis_heal,
	.age = redis_age,
	.image = redis_image,
};

/* ---- either ---- */

static inline void safe_open(struct safe *safe, const struct safe_kind *kind)
{
	*safe = (struct safe){.kind = kind, .dir = scratch_make()};
	kind->start(safe);
}

static inline void safe_close(struct safe *safe)
{
	safe->kind->stop(safe);
	scratch_remove(safe->dir);
}

/* In a child: what its parent has open is the parent's. */
static inline void safe_forked(struct safe *safe)
{
	safe->db = NULL;
	safe->redis = NULL;
	must(!safe->server || safe_reach(safe));
}

static inline void safe_serve(struct safe *safe, struct loop *loop, struct chamber_service *service)
{
	service->durability = STORE_DISK;
	if (safe->server)
		service->backplane = backplane_open(loop, &safe->options);
}

#endif
