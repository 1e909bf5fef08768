/*
 * person.h: who is in a room, and who was and may come back.
 *
 * A person is a session: a user id that is never given twice, a name, a colour that few others have, and a secret that resumes it,
 * also after the server was started again (the handler's find_session). The room lists them until they leave for good.
 */
#ifndef SERVER_PERSON_H
#define SERVER_PERSON_H

#include "src/server/room.h"

struct person *person_with_user(const struct room *room, uint64_t user);                /* NULL: nobody */
struct person *person_with_session(const struct room *room, struct str session);        /* the same */
/* In the list, with a new user id and session, which are kept. */
struct person *person_new(struct room *room, const struct room_terms *terms, const struct message *hello);
/* In the list again: whose session it was before the server was started. NULL: nobody's, or they are here. */
struct person *person_kept(struct room *room, const struct room_terms *terms, struct str session);
/* Did they come with this one last? Who has a token without an id, did not; one of the same id that grants another role is another. */
bool person_has_token(const struct person *person, const struct room_terms *terms);
void person_keep_terms(struct room *room, const struct person *person); /* their role, token and what that grants */
/* Off the list, and freed. */
void person_remove(struct room *room, struct person *person);
void person_destroy_all(struct room *room); /* all of them */

#endif
