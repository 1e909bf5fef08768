/*
 * guests.h: very many clients (lean.h) in one document of one server, and how long they wait for it.
 *
 *	struct guests *guests = guests_create(loop, &url, 1000);
 *	guests_invite(guests, i);			-- guest i connects, and opens the room's first file
 *	guest_write(&guests->at[i], "abc", 3);		-- at the start of the text
 *	times_share(&guests->acks, 0.99)
 *
 * A guest keeps no text, only where it is: user, session, revision, its own count of edits. Written is only at the start of the
 * text, which is there at any revision. What breaks the protocol (a revision left out, an edit acknowledged out of order) fails
 * the test at once.
 */
#ifndef FAULTS_GUESTS_H
#define FAULTS_GUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/url.h"
#include "tests/faults/lean.h"

struct times { /* in ms */
	double *ms;
	size_t count, cap;
};

void times_add(struct times *times, double ms);
double times_share(struct times *times, double share); /* 0.5: the median; sorts; 0 when there are none */

struct guests;

struct guest {
	struct guests *all;
	size_t index;
	struct lean *lean; /* NULL before it was invited */
	bool deafens;      /* reads nothing after its document */
	bool in;           /* has its document */
	bool closed;
	unsigned code;     /* that it was closed with */
	char session[65], path[256];
	uint64_t doc, rev, seq, size;
	uint64_t missing; /* of the size, in chunks that are to come */
	uint64_t acked;
	double invited_ms;
	double sent_ms[64]; /* of edit seq, at seq mod 64 */
};

struct guests {
	struct loop *loop;
	struct url url;
	struct guest *at;
	size_t count;
	size_t in, closed; /* how many are in, how many of all were closed */
	struct times acks, others; /* an edit to its ack; an edit to the last guest who reads it */
	struct times entries; /* an invitation to the document */
	double *made_ms; /* by revision: when its author sent it; 0: not acknowledged yet */
	size_t made_cap;
	struct guest *witness; /* whose view `others` is of */
};

struct guests *guests_create(struct loop *loop, const struct url *url, size_t count);
void guests_destroy(struct guests *guests);
void guests_invite(struct guests *guests, size_t index); /* again after it was closed: it resumes its session */
void guest_leave(struct guest *guest);
void guest_write(struct guest *guest, const char *text, size_t len); /* at most 64 edits in flight: beyond, nothing is done */
double now_ms(void); /* monotonic */

#endif
