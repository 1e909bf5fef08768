/*
 * room_files.h: what people say about the documents of a room as files: open one, make one, save one.
 *
 * Each function answers a message of that name (protocol, section 3); refusals go to the person. A document that is not in memory is
 * loaded by whoever opens it (room_handler.load).
 */
#ifndef SERVER_ROOM_FILES_H
#define SERVER_ROOM_FILES_H

#include "src/server/room.h"

/* Those that a hello names: resumed if it goes on with its session, else opened. */
void room_files_open_all(struct room *room, struct person *person, const struct message *hello);
void room_files_open(struct room *room, struct person *person, const struct message *m);
void room_files_diverged(struct room *room, struct person *person, const struct message *m); /* opened once more */
void room_files_change(struct room *room, struct person *person, const struct message *m);   /* `file`: create, save */

#endif
