/*
 * party.h: a server's log, and a replica for everybody, in one process; between them only encoded messages.
 *
 *	struct party p = party_open(&trace, first);
 *	party_edit(&p, agent, &patch);		-- on the agent's own text
 *	party_send(&p, agent);			-- what it has to send: to the server, and into everybody's post
 *	party_take(&p, agent, n);		-- it reads its post, up to the server's n-th revision
 *	party_close(&p);
 *
 * Each revision's `edit` is encoded once for all, as a room does it, and its author's `ack` too; everybody decodes it alone.
 */
#ifndef TESTS_BENCH_PARTY_H
#define TESTS_BENCH_PARTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "ot/log.h"
#include "ot/replica.h"
#include "tests/bench/trace.h"

struct party_post {            /* what the server said about a revision */
	size_t edit, ack, end; /* where in the buffer */
	uint64_t user;
};

struct party_member {
	struct replica *replica;
	struct peer peer;
};

struct party {
	struct log *log;
	struct party_member *members;
	size_t count;
	struct buf up, down; /* one message; all that the server said */
	struct party_post *post;
	size_t post_cap;
	size_t transforms, bytes_up, bytes_down; /* down: what all members read */
};

struct party party_open(const struct trace *t);
void party_close(struct party *p);
void party_edit(struct party *p, size_t agent, const struct patch *patch);
void party_send(struct party *p, size_t agent);
void party_take(struct party *p, size_t agent, uint64_t rev);
void party_resume(struct party *p, size_t agent); /* it was away, and comes back to its session */
bool party_agrees(
	const struct party *p, const struct trace *t); /* all have one text, the right one */

#endif
