/*
 * person.h: one of very many clients: a real one, with a text of its own, that types where its caret is.
 *
 *	person_connect(&person);	-- says hello, opens the room's first file; person.replica is there when it has all of it
 *	person_type(&person);		-- a letter; false when as many as may be are under way
 *	person_splice(&person, &edit);	-- any edit, likewise
 *	person_say(&person);		-- what was typed since, in one frame
 *
 * Everybody of a room is in this process, so whoever hears first of a revision knows its author, and from that when it was typed:
 * an author's edits are ordered as they were made. A server that breaks the protocol ends the measurement with a sentence.
 */
#ifndef TESTS_BENCH_PERSON_H
#define TESTS_BENCH_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/url.h"
#include "ot/anchor.h"
#include "ot/buf.h"
#include "ot/replica.h"
#include "tests/bench/spread.h"
#include "tests/faults/lean.h"

#define PERSON_FLIGHT REPLICA_WINDOW

struct person_counts { /* of everybody */
	struct spread connected; /* from the start to an open WebSocket */
	struct spread opened;    /* from there to the whole text */
	struct spread acked, delivered; /* from the key to its author's ack, and to each other's text */
	uint64_t typed;
	uint64_t in_time;        /* of those delivered, within late_ms */
	double late_ms;
};

struct person_room {
	uint64_t rev; /* the newest that anybody has heard of */
	double *typed_ms; /* by revision */
	size_t typed_cap;
	struct person **authors; /* by user id; NULL: none of ours */
	size_t authors_cap;
	size_t people;
	struct person *first;
};

struct person {
	struct loop *loop;
	const struct url *url; /* where it goes in: of several servers of one room, one */
	struct person_room *room;
	struct person_counts *counts;
	size_t index, rank; /* among all, and in its room */
	size_t place; /* parts of PERSON_PLACES of the text, before its caret at first */
	struct lean *lean;
	double began_ms, connected_ms;
	struct buf text; /* as it comes */
	size_t size;     /* code points of all of it */
	uint64_t doc, user, opened_rev;
	struct replica *replica; /* NULL before it has all of the text */
	struct sel caret;
	size_t typed;
	uint64_t placed; /* of its edits, those whose revision is known */
	bool has_to_say;
	double sent_ms[PERSON_FLIGHT]; /* of edit seq, at seq mod PERSON_FLIGHT */
};

#define PERSON_PLACES 1024

void person_connect(struct person *person);
void person_fini(struct person *person);
bool person_type(struct person *person);
bool person_splice(struct person *person, struct splice *edit);
void person_say(struct person *person);
void person_room_fini(struct person_room *room);

#endif
