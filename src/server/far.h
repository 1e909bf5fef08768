/*
 * far.h: people who are far away hear less often where the others are.
 *
 *	if (far_may_tell(room, to, whose)) ...		-- a caret or a state, now; else it is noted
 *	next_ms = far_turn(room)			-- what was noted and whose time it is
 *
 * On a slow line each caret that moves keeps an edit waiting. So who is further away than LIMIT_PRESENCE_MS is told of carets and states
 * once in a round trip, of all the others together and as they are by then. The round trip is measured with what waits on the line, so a
 * line that fills up carries less and less of this, down to one in FAR_MOST_MS, and edits as before.
 */
#ifndef SERVER_FAR_H
#define SERVER_FAR_H

#include <stdbool.h>
#include <stdint.h>

#include "src/server/room.h"

#define FAR_MOST_MS 5000

bool far_may_tell(struct room *room, struct person *to, uint64_t whose);
uint64_t far_turn(struct room *room); /* how many ms until there is more to tell; 0: nothing waits */
void far_forget(struct person *to);   /* what was noted; frees */

#endif
