/*
 * writer.h: statements run in groups, each group one transaction, on a thread that is not the loop's.
 *
 *	writer_add(writer, WRITE_CHAT, SQL_VALUES(...))	any number of times in a turn
 *	writer_turn(writer)				hands the batch over; gives its number
 *
 * The loop never waits for a disk: while one group is being committed the next one gathers. When a commit fails, failed() is called
 * once with a sentence, the batch is kept and tried again every second. Where commits have no fsync each, one of the log
 * follows sync_ms after the first that is due, and all whose fsync is due within one beat do it together; nobody's commit waits for
 * another's.
 *
 * The threads are those of all writers (crew.h): one that waits for its disk has one for itself.
 *
 * Threads: all functions but those of the end are for the loop's thread, and handlers run in it.
 * Memory:  values are copied; what waits is counted by writer_bytes.
 */
#ifndef SERVER_WRITER_H
#define SERVER_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "net/loop.h"
#include "src/server/sql.h"
#include "src/server/store.h"

struct writer;

struct writer_pace {
	unsigned sync_ms; /* commits are not on the disk by themselves, but within this; 0: they are */
	unsigned beat_ms; /* that happens at multiples of it, up to one sooner; 0: when it is due */
	bool awaited;     /* somebody waits to be told of a commit */
};

/*
 * Takes db, with the pragmas it is to have; sql is a static table of `count` statements without results. NULL: a statement does not
 * fit the tables; db is then still the caller's.
 */
struct writer *writer_create(struct loop *loop, sqlite3 *db, const char *path, const struct sql *sql, size_t count,
	const struct writer_pace *pace, const struct store_handler *handler, void *ctx);
/* Commits what is left, calls no handler. false: the disk refused to the end. The db is still open: writer_destroy. */
bool writer_finish(struct writer *writer);
sqlite3 *writer_db(struct writer *writer); /* once it is finished */
void writer_close(struct writer *writer); /* the db; only writer_destroy may follow. This and the two before on any thread */
void writer_destroy(struct writer *writer);

void writer_add(struct writer *writer, unsigned what, const union sql_value *values); /* what: an index of the table */
uint64_t writer_turn(struct writer *writer); /* the same number as before when nothing was added */
bool writer_gathers(const struct writer *writer);       /* something was added since */
uint64_t writer_newest(const struct writer *writer);    /* batch handed over */
uint64_t writer_committed(const struct writer *writer); /* batch that the handler was told of */
bool writer_failing(struct writer *writer);
size_t writer_bytes(struct writer *writer); /* added and not committed */

#endif
