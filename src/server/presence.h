/*
 * presence.h: who is here, where and doing what, shown to the others without drowning them.
 *
 * Of one person's carets and states the others are told one each LIMIT_PRESENCE_MS at most, the newest, and in a room of very many
 * as much less often as there are more than LIMIT_PRESENCE_PEOPLE; what comes meanwhile waits
 * in seat->waits and person->waits, and the two take turns. What others must not miss (offline, back again) is sent at once. Who is far
 * away is told less often (far.h).
 */
#ifndef SERVER_PRESENCE_H
#define SERVER_PRESENCE_H

#include "src/server/room.h"

const char *presence_state(struct str name); /* the protocol's, static; NULL: there is none of that name */
void presence_send(struct room *room, struct person *person);      /* their state, now */
void presence_show_soon(struct room *room, struct person *person); /* the same, or when it is time */
void presence_set_state(struct room *room, struct person *person, const char *state); /* sends it if it is another */
/* Somebody's state and carets, as they are now, to one person. */
void presence_tell_of(struct room *room, struct person *to, struct person *whose);
/* They are in this document now. */
void presence_arrived(struct room *room, struct person *person, uint64_t doc);
/* About once a second, where there are several files: to those in another one, the line that somebody is in by now. */
void presence_tick(struct room *room);
/* What `welcome` has no room for: where everybody is, whom the others follow, how far away they are, what they have read. */
void presence_tell(struct room *room, struct person *newcomer);
/* May they be shown to the others now? If so, they have been; if not, let what there is to show wait. */
bool presence_may_show(struct room *room, struct person *person);
/*
 * What waited and whose time it is. Call it every turn. How many ms until there is more to show; 0: nothing waits.
 */
uint64_t presence_turn(struct room *room);

#endif
