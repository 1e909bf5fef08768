/*
 * role.h: what a person may do in a room: owner > editor > viewer.
 */
#ifndef NET_ROLE_H
#define NET_ROLE_H

#include <stdbool.h>

#include "net/message.h"

enum role {
	ROLE_VIEWER, /* reads, points, chats */
	ROLE_EDITOR, /* and writes, saves */
	ROLE_OWNER,  /* and decides about people */
};

extern const char *const role_name[]; /* by enum role */
bool role_parse(struct str name, enum role *out);

#endif
