/*
 * roll.h: the sessions that a room has given out, and how far each had counted its edits.
 *
 *	row = roll_add(&roll, &session)		-- a newcomer
 *	roll_count(&roll, row, doc, seq)	-- an edit of theirs was ordered
 *	roll_find(&roll, secret, &session)	-- they come back, hours later: and their seq is known
 *
 * What store.h keeps in tables, for rooms that several servers keep alike (relay.h): plain memory, the same everywhere. Who was not
 * heard of longest goes when there are more than ROLL_MOST; they come back as somebody new, who is told the whole text.
 */
#ifndef SERVER_ROLL_H
#define SERVER_ROLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/role.h"
#include "src/server/store.h"
#include "src/server/tape.h"

#define ROLL_MOST ((size_t)4096)

struct roll_seq {
	uint64_t doc, seq;
};

struct roll_row {
	struct store_session session;
	uint64_t heard; /* when, in calls */
	struct roll_seq *seqs;
	size_t count, cap;
};

struct roll {
	struct roll_row *rows;
	size_t count, cap;
	uint64_t given, calls;
};

void roll_fini(struct roll *roll);
uint64_t roll_add(struct roll *roll, const struct store_session *session);
bool roll_find(struct roll *roll, const char *id, struct store_session *out);
void roll_terms(struct roll *roll, const struct store_session *session); /* as store_terms */
void roll_end(struct roll *roll, uint64_t row);
void roll_count(struct roll *roll, uint64_t row, uint64_t doc, uint64_t seq);
uint64_t roll_seq(const struct roll *roll, uint64_t row, uint64_t doc); /* 0: none */
/* Was every edit of doc that `other` has counted counted in roll, too? (Of sessions that have ended since, nobody knows: yes.) */
bool roll_reaches(const struct roll *roll, const struct roll *other, uint64_t doc);
const char *roll_name(const struct roll *roll, uint64_t user);          /* "" when nobody knows any more */
void tape_roll(struct tape *t, struct roll *roll);                      /* reads into an empty one */

#endif
