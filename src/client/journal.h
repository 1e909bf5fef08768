/*
 * journal.h: own edits that the server has not acknowledged, on disk, so that a killed client loses nothing.
 *
 *	journal = journal_open(&url, &why)
 *	if (journal_left(journal, &left)) ...		-- what a client that was killed left: offer it, remote_recover()
 *	journal_keep(journal, replica, &place)		-- whenever what is unacknowledged has changed, before any of it is sent
 *	journal_clear(journal)				-- all has arrived
 *
 * One file a client in the state directory's folder `unsent` (0600, in 0700), named after the room's address and locked while
 * its client lives, so a second join of the same room does not take it for a dead one's. Inside: a head that says where the record
 * is and its SHA-256, and messages of the protocol: `welcome` (who we are), `opened` (what the edits stand on, without its text),
 * and an `edit` each, numbered 0 if it was not sent. What does not prove right is never offered.
 *
 * It survives the client's death at any moment, not the machine's: nothing here waits for a disk. A kill can end a long write in
 * its middle, so a record is written beside the one before, and the head, too short to be cut, goes over to it.
 */
#ifndef CLIENT_JOURNAL_H
#define CLIENT_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "net/url.h"
#include "ot/replica.h"

#define JOURNAL_SLOTS     16                  /* clients of one room on one machine that keep edits */
#define JOURNAL_MAX_BYTES ((size_t)128 << 20) /* of a record */

struct journal;

struct journal_place { /* what the edits belong to */
	uint64_t user;
	const char *session, *room, *epoch, *path;
};

struct journal_edit {
	uint64_t seq; /* 0: was not sent */
	struct op op;
};

struct journal_left {
	uint64_t user, rev, points, seq; /* the text they stand on, the newest that was sent */
	char session[65], epoch[65], path[1024];
	time_t when;
	struct journal_edit *edits;
	size_t count;
};

struct journal *journal_open(const struct url *url, char **why); /* NULL: *why (owned) is a sentence */
void journal_close(struct journal *journal); /* removes the file if nothing is in it; NULL is fine */

bool journal_left(struct journal *journal, struct journal_left *out);
void journal_left_fini(struct journal_left *left);

/* 0, or an errno: what was kept before is still there then. Nothing is done while missed edits are coming. */
int journal_keep(struct journal *journal, struct replica *replica, const struct journal_place *place);
void journal_clear(struct journal *journal);
bool journal_is_empty(const struct journal *journal);
size_t journal_bytes(const struct journal *journal); /* what is kept */

#endif
