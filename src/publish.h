/*
 * publish.h: the box that a host and its guests can both reach: a room's name among the rooms there, for a socket that sshd makes.
 *
 *	publish_room("quiet-otter", &why)	-- until standard input ends; bridge.h says what is said meanwhile
 *
 * The name is taken as a host's is (local.h), so that no two have it, and what a broken connection left is replaced. sshd makes the socket, with the
 * mode of its StreamLocalBindMask; here it becomes 0600, in a folder that is this user's alone. It is removed at the end.
 */
#ifndef SRC_PUBLISH_H
#define SRC_PUBLISH_H

#include <stdbool.h>

bool publish_room(const char *room, char **why); /* false: *why (owned) is a sentence */

#endif
