/*
 * selections.h: where people are in the documents they have open: said by each, carried along with the text, shown to the others.
 *
 * A caret is kept as of the newest revision (seat->sels); whoever is told of it, is told where it is by then. How often, presence.h says.
 */
#ifndef SERVER_SELECTIONS_H
#define SERVER_SELECTIONS_H

#include "src/server/room.h"

/* `select`: theirs are here now. What is said of an unknown revision is refused, and nothing is changed. */
void selections_select(struct room *room, struct person *person, const struct message *m);
/* The newest revision was just made: all carets are where it moves them. */
void selections_shift(struct room *room, struct doc *doc, const struct log_entry *entry);
/* Those of one document in which they wait to be shown (presence.h) are, to the others in it. false: they wait in none. */
bool selections_show_next(struct room *room, struct person *person);

/* Somebody's, as they are now, in the documents that both have open. */
void selections_show_to(struct room *room, struct person *to, struct person *whose);
/* Those of all others in it: who was away has not heard them move. */
void selections_tell(struct room *room, struct person *to, struct doc *doc);
/* The same as a list, for `opened`: the list is owned, the carets in it are borrowed until somebody's next message. */
struct msg_user_sels selections_of_others(struct room *room, const struct person *me, uint64_t doc);

#endif
