/*
 * log.h: the server's side of a document: the ordered revisions, and a bridge for each peer.
 *
 *	struct log *log = log_create(text, 0);
 *	struct peer ada = peer_at(1, log_rev(log));
 *	e = log_receive(log, &ada, rev, seq, &edit);	-- ordered, transformed, applied: it made revision log_rev(log)
 *	log_entry(log, log_rev(log))->op;		-- what everybody else gets
 *
 * The first edit makes revision 1. A peer's edit stands on revision `rev` (the newest it had applied) plus its own earlier
 * edits, acknowledged or not: peers need not wait (Nichols et al. 1995). So what the peer had not seen must be transformed
 * past the peer's edit, and kept for its next one: that is the bridge. Others' revisions that came after the peer's newest edit
 * need no transforming yet, and are read from the log when the peer speaks: who only listens costs nothing, and an edit
 * costs work only for what its author had not seen. And who types on, each letter behind the one before, costs that only once for all
 * of them that come at a time: nothing of others can stand between two letters of a run, so where the next one goes is known,
 * and the bridge is moved past the whole run when something else comes. (Insertions that continue each other are the case in which
 * transforming does not mind composing.)
 *
 * Units:    revisions are counted from 1; revision 0 is the text before the first.
 * Memory:   a log owns its text and entries; a peer owns its bridge (peer_fini). Entries borrow until log_forget drops them.
 * Errors:   a refused edit changes nothing. Past TEXT_MAX_BYTES an edit is refused with ERR_LIMIT; lower limits are the caller's.
 * Cost:     an edit, or a run of typing that comes at once, costs one transform for each revision its author had not seen.
 */
#ifndef OT_LOG_H
#define OT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/anchor.h"
#include "ot/err.h"
#include "ot/op.h"
#include "ot/text.h"

struct log;

struct log_entry {
	uint64_t user; /* who: the protocol's user id; 0 for the file on disk */
	uint64_t seq;  /* the author's own count, in its session */
	struct op op;  /* as it stands on the revision before */
};

struct log *log_create(struct text *takes, uint64_t rev);
void log_destroy(struct log *log);
const struct text *log_text(const struct log *log);
uint64_t log_rev(const struct log *log);   /* the newest */
uint64_t log_first(const struct log *log); /* the oldest revision whose entry is kept */
/* NULL when it is not kept or not yet made. */
const struct log_entry *log_entry(const struct log *log, uint64_t rev);
void log_forget(struct log *log, uint64_t before); /* drop the entries of revisions below */

/*
 * Make an edit that stands on the newest revision (read back from disk) the next one. Takes it, come
 * what may. ERR_RANGE, ERR_LIMIT.
 */
enum err log_replay(struct log *log, uint64_t user, uint64_t seq, struct op *takes);

/*
 * Taking up a log again that was kept with its newest text: log_create(text, first - 1), then its entries from `first` on, in
 * order. They are in the text already. Takes the op.
 */
void log_recall(struct log *log, uint64_t user, uint64_t seq, struct op *takes);

struct bridge { /* a revision the peer has not seen: log.c's business */
	uint64_t rev, user;
	struct op op; /* past the peer's own edits since */
};

struct peer { /* all of it is written down, and read again, by src/server/relay_state.c */
	uint64_t user;
	uint64_t seq;         /* the newest of its edits that was ordered */
	uint64_t covered;     /* the newest revision it said it had applied */
	uint64_t own_rev;     /* the revision its newest edit made, or where it joined */
	bool resumed;         /* its next edit may carry any higher seq: it is composed */
	struct bridge *queue; /* others' revisions in (covered, own_rev] */
	size_t count, cap;
	bool types;      /* its newest edit only inserted, and ended at types_at in its own text */
	size_t types_at;
	struct op run; /* what it has typed there since the queue was moved past its edits */
};

/*
 * Joins, or comes back, knowing the text of revision rev; all later revisions are news to it. For one
 * that comes back to its session, set seq to its newest edit that was ordered, and resumed.
 */
struct peer peer_at(uint64_t user, uint64_t rev);
void peer_fini(struct peer *peer);

/*
 * Order an edit that `peer` made at `rev` as its number `seq`. On ERR_NONE it is revision log_rev().
 * ERR_SEEN: seq was ordered before, nothing happened. ERR_SEQ: a gap. ERR_REV: rev was not made yet, or is older than one
 * the peer named before. ERR_STALE: rev's successors are no longer kept. ERR_RANGE: the op runs past the peer's text.
 */
enum err log_receive(
	struct log *log, struct peer *peer, uint64_t rev, uint64_t seq, const struct op *edit);

/* The peer says it has applied everything up to rev. ERR_REV, ERR_STALE as above. */
enum err log_cover(struct log *log, struct peer *peer, uint64_t rev);

/* Move a selection of the peer's state (after its rev and all its own edits) to the newest revision; clamps to the text. */
enum err log_locate(struct log *log, struct peer *peer, uint64_t rev, struct sel *sel);

/*
 * Order an edit that stands on `rev`, by someone without a bridge (the file on disk, user 0): transformed past all since.
 */
enum err log_merge(struct log *log, uint64_t user, uint64_t rev, const struct op *edit);

#endif
