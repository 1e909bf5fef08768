/*
 * store.h: what a room asks of its durable history, whatever keeps it.
 *
 *	store_edit(store, &edit)   once for each ordered edit of this turn
 *	store_turn(store)          end of turn: hand the batch over; gives its number
 *	committed(ctx, batch)      later, in the loop's thread: all up to `batch` is stored
 *
 * The contract, which tests/unit/src/store.c holds any history to:
 *
 * - What is written between two store_turn() is in one batch (with STORE_MEMORY it has those of many turns): stored whole or not at all,
 *   and batches in their order. Nobody waits: while one is being stored the next one gathers, so a slow disk makes batches larger, not
 *   the queue longer.
 * - committed() is told of nothing that could still be lost, as far as the durability says; reading shows nothing else either.
 * - When storing fails, failed() is told a sentence, once for each run of failures; the batch is kept and tried again until it works.
 *   What gathers meanwhile is in memory (store_unstored): the caller decides how much more it lets in.
 * - Edits of a document come back in their order without a gap, back to `oldest`; any revision from the first snapshot on can be rebuilt.
 *   Revisions are the caller's: an edit carries the next one, and nobody else writes to this room.
 * - Where a crash may have taken back what was told, the next store_open forgets epoch and sessions (crash.h).
 * - What is read is what was written: each row has a seal (seal.h), and where it does not fit, reading does as if the row did not parse.
 * - Of a session's secret only a hash is kept. A number that was given (document, session row, batch) is not given again.
 *
 * Here it is SQLite with a write-ahead log: the file in store_file.h, its tables in schema.h, the statements in store_writes.h, rows and
 * batches in gather.h, one fsync a batch on a thread that is not the loop's in writer.h, reading in past.h, snapshots packed by pack.h.
 * It needs a local disk (shared memory between connections).
 *
 * Threads: all functions but store_finish are for the loop's thread. Handlers run in it, too.
 * Memory:  what is written is copied; what reading functions return is the caller's, what they show to callbacks is borrowed.
 * Errors:  reading what does not parse gives false or NULL: snapshots must be UTF-8, edits canonical and without a gap.
 */
#ifndef SERVER_STORE_H
#define SERVER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/message.h"
#include "net/token.h"
#include "ot/op.h"
#include "ot/text.h"
#include "src/server/limits.h"

#define STORE_SNAPSHOT_EVERY 1000 /* edits between snapshots of a document */
#define STORE_SNAPSHOT_BYTES (2 * LIMIT_DOCUMENT_BYTES) /* a file merged into a large text may bring it past the limit, once */
#define STORE_SYNC_MS        200 /* between two fsyncs, unless every commit has its own */

enum store_durability {
	STORE_DISK,    /* committed means on the disk: it survives a power cut */
	STORE_PROCESS, /* committed means given to the kernel: it survives kill -9; on the disk STORE_SYNC_MS later */
	STORE_MEMORY,  /* may be shown before it is committed: a killed server loses what is younger than half a second; on the disk 5 s later */
};

struct store;
struct sqlite3;

struct store_handler {
	void (*committed)(void *ctx, uint64_t batch);
	void (*failed)(void *ctx, const char *sentence); /* once for each run of failures */
};

/* Opens or makes path (mode 0600), checks the schema version. NULL: *why (owned) is a sentence. */
struct store *store_open(struct loop *loop, const char *path, enum store_durability durability,
	const struct store_handler *handler, void *ctx, char **why);
/* The same with what store_file.h has opened, maybe on another thread; takes db. */
struct store *store_begin(struct loop *loop, const char *path, struct sqlite3 *db, enum store_durability durability,
	const struct store_handler *handler, void *ctx, char **why);
/* For reading only, as it is now, while a server may go on with it: nothing is made, mended or upgraded. NULL: *why (owned). */
struct store *store_look(const char *path, char **why);
/*
 * Commits what is left first; blocks; calls no handler; not to be called from one. false: the disk refused to the end (three tries,
 * a second apart), and what was never reported committed is lost.
 */
bool store_close(struct store *store);
/* What of that blocks, on any thread that is alone with it; store_close, in the loop's, is all that may follow, and is quick then. */
bool store_finish(struct store *store);

/* ---- reading, in the loop's thread: sees what is committed, so ask before the first write or for what committed() told ---- */

struct store_document {
	uint64_t doc;
	char *path;         /* owned by the caller, as all below: store_document_fini */
	struct text *text;  /* of the newest snapshot that can be read; NULL: none can, do not serve it */
	uint64_t rev;       /* of that snapshot */
	uint64_t oldest;    /* edits up to this revision were dropped; 0: all are there */
	uint64_t newest;    /* the newest revision stored */
	uint64_t saved_rev; /* the revision that was in the file last */
	uint64_t saved_hash;/* text_hash of that revision */
};

struct store_edit {
	uint64_t doc, rev, user;
	struct str name;
	uint64_t session; /* the session's row, 0 for the file on disk */
	uint64_t seq;
	uint64_t at_ms;   /* Unix time */
	struct op op;
};

/* false: none of that path yet. If the path was added more than once, the last. */
bool store_document(struct store *store, const char *path, struct store_document *out);
void store_document_fini(struct store_document *document);
/* Edits (from, to] in order: fn borrows the edit; false from it stops. Returns false on a gap, a broken row, or one missing. */
bool store_edits(struct store *store, uint64_t doc, uint64_t from, uint64_t to,
	bool (*fn)(void *ctx, const struct store_edit *edit), void *ctx);
/* The text of an earlier revision, from the nearest snapshot at or before it; NULL when it cannot be rebuilt. */
struct text *store_text_at(struct store *store, uint64_t doc, uint64_t rev);

/* All documents, without their texts; fn borrows. false: they cannot be read. */
bool store_documents(struct store *store, void (*fn)(void *ctx, const struct store_document *document), void *ctx);
/* The revision of the first snapshot at or after `from`; false: there is none. */
bool store_next_snapshot(struct store *store, uint64_t doc, uint64_t from, uint64_t *rev);
struct text *store_snapshot_text(struct store *store, uint64_t doc, uint64_t rev); /* NULL: none, or damaged */
char *store_fault(struct store *store); /* what SQLite finds wrong with the file, owned; NULL: nothing */
/* The tables with rows that are not what was written: how many, and the first of them, in words. false: one cannot be read. */
bool store_damage(struct store *store, void (*fn)(void *ctx, const char *table, uint64_t rows, const char *first), void *ctx);

char *store_get(struct store *store, const char *name); /* owned; NULL: never set */

struct store_session {
	uint64_t row;      /* store_edit.session */
	char id[64];       /* the secret that resumes it, hex SHA-256 of it in the table */
	uint64_t user;
	char name[NAME_CLEAN_BYTES], color[8], role[8];
	char token[TOKEN_ID_BYTES]; /* the id of the one they came with last; "": not known */
	char granted[8];            /* the role that this one gives; the same */
};
bool store_session(struct store *store, const char *id, struct store_session *out);
/* The newest seq of that session that is stored for a document; 0: none. */
uint64_t store_session_seq(struct store *store, uint64_t doc, uint64_t session_row);

/* The newest `count` chat messages, oldest of them first; fn borrows. false: they cannot be read. */
bool store_chat_recent(struct store *store, size_t count, void (*fn)(void *ctx, const struct msg_said *said), void *ctx);

/* ---- writing: all join the batch of this turn ---- */

void store_put(struct store *store, const char *name, const char *value);
uint64_t store_add_document(struct store *store, const char *path, const struct text *text); /* revision 0; its number */
void store_edit(struct store *store, const struct store_edit *edit);          /* copies */
/* Copies the text. Kept are revision 0 and the newest few; every edit is kept, so any revision can be rebuilt. */
void store_snapshot(struct store *store, uint64_t doc, uint64_t rev, const struct text *text);
void store_saved(struct store *store, uint64_t doc, uint64_t rev, uint64_t hash);
uint64_t store_add_session(struct store *store, const struct store_session *session); /* its row; seen now */
void store_terms(struct store *store, const struct store_session *session); /* role, token and granted of its row, as they are now */
void store_end_session(struct store *store, uint64_t session_row); /* nobody comes back with it, from now on */
void store_seen(struct store *store, uint64_t session_row); /* whose it is, is here still */
/* Sessions that were not seen since (Unix ms) go; who comes back with one gets another. Edits keep their names and numbers. */
void store_forget_sessions(struct store *store, uint64_t before_ms);
void store_chat(struct store *store, const struct msg_said *said); /* its id must be new */
/*
 * Drop old edits of a document: those that are older than keep->days, and those before the newest keep->bytes of them. Whole stretches
 * up to a snapshot go, never what is after the newest one nor what is after `needed`. In slices: call it again, soon when it
 * says that there is more. *oldest: as in store_document, of now.
 */
struct store_keep {
	unsigned days;  /* 0: any age */
	uint64_t bytes; /* 0: any size */
};
bool store_drop_old(struct store *store, uint64_t doc, const struct store_keep *keep, uint64_t needed,
	uint64_t now_ms, uint64_t *oldest);
/* Gives free space back to the disk, if that is much. In slices: true, call it again once this one is committed. */
bool store_shrink(struct store *store);
uint64_t store_turn(struct store *store); /* the batch's number; the same as before when there is nothing new */
uint64_t store_committed(const struct store *store); /* the newest batch that committed() told of */
bool store_failing(struct store *store);             /* the newest try to store something failed */
uint64_t store_shown(const struct store *store);     /* the newest that people may see: the same, or all with STORE_MEMORY */
size_t store_unstored(struct store *store);          /* bytes in memory that are not committed */

#endif
