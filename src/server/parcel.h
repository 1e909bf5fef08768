/*
 * parcel.h: one message on its way to many people, encoded at most once in each codec.
 */
#ifndef SERVER_PARCEL_H
#define SERVER_PARCEL_H

#include "net/codec.h"
#include "net/message.h"
#include "ot/buf.h"

struct parcel {
	const struct message *message; /* borrowed while the parcel is used */
	struct buf bytes[2];           /* by enum codec; empty until asked for */
};

const struct buf *parcel_bytes(struct parcel *parcel, enum codec codec);
void parcel_fini(struct parcel *parcel);

#endif
