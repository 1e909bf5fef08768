/*
 * tidy.h: the last newline that a save adds, where somebody else adds one at the same moment.
 *
 *	tidy_did(&tidy, replica, &op)		an own edit that tidies the text, just done
 *	op = tidy_heard(&tidy, replica, &shown)	after each edit of another: to be done before the next is heard; mostly the identity
 *
 * Neither knew of the other, so there are two. The one whose edit the server orders later hears of the other's newline before the own one
 * is acknowledged, and takes that back; the one who is first hears of it after that, and does nothing. So one stays, of however many: for
 * each takes back the own one, which nobody else does.
 */
#ifndef CLIENT_TIDY_H
#define CLIENT_TIDY_H

#include <stdbool.h>
#include <stdint.h>

#include "ot/op.h"
#include "ot/replica.h"

struct tidy { /* zeroed: nothing was added */
	uint64_t seq; /* of the edit that added it; 0: none that could meet another */
};

void tidy_did(struct tidy *tidy, const struct replica *replica, const struct op *op);
struct op tidy_heard(struct tidy *tidy, const struct replica *replica, const struct op *shown);

#endif
