/*
 * chat.h: what people say to each other in a room: kept, the newest LIMIT_CHAT_RECENT of it in memory for newcomers.
 */
#ifndef SERVER_CHAT_H
#define SERVER_CHAT_H

#include "src/server/room.h"

/* A message of before, oldest first; before anyone is in. */
void chat_recall(struct room *room, const struct msg_said *said);
void chat_forget(struct room *room); /* the room is going */

void chat_say(struct room *room, struct person *person, const struct message *m);
void chat_seen(struct room *room, struct person *person, const struct message *m);

#endif
