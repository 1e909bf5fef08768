/*
 * admin.h: what only an owner may do in a room: roles, kicks, bans, invitations, the lock, the end.
 */
#ifndef SERVER_ADMIN_H
#define SERVER_ADMIN_H

#include "src/server/room.h"

void admin_message(struct room *room, struct person *person, const struct message *m);

#endif
