/*
 * room_send.h: what goes to the people in a room, for the modules that it is made of.
 *
 *	room_send_others(room, person, &said)
 *	room_refuse(room, person, "forbidden", "your role is viewer", "edit")	-- `error`; ref: the message it answers
 *	if (!room_may_keep(room, person, "edit")) return;			-- the disk takes nothing, and memory is full
 *
 * All of it leaves in this order, and once what was ordered before is stored (room.h), but for what is urged. Who has no connection is
 * told nothing. Whose connection ends here is still in the room: `offline`, and may come back.
 */
#ifndef SERVER_ROOM_SEND_H
#define SERVER_ROOM_SEND_H

#include "src/server/room.h"

void room_send(struct room *room, struct person *person, const struct message *m);
void room_send_others(struct room *room, const struct person *except, const struct message *m); /* except NULL: to all */
void room_urge(struct room *room, struct person *person, struct parcel *parcel); /* before what waits for the disk */

void room_refuse(struct room *room, struct person *person, const char *code, const char *text,
	const char *ref);
/* And their connection is closed, with the WebSocket status that goes with the code. */
void room_refuse_and_close(struct room *room, struct person *person, const char *code,
	const char *text, const char *ref);
/* Closed behind what was sent; nothing when there is none. Whether they are lost or gone with it is the caller's to say. */
void room_drop(struct room *room, struct person *person, unsigned status, const char *reason);
/* May something be kept? false: it may not now, and the person was sent away to come back with it. */
bool room_may_keep(struct room *room, struct person *person, const char *ref);

#endif
