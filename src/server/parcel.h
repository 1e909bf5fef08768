/*
 * parcel.h: one message on its way to many people, encoded at most once in each codec.
 *
 *	struct parcel parcel = {.message = &m, .paper = &room->paper};
 *	... parcel_bytes(&parcel, codec) for each of them
 *	parcel_fini(&parcel);
 *
 * Who sends all the time lends it paper, memory that is used again.
 */
#ifndef SERVER_PARCEL_H
#define SERVER_PARCEL_H

#include "net/codec.h"
#include "net/message.h"
#include "ot/buf.h"

struct parcel_paper {
	struct buf bytes[2];
};

struct parcel {
	const struct message *message; /* borrowed while the parcel is used */
	struct parcel_paper *paper;    /* the same; NULL: none */
	struct buf bytes[2];           /* by enum codec; empty until asked for */
};

const struct buf *parcel_bytes(struct parcel *parcel, enum codec codec);
void parcel_fini(struct parcel *parcel);
void parcel_paper_fini(struct parcel_paper *paper);

#endif
