/*
 * replica_part.h: what a replica is inside, for the files that replica.h is made of: replica.c edits, sends and receives,
 * replica_restart.c begins anew with another text.
 */
#ifndef OT_REPLICA_PART_H
#define OT_REPLICA_PART_H

#include "ot/chain.h"
#include "ot/replica.h"

struct sent {
	uint64_t seq;
	struct op op;
	size_t edits; /* calls of replica_edit that end with it */
};

struct replica {
	struct text *text;
	uint64_t rev, user, seq;
	size_t known_points; /* of the server's text of rev */
	struct sent *ring;   /* in flight; cap is a power of two */
	size_t first, count, cap, window;
	struct chain buffered;
	size_t edits;        /* calls of replica_edit in it */
	uint64_t resume_rev; /* where the edits missed during a cut end */
	struct chain missed; /* past inflight, but not yet past buffered, nor in text */
	size_t missed_bytes; /* that they insert, at most */
	bool missed_first;   /* whether their authors win ties */
};

/* Number i of those in flight, the oldest first. */
static inline struct sent *replica_inflight(const struct replica *r, size_t i)
{
	return &r->ring[(r->first + i) & (r->cap - 1)];
}

/* What is in flight from number `kept` on goes back to the front of the buffer. */
void replica_take_back(struct replica *r, size_t kept);
/* Carries what was collected past the buffered edits, into the text; *shown gets it behind what it has. */
void replica_show_missed(struct replica *r, struct op *shown);
/* More of what changed on screen in one call. */
void replica_add_shown(struct op *shown, struct op *takes);
/* All of it, to a caller who may not want it. */
void replica_give(struct op *shown, struct op *takes);

#endif
